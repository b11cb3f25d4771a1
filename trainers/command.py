"""What `python -m trainers` does: train, resume, sample, list."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from ganeval.cli.outputs import Force, check_file, new_file
from ganeval.cli.program import Program
from ganeval.cli.terminal import command, result
from ganeval.entry import resumed_by
from ganeval.errors import InputError
from trainers.recipes import RECIPES, changed

app = typer.Typer(
    cls=Program,
    help="Reference trainers: GANs to have samples to score.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Out = Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")]
Device = Annotated[str, typer.Option(help="cpu, cuda or mps.")]
Amp = Annotated[bool, typer.Option("--amp", help="Use bfloat16 where the device supports it.")]
Board = Annotated[
    bool, typer.Option("--tensorboard", help="Write losses for TensorBoard to the run's folder.")
]
At = Annotated[
    str | None,
    typer.Option(
        "--checkpoints",
        metavar="STEP,STEP,…",
        help="Steps to keep, show and score, like the first and last; default 100,200,500,1000,…",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="FIELD=VALUE", help="Change a field of the recipe; see `list --json`."
    ),
]


@command(app, "train")
def train(
    recipe: str,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder; by default runs/RECIPE-SEED.")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1)] = None,
    batch_size: Annotated[int | None, typer.Option(min=2)] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1)] = 0,
    changes: Set = None,
    at: At = None,
    device: Device = "cpu",
    amp: Amp = False,
    tensorboard: Board = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the run that is in the folder.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Train RECIPE; a run that was killed resumes where it stopped."""
    from trainers.checkpoint import Run

    chosen = RECIPES[recipe]
    given = {"steps": steps, "batch_size": batch_size}
    chosen = replace(chosen, **{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
    chosen = changed(chosen, changes or [])
    stops = None if at is None else _steps(at, chosen.steps)
    run = Run(recipe, chosen, seed, precise=not amp, checkpoints=stops)
    _train(run, out or Path("runs") / f"{recipe}-{seed}", device, tensorboard, quiet, force)


@command(app, "resume")
def resume(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    device: Device = "cpu",
    tensorboard: Board = False,
    quiet: Quiet = False,
) -> None:
    """Resume a run, to the same weights as if it had never stopped."""
    from trainers.checkpoint import described

    _train(described(run), run, device, tensorboard, quiet)


@command(app, "sample")
def sample(
    checkpoint: Annotated[Path, typer.Argument(help="last.pt or step-N.pt of a run.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="A .npz file, or a new folder for PNG.")],
    n: Annotated[int, typer.Option("-n", min=1, max=10_000_000)] = 50_000,
    only: Annotated[str | None, typer.Option("--class", help="Draw only this class.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1)] = 0,
    device: Device = "cpu",
    force: Force = False,
) -> None:
    """Draw N images, equally many of each class."""
    from trainers.checkpoint import described, load
    from trainers.loop import start
    from trainers.sampling import samples, write

    where = _device(device)
    content = load(checkpoint, where)
    run = described(checkpoint.parent)
    if out.suffix == ".npz":
        check_file(out, force=force, inputs=[checkpoint])
    elif out.exists():
        raise InputError(f"{out} exists; name a new folder, or a .npz file")
    state = start(run, where)
    state.restore(content)
    subjects = state.system.subjects
    labels = state.system.spread(n)
    if only is not None:
        places = [place for place, subject in enumerate(subjects) if subject == only]
        if not places:
            known = ", ".join(dict.fromkeys(subjects))
            known = known or "none, since this model was trained without labels"
            raise InputError(f"unknown class {only!r}; known: {known}")
        labels = np.resize(places, n)
    drawn = samples(state.system, state.steady, labels, seed=seed)
    if out.suffix == ".npz":
        with new_file(out, force=force) as place:
            write(drawn, labels, subjects, place)
    else:
        write(drawn, labels, subjects, out)
    result(f"{n} samples of {run.name} at step {state.step}: {out}")


@command(app, "list")
def list_recipes(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List recipes; with --json all their fields and the parameter counts of their networks."""
    if not as_json:
        result(f"{'recipe':30}{'data':20}{'nets':16}{'loss':12}conditioning")
        for name in RECIPES:
            recipe = RECIPES[name]
            result(
                f"{name:30}{recipe.data:20}{recipe.nets:16}{recipe.loss:12}{recipe.conditioning}"
            )
        return
    from trainers.inventory import described_recipe

    result(*json.dumps([described_recipe(name) for name in RECIPES], indent=1).splitlines())


def _steps(text: str, last: int) -> tuple[int, ...]:
    try:
        steps = tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        steps = (0,)
    if steps[0] < 1:
        raise InputError(f"--checkpoints {text[:80]}: wanted steps like 1000,5000")
    if steps[-1] > last:
        raise InputError(
            f"--checkpoints {text[:80]}: the run ends at step {last}; name steps up to that, or "
            "give more --steps"
        )
    return steps


def _device(name: str) -> Any:
    import torch

    try:
        if name.partition(":")[0] not in ("cpu", "cuda", "mps", "xpu"):
            raise AssertionError("not a device that trains")
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"--device {name} does not work here ({reason}); use cpu") from None
    return device


def _train(
    run: Any, out: Path, device: str, tensorboard: bool, quiet: bool, force: bool = False
) -> None:
    from trainers.loop import train as run_loop
    from trainers.progress import watch

    where = _device(device)
    again = resumed_by(f"resume with: python -m trainers resume {out}")
    with again, watch(run, out, quiet=quiet, tensorboard=tensorboard) as report:
        scores = run_loop(run, out, device=where, report=report, restart=force)
    shown = "  ".join(f"{name} {value:g}" for name, value in scores.items())
    result(f"{run.name}: {run.recipe.steps} steps  {shown}".rstrip())
    result(f"samples: python -m trainers sample {out / 'last.pt'} -n 2000 -o samples.npz")
