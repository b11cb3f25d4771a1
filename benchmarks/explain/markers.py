"""Which properties tell simulated cells that divide from the others?

    python -m benchmarks.explain.markers DIR benchmarks/explain/markers.json

The good model's cells of the pool; their true states come from the simulator. The figure is the
area under the ROC curve (AUC): 0.5 says nothing, 0 and 1 everything.
"""

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.explain.pool import CELLS, PROTEINS, read_pool
from benchmarks.harness import command
from ganeval.datasets import LIN41
from ganeval.datasets.synthlin.cells import draw_cell
from ganeval.datasets.synthlin.proteins import PROTEINS as PATTERNS
from ganeval.nets import feature_names, load_card

MODEL = 2
"""Number of the part of the simulator's random numbers that models are drawn from."""


def dividing() -> np.ndarray:
    """[n] whether each cell of the pool divides."""
    return np.array(
        [
            draw_cell(
                np.random.default_rng([0, MODEL, LIN41.index(protein), i, 0]),
                PATTERNS[protein].optics.girth,
            ).dividing
            for protein in PROTEINS["yeast"]
            for i in range(CELLS["none"])
        ]
    )


def markers(folder: Path) -> dict[str, float]:
    """AUC of every property, the farthest from 0.5 first."""
    from scipy.stats import rankdata

    has = dividing()
    features = read_pool(folder, "yeast", "none")
    ranks = rankdata(np.asarray(features.features), axis=0)
    auc = (ranks[has].mean(0) - (has.sum() + 1) / 2) / (~has).sum()
    names = feature_names(load_card("morphology:offsets"), 2)
    order = np.argsort(-np.abs(auc - 0.5))
    return {names[i]: round(float(auc[i]), 3) for i in order}


if __name__ == "__main__":
    found = {"dividing": round(float(dividing().mean()), 4), "auc": markers(Path(sys.argv[1]))}
    text = json.dumps({"command": command(), **found}, indent=1)
    Path(sys.argv[2]).write_text(text + "\n", encoding="utf-8")
