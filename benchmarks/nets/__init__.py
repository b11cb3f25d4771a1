"""How the feature nets were made, and what they know."""
