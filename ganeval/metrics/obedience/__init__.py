"""Does a fake show what it was asked for? A classifier of the reals looks for its class."""

from ganeval.metrics.obedience.obedience import ALARM, check_obedience, disobeys, obedience

__all__ = ["ALARM", "check_obedience", "disobeys", "obedience"]
