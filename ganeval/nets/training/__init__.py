"""Training of feature nets; imported when one is trained, since it needs torch."""
