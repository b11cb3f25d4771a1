from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from ganeval.errors import NetError
from ganeval.nets import load_card, load_net
from ganeval.nets.radimagenet import _resnet50


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of random weights, and the tensors in it."""
    generator, state = torch.Generator().manual_seed(0), {}
    for name, empty in _resnet50().state_dict().items():
        if empty.ndim > 1:
            scale = (2 / empty[0].numel()) ** 0.5
            state[name] = scale * torch.randn(empty.shape, generator=generator)
        elif name.endswith("num_batches_tracked"):
            state[name] = empty
        else:
            base = 0.5 if name.endswith(("running_var", "weight")) else 0.0
            state[name] = base + 0.2 * torch.rand(empty.shape, generator=generator)
    path = tmp_path_factory.mktemp("radimagenet") / "random.pth"
    torch.save(state, path)
    return path, state


def by_hand(x, state):
    """Keras's ResNet-50 from its tensors: the stride is in the first convolution of a block."""

    def layer(x, convolution, norm, **options):
        x = F.conv2d(x, state[f"{convolution}.weight"], state[f"{convolution}.bias"], **options)
        of = [state[f"{norm}.{key}"] for key in ("running_mean", "running_var", "weight", "bias")]
        return F.batch_norm(x, *of, eps=1.001e-5)

    x = F.max_pool2d(layer(x, "conv1", "bn1", stride=2, padding=3).relu(), 3, 2, padding=1)
    for stage, depth in enumerate((3, 4, 6, 3), 1):
        for i in range(depth):
            at, stride = f"layer{stage}.{i}", 2 if i == 0 and stage > 1 else 1
            y = layer(x, f"{at}.conv1", f"{at}.bn1", stride=stride).relu()
            y = layer(y, f"{at}.conv2", f"{at}.bn2", padding=1).relu()
            y = layer(y, f"{at}.conv3", f"{at}.bn3")
            if i == 0:
                x = layer(x, f"{at}.downsample.0", f"{at}.downsample.1", stride=stride)
            x = (x + y).relu()
    return x.mean((2, 3))


def test_features_are_those_of_keras_network_on_reversed_and_centred_channels(weights):
    path, state = weights
    state_before = torch.random.get_rng_state()
    net = load_net("radimagenet", weights=path)
    assert torch.equal(torch.random.get_rng_state(), state_before)
    x = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    red, green, blue = x.unbind(1)
    given = torch.stack([blue - 0.406, green - 0.456, red - 0.485], 1)
    expected = by_hand(given, state)
    torch.testing.assert_close(net(x).features, expected, rtol=1e-3, atol=1e-3)
    assert expected.std() > 0.01 and net.card.dim == expected.shape[1]


def test_what_is_missing_or_wrong_is_one_line(weights, tmp_path):
    with pytest.raises(NetError, match="get them from its authors .* --weights PATH"):
        load_net("radimagenet")
    torch.save({"x": torch.zeros(1)}, tmp_path / "other.pth")
    card = replace(load_card("radimagenet", weights=tmp_path / "other.pth"))
    with pytest.raises(NetError, match="other.pth does not hold the weights of radim") as raised:
        load_net(card)
    assert "\n" not in str(raised.value)
