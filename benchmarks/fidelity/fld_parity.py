"""FLD beside the program of its authors, on the same features.

    git clone https://github.com/marcojira/fld CHECKOUT
    python -m benchmarks.fidelity.fld_parity --checkout CHECKOUT \
        --out benchmarks/fidelity/fld_parity.jsonl

`theirs` has our baseline, and `seeds` their own, of a random half of the training images each.
"""

import argparse
import importlib.util
import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import torch

import ganeval
from benchmarks import harness
from benchmarks._machine import machine

PLOTTING = ("seaborn", "matplotlib", "matplotlib.pyplot", "tqdm")
"""What their modules import and computing does not need."""


def main() -> None:
    """One line per case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkout", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    for name in PLOTTING:
        sys.modules[name] = importlib.util.module_from_spec(ModuleSpec(name, None))
    vars(sys.modules["tqdm"])["tqdm"] = lambda steps, **options: steps
    sys.path.insert(0, str(given.checkout))
    package = types.ModuleType("fld")  # without its feature extractors
    package.__path__ = [str(given.checkout / "fld")]
    sys.modules["fld"] = package
    metrics = types.ModuleType("fld.metrics")
    metrics.__path__ = [str(given.checkout / "fld" / "metrics")]
    sys.modules["fld.metrics"] = metrics
    from fld.metrics.FLD import FLD

    for n, d in ((400, 16), (300, 64)):
        rng = np.random.default_rng(d)
        train, held_out, good = (rng.standard_normal((n, d)).astype(np.float32) for _ in range(3))
        for name, fake in (("good", good), ("shifted", good + np.float32(0.5))):
            rows = [torch.from_numpy(each) for each in (train, held_out, fake)]
            ours = ganeval.fld(held_out, fake, train=train)
            baseline = ours.details["baseline"] / 100
            theirs, seeds = FLD(baseline_nll=baseline).compute_metric(*rows), []
            for seed in range(5):
                np.random.seed(seed)  # noqa: NPY002
                seeds.append(FLD().compute_metric(*rows))
            row = {"n": n, "d": d, "fakes": name, "ours": ours.value, "theirs": theirs}
            about = {"machine": machine(), "command": harness.command()}
            harness.append(given.out, {**row, "seeds": seeds, **about})
            print(row, seeds)


if __name__ == "__main__":
    main()
