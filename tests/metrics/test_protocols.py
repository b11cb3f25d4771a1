import inspect
from dataclasses import dataclass

import pytest

from ganeval.errors import InputError
from ganeval.metrics import METRICS, PROTOCOLS


@dataclass(frozen=True)
class Run:
    feature_net: str | None = None
    quiet: bool = True


def test_the_known_tools():
    assert list(PROTOCOLS) == ["clean-fid", "pytorch-fid", "torch-fidelity"]
    with pytest.raises(InputError, match="unknown protocol"):
        PROTOCOLS["torchfidelity"]


@pytest.mark.parametrize("name", list(PROTOCOLS))
def test_options_are_those_of_the_metric(name):
    for metric, options in PROTOCOLS[name].options.items():
        assert options.keys() <= inspect.signature(METRICS[metric].function).parameters.keys()


def test_a_protocol_fixes_the_net_and_leaves_the_rest():
    assert PROTOCOLS["clean-fid"].run_options(Run()) == Run("inception:clean")
    assert PROTOCOLS["pytorch-fid"].run_options(Run("inception")) == Run("inception")
    with pytest.raises(InputError, match="fixes the feature net 'inception', but 'lin41'"):
        PROTOCOLS["pytorch-fid"].run_options(Run("lin41"))
