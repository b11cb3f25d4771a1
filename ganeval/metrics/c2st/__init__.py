"""The classifier two-sample test: units, splits, classifiers, verdicts, the metric."""

from ganeval.metrics.c2st.c2st import c2st

__all__ = [
    "c2st",
]
