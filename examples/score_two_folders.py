"""Which of two folders of generated images is closer to the real ones, and how sure is that?

    python examples/score_two_folders.py

Writes real digits and two sets of damaged ones to a temporary folder, as your data would lie on
disk, and scores both: plain, corrected for the number of images, and with an interval.
"""

import tempfile
from pathlib import Path

import ganeval
from ganeval.datasets import write_digits


def main() -> None:
    """Scores two folders against a third."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_digits(folder)
        real = ganeval.extract(folder / "real", feature_net="mnist")  # embedded once
        for name in ("no_fours", "blurred"):
            fake = ganeval.extract(folder / name, feature_net="mnist")
            score = ganeval.fid(real, fake)
            assert score.interval is not None
            low, high = score.interval
            print(f"{name:9} FID {score.value:.2f}, corrected {score.corrected:.2f}, ", end="")
            print(f"95 % CI {low:.2f} to {high:.2f}")


if __name__ == "__main__":
    main()
