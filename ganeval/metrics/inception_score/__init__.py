"""The Inception Score: its estimate from logits, the metric."""

from ganeval.metrics.inception_score.inception_score import inception_score

__all__ = [
    "inception_score",
]
