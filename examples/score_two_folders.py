"""Which of two folders of generated images is closer to the real ones, and how sure is that?

    python examples/score_two_folders.py

Simulates real yeast and two models of it in a temporary folder, in the layout of data on disk,
and scores both: plain, corrected for the number of images, and with an interval.
"""

import tempfile
from pathlib import Path

import ganeval
from ganeval.datasets import LIN6
from ganeval.datasets.synthlin import write_model


def main() -> None:
    """Scores two folders against a third."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for seed, name in enumerate(("none", "shorter", "blurred")):
            write_model(folder / name, per_class=40, proteins=LIN6, defect=name, seed=seed)
        real = ganeval.extract(folder / "none", feature_net="lin41")  # embedded once
        for name in ("shorter", "blurred"):
            score = ganeval.fid(real, ganeval.extract(folder / name, feature_net="lin41"))
            assert score.interval is not None
            low, high = score.interval
            print(f"{name:9} FID {score.value:.2f}, corrected {score.corrected:.2f}, ", end="")
            print(f"95 % CI {low:.2f} to {high:.2f}")


if __name__ == "__main__":
    main()
