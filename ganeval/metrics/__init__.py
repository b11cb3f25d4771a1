"""One metric per file: real and fake in, Score out, computed where the features live."""

from ganeval.metrics.c2st import Importance, c2st, group_importance
from ganeval.metrics.copies import (
    Closeness,
    authpct,
    closeness,
    ct,
    fld,
    memorization,
    nearest_images,
)
from ganeval.metrics.fid import fid
from ganeval.metrics.frechet import frechet_distance, statistics_of
from ganeval.metrics.inception_score import inception_score
from ganeval.metrics.intra import class_distances, intra_fid, intra_kid
from ganeval.metrics.kde import kde_log_likelihood
from ganeval.metrics.kid import kid
from ganeval.metrics.mmd import mmd
from ganeval.metrics.obedience import obedience, utility
from ganeval.metrics.prdc import (
    PRDC,
    ClippedDensityCoverage,
    clipped_density_coverage,
    prdc,
)
from ganeval.metrics.protocols import PROTOCOLS, Protocol
from ganeval.metrics.retrieval import retrieval
from ganeval.metrics.rke import rke
from ganeval.metrics.sfid import sfid
from ganeval.metrics.sliced_wasserstein import mind, sliced_wasserstein_distance
from ganeval.metrics.spine import (
    METRICS,
    Metric,
    Score,
    check_bounds,
    check_level,
    compared_pairs,
    metric_commands,
    metrics_named,
    names_of_metrics,
)
from ganeval.metrics.vendi import vendi

__all__ = [
    "METRICS",
    "PRDC",
    "PROTOCOLS",
    "ClippedDensityCoverage",
    "Closeness",
    "Importance",
    "Metric",
    "Protocol",
    "Score",
    "authpct",
    "c2st",
    "check_bounds",
    "check_level",
    "class_distances",
    "clipped_density_coverage",
    "closeness",
    "compared_pairs",
    "ct",
    "fid",
    "fld",
    "frechet_distance",
    "group_importance",
    "inception_score",
    "intra_fid",
    "intra_kid",
    "kde_log_likelihood",
    "kid",
    "memorization",
    "metric_commands",
    "metrics_named",
    "mind",
    "mmd",
    "names_of_metrics",
    "nearest_images",
    "obedience",
    "prdc",
    "retrieval",
    "rke",
    "sfid",
    "sliced_wasserstein_distance",
    "statistics_of",
    "utility",
    "vendi",
]
