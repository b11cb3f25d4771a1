"""Features: a net's output for a set of images, with everything that a score needs to know."""

from ganeval.features._base import Features, join_features, json_hash, merge_features
from ganeval.features.embed import Progress, embed
from ganeval.features.embedder import Embedder
from ganeval.features.extract import (
    NetLike,
    as_features,
    extract,
    features_from_array,
    is_feature_file,
    was_embedded,
)
from ganeval.features.match import match_labels
from ganeval.features.merge import merge_into_folder
from ganeval.features.observed import range_warnings, ranges_differ
from ganeval.features.ray_engine import extract_on_ray
from ganeval.features.several import extract_by_all
from ganeval.features.shares import gather_features, is_empty, share_features
from ganeval.nets import choose_device

__all__ = [
    "Embedder",
    "Features",
    "NetLike",
    "Progress",
    "as_features",
    "choose_device",
    "embed",
    "extract",
    "extract_by_all",
    "extract_on_ray",
    "features_from_array",
    "gather_features",
    "is_empty",
    "is_feature_file",
    "join_features",
    "json_hash",
    "match_labels",
    "merge_features",
    "merge_into_folder",
    "range_warnings",
    "ranges_differ",
    "share_features",
    "was_embedded",
]
