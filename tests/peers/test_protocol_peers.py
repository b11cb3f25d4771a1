"""`--protocol` beside the package it is named after: folders of JPEGs in, the same number out.

All use the same random weights. 24 images a side for 2048 features make singular covariances,
of which the others take the root of every rounding error: their distances are about 2e-5 too small
here, and 1e-3 leaves room for other machines. The digits of the distances themselves are tested
on feature rows in test_frechet_peers.py, the features in tests/nets/test_inception_peers.py.
"""

import json

import pytest

import ganeval

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours

N = 24


@pytest.fixture(scope="module")
def folders(jpegs):
    return jpegs(N), jpegs(N, start=100, blurred=True)


def test_pytorch_fid(folders, weights, ganeval_command, pytorch_fid_command):
    theirs = pytorch_fid_command(*folders, "--batch-size", N)
    assert theirs.startswith("FID:  ")
    ours = ganeval_command("fid", *folders, "--protocol", "pytorch-fid", "--weights", weights)
    named, value = ours.splitlines()[0].split("  ")[:2]
    assert named == "FID (inception, other weights):"  # these are not the weights it is named after
    expected = float(theirs.removeprefix("FID: "))
    assert float(value) == pytest.approx(expected, rel=1e-3)


def test_clean_fid(folders, weights, tmp_path, ganeval_command):
    """Its features; its root of their covariances is pytorch-fid's, and takes half a minute more.

    Its KID is of subsets of min(n, 1000) images: here each is everything, as in our own KID.
    """
    import torch
    from cleanfid import fid
    from cleanfid.inception_torchscript import InceptionV3W
    from torch_fidelity import metric_fid

    (tmp_path / "inception-2015-12-05.pt").write_bytes(torchscript(weights))
    model = InceptionV3W(str(tmp_path), download=False)
    cpu = torch.device("cpu")
    names = [str(folder) for folder in folders]
    rows = [fid.get_folder_features(x, model, num_workers=0, device=cpu) for x in names]
    moments = [metric_fid.fid_features_to_statistics(torch.from_numpy(x)) for x in rows]
    expected = metric_fid.fid_statistics_to_metric(*moments, verbose=False)
    shared = ("--weights", weights, "--json")

    score = json.loads(ganeval_command("fid", *folders, "--protocol", "clean-fid", *shared))
    assert score["value"] == pytest.approx(expected[metric_fid.KEY_METRIC_FID], rel=1e-3)

    net = ("--feature-net", "inception:clean")
    score = json.loads(ganeval_command("kid", *folders, *net, *shared))
    assert score["value"] == pytest.approx(fid.kernel_distance(*rows), rel=1e-3)


def torchscript(weights):
    """The weights as clean-fid wants them: a program whose `layers` give 2048 features."""
    import io

    import torch

    from ganeval.nets import inception

    class Layers(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = inception._empty_network()
            self.network.load_state_dict(torch.load(weights, weights_only=True), assign=True)

        def forward(self, x):
            return inception._pooled(self.network, x)

    class Wrapper(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.jit.trace(Layers().eval(), torch.zeros(2, 3, 299, 299))

        def forward(self, x):
            return self.layers(x)

    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(Wrapper()), buffer)
    return buffer.getvalue()


def test_torch_fidelity(folders, weights, ganeval_command):
    """Its subset size of 1000 wants as many images; the smaller one is given to both by hand."""
    from torch_fidelity import calculate_metrics

    real, fake = folders
    theirs = calculate_metrics(
        input1=str(fake),
        input2=str(real),
        fid=True,
        kid=True,
        isc=True,
        kid_subset_size=N // 2,
        feature_extractor_weights_path=str(weights),
        cuda=False,
        cache=False,
        save_cpu_ram=True,  # decodes in this process
        verbose=False,
    )
    protocol = ("--protocol", "torch-fidelity", "--weights", weights, "--json")
    score = json.loads(ganeval_command("fid", *folders, *protocol))
    assert score["value"] == pytest.approx(theirs["frechet_inception_distance"], rel=1e-3)

    score = json.loads(ganeval_command("is", fake, *protocol))
    gain = theirs["inception_score_mean"] - 1  # of a score that begins at 1
    assert score["value"] - 1 == pytest.approx(gain, rel=1e-3)

    sides = [
        ganeval.extract(x, "inception:torch-fidelity", weights=weights, device="cpu")
        for x in folders
    ]
    score = ganeval.kid(*sides, subsets=100, subset_size=N // 2, seed=2020)
    assert score.value == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-3)


def test_torchmetrics(folders, weights, ganeval_command):
    import numpy as np
    import torch
    from PIL import Image
    from torchmetrics.image.fid import FrechetInceptionDistance

    real, fake = folders
    metric = FrechetInceptionDistance(feature=2048, feature_extractor_weights_path=str(weights))
    metric.set_dtype(torch.float64)  # its sums; the network stays as it is
    metric.inception.float()
    metric.inception._dtype = torch.float32
    for folder in (real, fake):
        images = np.stack([np.asarray(Image.open(path)) for path in sorted(folder.iterdir())])
        metric.update(torch.from_numpy(images).permute(0, 3, 1, 2), real=folder == real)
    protocol = ("--protocol", "torchmetrics", "--weights", weights, "--json")
    score = json.loads(ganeval_command("fid", *folders, *protocol))
    assert score["value"] == pytest.approx(float(metric.compute()), rel=1e-3)
