import numpy as np
import pytest
from PIL import Image

from ganeval import explain, open_images
from ganeval.report import draw_examples

pytest.importorskip("xgboost")


def test_rows_go_from_the_lowest_value_to_the_highest(tmp_path):
    """Flat pictures: brightness itself is the finding, and can be read from the canvas."""
    rng = np.random.default_rng(0)
    real = (
        np.zeros((60, 12, 12, 1), np.uint8)
        + rng.permutation(60).astype(np.uint8)[:, None, None, None]
    )
    fake = real[rng.permutation(60)] + np.uint8(100)
    sides = open_images(real), open_images(fake)
    found = explain(*sides, feature_net="texture", repeats=2)
    draw_examples(found, *sides, tmp_path / "out.png", show=1)
    with Image.open(tmp_path / "out.png") as picture:
        canvas = np.asarray(picture.convert("L")).astype(int)
    columns = [56 + 60 + 128 * c for c in range(7)]
    lines = [row for row in canvas[:, columns] if len(set(row)) == 7]
    brightness = {tuple(row) for row in lines}
    reals, fakes = sorted(brightness, key=sum)[0], sorted(brightness, key=sum)[-1]
    for row, low in ((reals, 0), (fakes, 100)):
        expected = 255 * (low + np.linspace(0, 59, 7).round()) / 159
        assert list(row) == pytest.approx(expected, abs=2)
