"""Figure 11: do 300 iterations suffice for the classifiers of the two-sample test?"""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.thesis import fig7, style
from benchmarks.thesis.cells import Cell, Claim, digits, latest, scored, unless_small
from benchmarks.thesis.digits import held_out
from benchmarks.thesis.models import Model
from benchmarks.thesis.words import picture, table

TITLE = "Figure 11: convergence of the classifiers of C2ST"

CEILING = " Every AUC is at its ceiling, where this says little."


def cells(scale: str) -> list[Cell]:
    """The GAN of Figure 7."""
    return [Cell("GAN", scale, fig7.model("GAN", scale).steps)]


def needs(cell: Cell) -> list[Model]:
    """The GAN of Figure 7."""
    return [fig7.model("GAN", cell.scale)]


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """Learning curves of the classifiers at every checkpoint, and AUC after each length."""
    model, small = fig7.model("GAN", cell.scale), cell.scale == "small"
    n, lengths = (500, (40, 160)) if small else (10_000, (300, 1000))
    real, _ = held_out("mnist", n)
    checkpoints = []
    for step in model.checkpoints()[-2 if small else -8 :]:
        fake = model.draw(np.zeros(n, int), step)
        tests = [fig7.two_sample_test(real, fake, cell.scale, length) for length in lengths]
        curves = tests[-1].details["learning_curves"]
        loss = np.array(curves["held_out_loss"])
        checkpoints.append(
            {
                "step": step,
                "iterations": curves["iterations"],
                "held_out_loss": digits(loss.tolist()),
                "auc": {
                    str(length): scored(test) for length, test in zip(lengths, tests, strict=True)
                },
            }
        )
    return {"checkpoints": checkpoints}


def _moved(row: dict[str, Any]) -> tuple[float, float]:
    """The largest change of an AUC from the short training to the long, and its half-width."""
    pairs = [list(found["auc"].values()) for found in row["checkpoints"]]
    moved = max(abs(long["value"] - short["value"]) for short, long in pairs)
    ends = [score["interval"] for pair in pairs for score in pair]
    return moved, max((high - low) / 2 for low, high in ends)


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """300 iterations suffice."""
    row = latest(rows)[-1]
    short, long = row["checkpoints"][0]["auc"]
    moved, width = _moved(row)
    return [
        Claim("300 iterations are enough for a classifier to converge",
              f"AUC moves by up to {moved:.3f} from {short} to {long} (its interval: ±{width:.3f})",
              unless_small(moved < width, row["scale"]), row["scale"])
    ]  # fmt: skip


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """Curves of every checkpoint, and the AUC after each length."""
    row = latest(rows)[-1]
    figure, axes = style.figure(1, side=2.8, wide=1.6)
    lines = []
    for found, colour in zip(row["checkpoints"], style.COLOURS * 2, strict=False):
        loss = np.array(found["held_out_loss"])
        axes[0, 0].fill_between(
            found["iterations"], loss.min(0), loss.max(0), color=colour, alpha=0.2, lw=0
        )
        axes[0, 0].plot(
            found["iterations"], np.median(loss, 0), color=colour, lw=1,
            label=f"step {found['step']}",
        )  # fmt: skip
        (_, one), (_, two) = found["auc"].items()
        lines.append([found["step"], _auc(one), _auc(two), f"{two['value'] - one['value']:+.3f}"])
    axes[0, 0].axhline(np.log(2), color=style.MUTED, lw=0.8, ls=":")
    style.label(axes[0, 0], "iteration", "log-loss on held-out images")
    style.legend(axes[0, 0])
    style.save(figure, out / "fig11.png")
    short, long = row["checkpoints"][0]["auc"]
    moved, width = _moved(row)
    scores = [one for found in row["checkpoints"] for one in found["auc"].values()]
    return "\n\n".join(
        [
            "Loss of the classifiers on held-out images while they train (scale "
            f"{row['scale']}); the band spans the splits.",
            picture(out, "fig11.png", "Learning curves"),
            table(["checkpoint", f"AUC after {short}", f"after {long}", "change"], lines),
            f"**The thesis**: 300 iterations are enough to converge, with oscillations to the end. "
            f"Between {short} and {long} iterations the AUC moves by up to {moved:.3f}, where its "
            f"interval is ±{width:.3f}"
            + (": the classifier had not converged." if moved > width else ": it had converged.")
            + (CEILING if min(one["value"] for one in scores) > 0.99 else "")
            + " A longer training fits the images better and so raises the AUC: compare numbers at "
            "equal iterations only.",
        ]
    )


def _auc(score: dict[str, Any]) -> str:
    low, high = score["interval"]
    return f"{score['value']:.3f} ({low:.3f} to {high:.3f})"
