"""`ganeval data`, as typed."""

import pytest


def test_a_small_set_is_written_and_can_be_scored(run, tmp_path):
    out = tmp_path / "yeast"
    done = run(
        "data", "synthlin", out, "--per-class", "8", "--proteins", "Arp3,Tea1",
        "--num-workers", "1",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    test, train = done.stdout.split()
    score = run("kid", train, test, "--feature-net", "pixels", "--channels", "0,1")
    assert score.exit_code == 0 and score.stdout.startswith("KID (pixels):")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--proteins", "Arp4"], "known: Act1"),
        (["--defect", "blured"], "did you mean 'blurred'"),
        (["--defect", "blurred:x"], "NAME:STRENGTH"),
        (["--per-class", "0"], "give 1 or more"),
        (["--defect", "blurred", "--same-cells"], "leave out"),
        (["--defect", "blurred:nan"], "from 0 to 20"),
        (["--seed", "-1"], "give 0 or more"),
        (["--proteins", "Arp3,Arp3"], "named twice"),
    ],
)
def test_bad_arguments_are_one_line(run, tmp_path, arguments, words):
    done = run("data", "synthlin", tmp_path / "yeast", *arguments)
    assert done.exit_code == 2 and words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "yeast").exists()
