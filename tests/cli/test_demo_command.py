import numpy as np
from PIL import Image


def test_the_demo_is_not_written_among_other_files(run, folder):
    mine = folder("mine", n=3)
    done = run("demo", "-o", mine)
    assert done.exit_code == 2 and "is not an empty folder; name a new one" in done.stderr
    assert len(list(mine.iterdir())) == 3


def test_the_demo_ends_with_a_table_and_a_picture(run, tmp_path):
    done = run("demo", "-o", tmp_path / "demo")
    assert done.exit_code == 0, done.stderr
    for word in ("FID", "KID", "lin41", "faulty", "hardly a dividing cell"):
        assert word in done.stdout
    assert " to " in done.stdout
    picture = np.asarray(Image.open(tmp_path / "demo" / "demo.png").convert("L"))
    assert picture.shape[1] > 1000
    assert 0.02 < (picture < 200).mean() < 0.9  # neither empty nor full
