"""The training, from top to bottom."""

import copy
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

import ganeval
from ganeval.errors import GanevalError, InputError
from ganeval.files import check_free, own_folder, remove_leftovers, write_text
from ganeval.schema import decode
from trainers import checkpoint
from trainers._base import System, Task
from trainers.batches import Data
from trainers.chance import generator
from trainers.checkpoint import Run
from trainers.data import DATA
from trainers.losses import LOSSES, Loss
from trainers.nets import NETS
from trainers.recipes import Recipe, check
from trainers.sampling import show
from trainers.scores import judge, look
from trainers.systems import CONDITIONINGS

EVERY = 50
"""Steps between reading the losses; each read waits for the GPU."""

SCORES = "scores.jsonl"
"""File of a run's scores, a line per checkpoint."""

Report = Callable[[int, dict[str, float]], None]
"""Called with (step, losses) at intervals."""


class TrainingError(GanevalError):
    """The losses show that training has failed."""


@dataclass
class State:
    """Everything that changes during a run."""

    system: System
    steady: nn.Module
    """Generator for samples: `system.g`, or its moving average."""
    g_optimizer: torch.optim.Optimizer
    d_optimizer: torch.optim.Optimizer
    step: int = 0

    def content(self) -> dict[str, Any]:
        """Returns the content of a checkpoint."""
        return {
            "step": self.step,
            "system": self.system.state_dict(),
            "steady": None if self.steady is self.system.g else self.steady.state_dict(),
            "g_optimizer": self.g_optimizer.state_dict(),
            "d_optimizer": self.d_optimizer.state_dict(),
        }

    def restore(self, content: dict[str, Any]) -> None:
        """Restores a checkpoint, or raises InputError if it is of other nets."""
        try:
            self.system.load_state_dict(content["system"])
            if content["steady"] is not None:
                self.steady.load_state_dict(content["steady"])
            self.g_optimizer.load_state_dict(content["g_optimizer"])
            self.d_optimizer.load_state_dict(content["d_optimizer"])
        except (RuntimeError, ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f"the checkpoint is of other nets than its {checkpoint.DESCRIPTION} says; give one "
                "from the folder of its own run"
            ) from None
        self.step = content["step"]


def start(run: Run, device: torch.device) -> State:
    """Draws weights, a function of recipe and seed; torch's global generator stays unchanged."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(run.seed)  # weights are drawn on the CPU
        system = assemble(run.recipe).to(device)
    ema = run.recipe.ema
    steady = copy.deepcopy(system.g).requires_grad_(False) if ema else system.g
    return State(system, steady, _optimizer(system.g, run.recipe), _optimizer(system.d, run.recipe))


def assemble(recipe: Recipe) -> System:
    """Builds the system that a recipe names, or raises InputError if its parts do not fit."""
    check(recipe)
    task = Task(
        build=NETS[recipe.nets],
        loss=LOSSES[recipe.loss],
        data=DATA[recipe.data],
        noise=recipe.noise,
        width=recipe.width,
        weight=recipe.weight,
    )
    try:
        return CONDITIONINGS[recipe.conditioning](task)
    except InputError as error:
        raise InputError(
            f"conditioning {recipe.conditioning!r} does not fit data {recipe.data!r} and nets "
            f"{recipe.nets!r}: {error}"
        ) from None


def train(
    run: Run,
    out: Path,
    *,
    device: torch.device,
    report: Report = lambda step, figures: None,
    save_every: float = 60.0,
    restart: bool = False,
) -> dict[str, float]:
    """Trains from the last checkpoint in `out` to the last step; returns the last scores.

    Args:
        run: what to train.
        out: folder of the run, which is started or resumed.
        device: device to train on.
        report: called with losses.
        save_every: seconds between two saves of `last.pt`.
        restart: whether another run in `out`, or what there is of this one, is replaced.

    Raises:
        InputError: `out` holds another run or something else, another process writes to it, or the
            recipe's parts do not fit.
        TrainingError: a loss is not finite or has collapsed; `last.pt` is older than that.
    """
    recipe = run.recipe
    check_free(out, own=[path.name for path in _files(out)])
    if not restart:
        _check_free(run, out)
    state, saved = start(run, device), time.monotonic()
    if recipe.judge:
        ganeval.load_net(recipe.judge)  # before data are read
    data = DATA[recipe.data].load(device)
    rehearse(state, run, data, device)
    with own_folder(out):
        remove_leftovers(out)
        if restart:
            for path in _files(out):
                path.unlink()
        earlier_scores(out)
        if (out / checkpoint.LAST).exists():
            state.restore(checkpoint.load(out / checkpoint.LAST, device))
        else:
            checkpoint.describe(run, out)
            _keep(state, run, data, out)
            checkpoint.save(out / checkpoint.LAST, state.content())
        for figures in steps(state, run, data, device):
            kept = run.keeps(state.step)
            if state.step % EVERY == 0 or kept:
                losses = {name: float(value) for name, value in figures.items()}
                _check(losses, LOSSES[recipe.loss], state.step, out)
                report(state.step, losses)
            if kept:
                _keep(state, run, data, out)
            if kept or (state.step % EVERY == 0 and time.monotonic() - saved > save_every):
                checkpoint.save(out / checkpoint.LAST, state.content())
                saved = time.monotonic()
    state.system.eval()
    last = (earlier_scores(out) or [{}])[-1]  # a finished run's file may have been deleted
    return {name: value for name, value in last.items() if name != "step"}


def rehearse(state: State, run: Run, data: Data, device: torch.device) -> None:
    """Raises InputError, before anything is written, if parts of a recipe do not fit together.

    A copy of the system computes its losses once, and the judge embeds two images.
    """
    recipe, system = run.recipe, copy.deepcopy(state.system)
    rng = generator(run.seed, "rehearsal", device=device)
    try:
        batch = data.batch(2, seed=run.seed, number=0, each=system.each)
        wanted, found = system.task.data.shape, tuple(batch.x.shape[1:])
        if found != wanted:
            raise InputError(f"data {recipe.data!r} are {found} each; wanted {wanted}")
        real, fake = system.real(batch), system.generate(*system.draw(2, rng))
        if real.x.shape[1:] != fake.x.shape[1:]:
            raise ValueError(f"images are {found}, and the nets draw {tuple(fake.x.shape[1:])}")
        system.d_loss(real, fake.detach(), rng)
        system.g_loss(fake)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise InputError(
            f"nets {recipe.nets!r} and conditioning {recipe.conditioning!r} do not fit data "
            f"{recipe.data!r} ({reason}); `list` shows what goes together"
        ) from None
    if recipe.judge and len(found) == 3:
        try:
            look(system, data.held_out(2)[0], recipe.judge)
        except GanevalError as error:
            raise InputError(
                f"judge {recipe.judge!r} cannot score data {recipe.data!r} ({error}); "
                "--set judge= trains without it"
            ) from None


def steps(
    state: State, run: Run, data: Data, device: torch.device
) -> Iterator[dict[str, torch.Tensor]]:
    """Runs training steps one at a time: D's update, `d_steps` times, then G's; yields losses."""
    recipe, system = run.recipe, state.system
    mixed = nullcontext() if run.precise else torch.autocast(device.type, torch.bfloat16)
    n = recipe.batch_size
    while state.step < recipe.steps:
        system.train()
        d_steps = d_steps_at(state.step, recipe)
        for i in range(d_steps):
            number = d_steps_before(state.step, recipe) + i
            rng = generator(run.seed, "step", number, device=device)
            real = system.real(data.batch(n, seed=run.seed, number=number, each=system.each))
            with mixed:
                with torch.set_grad_enabled(i == d_steps - 1):  # G learns from the last fakes
                    fake = system.generate(*system.draw(n, rng))
                d_loss = system.d_loss(real, fake.detach(), rng)
            state.d_optimizer.zero_grad()
            torch.autograd.backward(d_loss)
            state.d_optimizer.step()
            system.after_d_step()
        system.d.requires_grad_(False)  # D's gradients are not needed here
        with mixed:
            g_loss = system.g_loss(fake)
        state.g_optimizer.zero_grad()
        torch.autograd.backward(g_loss)
        state.g_optimizer.step()
        system.d.requires_grad_(True)
        if state.steady is not system.g:
            _follow(state.steady, system.g, recipe.ema)
        state.step += 1
        yield {"d_loss": d_loss.detach(), "g_loss": g_loss.detach()}


def d_steps_at(step: int, recipe: Recipe) -> int:
    """Number of D's updates in a step: 100 at times for a clipped critic (Arjovsky et al. 2017)."""
    if LOSSES[recipe.loss].clip is not None and (step < 25 or step % 500 == 0):
        return 100
    return recipe.d_steps


def d_steps_before(step: int, recipe: Recipe) -> int:
    """Number of D's updates before this step, which is the number of the next batch."""
    if LOSSES[recipe.loss].clip is None:
        return step * recipe.d_steps
    long = min(step, 25) + max(math.ceil(step / 500) - 1, 0)
    return long * 100 + (step - long) * recipe.d_steps


def _optimizer(net: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    if recipe.betas is None:
        return torch.optim.RMSprop(net.parameters(), lr=recipe.lr)
    return torch.optim.Adam(net.parameters(), lr=recipe.lr, betas=recipe.betas, fused=True)


@torch.no_grad()
def _follow(steady: nn.Module, g: nn.Module, decay: float) -> None:
    for mean, new in zip(steady.parameters(), g.parameters(), strict=True):
        mean.lerp_(new, 1 - decay)
    for kept, buffer in zip(steady.buffers(), g.buffers(), strict=True):
        kept.copy_(buffer)


def _check_free(run: Run, out: Path) -> None:
    if (out / checkpoint.DESCRIPTION).exists() and (there := checkpoint.described(out)) != run:
        if (there.name, there.seed) != (run.name, run.seed):
            differs = f"{there.name} with seed {there.seed}"
        else:
            mine, its = ({**asdict(of), **asdict(of.recipe)} for of in (run, there))
            named = [name for name in mine if name != "recipe" and mine[name] != its[name]]
            differs = f"{run.name} that differs in {', '.join(named)}"
        raise InputError(
            f"{out} already holds a run of {differs}; choose another --out, or replace the run "
            "with --force"
        )
    if not (out / checkpoint.DESCRIPTION).exists() and (others := _files(out)):
        raise InputError(
            f"{others[0]} exists, and no {checkpoint.DESCRIPTION} that says of which run; choose "
            "another --out, or replace it with --force"
        )


def _files(out: Path) -> list[Path]:
    """Files of a run, the description last, which says what they are of."""
    names = [checkpoint.LAST, SCORES, checkpoint.DESCRIPTION]
    steps = [path for path in sorted(out.glob("step-*")) if path.suffix in (".pt", ".png")]
    return [path for path in (*steps, *(out / name for name in names)) if os.path.lexists(path)]


def _check(losses: dict[str, float], loss: Loss, step: int, out: Path) -> None:
    if not all(math.isfinite(value) for value in losses.values()):
        what = "is not finite"
    elif loss.floor is not None and losses["d_loss"] < loss.floor:
        what = "has collapsed: the discriminator is never wrong, and teaches nothing"
    else:
        return
    shown = ", ".join(f"{name} {value:.3g}" for name, value in losses.items())
    raise TrainingError(
        f"stopped at step {step}: the loss {what} ({shown}); the last good checkpoint is "
        f"{out / checkpoint.LAST}; try a lower --set lr=…, another --seed or a loss with a penalty"
    )


def earlier_scores(out: Path) -> list[dict[str, float]]:
    """Reads one row per checkpoint, oldest first; InputError if the file is damaged."""
    path = out / SCORES
    if not path.exists():
        return []
    try:
        rows = [decode(line) for line in path.read_bytes().splitlines()]
        if all(isinstance(row["step"], int) for row in rows):
            return rows
    except (ValueError, TypeError, KeyError):
        pass
    raise InputError(f"{path} is not what `train` wrote; correct it, or delete it to resume")


def _keep(state: State, run: Run, data: Data, out: Path) -> None:
    """Writes a permanent checkpoint, its picture, and a line of scores."""
    checkpoint.save(out / f"step-{state.step}.pt", state.content())
    show(state.system, state.steady, data, run, out / f"step-{state.step}.png")
    scores = judge(state.system, state.steady, data, run)
    rows = [row for row in earlier_scores(out) if row["step"] < state.step]
    rows.append({"step": state.step, **scores})
    write_text(out / SCORES, "".join(json.dumps(row) + "\n" for row in rows))
