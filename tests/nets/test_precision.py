import pickle

import numpy as np
import pytest
import torch
from torch import nn

import ganeval
from ganeval.errors import InputError
from ganeval.nets import in_precision, load_net
from ganeval.nets._fold import channels_last, fold_batch_norms


class Block(nn.Module):
    """As in Inception: a convolution, a batch norm, a ReLU."""

    def __init__(self, channels, width, stride):
        super().__init__()
        self.conv = nn.Conv2d(channels, width, 3, stride=stride, bias=False)
        self.bn = nn.BatchNorm2d(width, eps=0.001)

    def forward(self, x):
        return torch.relu(self.bn(self.conv(x)))


@pytest.fixture
def network():
    made = nn.Sequential(Block(3, 16, 2), Block(16, 24, 1), nn.Flatten()).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, value in made.state_dict().items():
            if value.is_floating_point():
                value.copy_(torch.rand(value.shape, generator=generator) + 0.5 * ("bn" in name))
    return made.requires_grad_(False)


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (40, 20, 17, 3), dtype=np.uint8)


def test_folded_norms_are_the_same_function(network):
    x = torch.rand(5, 3, 20, 17, generator=torch.Generator().manual_seed(1))
    wanted = network.double()(x.double())
    network.float()
    fold_batch_norms(network)
    channels_last(network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    torch.testing.assert_close(network(x).double(), wanted, rtol=1e-5, atol=1e-5)


def test_bf16_is_near_and_not_the_same(images):
    exact = ganeval.extract(images, "mnist", each_channel=True)
    rough = ganeval.extract(images, "mnist", each_channel=True, precision="bf16")
    assert rough.features.dtype == np.float32
    error = np.linalg.norm(rough.features - exact.features) / np.linalg.norm(exact.features)
    assert 1e-4 < error < 0.03
    assert exact.protocol["preprocessing"]["precision"] == "float32"
    assert rough.protocol["preprocessing"]["precision"] == "bfloat16"
    with pytest.raises(InputError, match="differ in preprocessing precision: float32 and bfloat16"):
        ganeval.kid(exact, rough)


def test_bf16_of_a_module_is_what_autocast_gives(network, images):
    found = ganeval.extract(images, network, precision="bf16")
    x = torch.from_numpy(images.transpose(0, 3, 1, 2)).float() / 255
    with torch.autocast("cpu", dtype=torch.bfloat16):
        wanted = network(x).float().numpy()
    np.testing.assert_array_equal(found.features, wanted)


def test_the_caches_of_two_precisions_are_apart(tmp_path, images):
    path = tmp_path / "images.npy"
    np.save(path, images[..., :1])
    exact, rough, again = (
        ganeval.extract(path, "mnist", precision=p) for p in ("fp32", "bf16", "fp32")
    )
    assert np.any(exact.features != rough.features)
    np.testing.assert_array_equal(again.features, exact.features)


def test_a_pickled_net_keeps_its_precision(images):
    net = in_precision(load_net("mnist"), "bf16")
    x = torch.from_numpy(images[:4, None, :, :, 0]).float() / 255
    torch.testing.assert_close(pickle.loads(pickle.dumps(net))(x), net(x), rtol=0, atol=0)
    assert torch.any(load_net("mnist")(x).features != net(x).features)


def test_nets_without_layers_and_other_precisions_are_refused(images):
    with pytest.raises(InputError, match="net 'pixels' has no layers that compute in bf16"):
        ganeval.extract(images, "pixels", precision="bf16")
    with pytest.raises(InputError, match="precision is 'fp16'; give 'fp32' or 'bf16'"):
        ganeval.extract(images, "pixels", precision="fp16")
