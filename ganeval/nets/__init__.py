"""Feature nets: what they are, where they are found, and how to train one.

To add a built-in net: its file here, its lines below, its test.
"""

from pathlib import Path

from ganeval.nets import inception, morphology, pixels, timm
from ganeval.nets._base import Card, FeatureNet, NetOutput, fingerprint
from ganeval.nets._export import export_net
from ganeval.nets._find import (
    ARCHITECTURES,
    BUILT_IN,
    Found,
    Plugin,
    default_net,
    each_channel_card,
    found_nets,
    load_card,
    net_names,
    suitable_nets,
)
from ganeval.nets._home import nets_home
from ganeval.nets._load import load_net
from ganeval.nets._measuring import MEASURING, feature_names, warnings_about, with_settings
from ganeval.nets._prepare import prepare, resolve_range
from ganeval.nets._progress import TrainingProgress
from ganeval.nets._sharing import shared_among
from ganeval.nets._weights import training_hashes
from ganeval.nets.inception import fetch_inception
from ganeval.nets.morphology import measurements, morphology_card
from ganeval.nets.timm import fetch_timm
from ganeval.nets.train import train_net

_WEIGHTS = Path(__file__).parent / "weights"

ARCHITECTURES.add("trunk", "ganeval.nets.trunk:build")
ARCHITECTURES.add("pixels", "ganeval.nets.pixels:build")
ARCHITECTURES.add("inception", "ganeval.nets.inception:build")
ARCHITECTURES.add("timm", "ganeval.nets.timm:build")
ARCHITECTURES.add("morphology", "ganeval.nets.morphology:build")
MEASURING.add("morphology", "ganeval.nets.morphology")

BUILT_IN.add("pixels", pixels.CARD)
BUILT_IN.add("pixels:32", pixels.FINE)
BUILT_IN.add("pixels:all", pixels.ALL)
BUILT_IN.add("morphology", morphology.CARD)
BUILT_IN.add("lin41", _WEIGHTS / "lin41.json")
BUILT_IN.add("mnist", _WEIGHTS / "mnist.json")
for _card in (*inception.CARDS, timm.DINOV2):
    BUILT_IN.add(_card.name, _card)

__all__ = [
    "ARCHITECTURES",
    "BUILT_IN",
    "MEASURING",
    "Card",
    "FeatureNet",
    "Found",
    "NetOutput",
    "Plugin",
    "TrainingProgress",
    "default_net",
    "each_channel_card",
    "export_net",
    "feature_names",
    "fetch_inception",
    "fetch_timm",
    "fingerprint",
    "found_nets",
    "load_card",
    "load_net",
    "measurements",
    "morphology_card",
    "net_names",
    "nets_home",
    "prepare",
    "resolve_range",
    "shared_among",
    "suitable_nets",
    "train_net",
    "training_hashes",
    "warnings_about",
    "with_settings",
]
