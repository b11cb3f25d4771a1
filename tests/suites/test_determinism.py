"""Same files, seed, version: same numbers, whatever the batch size, workers, interruptions."""

import dataclasses

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import ganeval
from ganeval.cli import main

SUITES = {
    "evaluate": lambda real, fakes: ganeval.evaluate(real, fakes, metrics=["kid", "prdc", "c2st"]),
    "compare": lambda real, fakes: ganeval.compare(real, fakes, metric="kid"),
    "matrix": lambda real, fakes: ganeval.matrix(real, fakes["b"], metric="kid", per_class=30),
    "neighbors": lambda real, fakes: ganeval.neighbors(real, fakes["a"]),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("images")
    for seed, side in enumerate(("real", "a", "b")):
        rng = np.random.default_rng(seed)
        for label, name in enumerate(("one", "two")):
            (root / side / name).mkdir(parents=True)
            for i in range(70):
                noise = rng.integers(0, 200, (28, 28)) // (1 + label) + 20 * seed
                picture = Image.fromarray(noise.astype(np.uint8))
                picture.save(root / side / name / f"{i:02d}.png")
    return root


def numbers_of(found):
    """Every number in a result, however deep, in order."""
    if isinstance(found, ganeval.Features):
        return numbers_of(found.features)
    if dataclasses.is_dataclass(found):
        return [
            x for item in dataclasses.fields(found) for x in numbers_of(getattr(found, item.name))
        ]
    if isinstance(found, dict):
        return [x for key in sorted(found) for x in numbers_of(found[key])]
    if isinstance(found, list | tuple):
        return [x for item in found for x in numbers_of(item)]
    if isinstance(found, np.ndarray):
        return found.ravel().tolist()
    return [float(found)] if isinstance(found, int | float) else []


def sides_of(root, **options):
    sides = {
        side: ganeval.extract(root / side, "mnist", cache=False, **options)
        for side in ("real", "a", "b")
    }
    return sides.pop("real"), sides


def test_batch_size_and_workers_move_no_suite(root):
    sides = sides_of(root)
    expected = {name: numbers_of(suite(*sides)) for name, suite in SUITES.items()}
    for options in ({"batch_size": 1}, {"batch_size": 27, "num_workers": 2}):
        sides = sides_of(root, **options)
        for name, suite in SUITES.items():
            found = numbers_of(suite(*sides))
            assert len(found) == len(expected[name]) > 5
            np.testing.assert_allclose(found, expected[name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_the_quantiles_of_c2st_repeat_by_seed(root):
    real, fakes = sides_of(root)

    def spread(seed):
        return ganeval.c2st(real, fakes["a"], permutations=19, seed=seed).details

    assert spread(1) == spread(1) != spread(2)


def test_a_seed_moves_no_comparison(root):
    real, fakes = sides_of(root)
    one, other = (ganeval.compare(real, fakes, metric="kid", seed=s) for s in (0, 7))
    assert one == other
    steps = {1: fakes["a"], 2: fakes["b"]}
    one, other = (ganeval.best_checkpoint(real, steps, metric="kid", seed=s) for s in (0, 7))
    assert one == other


def test_an_evaluation_that_is_cut_anywhere_ends_with_the_same_scores(root, tmp_path):
    out = tmp_path / "scores.jsonl"
    arguments = ["evaluate", *(str(root / side) for side in ("real", "a", "b")), "-o", str(out)]
    arguments += ["--feature-net", "mnist", "--metrics", "kid,swd", "--quiet"]

    def run():
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    shown, whole = run(), out.read_text()
    assert run() == shown
    assert out.read_text() == whole  # nothing was computed again
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        out.write_text(whole[:size])
        assert run() == shown
        lines = [line for line in out.read_text().splitlines() if line]
        assert sorted(lines) == sorted(whole.splitlines())
