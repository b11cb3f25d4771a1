"""What a net and the simulator make of real LIN cells, which neither was trained on.

    GANEVAL_DATA=/path/to/data python -m benchmarks.nets.lin41.check [--net lin41] [--cells 3,4]

reads $GANEVAL_DATA/lin41_sample/<Protein>/<k>.png: cells 0 to 2 of each protein calibrated the
simulator, cells 3 and 4 are the check. Adds a line to results.jsonl:

- top-1 and top-5 accuracy of the net on the real cells;
- AUC of the cosine similarity of two cells' features, pairs of one protein against other pairs;
- the classes nearest to Arp3 by the Fréchet distance between simulated classes;
- AUC of a logistic regression on `morphology` that tells simulated cells from real ones
  (cross-validated), by family of proteins: 0.5 if the simulator is perfect.
"""

import argparse
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ganeval
from benchmarks.harness import append
from benchmarks.nets._report import machine
from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import PROTEINS, simulate

HERE = Path(__file__).resolve().parent

SIMULATED = 60
"""Cells per protein that stand for the simulator."""
NEIGHBOURS = 200
"""Cells per protein whose classes are compared: more than features."""


def main() -> None:
    """Measures and appends."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--net", default="lin41")
    parser.add_argument("--cells", default="3,4")
    parser.add_argument("--results", type=Path, default=HERE / "results.jsonl")
    options = parser.parse_args()
    chosen = [int(k) for k in options.cells.split(",")]
    real, labels = real_cells(chosen)
    simulated = np.concatenate([simulate(p, SIMULATED, part="test").images for p in LIN41])
    net = ganeval.load_net(options.net)
    seen = embed(real, options.net)
    assert seen.logits is not None
    row = {
        "what": f"checked on real cells {options.cells}",
        "sha256": net.card.sha256,
        "n_real": len(real),
        **accuracies(seen.logits, labels),
        "pair_auc": round(pair_auc(seen.features, labels), 3),
        "nearest_to_Arp3": nearest("Arp3", options.net),
        "simulated_against_real_auc": tell_apart(simulated, real, labels),
        "machine": machine(torch.get_num_threads()),
    }
    append(options.results, row)
    print(row)


def real_cells(chosen: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Images [n, 2, 48, 80] and class numbers [n], of these cells of each protein."""
    from PIL import Image

    folder = Path(os.environ["GANEVAL_DATA"]) / "lin41_sample"
    images, labels = [], []
    for number, protein in enumerate(LIN41):
        for k in chosen:
            rgb = np.asarray(Image.open(folder / protein / f"{k}.png"))
            images.append(np.moveaxis(rgb[..., :2], 2, 0))
            labels.append(number)
    return np.stack(images), np.array(labels)


def embed(images: np.ndarray, net: str) -> ganeval.Features:
    """Features of images [n, 2, 48, 80]."""
    return ganeval.extract(torch.from_numpy(images), net)


def accuracies(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Shares of images whose class is the likeliest one, and among the five likeliest."""
    rank = (np.argsort(-logits, axis=1) == labels[:, None]).argmax(1)
    return {f"top{k}": round(float((rank < k).mean()), 3) for k in (1, 5)}


def pair_auc(features: np.ndarray, labels: np.ndarray) -> float:
    """How well cosine similarity tells pairs of one protein from pairs of two."""
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    i, j = np.triu_indices(len(labels), 1)
    return float(roc_auc_score(labels[i] == labels[j], (unit[i] * unit[j]).sum(1)))


def nearest(protein: str, net: str) -> list[str]:
    """The five other classes with the least Fréchet distance, from simulated cells."""
    rows = [
        embed(simulate(p, NEIGHBOURS, part="test").images, net).features.astype(float)
        for p in LIN41
    ]
    own = rows[LIN41.index(protein)]
    distances = {
        p: ganeval.fid(own, r, interval=False).value for p, r in zip(LIN41, rows, strict=True)
    }
    return sorted((p for p in LIN41 if p != protein), key=distances.__getitem__)[:5]


def tell_apart(simulated: np.ndarray, real: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Cross-validated AUC of real against simulated cells on `morphology`, by family."""
    x = embed(real, "morphology").features
    y = embed(simulated, "morphology").features
    y_labels = np.repeat(np.arange(len(LIN41)), SIMULATED)
    families = sorted({protein.family for protein in PROTEINS.values()})
    found: dict[str, float] = {"all": _auc(x, y)}
    for family in families:
        members = [i for i, p in enumerate(LIN41) if PROTEINS[p].family == family]
        mine, theirs = np.isin(labels, members), np.isin(y_labels, members)
        if mine.sum() >= 10:
            found[f"{family} ({mine.sum()} real)"] = _auc(x[mine], y[theirs])
    return found


def _auc(real: np.ndarray, simulated: np.ndarray) -> float:
    model: Any = make_pipeline(
        StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced", max_iter=2000)
    )
    x = np.concatenate([real, simulated])
    y = np.repeat([1, 0], [len(real), len(simulated)])
    scores = []
    for seed in range(5):
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of deprecated arguments
            p = cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]
        scores.append(roc_auc_score(y, p))
    return round(float(np.mean(scores)), 3)


if __name__ == "__main__":
    main()
