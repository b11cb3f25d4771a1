"""Several metrics at once."""

from ganeval.suites.evaluator import Evaluator

__all__ = ["Evaluator"]
