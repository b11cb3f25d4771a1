"""What the scores of fidelity and variety are worth: proportions, and how often intervals cover."""
