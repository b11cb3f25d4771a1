import copy
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import ganeval
from ganeval.errors import InputError
from ganeval.features import features_from_array
from ganeval.files import alone
from trainers import checkpoint
from trainers.batches import Batch
from trainers.chance import generator
from trainers.checkpoint import Run
from trainers.data import DATA
from trainers.loop import TrainingError, d_steps_at, d_steps_before, start, steps, train
from trainers.losses import LOSSES
from trainers.recipes import RECIPES
from trainers.scores import judge

CPU = torch.device("cpu")
REPOSITORY = Path(__file__).resolve().parents[2]


def small(name, **changes):
    """A recipe that trains in a moment."""
    recipe = RECIPES[name]
    size = {"width": 1 / 32 if len(DATA[recipe.data].shape) == 3 else 1 / 16, "batch_size": 4}
    if recipe.nets == "stackgan":  # an eighth leaves four channels in its last layers
        size["width"] = 1 / 8
    if recipe.data == "cub":
        size["data"] = "cub-64"
    steps = 3 if LOSSES[recipe.loss].clip is not None else 12
    return replace(recipe, **{**size, "steps": steps, "judge": "", **changes})


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_trains(name, small_data, tmp_path):
    """Both nets' parameters stay finite, and all move but biases, some of which have no effect:
    before batch norm, or where real and fake logits rise by the same."""
    run = Run(name, small(name, d_steps=1))
    before = start(run, CPU).system.state_dict()
    global_state = torch.random.get_rng_state()
    train(run, tmp_path / "run", device=CPU)
    assert torch.equal(torch.random.get_rng_state(), global_state)
    after = checkpoint.load(tmp_path / "run" / "last.pt")["system"]
    trained = start(run, CPU).system
    trained.load_state_dict(after)
    for key, p in trained.named_parameters():
        assert torch.isfinite(p).all(), key
        if not key.endswith("bias"):
            assert not torch.equal(p, before[key]), key
    assert (tmp_path / "run" / f"step-{run.recipe.steps}.png").stat().st_size > 100


@pytest.mark.parametrize("conditioning", ["none", "concat", "projection", "one-class"])
@pytest.mark.parametrize("loss", LOSSES)
def test_each_side_gets_what_it_wants(loss, conditioning, small_data):
    """Against a frozen opponent, either side's loss falls."""
    recipe = replace(
        RECIPES["mnist-cgan"], loss=loss, conditioning=conditioning, width=1 / 16, batch_size=4
    )
    system = start(Run("x", recipe), CPU).system
    data = DATA["mnist"].load(CPU)
    real = system.real(data.batch(8, seed=0, number=0, each=system.each))
    z, y = system.draw(8, generator(0, "z"))
    with torch.no_grad():
        fake = system.generate(z, y)

    def falls(parameters, loss_of):
        optimizer = torch.optim.Adam(parameters, lr=1e-3)
        first = None
        for _ in range(15):
            optimizer.zero_grad()
            value = loss_of()
            first = value.item() if first is None else first
            value.backward()
            optimizer.step()
        return value.item() < first

    assert falls(system.d.parameters(), lambda: system.d_loss(real, fake, generator(0, "gp")))
    system.d.requires_grad_(False)
    assert falls(system.g.parameters(), lambda: system.g_loss(system.generate(z, y)))


@pytest.mark.parametrize("name", ["toy-wgan-gp", "toy-cgan"])
def test_the_generator_learns_from_its_own_step_alone(name, monkeypatch):
    """The discriminator is taught without the generator's graph, and the generator moves."""
    run = Run("x", small(name, d_steps=3))
    state = start(run, CPU)
    seen = []
    d_loss = state.system.d_loss

    def watched(real, fake, rng):
        seen.append(fake.x.requires_grad)
        return d_loss(real, fake, rng)

    monkeypatch.setattr(state.system, "d_loss", watched)
    before = copy.deepcopy(state.system.g.state_dict())
    next(steps(state, run, DATA[run.recipe.data].load(CPU), CPU))
    assert seen == [False] * 3
    after = state.system.g.state_dict()
    assert all(not torch.equal(before[key], after[key]) for key in before)


def test_batches_are_numbered_without_gaps():
    for name in ("toy-gan", "toy-wgan"):
        recipe = RECIPES[name]
        total = 0
        for step in range(1200):
            assert d_steps_before(step, recipe) == total
            total += d_steps_at(step, recipe)


def test_every_image_once_per_epoch(small_data):
    data = DATA["mnist"].load(CPU)
    n = len(data.x)
    seen = torch.cat([data.batch(7, seed=3, number=i).x for i in range(n)])  # seven epochs
    rows, counts = np.unique(seen.numpy().reshape(len(seen), -1), axis=0, return_counts=True)
    assert len(rows) == n and (counts == 7).all()
    each = data.batch(3, seed=3, number=5, each=True)
    assert each.y.tolist() == sorted(list(range(10)) * 3)


def test_a_killed_run_ends_in_the_same_weights(tmp_path):
    """SIGKILL at a moment of chance; the rest is the command `resume`."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    options = ["--steps", "170", "--batch-size", "16", "--quiet"]
    for change in ("width=0.03", "d_steps=2", "ema=0.9"):
        options += ["--set", change]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)}

    def command(*words):
        return subprocess.Popen(
            [sys.executable, "-m", "trainers", *map(str, words)], env=environment, cwd=tmp_path,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    at = ["--checkpoints", "100,130"]
    assert command("train", "toy-cwgan-gp", "-o", whole, *options, *at).wait() == 0
    process = command("train", "toy-cwgan-gp", "-o", cut, *options, *at)
    while not (cut / "step-130.pt").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert checkpoint.load(cut / "last.pt")["step"] in {100, 130}
    assert not (cut / "step-170.pt").exists()
    assert command("resume", cut, "--quiet").wait() == 0
    one, two = (checkpoint.load(folder / "last.pt") for folder in (whole, cut))
    assert one["step"] == two["step"] == 170
    for part in ("system", "steady"):
        assert all(torch.equal(one[part][key], two[part][key]) for key in one[part])
    lines = [(folder / "scores.jsonl").read_text() for folder in (whole, cut)]
    assert lines[0] == lines[1]
    assert [json.loads(line)["step"] for line in lines[0].splitlines()] == [0, 100, 130, 170]


def test_the_moving_average_is_one(tmp_path):
    run = Run("x", small("toy-gan", ema=0.5, steps=1))
    first = copy.deepcopy(start(run, CPU).system.g.state_dict())
    train(run, tmp_path / "run", device=CPU)
    content = checkpoint.load(tmp_path / "run" / "last.pt")
    for key, mean in content["steady"].items():
        expected = (first[key] + content["system"][f"g.{key}"]) / 2
        torch.testing.assert_close(mean, expected)


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path):
    run = Run("x", small("toy-wgan-gp", lr=1e6, steps=300), checkpoints=())
    with pytest.raises(TrainingError, match=r"step 50: the loss is not finite .*last\.pt"):
        train(run, tmp_path / "run", device=CPU)
    system = checkpoint.load(tmp_path / "run" / "last.pt")["system"]
    assert all(torch.isfinite(value).all() for value in system.values())


def test_a_discriminator_that_is_never_wrong_stops_the_run(tmp_path, monkeypatch):
    """Modes a thousand apart: nothing that G draws is ever near."""
    recipe = small("toy-gan", lr=0.05, d_steps=20, steps=2000, batch_size=64, width=0.1)
    far = replace(DATA["gaussians"], load=lambda device: Far())
    monkeypatch.setitem(DATA._entries, "gaussians", far)
    monkeypatch.setattr("trainers.loop.judge", lambda *args: {})
    run = Run("x", recipe, checkpoints=())
    with pytest.raises(TrainingError, match="has collapsed: the discriminator is never wrong"):
        train(run, tmp_path / "run", device=CPU)


class Far:
    def batch(self, n, *, seed, number, each=False):
        return Batch(torch.full((n, 2), 1000.0), torch.zeros(n).long())

    def held_out(self, n):
        return np.full((n, 2), 1000.0), np.zeros(n)


def test_a_folder_holds_one_run(tmp_path):
    run = Run("toy-gan", small("toy-gan", steps=1))
    train(run, tmp_path, device=CPU)
    with pytest.raises(InputError, match="toy-gan that differs in steps; choose another --out"):
        train(replace(run, recipe=replace(run.recipe, steps=2)), tmp_path, device=CPU)
    with pytest.raises(InputError, match="toy-gan with seed 0"):
        train(replace(run, seed=1), tmp_path, device=CPU)


def test_two_do_not_train_in_one_folder(tmp_path):
    run = Run("toy-gan", small("toy-gan"))
    told = []
    with alone(tmp_path), pytest.raises(InputError, match="another process writes to"):
        train(run, tmp_path, device=CPU, report=lambda *seen: told.append(seen))
    assert not told and not (tmp_path / "last.pt").exists()
    train(run, tmp_path, device=CPU)
    assert (tmp_path / "last.pt").exists()


@pytest.mark.parametrize("right", [True, False])
def test_scores_of_labelled_images(small_data, monkeypatch, right):
    """A generator that draws the held-out images themselves, under their own or another label.

    What the net takes them for is one of the model's classes, though it knows another.
    """
    run = Run("x", replace(RECIPES["mnist-cgan"], width=1 / 32))
    system = start(run, CPU).system
    data = DATA["mnist"].load(CPU)
    digits, y = data.held_out(100)
    logits = np.eye(10)[y if right else (y + 1) % 10]
    logits = np.column_stack([np.full(len(y), 2.0), logits])
    monkeypatch.setattr("trainers.scores.samples", lambda *args, **options: iter([digits]))
    monkeypatch.setattr("trainers.scores.ganeval", Measured(logits))
    scores = judge(system, system.g, data, run)
    assert scores["accuracy"] == (1 if right else 0)
    assert scores["fid"] == pytest.approx(0, abs=1e-3) and scores["c2st_auc"] <= 0.6


class Measured:
    """ganeval, with a net that sees every two-hundredth pixel and says what it is told to."""

    def __init__(self, logits):
        self.logits, self.card = logits, self
        self.classes = ("none", *"0123456789")

    def load_net(self, name):
        return self

    def extract(self, images, net):
        rows = images.numpy().reshape(len(images), -1)[:, ::200].astype(float)
        return replace(features_from_array(rows, name="digits"), logits=self.logits)

    def fid(self, real, fake):
        return ganeval.fid(real, fake)

    def c2st(self, real, fake, **options):
        return ganeval.c2st(real, fake, **options)


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hostile",)


def test_a_checkpoint_runs_no_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"step": 1, "system": Hostile()}, "last.pt")
    with pytest.raises(InputError, match=r"last\.pt is not a checkpoint"):
        checkpoint.load(Path("last.pt"))
    assert not Path("hostile").exists()
    Path("cut.pt").write_bytes(Path("last.pt").read_bytes()[:50])
    with pytest.raises(InputError, match="not a checkpoint"):
        checkpoint.load(Path("cut.pt"))


@pytest.mark.parametrize("data", ["gaussians", "gaussians-sharp", "gaussians-rows"])
def test_points_come_on_the_device_that_trains(data):
    batch = DATA[data].load(torch.device("meta")).batch(3, seed=0, number=0)
    assert batch.x.is_meta and batch.y.is_meta
