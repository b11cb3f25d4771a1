"""The thesis' tables and figures: what they compute, and that the page is what results say."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from benchmarks import harness
from benchmarks.thesis import joint, models, page, reconstruction, words
from benchmarks.thesis.cells import SCALES, Cell, latest
from benchmarks.thesis.models import Model
from benchmarks.thesis.runner import NAMES, RESULTS, entry
from ganeval.datasets import LIN6, LIN41
from ganeval.datasets.synthlin import simulate
from trainers.data import captioned
from trainers.text import STAGES, stage, unseen

HERE = Path(page.__file__).parent


@pytest.mark.parametrize("name", NAMES)
def test_every_table_and_figure_has_cells_at_both_scales(name):
    assert entry(name).TITLE
    for scale in SCALES:
        found = entry(name).cells(scale)
        assert len(set(found)) == len(found)
        assert found or (name, scale) == ("recipes", "small")
        for cell in found:
            assert cell.scale == scale
            assert all(model.run.recipe.steps >= 1 for model in entry(name).needs(cell))


@pytest.mark.parametrize("name", NAMES)
def test_every_line_of_the_results_says_how_it_was_made(name):
    rows = harness.lines_of(HERE / name / RESULTS)
    assert rows
    known = {cell for scale in SCALES for cell in entry(name).cells(scale)}
    for row in rows:
        assert Cell(row["what"], row["scale"], row["steps"], row["seed"]) in known
        assert row["machine"] and row["command"].startswith("python -m ")
    assert len({json.dumps(harness.identity(c)) for c in known}) == len(known)


def test_the_pages_are_what_the_results_say(tmp_path):
    copy = tmp_path / "thesis"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    page.write(copy)
    for name in ("README.md", "beyond.md"):
        written = (copy / name).read_text(encoding="utf-8")
        assert written == (HERE / name).read_text(encoding="utf-8")


def test_the_published_table_is_the_thesis_own():
    known = words.published()["table3"]
    assert tuple(known) == LIN41
    real, cgan, multichannel, projection = np.array(list(known.values())).T
    means = [real.mean(), cgan.mean(), multichannel.mean(), projection.mean()]
    assert np.round(means, 4).tolist() == [0.0176, 0.9166, 0.2376, 0.0326]  # computed by others
    assert (projection < multichannel).all() and (multichannel < cgan).all()


def test_a_model_that_trains_on_has_the_weights_of_one_that_never_stopped(tmp_path, monkeypatch):
    narrow = ("width=0.05", "batch_size=16", "d_steps=1")
    ends = []
    for part, stops in (("a", (3, 7)), ("b", (7,))):
        monkeypatch.setattr(models, "ROOT", tmp_path / part)
        for steps in stops:
            model = Model("toy-gan", steps, narrow)
            model.train()
        assert model.checkpoints() == [0, *stops]
        ends.append(model.state().system.state_dict())
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


def test_of_each_thing_the_largest_scale_and_the_most_steps_count():
    rows = [
        {"what": "a", "seed": 0, "scale": "full", "steps": 100},
        {"what": "a", "seed": 0, "scale": "small", "steps": 200},
        {"what": "a", "seed": 0, "scale": "full", "steps": 1000},
        {"what": "a", "seed": 1, "scale": "small", "steps": 200},
    ]
    assert [(r["scale"], r["steps"]) for r in latest(rows)] == [("full", 1000), ("small", 200)]


@pytest.mark.parametrize(("wins", "n"), [(41, 41), (30, 41), (5, 10), (0, 6)])
def test_intervals_and_tests_of_the_page_are_scipys(wins, n):
    exact = stats.binomtest(wins, n)
    assert words.sign_test(wins, n) == pytest.approx(exact.pvalue)
    low, high = exact.proportion_ci(method="exact")
    assert words.share_interval(wins, n) == f"{wins} of {n} ({low:.2f} to {high:.2f})"


def test_means_over_seeds_have_students_interval():
    values = [1.0, 2.0, 4.0, 7.0]
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert words.mean_interval(values, ".3f") == f"3.500 ({low:.3f} to {high:.3f})"


def test_proteins_lie_together_as_their_pixels_within_the_cell_correlate():
    rng = np.random.default_rng(0)
    cell = np.zeros((1, 3, 6, 8), np.uint8)
    cell[..., 2:5, 1:7] = rng.integers(20, 200, size=(1, 3, 3, 6))
    inside = cell[0, :, 2:5, 1:7].reshape(3, -1).astype(float)
    assert joint.together(cell)[0] == pytest.approx(np.corrcoef(inside))


@pytest.mark.parametrize(
    ("shift", "least", "most"), [(0, 0.95, 1), (0.15, 0.9, 0.99), (0.4, 0.9, 0.98)]
)
def test_the_difference_of_two_means_is_unbiased_and_its_interval_covers(shift, least, most):
    rng, found, covered = np.random.default_rng(0), [], 0
    mixing = rng.normal(size=(30, 30)) / 30**0.5
    for _ in range(300):
        one, two = (rng.normal(size=(n, 30)) @ mixing for n in (40, 60))
        value, (low, high) = joint.rms(one + shift, two)
        covered += low <= shift <= high
        found.append(value**2)
    if shift == 0.4:  # nearer to 0 the square is cut there
        assert np.mean(found) == pytest.approx(shift**2, abs=4 * np.std(found) / 300**0.5)
    assert least <= covered / 300 <= most


def test_the_noise_behind_a_picture_is_found():
    matrix = torch.linspace(-1, 1, 60).sin().mul(40).sin().reshape(12, 5)

    class Linear:
        noise = 5

        def pictures(self, z, y):
            return (z @ matrix.T).reshape(-1, 1, 3, 4)

    wanted = torch.tensor([0.3, -1.0, 0.5, 0.0, 2.0])
    target = (matrix @ wanted).reshape(1, 3, 4)
    z, image = reconstruction.reconstruct(Linear(), target, 0, restarts=2, steps=60, seed=0)
    assert torch.allclose(image, target, atol=0.02)
    assert torch.allclose(z, wanted, atol=0.1)


def test_captions_say_the_stage_that_the_cell_is_in():
    cells = simulate("For3", 150)  # its own words speak of ends and a septum
    for state, text in zip(cells.states, cells.captions, strict=True):
        wanted = (
            "septum"
            if state.dividing
            else "nuclei"
            if len(state.nuclei) == 2
            else "both ends"
            if state.bipolar
            else "one end"
        )
        assert stage(text) == wanted
    assert {stage(text) for text in cells.captions} == set(STAGES)


def test_training_lacks_the_combinations_that_are_held_out():
    source = captioned(LIN6[:2], per_class=60, held_out=60, all_combinations=False)
    assert source.texts is not None
    texts, images = source.texts(), source.load(torch.device("cpu"))
    new = [
        unseen(text, LIN6.index(of))
        for text, of in zip(texts.captions, texts.subjects, strict=True)
    ]
    assert not any(new[k] for k in images.y.tolist())
    assert 0 < sum(new[k] for k in images.y_held_out.tolist()) < 120


def test_a_name_that_does_not_exist_is_refused_with_those_that_do():
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.thesis", "table9"],
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 2
    assert "table9" in said.stderr and "table1" in said.stderr and "Traceback" not in said.stderr
