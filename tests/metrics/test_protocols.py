import inspect

import pytest

from ganeval.errors import InputError
from ganeval.metrics import METRICS, PROTOCOLS, metrics_named


def test_the_known_tools():
    assert list(PROTOCOLS) == [
        "adm",
        "clean-fid",
        "cmmd",
        "dgm-eval",
        "edm2",
        "mind",
        "pytorch-fid",
        "thesis",
        "torch-fidelity",
        "torchmetrics",
    ]
    with pytest.raises(InputError, match="unknown protocol"):
        PROTOCOLS["torchfidelity"]


@pytest.mark.parametrize("name", list(PROTOCOLS))
def test_options_are_those_of_the_metric(name):
    for metric in PROTOCOLS[name].metrics():
        options = PROTOCOLS[name].fixed(metric)
        function = metrics_named(metric)[0].function
        assert options.keys() <= inspect.signature(function).parameters.keys()


@pytest.mark.parametrize("name", list(PROTOCOLS))
@pytest.mark.parametrize("train", [False, True])
def test_what_evaluate_scores_by_default_is_scored_by_the_tools_own_net(name, train):
    tool = PROTOCOLS[name]
    for metric in tool.default_metrics(train=train):
        entry = metrics_named(metric)[0]
        assert entry.net_for(tool.fixed(metric), tool.feature_net) == tool.feature_net


def test_a_protocol_fixes_the_net():
    assert PROTOCOLS["clean-fid"].net(None) == "inception:clean"
    assert PROTOCOLS["pytorch-fid"].net("inception") == "inception"
    assert PROTOCOLS["thesis"].net("lin41") == "lin41"
    with pytest.raises(InputError, match="fixes the feature net 'inception', but 'lin41'"):
        PROTOCOLS["pytorch-fid"].net("lin41")


def test_a_protocol_fixes_options_and_refuses_others():
    tool, defaults = PROTOCOLS["torch-fidelity"], {"subsets": None, "subset_size": 1000, "seed": 0}
    fixed = tool.fix("kid", defaults, defaults)
    assert fixed == {"subsets": 100, "subset_size": 1000, "seed": 2020}
    with pytest.raises(InputError, match="fixes subsets at 100, but 7 was given"):
        tool.fix("kid", {**defaults, "subsets": 7}, defaults)


def test_a_metric_that_the_tool_lacks_is_refused():
    with pytest.raises(InputError, match="pytorch-fid has no kid, only fid"):
        PROTOCOLS["pytorch-fid"].fix("kid", {}, {})


def test_a_metric_of_several_is_found_by_its_command():
    assert PROTOCOLS["dgm-eval"].fixed("recall") == {"k": 5, "ball": "open"}


def test_further_nets_of_a_tool_must_be_named():
    tool = PROTOCOLS["edm2"]
    assert tool.net(None) == "inception:torch-fidelity"
    assert tool.net("dinov2:edm2") == "dinov2:edm2"
    with pytest.raises(
        InputError, match="'inception:torch-fidelity' or 'dinov2:edm2', but 'lin41'"
    ):
        tool.net("lin41")


def test_the_number_of_fakes_is_told_where_it_is_not_the_published_one():
    assert PROTOCOLS["adm"].warning(50_000) is None
    assert PROTOCOLS["clean-fid"].warning(7) is None
    assert "are of 50000 fakes, and this one is of 7" in PROTOCOLS["adm"].warning(7)


def test_what_a_tool_does_not_see_is_refused():
    PROTOCOLS["adm"].check_dtype("uint8", "real")
    PROTOCOLS["thesis"].check_dtype("uint16", "real")
    with pytest.raises(InputError, match="real has uint16 images, .* adm takes 8 bits; save both"):
        PROTOCOLS["adm"].check_dtype("uint16", "real")


def test_scores_by_other_than_default_options_are_not_compared():
    PROTOCOLS["torch-fidelity"].check_default(METRICS["fid"], where="compare")
    PROTOCOLS["adm"].check_default(METRICS["recall"], where="compare")
    with pytest.raises(InputError, match="fixes kernel gaussian, .* which compare does not take"):
        PROTOCOLS["cmmd"].check_default(METRICS["kid"], where="compare")
