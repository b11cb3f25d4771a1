"""How good is a generative model of your images? Scores with honest intervals.

Importing this package costs neither torch nor scipy: they come in where they are needed.
"""

from ganeval.errors import (
    GanevalError,
    ImageError,
    InputError,
    MissingExtraError,
    NetError,
    RankError,
)
from ganeval.features import Features, extract, match_labels, merge_features
from ganeval.images import ImageSource, open_images
from ganeval.metrics import (
    METRICS,
    PRDC,
    PROTOCOLS,
    Score,
    authpct,
    c2st,
    ct,
    fid,
    frechet_distance,
    inception_score,
    intra_fid,
    intra_kid,
    kde_log_likelihood,
    kid,
    prdc,
    rke,
    sliced_wasserstein_distance,
    statistics_of,
)
from ganeval.moments import Moments
from ganeval.nets import Card, FeatureNet, export_net, load_card, load_net, train_net
from ganeval.suites import (
    ClassMatrix,
    Comparison,
    Evaluator,
    Neighbors,
    Selection,
    best_checkpoint,
    compare,
    evaluate,
    matrix,
    neighbors,
)

__version__ = "0.1.0"

__all__ = [
    "METRICS",
    "PRDC",
    "PROTOCOLS",
    "Card",
    "ClassMatrix",
    "Comparison",
    "Evaluator",
    "FeatureNet",
    "Features",
    "GanevalError",
    "ImageError",
    "ImageSource",
    "InputError",
    "MissingExtraError",
    "Moments",
    "Neighbors",
    "NetError",
    "RankError",
    "Score",
    "Selection",
    "authpct",
    "best_checkpoint",
    "c2st",
    "compare",
    "ct",
    "evaluate",
    "export_net",
    "extract",
    "fid",
    "frechet_distance",
    "inception_score",
    "intra_fid",
    "intra_kid",
    "kde_log_likelihood",
    "kid",
    "load_card",
    "load_net",
    "match_labels",
    "matrix",
    "merge_features",
    "neighbors",
    "open_images",
    "prdc",
    "rke",
    "sliced_wasserstein_distance",
    "statistics_of",
    "train_net",
]
