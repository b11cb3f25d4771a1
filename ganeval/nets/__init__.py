"""Feature nets: what they are, where they are found, and how to train one.

A built-in net needs its module in this folder, its line in `_architectures`, and its test.
"""

from ganeval.nets._architectures import (
    downloads,
    feature_names,
    feature_words,
    fetch_net,
    warnings_about,
    with_settings,
)
from ganeval.nets._base import FEATURE_FIELDS, Card, FeatureNet, NetOutput, fingerprint
from ganeval.nets._device import choose_device
from ganeval.nets._export import export_net
from ganeval.nets._find import (
    Found,
    default_net,
    each_channel_card,
    found_nets,
    load_card,
    net_names,
    suitable_nets,
)
from ganeval.nets._home import nets_home
from ganeval.nets._load import load_net
from ganeval.nets._measure import shows_one_object
from ganeval.nets._plugins import Plugin
from ganeval.nets._precision import PRECISIONS, check_precision, in_precision
from ganeval.nets._prepare import UndeclaredRangeError, prepare, resolve_range
from ganeval.nets._progress import TrainingProgress
from ganeval.nets._resized import resized
from ganeval.nets._sharing import kept_processes, shared_among
from ganeval.nets._weights import training_hashes
from ganeval.nets._words import LOG, Words, plain_values
from ganeval.nets.morphology import measurements, morphology_card
from ganeval.nets.train import train_net

__all__ = [
    "FEATURE_FIELDS",
    "LOG",
    "PRECISIONS",
    "Card",
    "FeatureNet",
    "Found",
    "NetOutput",
    "Plugin",
    "TrainingProgress",
    "UndeclaredRangeError",
    "Words",
    "check_precision",
    "choose_device",
    "default_net",
    "downloads",
    "each_channel_card",
    "export_net",
    "feature_names",
    "feature_words",
    "fetch_net",
    "fingerprint",
    "found_nets",
    "in_precision",
    "kept_processes",
    "load_card",
    "load_net",
    "measurements",
    "morphology_card",
    "net_names",
    "nets_home",
    "plain_values",
    "prepare",
    "resized",
    "resolve_range",
    "shared_among",
    "shows_one_object",
    "suitable_nets",
    "train_net",
    "training_hashes",
    "warnings_about",
    "with_settings",
]
