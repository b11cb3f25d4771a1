"""Nets of the user's: whatever they take, return and raise."""

import copy
import pickle
from collections import namedtuple

import numpy as np
import pytest
import torch
from torch import nn

from ganeval.errors import NetError
from ganeval.nets import fingerprint, load_net

IMAGES = torch.rand(4, 2, 8, 8, generator=torch.Generator().manual_seed(0))


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(self.conv(x)).mean(dim=(2, 3))


def test_a_module_is_a_net_in_evaluation_mode_and_comes_back_as_it_was():
    module = Own()
    module.conv.eval()
    net = load_net(module)
    images = torch.rand(4, 2, 8, 8)
    output = net(images)
    assert torch.equal(output.features, net(images).features)
    assert (module.training, module.conv.training, module.drop.training) == (True, False, True)
    assert (net.card.name, net.card.channels) == ("Own", None)


def test_a_modules_fingerprint_follows_its_weights():
    module = Own()
    before = fingerprint(load_net(module).card)
    assert fingerprint(load_net(module).card) == before
    with torch.no_grad():
        module.conv.bias += 1
    assert fingerprint(load_net(module).card) != before


def test_a_function_may_return_logits_too():
    net = load_net(lambda x: (x.flatten(1).double(), x[:, :, 0, 0]))
    output = net(torch.rand(3, 2, 4, 4))
    assert output.features.dtype == torch.float32
    assert output.logits.shape == (3, 2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_a_module_gets_images_in_the_dtype_of_its_weights(dtype):
    module = Own()
    expected = load_net(copy.deepcopy(module))(IMAGES).features
    found = load_net(module.to(dtype))(IMAGES).features
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=0.05, atol=0.01)


def example_for(module):
    return IMAGES.to(next(module.parameters()).dtype)


def traced(module):
    return torch.jit.trace(module.eval(), example_for(module))


def frozen(module):
    return torch.jit.freeze(torch.jit.script(module.eval()))


def exported(module):
    shapes = ({0: torch.export.Dim("n")},)
    example = (example_for(module),)
    return torch.export.export(module.eval(), example, dynamic_shapes=shapes).module()


def compiled(module):
    return torch.compile(module, backend="eager")


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
@pytest.mark.parametrize("form", [torch.jit.script, traced, frozen, exported, compiled])
def test_a_module_may_be_scripted_frozen_exported_or_compiled(form):
    modules = [Own().double(), Own().double()]
    nets = [load_net(form(copy.deepcopy(module))) for module in (*modules, modules[0])]
    expected = load_net(modules[0])(IMAGES[:3]).features
    torch.testing.assert_close(nets[0](IMAGES[:3]).features, expected)
    prints = [fingerprint(net.card) for net in nets]
    assert prints[0] == prints[2] != prints[1]


Output = namedtuple("Output", "last_hidden_state pooler_output")


class ModelOutput:
    def __init__(self, **parts):
        self.__dict__.update(parts)


@pytest.mark.parametrize(
    "form",
    [
        lambda x: x,
        lambda x: (x,),
        lambda x: [x, None],
        lambda x: x[:, :, None, None],
        lambda x: x.numpy(),
        lambda x: x.half(),
        lambda x: nn.Parameter(x),
        lambda x: {"features": x},
        lambda x: {"embedding": x, "loss": 1},
        lambda x: Output(x[:, None], x),
        lambda x: ModelOutput(last_hidden_state=x[:, None], pooler_output=x[:, :, None, None]),
        lambda x: ModelOutput(image_embeds=x, logits=None),
    ],
)
def test_features_are_found_in_whatever_a_net_returns(form):
    features = torch.arange(12.0).reshape(4, 3)
    output = load_net(lambda images: form(features))(IMAGES)
    assert torch.equal(output.features, features) and output.logits is None
    assert output.features.dtype == torch.float32 and not output.features.requires_grad


@pytest.mark.parametrize(
    "form",
    [
        lambda x, y: (x, y),
        lambda x, y: {"features": x, "logits": y},
        lambda x, y: ModelOutput(pooler_output=x, logits=y.numpy()),
    ],
)
def test_logits_are_found_beside_features(form):
    features, logits = torch.arange(12.0).reshape(4, 3), torch.arange(8.0).reshape(4, 2)
    output = load_net(lambda images: form(features, logits))(IMAGES)
    assert torch.equal(output.features, features) and torch.equal(output.logits, logits)


def test_a_classifier_that_names_only_logits_has_these_as_features():
    logits = torch.arange(8.0).reshape(4, 2)
    output = load_net(lambda images: ModelOutput(loss=None, logits=logits))(IMAGES)
    assert torch.equal(output.features, logits) and torch.equal(output.logits, logits)


def test_one_number_for_each_image_is_one_feature():
    output = load_net(lambda images: images.mean((1, 2, 3)))(IMAGES)
    assert output.features.shape == (4, 1)


ROWS = torch.zeros(4, 3)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (None, "gave a NoneType for 4 images; it must return features"),
        (torch.zeros(1, 5), r"features of shape \[1, 5\] for 4 images"),
        (torch.tensor(1.0), r"features of shape \[\] for 4 images"),
        (torch.zeros(4, 0), r"features of shape \[4, 0\] for 4 images"),
        ([1, 2], "features that are a int for 4 images"),
        ((ROWS, ROWS, ROWS), "gave a tuple for 4 images"),
        ((ROWS, torch.zeros(4)), r"logits of shape \[4\] for 4 images"),
        ((ROWS, torch.zeros(5, 2)), r"logits of shape \[5, 2\] for 4 images"),
        ((torch.zeros(4, 7, 3), ROWS), r"vectors \[4, 7, 3\], several for each image; choose one"),
        (Output(torch.zeros(4, 7, 3), None), r"choose one, as in lambda images"),
        ({"loss": ROWS}, "gave a dict with loss for 4 images"),
        (ROWS.to_sparse(), "what feature net 'odd' gave as features is sparse"),
        (ROWS * 1j, "that is complex"),
        (ROWS + torch.tensor([0, 0, float("nan")]), "NaN or Inf for 4 of 4 images"),
        (ROWS.index_fill(0, torch.tensor(2), float("inf")), "NaN or Inf for 1 of 4 images"),
    ],
    ids=str,
)
def test_what_is_no_features_is_refused_in_a_line_that_names_the_net(out, message):
    def odd(images):
        return out

    with pytest.raises(NetError, match=message) as caught:
        load_net(odd)(IMAGES)
    assert "\n" not in str(caught.value) and "'odd'" in str(caught.value)


def test_a_net_that_squeezes_a_batch_of_one_is_told():
    with pytest.raises(NetError, match="for 1 images; .* keep the axis of the images"):
        load_net(lambda images: images.mean((2, 3)).squeeze())(IMAGES[:1])


def test_what_a_net_raises_is_one_line_with_its_cause():
    with pytest.raises(NetError) as caught:
        load_net(nn.Conv2d(5, 1, 3).double())(IMAGES)
    message = str(caught.value)
    assert message.startswith("feature net 'Conv2d' failed on float64 images [4, 2, 8, 8]: Runtime")
    assert "expected input" in message and "\n" not in message
    assert isinstance(caught.value.__cause__, RuntimeError)


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_the_reason_of_a_scripted_net_is_its_last_line():
    with pytest.raises(NetError, match="RuntimeError: .*channels"):
        load_net(torch.jit.script(nn.Conv2d(5, 1, 3)))(IMAGES)


def flat(images):
    return images.flatten(1)


def test_nets_arrive_in_other_processes_with_their_fingerprints(trained):
    for spec in (Own(), flat, trained, "pixels"):
        net = load_net(spec)
        arrived = pickle.loads(pickle.dumps(net))
        assert fingerprint(arrived.card) == fingerprint(net.card)
        assert torch.equal(arrived(IMAGES).features, net(IMAGES).features)
        again = copy.deepcopy(net)
        assert torch.equal(again(IMAGES).features, net(IMAGES).features)


def test_a_net_on_each_channel_arrives_too():
    net = load_net("pixels", each_channel=True)
    assert np.array_equal(pickle.loads(pickle.dumps(net))(IMAGES).features, net(IMAGES).features)
