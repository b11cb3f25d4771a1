"""Data whose truth is known, for demonstrations and tests."""

from ganeval.datasets.digits import DIGIT_MODELS, write_digits

__all__ = ["DIGIT_MODELS", "write_digits"]
