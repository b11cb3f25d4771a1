"""The net of yeast, `lin41`, and the simulator behind it."""
