"""Figures 16 and 17, Appendix E: StackGAN++ and its projection, on captions seen and never seen."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

import ganeval
from benchmarks.thesis import style
from benchmarks.thesis.cells import Cell, Claim, latest, scored, unless_small
from benchmarks.thesis.models import DEVICE, Model
from benchmarks.thesis.words import picture, table, with_interval
from ganeval.metrics.c2st.networks import dcgan
from trainers.batches import Source
from trainers.data import DATA
from trainers.scores import look
from trainers.text import unseen

TITLE = "Figures 16 and 17, Appendix E: StackGAN++ with projection, and whether it overfits"

MODELS = {"original": "stackgan", "projection": "stackgan-projection"}

SETS = ("training captions", "test captions", "unseen combinations")

PICTURED = 4
"""Captions in a picture, of training and of unseen combinations."""


def model(source: str, what: str, scale: str) -> Model:
    """One of both discriminators, on captioned yeast or on birds."""
    small = scale == "small"
    if source == "cub":
        few = ("data=cub-64", "width=0.125", "ema=0.9") if small else ()
        return Model(f"cub-{MODELS[what]}", 20 if small else 221_400, few)
    data = "synthlin6-combinations" + "-small" * small
    changes = (f"data={data}", "lr=0.001", "ema=0.9" if small else "ema=0.99")
    return Model(f"synthlin-{MODELS[what]}", 120 if small else 6000, changes)


def cells(scale: str) -> list[Cell]:
    """Both discriminators on captioned SynthLIN; on CUB too, where it was given."""
    sources = ("synthlin", "cub") if os.environ.get("GANEVAL_CUB") else ("synthlin",)
    return [
        Cell(f"{source}, {what}", scale, model(source, what, scale).steps)
        for source in sources
        for what in MODELS
    ]


def needs(cell: Cell) -> list[Model]:
    """One model."""
    source, what = cell.what.split(", ")
    return [model(source, what, cell.scale)]


def run(cell: Cell, out: Path) -> dict[str, Any]:
    """Fakes for three sets of captions against the images of these captions."""
    (trained,), birds = needs(cell), cell.what.startswith("cub")
    data = DATA[trained.run.recipe.data]
    images = data.load(DEVICE)
    sets = _sets(data, images, 100_000, birds=birds)
    n = min(400 if cell.scale == "small" else 1000, *(len(y) for _, y in sets.values()))
    rng = np.random.default_rng(0)
    found: dict[str, Any] = {}
    for name, (real, y) in sets.items():
        chosen = rng.permutation(len(y))[:n]
        fake = trained.draw(y[chosen])
        found[name] = _scores(trained, data, real[chosen], fake, y[chosen], birds=birds)
    captions = [
        int(numbers[place])
        for numbers in (sets[SETS[0]][1], sets[list(sets)[-1]][1])
        for place in np.linspace(0, len(numbers) - 1, PICTURED).astype(int)
    ]
    _picture(out / _name(cell.what, cell.scale), trained, data, captions)
    return {"sets": found}


def _sets(
    data: Source, images: Any, n: int, *, birds: bool
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By name, real images [n, c, h, w] and the numbers of their captions [n]."""
    test, y_test = images.held_out(n)
    if birds:
        shown = images.batch(400, seed=0, number=0)
        pixels = ((shown.x.cpu().numpy() + 1) * 127.5).round().astype(np.uint8)
        return {SETS[0]: (pixels, shown.y.cpu().numpy()), SETS[1]: (test, y_test)}
    assert data.texts is not None
    texts = data.texts()
    subjects = sorted(set(texts.subjects))
    new = np.array([unseen(texts.captions[k], subjects.index(texts.subjects[k])) for k in y_test])
    return {
        SETS[0]: (images.x.cpu().numpy(), images.y.cpu().numpy()),
        SETS[1]: (test[~new], y_test[~new]),
        SETS[2]: (test[new], y_test[new]),
    }


def _scores(
    trained: Model, data: Source, real: np.ndarray, fake: np.ndarray, y: np.ndarray, *, birds: bool
) -> dict[str, Any]:
    if birds:
        sides = (torch.from_numpy(np.ascontiguousarray(side)) for side in (real, fake))

        def narrow() -> torch.nn.Module:
            net: torch.nn.Module = dcgan(real.shape[1:], width=8)
            return net

        how: dict[str, Any] = {"classifier": "conv"}
        if trained.steps < 1000:
            how = {"classifier": narrow, "iterations": 40, "repeats": 3}
        return {"c2st": scored(ganeval.c2st(*sides, permutations=0, **how))}
    assert data.texts is not None
    labels = tuple(data.texts().subjects[k] for k in y)
    system = trained.state().system
    ours, theirs = (replace(look(system, x, "lin41"), labels=labels) for x in (real, fake))
    return {
        "fid": scored(ganeval.fid(ours, theirs)),
        "retrieval": scored(found := ganeval.retrieval(ours, theirs)),
        "retrieval_of_reals": found.details["reals"],
        "retrieval_by_chance": found.details["chance"],
    }


def _picture(path: Path, trained: Model, data: Source, captions: list[int]) -> None:
    """A row of six samples for each caption."""
    assert data.texts is not None
    texts = data.texts().captions
    drawn = trained.draw(np.repeat(captions, 6))
    figure, axes = style.figure(1, side=4.0, wide=1.9)
    tiles = drawn.reshape(len(captions), 6, *drawn.shape[1:])
    style.show_tiles(axes[0, 0], tiles, rows=[_wrapped(texts[k]) for k in captions])
    style.title(axes[0, 0], "captions of training above, held out below")
    style.save(figure, path)


def _wrapped(text: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, 44))


def _name(what: str, scale: str) -> str:
    return f"{what.replace(', ', '-')}-{scale}.png"


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """Projection overfits, the original does not."""
    found = []
    for row in latest(rows):
        if SETS[2] in row["sets"]:
            train, new = (row["sets"][name] for name in (SETS[0], SETS[2]))
            here = (
                f"{row['what']}: FID {with_interval(train['fid'])} of training captions, "
                f"{with_interval(new['fid'])} of unseen combinations"
            )
            says = "overfits" if "projection" in row["what"] else "does not overfit"
            apart = train["fid"]["interval"] and new["fid"]["interval"]
            higher = apart and train["fid"]["interval"][1] < new["fid"]["interval"][0]
            agrees = bool(higher) == ("projection" in row["what"])
            found.append(Claim(f"StackGAN++ ({row['what'].split(', ')[1]}) {says}", here,
                               unless_small(agrees, row["scale"]), row["scale"]))  # fmt: skip
    return found


def show(rows: list[dict[str, Any]], out: Path) -> str:
    """Train against test: FID and retrieval, and samples."""
    last, lines = latest(rows), []
    for row in last:
        for name, scores in row["sets"].items():
            if "fid" in scores:
                lines.append(
                    [row["what"], row["scale"], row["steps"], name, scores["fid"]["n_fake"],
                     with_interval(scores["fid"]), with_interval(scores["retrieval"]),
                     f"{scores['retrieval_by_chance']:.3f} / {scores['retrieval_of_reals']:.3f}"]
                )  # fmt: skip
            else:
                lines.append([row["what"], row["scale"], row["steps"], name,
                              scores["c2st"]["n_fake"], f"C2ST {with_interval(scores['c2st'])}",
                              "", ""])  # fmt: skip
    heads = (
        "captions, model | scale | steps | set | n | corrected FID (95 %) | retrieval "
        "precision (95 %) | by chance / reals"
    )
    return "\n\n".join(
        [
            "A caption of SynthLIN names a protein and a stage of the cell cycle, and each of "
            "six proteins lacks one of four stages in training. Fakes for captions of training "
            "images, of test images with combinations that training has, and with combinations "
            "that it lacks: FID from the real images of these captions, and the mean average "
            "precision with which fakes retrieve real cells of the protein in their caption.",
            table(heads, lines),
            *map(_gap, [row for row in last if SETS[2] in row["sets"]]),
            "**The thesis**: StackGAN++ with projection overfits: nice samples for training "
            "captions, unrecognisable ones for test captions. Overfitting would be a FID that "
            "is higher, and a precision that is lower, for captions that training lacks.",
            "\n".join(picture(out, _name(r["what"], r["scale"]), r["what"]) for r in last),
        ]
    )


def _gap(row: dict[str, Any]) -> str:
    """How scores move from captions of training to combinations that training lacks."""
    seen, new = (row["sets"][name] for name in (SETS[0], SETS[2]))
    one, two = seen["fid"], new["fid"]
    shares = [f"{_reached(of):+.2f}" for of in (seen, new)]
    text = f"retrieval goes from {shares[0]} to {shares[1]} of what reals reach above chance"
    if one["interval"] and two["interval"]:
        half = np.hypot(*((high - low) / 2 for low, high in (one["interval"], two["interval"])))
        text += f", FID moves by {two['corrected'] - one['corrected']:+.3g} ± {half:.2g}"
    return f"{row['what']}, from training captions to unseen combinations: {text}."


def _reached(scores: dict[str, Any]) -> float:
    """Retrieval precision above chance, as a share of that of reals."""
    chance = scores["retrieval_by_chance"]
    value: float = (scores["retrieval"]["value"] - chance) / (scores["retrieval_of_reals"] - chance)
    return value
