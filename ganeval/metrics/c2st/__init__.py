"""The classifier two-sample test: units, splits, classifiers, verdicts, the metric."""

from ganeval.metrics.c2st.c2st import c2st
from ganeval.metrics.c2st.importance import Importance, group_importance

__all__ = [
    "Importance",
    "c2st",
    "group_importance",
]
