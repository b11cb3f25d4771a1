"""Every public object can be sent to another process, and arrives as it was."""

import copy
import pickle
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch

import ganeval
from ganeval.metrics import PROTOCOLS


def rows(n, seed):
    return np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)


def verified(score, real, fake):
    """What `verify` says of a bundle of one score."""
    with TemporaryDirectory() as folder:
        ganeval.bundle(score, f"{folder}/b.zip")
        return ganeval.verify(f"{folder}/b.zip", real=real, fakes=fake)


def made():
    """An instance of every public class, and every other public object."""
    images = np.random.default_rng(0).integers(0, 256, (9, 8, 8, 1), dtype=np.uint8)
    features = ganeval.extract(images, "pixels")
    models = {"A": rows(30, 1), "B": rows(30, 2)}
    real = rows(30, 0)
    progress = ganeval.Progress(looks=3)
    looked = (progress, progress.look(ganeval.kid(real, models["A"]), step=1))
    labelled = [
        ganeval.Features(
            rows(40, seed),
            tuple(map(str, range(40))),
            labels=tuple("abcd" * 10),
            fingerprint=str(seed),
        )
        for seed in (3, 4)
    ]
    sets = np.random.default_rng(1).integers(0, 256, (2, 30, 16, 16, 1), dtype=np.uint8)
    explained = ganeval.explain(*sets, feature_net="texture", repeats=1)
    yield from (
        features,
        explained,
        *explained.tests[:1],
        ganeval.open_images(images),
        ganeval.kid(real, models["A"]),
        ganeval.prdc(real, models["A"]),
        ganeval.statistics_of(features),
        ganeval.compare(real, models, metric="kid"),
        ganeval.matrix(*labelled, metric="kid"),
        ganeval.neighbors(real, models["A"]),
        ganeval.best_checkpoint(real, {1: models["A"], 2: models["B"]}, metric="kid"),
        ganeval.load_card("pixels"),
        ganeval.load_net("pixels"),
        ganeval.load_net(torch.nn.Flatten()),
        ganeval.Evaluator(real, metrics=["fid", "kid"]),
        ganeval.Embedder("pixels"),
        ganeval.clipped_density_coverage(real, models["A"]),
        *looked,
        verified(ganeval.kid(real, models["A"]), real, models["A"]),
        ganeval.plan(real, {"A": models["A"]}, metric="kid", half_width=0.1),
        ganeval.Audit("real", 60, None, None, 14, 0.95, 0, ()),
    )
    for error in (ganeval.GanevalError, ganeval.InputError, ganeval.NetError, ganeval.RankError):
        yield error("what came, what was wanted, what to do")
    yield ganeval.ImageError("a.png", "is damaged")
    yield ganeval.MissingExtraError("timm", extra="timm", purpose="net 'dinov2'")
    yield from (getattr(ganeval, name) for name in ganeval.__all__)
    yield from map(PROTOCOLS.__getitem__, PROTOCOLS)


def test_every_public_object_can_be_pickled_and_copied():
    objects = list(made())
    for thing in objects:
        for arrived in (pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing)):
            assert type(arrived) is type(thing)
            if isinstance(thing, Exception | ganeval.Score | ganeval.ImageSource):
                assert str(arrived) == str(thing)
    classes = {type(thing) for thing in objects}
    public = [getattr(ganeval, name) for name in ganeval.__all__]
    missing = [kind for kind in public if isinstance(kind, type) and kind not in classes]
    assert missing in ([], [ganeval.FeatureNet])  # FeatureNet is a protocol


@pytest.mark.parametrize("name", sorted(ganeval.METRICS))
def test_scores_of_every_metric_arrive_with_their_influences(name):
    entry = ganeval.METRICS[name]
    labels = tuple("ab" * 50)
    real, fake, train = (
        ganeval.Features(
            rows(100, seed), tuple(map(str, range(100))), labels=labels, fingerprint=str(seed)
        )
        for seed in range(3)
    )
    given = {"real": real, "fake": fake} | ({"train": train} if entry.needs_train else {})
    score = entry.function(**given)
    arrived = pickle.loads(pickle.dumps(score))
    assert arrived == score
    assert (arrived.estimate is None) == (score.estimate is None)
