"""How often an audit errs, and what it says of nets that are known to be good or bad."""
