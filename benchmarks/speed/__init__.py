"""ganeval timed beside its peers."""
