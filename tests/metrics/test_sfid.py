from dataclasses import replace

import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import METRICS, fid, sfid
from ganeval.nets import load_card


def side(seed, net=None):
    made = as_features(np.random.default_rng(seed).standard_normal((60, 5)) + 0.3 * seed)
    return made if net is None else replace(made, protocol={"net": {"name": net}})


def test_of_rows_it_is_the_frechet_distance_with_its_correction():
    one, other = (metric(side(0), side(1)) for metric in (sfid, fid))
    assert (one.value, one.corrected) == (other.value, other.corrected)
    assert one.interval == other.interval
    assert one.metric == "sfid"


@pytest.mark.parametrize("net", ["inception", "inception:torch-fidelity"])
def test_features_of_whole_images_are_refused(net):
    message = f"real has features of net '{net}', which are means over the whole image"
    with pytest.raises(InputError, match=message):
        sfid(side(0, net), side(1, net))


def test_inception_means_the_net_of_places():
    card = load_card("inception:spatial")
    assert (card.dim, card.classes) == (2023, None)
    for named in (None, "inception", "inception:torch-fidelity"):
        assert METRICS["sfid"].net_for({}, named) == "inception:spatial"
    assert METRICS["sfid"].net_for({}, "pixels") == "pixels"
