"""What `ganeval nets train` learns without labels, beside what it learns with them.

    python -m benchmarks.nets.self_supervised.run

trains two nets on the same simulated cells (SynthLIN, 41 proteins), one without the labels, and
measures on fresh cells: the accuracy of a linear classifier on frozen features (linear probe),
beside that on `pixels` and on the classes' own net, and how alike the Fréchet distances between
all pairs of classes are ordered (Spearman's rank correlation). Adds a line to results.jsonl.
About six minutes on two cores; interrupted, the same command goes on.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ganeval
from benchmarks.harness import append
from benchmarks.nets._report import machine, show
from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import simulate
from ganeval.images import ImageSource, open_images
from ganeval.nets import load_net, train_net

HERE = Path(__file__).resolve().parent

FRESH = 70
"""Cells per protein to measure with: more than features, so that distances have a covariance."""


def main() -> None:
    """Trains both, measures both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--per-class", type=int, default=80)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--out", type=Path, default=HERE.parents[2] / "build" / "nets")
    options = parser.parse_args()
    source = cells("train", options.per_class)
    cards = {
        name: train_net(
            source,
            name=name,
            out=options.out / f"{name}-{options.per_class}-{options.epochs}",
            epochs=options.epochs,
            patience=options.epochs,
            unlabelled=name == "unlabelled",
            device="cpu",
            data_name="SynthLIN",
            progress=show,
        )
        for name in ("unlabelled", "labelled")
    }
    probed, fresh = cells("train", FRESH, seed=1), cells("test", FRESH)
    accuracy, orders = {}, {}
    for name, net in {
        **{n: load_net(card) for n, card in cards.items()},
        "pixels": "pixels",
    }.items():
        rows = [ganeval.extract(part, net) for part in (probed, fresh)]
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
        model.fit(rows[0].features, rows[0].labels)
        accuracy[name] = round(float(model.score(rows[1].features, rows[1].labels)), 4)
        orders[name] = between_classes(rows[1].features)
        print(name, accuracy[name], flush=True)
    row = {
        "per_class": options.per_class,
        "epochs": options.epochs,
        "method": cards["unlabelled"].training["method"],
        "linear_probe_accuracy": accuracy,
        "rank_correlation_with_labelled": {
            name: round(float(spearmanr(orders[name], orders["labelled"]).statistic), 3)
            for name in ("unlabelled", "pixels")
        },
        "machine": machine(torch.get_num_threads()),
    }
    append(HERE / "results.jsonl", row)
    print(row)


def cells(part: str, per_class: int, *, seed: int = 0) -> ImageSource:
    """Labelled cells of all proteins."""
    images = [simulate(p, per_class, part=part, seed=seed).images for p in LIN41]
    pairs = [(torch.from_numpy(x), i) for i, of_one in enumerate(images) for x in of_one]
    return open_images(_Pairs(pairs))


class _Pairs:
    def __init__(self, pairs: list[tuple[torch.Tensor, int]]) -> None:
        self.pairs, self.targets = pairs, [label for _, label in pairs]

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.pairs[index]


def between_classes(features: np.ndarray) -> list[float]:
    """Fréchet distances of all pairs of classes."""
    rows = features.reshape(len(LIN41), FRESH, -1)
    i, j = np.triu_indices(len(LIN41), 1)
    return [ganeval.fid(rows[a], rows[b], interval=False).value for a, b in zip(i, j, strict=True)]


if __name__ == "__main__":
    main()
