"""Every protocol beside its tool on the same feature rows: formulas agree to nine digits."""

import pytest

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours


def test_scores_of_the_same_features_are_those_of_the_tools():
    from benchmarks.protocols.from_features import pairs

    found = {}
    for pair in pairs(None):
        theirs, ours = pair.theirs(), pair.ours()
        found[pair.protocol, pair.metric] = abs(ours - theirs) / abs(theirs)
    missed = {key: value for key, value in found.items() if not value <= 1e-9}
    assert missed == {} and len(found) >= 24
    assert {protocol for protocol, _ in found} >= {
        "pytorch-fid",
        "clean-fid",
        "torch-fidelity",
        "torchmetrics",
        "adm",
        "edm2",
        "dgm-eval",
        "cmmd",
    }
