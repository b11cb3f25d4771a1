"""In somebody else's training loop: every setting is left as it was, and none moves a number."""

import os
import subprocess
import sys
import warnings
from contextlib import contextmanager

import numpy as np
import pytest
import torch

import ganeval
from ganeval.metrics import METRICS

CLASSES = 4


def settings():
    """All that a library might move in passing, as comparable values."""
    backends = torch.backends
    operations = {
        "cuda.matmul": backends.cuda.matmul,
        "cudnn.conv": backends.cudnn.conv,
        "cudnn.rnn": backends.cudnn.rnn,
        "mkldnn.matmul": backends.mkldnn.matmul,
        "mkldnn.conv": backends.mkldnn.conv,
        "mkldnn.rnn": backends.mkldnn.rnn,
    }
    name, keys, *place = np.random.get_state()  # noqa: NPY002 - the global one must not move
    return {
        "torch RNG": torch.get_rng_state().tolist(),
        "NumPy RNG": (name, keys.tolist(), *place),
        "grad": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "anomaly": torch.is_anomaly_enabled(),
        "autocast": (torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")),
        "default dtype": torch.get_default_dtype(),
        "default device": torch.get_default_device(),
        "float32": {name: operation.fp32_precision for name, operation in operations.items()},
        "cudnn": (backends.cudnn.enabled, backends.cudnn.benchmark, backends.cudnn.deterministic),
        "deterministic": (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        ),
        "threads": (torch.get_num_threads(), torch.get_num_interop_threads()),
        "floating point errors": np.geterr(),
        "warnings": list(warnings.filters),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
    }


@contextmanager
def as_torch_starts():
    yield


@contextmanager
def a_loop_of_its_own():
    """Mixed precision, TF32, float64 by default, no gradients, fast convolutions."""
    dtype = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    torch.set_float32_matmul_precision("medium")
    torch.backends.cudnn.benchmark = True
    try:
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_float32_matmul_precision("highest")
        torch.backends.cudnn.benchmark = False
        for operation in (torch.backends.cuda.matmul, torch.backends.mkldnn.matmul):
            operation.fp32_precision = "none"


@contextmanager
def precision_set_per_backend():
    """Torch's newer way, after which its older one raises."""
    operations = (torch.backends.cuda.matmul, torch.backends.mkldnn.matmul)
    for operation, precision in zip(operations, ("tf32", "bf16"), strict=True):
        operation.fp32_precision = precision
    try:
        yield
    finally:
        for operation in operations:
            operation.fp32_precision = "none"


@contextmanager
def inference_and_determinism():
    torch.use_deterministic_algorithms(True)
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.use_deterministic_algorithms(False)


LOOPS = (as_torch_starts, a_loop_of_its_own, precision_set_per_backend, inference_and_determinism)


def rows(seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((100, 5)) + 4 * np.eye(CLASSES, 5)[np.arange(100) % CLASSES]


def score(metric, **options):
    names = ("real", "fake", "train") if metric.needs_train else ("real", "fake")
    sides = {
        name: ganeval.Features(
            features=torch.from_numpy(rows(seed)),
            ids=tuple(f"{i:02d}" for i in range(100)),
            logits=torch.from_numpy(rows(seed)[:, :CLASSES]),
            labels=tuple("abcd"[i % CLASSES] for i in range(100)),
        )
        for seed, name in enumerate(names)
    }
    return metric.function(**sides, **options)


def assert_left_as_found(work, loop, capfd):
    """What `work` gives inside `loop`, which finds everything as it was and hears nothing."""
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    capfd.readouterr()
    with loop():
        before = settings()
        result = work()
        after = settings()
    assert {name: after[name] for name in after if after[name] != before[name]} == {}
    assert capfd.readouterr() == ("", "")
    return result


@pytest.mark.parametrize("name", METRICS)
def test_every_metric(name, capfd):
    expected = score(METRICS[name]).value
    for loop in LOOPS:
        found = assert_left_as_found(lambda: score(METRICS[name]), loop, capfd)
        assert found.value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("classifier", ["mlp", "knn", "conv", "critic"])
def test_every_kind_of_classifier(classifier, capfd):
    def work():
        sides = (digits(0)[:12, :16, :16], digits(1)[:12, :16, :16] // 2)
        if classifier in ("mlp", "knn"):
            sides = tuple(side.reshape(12, -1)[:, ::16] for side in sides)
        steps = {} if classifier == "knn" else {"iterations": 2}
        return ganeval.c2st(*sides, classifier=classifier, repeats=2, **steps).value

    expected = work()
    for loop in LOOPS:
        assert assert_left_as_found(work, loop, capfd) == pytest.approx(expected, abs=1e-6)


def digits(seed):
    return np.random.default_rng(seed).integers(0, 256, (24, 28, 28, 1), np.uint8)


@pytest.mark.parametrize("net", ["mnist", "pixels"])
def test_extraction_and_evaluator(net, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fakes = torch.from_numpy(digits(1)).permute(0, 3, 1, 2).float() / 127.5 - 1

    def work():
        features = ganeval.extract(digits(0), net).features
        evaluator = ganeval.Evaluator(
            digits(0), feature_net=net, metrics=["kid"], value_range=(-1, 1)
        )
        evaluator.update(fakes)
        return features, evaluator.compute()["kid"].value

    features, kid = work()
    for loop in LOOPS:
        found, again = assert_left_as_found(work, loop, capfd)
        np.testing.assert_allclose(found, features, atol=1e-6)
        assert again == pytest.approx(kid, rel=1e-5)
    assert list(tmp_path.iterdir()) == []


PLAIN = """
import random
import numpy as np
import ganeval
from ganeval.metrics import METRICS

rng = np.random.default_rng(0)
sides = {
    name: ganeval.Features(
        features=rng.standard_normal((102, 4)),
        ids=tuple(f"{i:02d}" for i in range(102)),
        logits=rng.standard_normal((102, 4)),
        labels=("a", "b", "c") * 34,
    )
    for name in ("real", "fake", "train")
}
images = rng.integers(0, 256, (24, 28, 28, 1), np.uint8)
random.seed(3)
before = random.getstate()
for metric in map(METRICS.__getitem__, METRICS):
    given = {name: side for name, side in sides.items() if name != "train" or metric.needs_train}
    metric.function(**given)
evaluator = ganeval.Evaluator(images, feature_net="mnist")
evaluator.update(images[::2])
evaluator.compute()
assert random.getstate() == before
"""


def test_python_random_numbers_and_both_streams_in_a_plain_process():
    """The shape checks of these tests draw such numbers themselves."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PLAIN], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_net_in_training_is_given_back_in_training(capfd):
    net = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(784, 3), torch.nn.BatchNorm1d(3), torch.nn.Dropout()
    )
    mean = net[2].running_mean.clone()
    assert_left_as_found(lambda: ganeval.extract(digits(0), net), as_torch_starts, capfd)
    assert all(part.training for part in net.modules())
    assert torch.equal(net[2].running_mean, mean)
    assert all(parameter.requires_grad and parameter.grad is None for parameter in net.parameters())


def test_the_check_sees(capfd):
    with pytest.raises(AssertionError, match="torch RNG"):
        assert_left_as_found(lambda: torch.rand(1), as_torch_starts, capfd)
    with pytest.raises(AssertionError):
        assert_left_as_found(lambda: os.write(1, b"hello"), as_torch_starts, capfd)
    with pytest.raises(AssertionError, match="float32"):
        assert_left_as_found(
            lambda: torch.set_float32_matmul_precision("highest"), a_loop_of_its_own, capfd
        )
