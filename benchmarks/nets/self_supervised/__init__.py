"""A net that learns without labels, beside one with them."""
