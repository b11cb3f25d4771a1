import json

import pytest
import torch

from ganeval.errors import NetError
from ganeval.nets import fingerprint, load_card, load_net

HUBCONF = """
import torch

dependencies = ["torch"]


def tiny(pretrained=True, channels=2):
    if pretrained:
        raise OSError("there is no network")
    return torch.nn.Sequential(torch.nn.Conv2d(channels, 5, 3), torch.nn.AdaptiveAvgPool2d(1))


def stubborn():
    return None
"""
ABOUT = {"channels": 2, "input_size": [8, 8], "mean": [0.1, 0.2], "std": [0.5, 0.25]}


@pytest.fixture
def repository(tmp_path):
    """A folder such as torch.hub loads, its network, and a file of the network's weights."""
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "hubconf.py").write_text(HUBCONF)
    (folder / "ganeval.json").write_text(json.dumps({"tiny": ABOUT, "stubborn": ABOUT}))
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Conv2d(2, 5, 3), torch.nn.AdaptiveAvgPool2d(1))
    torch.save(network.state_dict(), tmp_path / "tiny.pth")
    return folder, network, tmp_path / "tiny.pth"


def test_features_are_those_of_the_repositorys_network(repository):
    folder, network, weights = repository
    state = torch.random.get_rng_state()
    net = load_net(f"torchhub:{folder}:tiny", weights=weights)
    assert torch.equal(torch.random.get_rng_state(), state)
    x = torch.rand(3, 2, 8, 8)
    z = (x - torch.tensor([0.1, 0.2])[:, None, None]) / torch.tensor([0.5, 0.25])[:, None, None]
    with torch.no_grad():
        torch.testing.assert_close(net(x).features, network(z).flatten(1))
    assert (net.card.channels, net.card.input_size) == (2, (8, 8))


def test_each_image_may_be_standardised_by_itself(repository):
    folder, _, weights = repository
    about = {"tiny": {"channels": 2, "standardise": True}}
    (folder / "ganeval.json").write_text(json.dumps(about))
    net = load_net(f"torchhub:{folder}:tiny", weights=weights)
    x = torch.rand(3, 2, 8, 8)
    torch.testing.assert_close(net(x * 0.1 + 0.3).features, net(x).features, atol=1e-4, rtol=1e-4)


def test_the_code_and_what_it_takes_enter_the_fingerprint(repository):
    folder, _, weights = repository
    name = f"torchhub:{folder}:tiny"
    before = load_card(name, weights=weights)
    (folder / "more.py").write_text("x = 1\n")
    after = load_card(name, weights=weights)
    assert fingerprint(before) != fingerprint(after)
    with pytest.raises(NetError, match="is not what net .* was made of"):
        load_net(before)


def test_what_is_missing_or_wrong_is_one_line(repository, tmp_path):
    folder, _, weights = repository
    torch.save({"x": torch.zeros(1)}, tmp_path / "other.pth")
    for name, file, said in (
        (f"torchhub:{folder}:tiny", None, "needs its weights, and a local folder downloads none"),
        (f"torchhub:{folder}:tiny", tmp_path / "other.pth", "does not hold the weights of tiny"),
        (f"torchhub:{folder}:stubborn", weights, "must be a function of hubconf.py that takes"),
        (f"torchhub:{folder}:unknown", weights, "nothing of unknown, or unknown fields"),
        (f"torchhub:{tmp_path}:tiny", weights, "has no hubconf.py; wanted torchhub:FOLDER:ENTRY"),
        ("torchhub:tiny", weights, "names no entry of a local folder; wanted torchhub:"),
    ):
        with pytest.raises(NetError, match=said) as raised:
            load_net(name, weights=file)
        assert "\n" not in str(raised.value)
