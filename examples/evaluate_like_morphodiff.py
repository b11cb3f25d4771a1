"""The evaluation of MorphoDiff (ICLR 2025; Cell Painting) in a few lines.

    python examples/evaluate_like_morphodiff.py

Its script compares what several methods generated with real images: FID and KID by Inception, of as
many images as the smaller folder has, drawn by a seed, and appends them to a table. Here all images
count, values are corrected for their number and have intervals, and it says which method is better.
"""

import tempfile
from pathlib import Path

import ganeval
from ganeval.datasets import LIN6
from ganeval.datasets.synthlin import write_model
from ganeval.report.page import Scores, report_text

METHODS = {"real": ("none", 50), "baseline": ("blurred", 40), "new": ("none", 30)}
with tempfile.TemporaryDirectory() as folder:
    for seed, (name, (defect, n)) in enumerate(METHODS.items()):
        write_model(Path(folder, name), per_class=n, proteins=LIN6, defect=defect, seed=seed)
    models = {name: ganeval.extract(Path(folder, name), "lin41") for name in METHODS}
real = models.pop("real")
scores = ganeval.evaluate(real, models, metrics=("fid", "kid"))
print(report_text(Scores.of_all(scores), "csv"))
print(ganeval.compare(real, models, metric="kid").verdict)
