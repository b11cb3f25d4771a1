"""`inception` beside the packages whose conventions it follows: same weights, same files."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

import ganeval.nets.inception as ours
from ganeval.nets import load_card, load_net, prepare

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours

N = 8


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of random weights, in the form of the official one."""
    import torch

    generator = torch.Generator().manual_seed(0)
    network = ours._empty_network().to_empty(device="cpu")
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            torch.nn.init.kaiming_normal_(module.weight, generator=generator)
        elif isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5, generator=generator)
            torch.nn.init.normal_(module.bias, 0, 0.1, generator=generator)
            torch.nn.init.normal_(module.running_mean, 0, 0.1, generator=generator)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5, generator=generator)
            module.num_batches_tracked.zero_()
    torch.nn.init.normal_(network.fc.bias, generator=generator)
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(network.state_dict(), path)
    return path


def cifar(data_dir):
    archive = data_dir / "cifar10" / "test.zip"
    if not archive.is_file():
        pytest.skip(f"no CIFAR-10 at {archive}")
    with zipfile.ZipFile(archive) as file:
        names = sorted(n for n in file.namelist() if n.endswith(".jpg"))[:: 10000 // N][:N]
        return [np.asarray(Image.open(io.BytesIO(file.read(n)))) for n in names]


def large():
    """Images that shrink, and not by the same factor along both sides."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (4, 12, 15, 3), np.uint8)
    return [np.asarray(Image.fromarray(image).resize((500, 330))) for image in coarse]


@pytest.fixture(scope="module", params=["cifar10", "large"])
def files(request, data_dir, tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    for i, image in enumerate(cifar(data_dir) if request.param == "cifar10" else large()):
        Image.fromarray(image).save(folder / f"{i:03d}.png")
    return sorted(folder.iterdir())


def embed(name, files, weights):
    card = load_card(name, weights=weights)
    images = [np.asarray(Image.open(path)).transpose(2, 0, 1) for path in files]
    return load_net(card)(prepare(images, card=card))


def assert_same(features, theirs):
    scale = np.abs(theirs).max()
    assert theirs.std(axis=0).max() > 1e-3 * scale, "the images must differ for this to say much"
    np.testing.assert_allclose(features, theirs, rtol=1e-4, atol=1e-5 * scale)


def test_inception_is_pytorch_fid(files, weights, monkeypatch):
    import torch
    from pytorch_fid import inception
    from pytorch_fid.fid_score import get_activations

    state = torch.load(weights, weights_only=True)
    monkeypatch.setattr(inception, "load_state_dict_from_url", lambda *a, **k: state)
    theirs = get_activations(
        files, inception.InceptionV3([3]), batch_size=len(files), num_workers=0
    )
    assert_same(embed("inception", files, weights).features, theirs)


def test_the_spatial_net_has_the_first_maps_of_mixed_6_as_pytorch_fid_computes_them(
    files, weights, monkeypatch
):
    import torch
    from pytorch_fid import inception

    state = torch.load(weights, weights_only=True)
    monkeypatch.setattr(inception, "load_state_dict_from_url", lambda *a, **k: state)
    network, seen = inception.InceptionV3([3], resize_input=False, normalize_input=False), []
    # mixed_6 of TensorFlow: its blocks count from 0, torchvision's from 5b
    block = network.blocks[2][6]
    block.branch1x1.register_forward_hook(lambda module, given, made: seen.append(made))
    images = [np.asarray(Image.open(path)).transpose(2, 0, 1) for path in files]
    card = load_card("inception:spatial", weights=weights)
    x = prepare(images, card=card)
    with torch.no_grad():
        network.eval()((255 * x - 128) / 128)
    theirs = seen[0].permute(0, 2, 3, 1)[..., :7].flatten(1).numpy()
    assert theirs.shape[1] == 2023
    assert_same(load_net(card)(x).features, theirs)


def test_inception_clean_is_clean_fid(files, weights, tmp_path):
    import torch
    from cleanfid.fid import get_folder_features
    from cleanfid.inception_torchscript import InceptionV3W

    class Layers(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = ours._empty_network()
            self.network.load_state_dict(torch.load(weights, weights_only=True), assign=True)

        def forward(self, x):
            return ours._pooled(self.network, x)

    class Wrapper(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.jit.trace(Layers().eval(), torch.zeros(2, 3, 299, 299))

        def forward(self, x):
            return self.layers(x)

    torch.jit.script(Wrapper()).save(tmp_path / "inception-2015-12-05.pt")
    model = InceptionV3W(str(tmp_path), download=False)
    theirs = get_folder_features(
        str(files[0].parent), model, num_workers=0, device=torch.device("cpu"), mode="clean"
    )
    assert_same(embed("inception:clean", files, weights).features, theirs)


def test_inception_torch_fidelity_is_torch_fidelity(files, weights):
    import torch
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    extractor = FeatureExtractorInceptionV3(
        "net", ["2048", "logits_unbiased"], feature_extractor_weights_path=str(weights)
    )
    images = np.stack([np.asarray(Image.open(path)).transpose(2, 0, 1) for path in files])
    features, logits = (x.numpy() for x in extractor(torch.from_numpy(images)))
    output = embed("inception:torch-fidelity", files, weights)
    assert_same(output.features, features)
    assert_same(output.logits, logits)


def test_the_three_conventions_differ(files, weights):
    rows = [
        embed(name, files, weights).features.numpy()
        for name in ("inception", "inception:clean", "inception:torch-fidelity")
    ]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(rows[a] - rows[b]).max() > 1e-3 * np.abs(rows[a]).max()


def test_safetensors_give_the_same_and_a_foreign_file_is_refused(files, weights, tmp_path):
    import torch
    from safetensors.torch import save_file

    state = torch.load(weights, weights_only=True)
    save_file(state, tmp_path / "w.safetensors")
    expected = embed("inception", files[:2], weights)
    found = embed("inception", files[:2], tmp_path / "w.safetensors")
    assert torch.equal(found.features, expected.features)
    del state["Mixed_7c.branch1x1.conv.weight"]
    torch.save(state, tmp_path / "foreign.pth")
    with pytest.raises(ValueError, match=r"foreign.pth does not hold the weights .*Mixed_7c"):
        load_net("inception", weights=tmp_path / "foreign.pth")


def test_the_global_generator_is_left_as_it_was(weights):
    import torch

    before = torch.get_rng_state()
    load_net("inception", weights=weights)
    assert torch.equal(torch.get_rng_state(), before)
