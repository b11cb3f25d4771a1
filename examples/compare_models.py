"""Which of three models is best, and which may be equally good?

    python examples/compare_models.py

Two models are equally good, and one almost never draws a dividing cell: the verdict separates the
third from the others, and does not claim to know which of the two is better.
"""

import tempfile
from pathlib import Path

import ganeval
from ganeval.datasets import LIN6
from ganeval.datasets.synthlin import write_model


def main() -> None:
    """Compares three folders on the same reals."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        defects = {"real": "none", "A": "none", "B": "none", "C": "no_division"}
        for seed, (name, defect) in enumerate(defects.items()):
            write_model(folder / name, per_class=100, proteins=LIN6, defect=defect, seed=seed)
        features = {name: ganeval.extract(folder / name, feature_net="lin41") for name in defects}
    real = features.pop("real")
    found = ganeval.compare(real, features, metric="fid")
    for model in found.models:
        assert model.interval is not None
        low, high = model.interval
        print(f"{model.model}: FID {model.estimate:.2f}, 95 % CI {low:.2f} to {high:.2f}")
    print(found.verdict)


if __name__ == "__main__":
    main()
