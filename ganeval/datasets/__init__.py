"""Data whose truth is known, for demonstrations and tests."""

from ganeval.datasets.digits import DIGIT_MODELS, write_digits
from ganeval.datasets.lin import LIN6, LIN41, lin

__all__ = ["DIGIT_MODELS", "LIN6", "LIN41", "lin", "write_digits"]
