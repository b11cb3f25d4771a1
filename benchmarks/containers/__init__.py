"""What it costs to keep the same images in other containers, and that the score is the same."""
