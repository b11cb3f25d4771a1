"""The net of digits, `mnist`."""
