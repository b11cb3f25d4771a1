"""Scores of real images, damaged and not."""
