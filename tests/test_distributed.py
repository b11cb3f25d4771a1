"""Several processes score what one would: the same blocks, the same numbers, on every rank."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed as dist

import ganeval
from ganeval.distributed import Ranks, shard
from ganeval.metrics import METRICS
from ganeval.metrics.pairs import ring

CLASSES = 4


def rows(n, *, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 5)) + 4 * np.eye(CLASSES, 5)[np.arange(n) % CLASSES] + shift


REAL, FAKE, TRAIN = rows(161), rows(120, shift=0.5, seed=1), rows(90, seed=2)


def features(x, *, grouped=False):
    """Everything that some metric may ask for, with ids of their own."""
    n = len(x)
    return ganeval.Features(
        features=x,
        ids=tuple(f"image{i:04d}" for i in range(n)),
        logits=x[:, :CLASSES],
        labels=tuple("abcd"[i % CLASSES] for i in range(n)),
        groups=tuple(f"plate{i // 10}" for i in range(n)) if grouped else None,
    )


def digits(n, *, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, 12, 12, 1), np.uint8)


def on_ranks(size, folder, work, *arguments):
    """What `work(rank, size, group, *arguments)` gives on each rank; None where it died."""
    folder.mkdir(exist_ok=True)
    # By path: other packages, too, install something called `tests`.
    ranks = [
        subprocess.Popen(
            [sys.executable, __file__, str(rank), str(size), folder, work.__name__, *arguments]
        )
        for rank in range(size)
    ]
    try:
        for rank in ranks:
            rank.wait(180)
    finally:
        for rank in ranks:
            rank.kill()  # nothing where it has ended
    files = [folder / f"{rank}.json" for rank in range(size)]
    return [json.loads(file.read_text()) if file.exists() else None for file in files]


def one_rank(rank, size, folder, work, *arguments):
    """Joins the others over a file, works, and leaves a word on how it ended."""
    torch.set_num_threads(1)
    store = dist.FileStore(f"{folder}/store", size)
    dist.init_process_group(
        "gloo", store=store, rank=rank, world_size=size, timeout=timedelta(seconds=30)
    )
    try:
        result = work(rank, size, dist.group.WORLD, *arguments)
    except ganeval.GanevalError as error:
        result = {"error": str(error), "kind": type(error).__name__}
    Path(folder, f"{rank}.json").write_text(json.dumps(result))
    dist.destroy_process_group()


def share_of(data, rank, size):
    """By id for features, and in pieces that differ in size for arrays, which have no ids."""
    if isinstance(data, ganeval.Features):
        return data.take(np.array(shard(len(data), rank, size)))
    edges = [0, 7, *np.linspace(7, len(data), size).astype(int)[1:]]
    return data[edges[rank] : edges[rank + 1]]


def sides(metric, *, grouped=False):
    given = {"real": features(REAL, grouped=grouped), "fake": features(FAKE)}
    return {**given, "train": features(TRAIN)} if metric.needs_train else given


def every_metric_of_shares(rank, size, group):
    found = {}
    for metric in map(METRICS.__getitem__, METRICS):
        shares = {name: share_of(side, rank, size) for name, side in sides(metric).items()}
        score = metric.function(**shares, process_group=group)
        found[metric.name] = score.to_json()
    plain = {"real": share_of(REAL, rank, size), "fake": share_of(FAKE, rank, size)}
    found["plain"] = ganeval.fid(**plain, process_group=group).to_json()
    by_plate = {
        name: share_of(side, rank, size)
        for name, side in sides(METRICS["kid"], grouped=True).items()
    }
    found["plates"] = ganeval.kid(**by_plate, process_group=group).to_json()
    found["all of prdc"] = [score.to_json() for score in ganeval.prdc(**plain, process_group=group)]
    return found


def assert_same(text, score):
    """To rounding: the whole may have been summed by more threads."""
    got = ganeval.Score.from_json(text)
    assert got.value == pytest.approx(score.value, rel=1e-9), score.metric
    for name in ("corrected", "interval", "std_error"):
        one, other = getattr(got, name), getattr(score, name)
        assert (one is None) == (other is None), (score.metric, name)
        assert one is None or one == pytest.approx(other, rel=1e-9), (score.metric, name)
    for name in ("n_real", "n_fake", "n_groups", "warnings", "protocol", "protocol_id"):
        assert getattr(got, name) == getattr(score, name), (score.metric, name)


@pytest.fixture(scope="module")
def three_ranks(tmp_path_factory):
    """What three processes say, which are started once."""
    return on_ranks(3, tmp_path_factory.mktemp("ranks"), metrics_and_sums)


def metrics_and_sums(rank, size, group):
    return {
        "metrics": every_metric_of_shares(rank, size, group),
        "sums": scores_by_sums(rank, size, group),
    }


def test_every_metric_of_shares_is_that_of_the_whole_on_every_rank(three_ranks):
    assert "error" not in three_ranks[0], three_ranks[0]
    first, *others = [rank["metrics"] for rank in three_ranks]
    assert all(other == first for other in others)
    for metric in map(METRICS.__getitem__, METRICS):
        assert_same(first[metric.name], metric.function(**sides(metric)))
    assert_same(first["plain"], ganeval.fid(REAL, FAKE))
    assert_same(first["plates"], ganeval.kid(**sides(METRICS["kid"], grouped=True)))
    for text, score in zip(first["all of prdc"], ganeval.prdc(REAL, FAKE), strict=True):
        assert_same(text, score)


def unlabelled(x, *, groups=None):
    """Features without labels; `groups` of so many images each."""
    known = features(x)
    names = None if groups is None else tuple(f"plate{i // groups}" for i in range(len(x)))
    return replace(known, labels=None, groups=names)


def plain(x):
    """Features of which everything is known, the hash of the data too."""
    return ganeval.features.as_features(unlabelled(x))


MOMENTS = ganeval.Moments.of(REAL)

BY_SUMS = {
    "independent": {"real": unlabelled(REAL), "fake": unlabelled(FAKE)},
    "classes": {"real": features(REAL), "fake": features(FAKE)},
    "plates on one side": {"real": unlabelled(REAL, groups=9), "fake": unlabelled(FAKE)},
    "plates on both": {"real": unlabelled(REAL, groups=9), "fake": unlabelled(FAKE, groups=9)},
    "classes and plates": {"real": features(REAL, grouped=True), "fake": features(FAKE)},
    "sorted": {"real": unlabelled(REAL[np.argsort(np.arange(161) % CLASSES)]), "fake": FAKE},
}
"""Pairs of sides, of which FID, KID and IS take different sums."""

COPIES = np.round(rows(120, shift=1, seed=3))[np.arange(139) % 120]
"""Whole numbers, in which many distances are equal, and copies within the side."""

BY_PAIRS = {
    **BY_SUMS,
    "ties": {"real": np.round(REAL), "fake": COPIES + 0.5},
    "copies": {"real": np.round(REAL), "fake": np.vstack([COPIES, np.round(REAL[:9])])},
}
"""Those that metrics of pairs of rows see."""

PAIRS_BY_RANKS = {1: ["ties"], 2: ["copies"], 3: ["ties", "plates on both", "classes and plates"]}

OF_PAIRS = [
    (ganeval.prdc, {}),
    (ganeval.prdc, {"k": 2, "ball": "closed"}),
    (ganeval.prdc, {"interval": False}),
    (ganeval.rke, {}),
    (ganeval.kid, {}),
    (ganeval.kde_log_likelihood, {}),
    (ganeval.kde_log_likelihood, {"bandwidth": 0.8}),
    (ganeval.kde_log_likelihood, {"bandwidth": 0.8, "subsets": 3, "subset_size": 20}),
]
"""Metrics whose rows go round in a ring, with options."""

BY_RANKS = {1: ["independent"], 2: ["classes and plates"], 3: list(BY_SUMS)}
"""Which of them are scored by so many ranks."""


def scores_by_sums(rank, size, group):
    """Of one, two and three processes; of three the second has nothing of the fakes."""
    found, sent = {}, []
    count_what_is_sent(sent)
    for several in range(1, size + 1):
        some = dist.new_group(list(range(several)))
        for name in BY_RANKS[several] if rank < several else ():
            shares = shares_of(BY_SUMS[name], rank, several)
            for metric in (ganeval.fid, ganeval.kid, ganeval.inception_score):
                score = metric(**shares, process_group=some)
                found[f"{several} {name} {metric.__name__}"] = score.to_json()
    statistics = ganeval.statistics_of(share_of(plain(REAL), rank, size), process_group=group)
    assert (statistics is None) == (rank > 0)
    if statistics is not None:
        found["statistics"] = ganeval.fid(statistics, FAKE).to_json()
    large = [np.random.default_rng(seed).normal(size=(16_000, 64)) for seed in (0, 1)]
    sent.clear()
    ganeval.fid(*(rows[rank::size] for rows in large), process_group=group)
    sums_of_fid = sum(sent)
    evaluator = ganeval.Evaluator(large[0][rank::size], metrics=["fid"], process_group=group)
    sent.clear()
    evaluator.update(large[1][rank::size])
    evaluator.compute()
    sums_of_evaluator = sum(sent)
    return {
        "scores": found,
        "evaluators": evaluators(rank, size, group),
        "sent": {"fid": sums_of_fid, "Evaluator": sums_of_evaluator},
        "rows": 2 * 16_000 * 64 * 8 / size,
    }


def evaluators(rank, size, group):
    """Against features and against statistics, which every rank has; and looks at the first."""
    found = {}
    own = share_of(plain(REAL), rank, size)
    reals = {"features": own, "statistics": MOMENTS, "of the first": MOMENTS if rank == 0 else None}
    for name, real in reals.items():
        evaluator = ganeval.Evaluator(real, metrics=["fid"], process_group=group)
        evaluator.update(share_of(FAKE, rank, size))
        found[name] = evaluator.compute()["fid"].to_json()
        if name == "features":
            looks = [evaluator.look(step=step) for step in (1, 2)]
            found["looks"] = [[look.better, look.gain, look.p_value] for look in looks]
    return found


def shares_of(pair, rank, several):
    """Of three ranks the second has nothing of the fakes."""
    shares = dict(pair)
    if several > 1:
        shares = {side: share_of(whole, rank, several) for side, whole in pair.items()}
    if several == 3:
        shares["fake"] = None if rank == 1 else share_of(pair["fake"], rank // 2, 2)
    return shares


def scores_of_pairs(rank, size, group):
    """Of one, two and three processes, whose shares are of several tiles, not of equally many."""
    ring.ROOM, found = 8000, {}
    for several in range(1, size + 1):
        some = dist.new_group(list(range(several)))
        for name in PAIRS_BY_RANKS[several] if rank < several else ():
            shares = shares_of(BY_PAIRS[name], rank, several)
            found[f"{several} {name}"] = [
                score.to_json() for score in of_pairs(**shares, process_group=some)
            ]
    return found


def of_pairs(**given):
    """What every metric whose rows go round says."""
    for metric, options in OF_PAIRS:
        scores = metric(**given, **options)
        yield from scores if isinstance(scores, tuple) else (scores,)


def count_what_is_sent(sent):
    """Notes the bytes that this process gives to others from now on."""
    gather, total = Ranks.gather, Ranks.total

    def noted(work):
        def noting():
            result = work()
            sent.append(len(result) if isinstance(result, bytes) else result.nbytes)
            return result

        return noting

    Ranks.gather = lambda self, work, **options: gather(self, noted(work), **options)
    Ranks.total = lambda self, work: total(self, noted(work))


def test_scores_that_sums_determine_are_the_same_on_one_two_and_three_ranks(three_ranks):
    ranks = [rank["sums"] for rank in three_ranks]
    for several, names in BY_RANKS.items():
        for name in names:
            for metric in (ganeval.fid, ganeval.kid, ganeval.inception_score):
                score = metric(**BY_SUMS[name])
                for rank in range(several):
                    text = ranks[rank]["scores"][f"{several} {name} {metric.__name__}"]
                    assert_same(text, score)
    of_one = ganeval.fid(ganeval.statistics_of(plain(REAL)), FAKE)
    assert_same(ranks[0]["scores"]["statistics"], of_one)
    # Hashes, influences, and a sample of rows for a look at tails; never the rows.
    for rank in ranks:
        assert rank["sent"]["fid"] < rank["rows"] / 3
        assert rank["sent"]["Evaluator"] < rank["rows"] / 3


def test_evaluators_say_the_same_on_every_rank(three_ranks):
    first, *others = [rank["sums"]["evaluators"] for rank in three_ranks]
    assert all(other == first for other in others)
    assert_same(first["features"], ganeval.fid(plain(REAL), FAKE))
    for name in ("statistics", "of the first"):
        assert_same(first[name], ganeval.fid(MOMENTS, FAKE))
    assert first["looks"] == [[True, None, None], [False, 0.0, 0.5]]


def test_scores_of_pairs_are_the_same_on_one_two_and_three_ranks(tmp_path):
    ranks = on_ranks(3, tmp_path, scores_of_pairs)
    for several, names in PAIRS_BY_RANKS.items():
        for name in names:
            expected = list(of_pairs(**BY_PAIRS[name]))
            for rank in ranks[:several]:
                for text, score in zip(rank[f"{several} {name}"], expected, strict=True):
                    assert_same(text, score)
                    assert_same_details(json.loads(text)["details"], score.details)


def assert_same_details(got, expected):
    assert got.keys() == expected.keys()
    for name, value in expected.items():
        if isinstance(value, dict):
            assert_same_details(got[name], value)
        elif isinstance(value, float):
            assert got[name] == pytest.approx(value, rel=1e-9), name
        else:
            assert got[name] == value, name


def images_of_shares(rank, size, group, folder):
    """Files, an array of which rank 1 has nothing, and an evaluator that it gives no batch."""
    found = {}
    source = ganeval.open_images(folder).shard(rank, size)
    whole = ganeval.extract(source, "pixels", process_group=group)
    found["ids"], found["features"] = whole.ids, whole.features.tolist()
    found["fingerprint"] = whole.fingerprint
    pictures = digits(9)
    mine = {0: pictures[:4], 1: None, 2: pictures[4:]}[rank]
    part = ganeval.extract(mine, "pixels", process_group=group)
    found["part"] = [part.ids, part.features.tolist(), part.fingerprint]
    evaluator = ganeval.Evaluator(source, feature_net="pixels", process_group=group)
    for step in (1, 2):
        for batch in {0: (digits(30, seed=1), digits(31, seed=2)), 2: (digits(40, seed=3),)}.get(
            rank, ()
        ):
            evaluator.update(batch)
        found[step] = [score.to_json() for score in evaluator.compute(step=7).values()]
        evaluator.reset()
    return found


def test_images_of_shares_are_the_features_and_scores_of_the_whole(tmp_path):
    from PIL import Image

    folder = tmp_path / "real"
    folder.mkdir()
    for i, picture in enumerate(digits(50)):
        Image.fromarray(picture[..., 0]).save(folder / f"{i:02d}.png")
    first, *others = on_ranks(3, tmp_path / "ranks", images_of_shares, folder)
    assert "error" not in first, first
    assert all(other == first for other in others)
    whole = ganeval.extract(folder, "pixels")
    assert tuple(first["ids"]) == whole.ids
    assert first["fingerprint"] == whole.fingerprint
    np.testing.assert_allclose(first["features"], whole.features, atol=1e-6)
    array = ganeval.extract(digits(9), "pixels")
    assert first["part"] == [list(array.ids), array.features.tolist(), array.fingerprint]
    evaluator = ganeval.Evaluator(folder, feature_net="pixels")
    for n, seed in ((30, 1), (31, 2), (40, 3)):
        evaluator.update(digits(n, seed=seed))
    for key in ("1", "2"):
        for text, score in zip(first[key], evaluator.compute(step=7).values(), strict=True):
            assert_same(text, score)


def exchange(ranks):
    """Whether messages longer than a piece, and one without length, arrive whole."""
    ganeval.distributed._PIECE = 1000
    texts = [bytes([i]) * n for i, n in enumerate((2500, 0))]
    here = texts if ranks.rank == 0 else []
    return (
        ranks.gather(lambda: texts[ranks.rank]) == here
        and ranks.gather(lambda: texts[ranks.rank], everywhere=True) == texts
        and ranks.first(lambda: texts[0]) == texts[0]
    )


def failures(rank, size, group):
    """What every rank is told when one cannot go on; after each, all can."""
    good = share_of(FAKE, rank, size)
    cases = {
        "nan on one": lambda: ganeval.fid(
            share_of(REAL, rank, size) * (np.nan if rank == 1 else 1), good, process_group=group
        ),
        "no such path on one": lambda: ganeval.extract(
            "/nowhere" if rank == 1 else digits(3, seed=rank), "pixels", process_group=group
        ),
        "a fault of the net on one": lambda: ganeval.extract(
            digits(3, seed=rank), broken_net if rank == 1 else flat, process_group=group
        ),
        "a metric of classes": lambda: ganeval.Evaluator(
            share_of(REAL, rank, size), metrics=["intra_kid"], process_group=group
        ),
        "all have the whole": lambda: ganeval.kid(REAL, good, process_group=group),
        "nobody has one": lambda: ganeval.kid(None, good, process_group=group),
        "statistics": lambda: ganeval.fid(
            ganeval.Moments.of(share_of(REAL, rank, size)), good, process_group=group
        ),
        "statistics that do not do": lambda: ganeval.kid(MOMENTS, good, process_group=group),
        "other widths": lambda: ganeval.kid(good, good[:, : 5 - rank], process_group=group),
        "not a group": lambda: ganeval.kid(good, good, process_group="world"),
        "amid a ring": lambda: ganeval.rke(good, bandwidth=1, process_group=group),
        "outside of a ring": lambda: ganeval.prdc(
            share_of(REAL, rank, size), good, process_group=group
        ),
        "all queries are centres": lambda: ganeval.kde_log_likelihood(
            share_of(REAL, rank, size), share_of(np.vstack([FAKE, REAL]), rank, size),
            process_group=group,
        ),
    }  # fmt: skip
    if rank == 1:
        sys.modules["ganeval.metrics.rke"]._squared_kernel = out_of_memory
        sys.modules["ganeval.metrics.pairs.neighbours"].travelled = out_of_memory
    told = {}
    for name, case in cases.items():
        try:
            case()
        except (ganeval.GanevalError, MemoryError) as error:
            told[name] = f"{type(error).__name__}: {error}"
    told["messages"] = exchange(Ranks(group))
    told["after all"] = ganeval.kid(share_of(REAL, rank, size), good, process_group=group).value
    return told


def out_of_memory(*_, **__):
    raise MemoryError("too little")


def flat(batch):
    return batch.flatten(1)


def broken_net(batch):
    return batch / (1 // 0)


def test_what_fails_on_one_rank_fails_on_all_of_them_with_its_words(tmp_path):
    told = on_ranks(2, tmp_path, failures)
    here, there = told
    assert here.keys() == there.keys()
    assert "InputError: 154 of 161 rows of real have NaN or Inf" in here["nan on one"]
    assert "rank 0 failed: 154 of 161 rows of real have NaN" in there["nan on one"]
    assert "RankError: rank 1 failed: /nowhere does not exist" in here["no such path on one"]
    assert "InputError: /nowhere does not exist" in there["no such path on one"]
    fault = "feature net 'broken_net' failed on float32 images [3, 1, 12, 12]: ZeroDivisionError"
    assert f"RankError: rank 1 failed: {fault}" in here["a fault of the net on one"]
    assert f"NetError: {fault}" in there["a fault of the net on one"]
    assert "InputError: intra_kid compares" in there["a metric of classes"]
    assert "ranks 0 and 1 have the same images of real" in here["all have the whole"]
    assert "no rank gave an image of real" in here["nobody has one"]
    assert "Moments.merge" in here["statistics"]
    for ours in (here, there):
        assert "kid needs the features of every image" in ours["statistics that do not do"]
    assert "extract both with the same feature net" in there["other widths"]
    assert "process_group is str" in here["not a group"]
    for name in ("amid a ring", "outside of a ring"):
        assert here[name] == "RankError: rank 1 failed: MemoryError: too little"
        assert there[name] == "MemoryError: too little"
    for ours in (here, there):
        assert "InputError: the held-out reals are all among" in ours["all queries are centres"]
    assert here["messages"] and there["messages"]
    expected = ganeval.kid(REAL, FAKE).value
    assert here["after all"] == there["after all"] == pytest.approx(expected, rel=1e-9)


def death(rank, size, group):
    ganeval.kid(share_of(REAL, rank, size), share_of(FAKE, rank, size), process_group=group)
    if rank == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    ganeval.kid(share_of(REAL, rank, size), share_of(FAKE, rank, size), process_group=group)


def test_a_rank_that_is_killed_leaves_nobody_waiting(tmp_path):
    began = time.monotonic()
    first, killed, third = on_ranks(3, tmp_path, death)
    assert killed is None
    for told in (first, third):
        assert told["kind"] == "GanevalError"
        assert "ranks of process_group lost each other" in told["error"]
        assert "\n" not in told["error"]
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("count", [0, 1, 7, 12])
def test_shards_are_disjoint_and_complete(count):
    shards = [shard(count, i, 4) for i in range(4)]
    assert sorted(i for part in shards for i in part) == list(range(count))
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


@pytest.mark.parametrize(("index", "count"), [(4, 4), (-1, 4), (0, 0)])
def test_shards_that_do_not_exist_are_refused(index, count):
    with pytest.raises(ganeval.InputError, match="shard .* does not exist"):
        shard(10, index, count)


def test_one_process_needs_no_group():
    score = ganeval.fid(REAL, FAKE, process_group=None)
    assert score == ganeval.fid(REAL, FAKE)


if __name__ == "__main__":
    rank, size, folder, work, *arguments = sys.argv[1:]
    one_rank(int(rank), int(size), folder, globals()[work], *arguments)
