"""The evaluation of CellFlux (ICML 2025; Cell Painting) in a few lines.

    python examples/evaluate_like_cellflux.py

Its script compares generated images of treated cells with real ones of the test set: FID and KID of
all images, and the same compound by compound, averaged. It cuts images to three channels for
Inception, and takes FID of each compound from however few images there are. Here all channels
count, and each number has an interval. Proteins of simulated yeast stand for compounds.
"""

import tempfile
from pathlib import Path

import ganeval
from ganeval.datasets import LIN6
from ganeval.datasets.synthlin import write_model

with tempfile.TemporaryDirectory() as folder:
    for seed, (side, defect) in enumerate({"treated": "none", "generated": "shorter"}.items()):
        write_model(Path(folder, side), per_class=100, proteins=LIN6[:3], defect=defect, seed=seed)
    real, fake = (ganeval.extract(Path(folder, side), "lin41") for side in ("treated", "generated"))
for metric in (ganeval.fid, ganeval.kid, ganeval.intra_fid, ganeval.intra_kid):
    score = metric(real, fake)
    print(score)
    for compound, found in score.details.get("classes", {}).items():
        print(f"  {compound}: {found['value']:.4f}")
