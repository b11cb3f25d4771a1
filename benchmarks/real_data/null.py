"""Are the p-values of the classifier two-sample test uniform where there is nothing to find?

    GANEVAL_DATA=/path/to/data python -m benchmarks.real_data.null [--cifar-net PATH]

Real against real: both sides are disjoint random draws from the test images of MNIST (net
`mnist`) or CIFAR-10 (JPEG; net `pixels`, and the one of benchmarks/nets/cifar10 where given), 200
times per classifier (`--seeds` changes that, and `--only` names some). Writes a line per draw to
null.jsonl beside this file, goes on where it was, and writes the table of README.md with the
Kolmogorov-Smirnov test of uniformity.
"""

import argparse
import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import ganeval
from benchmarks.harness import lacking, lines_of, run_cells
from benchmarks.real_data.tables import NULL, write_tables

CASES = (
    ("knn", 300, 300),
    ("knn", 150, 600),
    ("mlp", 300, 300),
    ("xgboost", 300, 300),
    ("logistic", 300, 300),
    ("logistic", 150, 600),
)
"""Classifier, reals and "fakes" per draw."""


@dataclass(frozen=True)
class Draw:
    """One p-value."""

    data: str
    net: str
    classifier: str
    n: int
    m: int
    seed: int


def main() -> None:
    """Runs the draws that the file lacks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cifar-net", help="folder of a net trained on CIFAR-10")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument(
        "--only", default="", help="as in 'pixels logistic 150': net, classifier, n"
    )
    options = parser.parse_args()
    data = Path(os.environ["GANEVAL_DATA"])
    sources = [
        ("MNIST", "mnist", data / "mnist/t10k-images-idx3-ubyte.gz"),
        ("CIFAR-10 (JPEG)", "pixels", data / "cifar10/test.zip"),
    ]
    if options.cifar_net:
        sources.append(("CIFAR-10 (JPEG)", options.cifar_net, data / "cifar10/test.zip"))
    for name, net, path in sources:
        card = ganeval.load_card(net)
        wanted = [
            one
            for one in draws(name, card.name, options.seeds)
            if options.only in f"{one.net} {one.classifier} {one.n}"
        ]
        if left := lacking(wanted, lines_of(NULL)):
            pool = ganeval.extract(path, card)
            for _ in run_cells(functools.partial(measure, pool), left, NULL):
                pass
            write_tables()


def draws(data: str, net: str, seeds: int) -> Iterator[Draw]:
    """Those of all cases."""
    for classifier, n, m in CASES:
        for seed in range(seeds):
            yield Draw(data, net, classifier, n, m, seed)


def measure(pool: ganeval.Features, draw: Draw) -> dict[str, object]:
    """The p-value of one draw, and the AUC behind it."""
    rng = np.random.default_rng([draw.seed, draw.n, draw.m])
    chosen = rng.permutation(len(pool))[: draw.n + draw.m]
    real, fake = pool.take(np.sort(chosen[: draw.n])), pool.take(np.sort(chosen[draw.n :]))
    # Only logistic, whose p-value comes from permutations, draws it from all repeats.
    repeats = 10 if draw.classifier == "logistic" else 2
    score = ganeval.c2st(real, fake, classifier=draw.classifier, repeats=repeats, seed=draw.seed)
    return {
        "auc": score.value,
        "p_value": score.details["p_value"],
        "method": score.details["p_value_method"],
    }


if __name__ == "__main__":
    main()
