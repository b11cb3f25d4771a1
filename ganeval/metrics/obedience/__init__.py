"""Do fakes show what they were asked for, and can they stand in for reals? Classifiers judge."""

from ganeval.metrics.obedience.obedience import ALARM, check_obedience, disobeys, obedience
from ganeval.metrics.obedience.utility import utility

__all__ = ["ALARM", "check_obedience", "disobeys", "obedience", "utility"]
