"""Are the p-values of the classifier two-sample test uniform where there is nothing to find?

    GANEVAL_DATA=/path/to/data python benchmarks/real_data/null.py [--cifar-net PATH]

Real against real: both sides are disjoint random draws from the test images of MNIST (net
`mnist`) or CIFAR-10 (JPEG; net `pixels`, and the one of benchmarks/nets/cifar10 where given), 200
times per classifier (`--seeds` changes that, and `--only` names some). Writes a line per draw to
null.jsonl beside this file, goes on where it was, and writes the table of README.md with the
Kolmogorov-Smirnov test of uniformity.
"""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tables import NULL, lines_of, write_tables

import ganeval

CASES = (
    ("knn", 300, 300),
    ("knn", 150, 600),
    ("mlp", 300, 300),
    ("xgboost", 300, 300),
    ("logistic", 300, 300),
    ("logistic", 150, 600),
)
"""Classifier, reals and "fakes" per draw."""


def main() -> None:
    """Runs the draws that the file lacks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cifar-net", help="folder of a net trained on CIFAR-10")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument(
        "--only", default="", help="as in 'pixels logistic 150': net, classifier, n"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = Path(os.environ["GANEVAL_DATA"])
    sources = [
        ("MNIST", "mnist", data / "mnist/t10k-images-idx3-ubyte.gz"),
        ("CIFAR-10 (JPEG)", "pixels", data / "cifar10/test.zip"),
    ]
    if options.cifar_net:
        sources.append(("CIFAR-10 (JPEG)", options.cifar_net, data / "cifar10/test.zip"))
    done = {key_of(row) for row in lines_of(NULL)}
    for name, net, path in sources:
        card = ganeval.load_card(net)
        wanted = [
            key
            for key in keys(name, card.name, options.seeds)
            if key not in done and options.only in f"{key[1]} {key[2]} {key[3]}"
        ]
        if not wanted:
            continue
        pool = ganeval.extract(path, card)
        for key in wanted:
            row = draw(pool, key)
            with NULL.open("a") as file:
                file.write(json.dumps(row) + "\n")
        write_tables()


def keys(data: str, net: str, seeds: int) -> Iterator[tuple]:
    """(data, net, classifier, n, m, seed) of every draw."""
    for classifier, n, m in CASES:
        for seed in range(seeds):
            yield data, net, classifier, n, m, seed


def key_of(row: dict) -> tuple:
    """The same, of a line that was written."""
    return tuple(row[name] for name in ("data", "net", "classifier", "n", "m", "seed"))


def draw(pool: ganeval.Features, key: tuple) -> dict:
    """One p-value."""
    data, net, classifier, n, m, seed = key
    chosen = np.random.default_rng([seed, n, m]).permutation(len(pool))[: n + m]
    real, fake = pool.take(np.sort(chosen[:n])), pool.take(np.sort(chosen[n:]))
    # Only logistic, whose p-value comes from permutations, draws it from all repeats.
    repeats = 10 if classifier == "logistic" else 2
    score = ganeval.c2st(real, fake, classifier=classifier, repeats=repeats, seed=seed)
    return {
        "data": data,
        "net": net,
        "classifier": classifier,
        "n": n,
        "m": m,
        "seed": seed,
        "auc": score.value,
        "p_value": score.details["p_value"],
        "method": score.details["p_value_method"],
    }


if __name__ == "__main__":
    main()
