"""Is the class that a fake was asked for the nearest of all?"""

from ganeval.metrics.retrieval.retrieval import retrieval

__all__ = ["retrieval"]
