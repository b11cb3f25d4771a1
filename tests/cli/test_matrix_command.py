import csv

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def in_classes(tmp_path):
    def make(name, *, top="", n=30, seed=0):
        rng = np.random.default_rng(seed)
        for k, label in enumerate(("a$_1", "b&c", "d")):
            folder = tmp_path / name / top / label
            folder.mkdir(parents=True, exist_ok=True)
            for i in range(n):
                pixels = rng.integers(60 * k, 60 * k + 90, (8, 8), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{i}.png")
        return tmp_path / name

    return make


def test_matrix_prints_neighbours_and_writes_tables_and_pictures(run, in_classes, tmp_path):
    real, model = in_classes("real"), in_classes("model", seed=1)
    out = tmp_path / "out"
    done = run("matrix", real, f"my|model={model}", "--feature-net", "pixels", "--metric", "kid",
               "-o", out)  # fmt: skip
    assert done.exit_code == 0, done.stderr
    last = "two classes are farther apart than one from itself in 100 % of pairs"
    assert "reals: 15 images of each class against 15 (" in done.stdout and last in done.stdout
    assert "my|model: 30 images of each class against 30 (" in done.stdout
    table = list(csv.reader((out / "per_class.csv").read_text().splitlines()))
    assert table[0] == ["class", "reals", "my|model"]
    assert [row[0] for row in table[1:]] == ["a$_1", "b&c", "d", "mean"]
    assert r"my\|model" in (out / "per_class.md").read_text()
    latex = (out / "per_class.tex").read_text()
    assert r"a\$\_1 &" in latex and r"b\&c &" in latex
    with Image.open(out / "1-my_model.png") as picture:
        assert min(picture.size) > 300
    values = list(csv.reader((out / "1-my_model.csv").read_text().splitlines()))
    assert float(values[1][1]) == float(table[1][2])


def test_train_and_test_folders_are_the_two_parts(run, in_classes):
    in_classes("lin", top="X_train")
    real = in_classes("lin", top="X_test", seed=1)
    done = run("matrix", real, "--feature-net", "pixels", "--metric", "kid")
    assert done.exit_code == 0, done.stderr
    assert "reals" in done.stdout


def test_too_few_images_for_fid_are_told_in_one_line(run, in_classes):
    done = run("matrix", in_classes("real"), "--feature-net", "pixels", "-q")
    assert done.exit_code == 2
    assert "take --metric kid" in done.stderr
    assert done.stderr.count("\n") == 1
