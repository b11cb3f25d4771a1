from pathlib import Path

import pytest


@pytest.fixture
def scores(run, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, seed, shift in (("real", 0, 0), ("a", 1, 0), ("b", 2, 50)):
        folder(name, n=40, size=(4, 4), seed=seed, shift=shift)
    done = run(
        "evaluate",
        "real",
        "a",
        "b",
        "--feature-net",
        "pixels",
        "--metrics",
        "fid",
        "-o",
        "s.jsonl",
    )
    assert done.exit_code == 0, done.stderr
    return tmp_path


def test_scores_become_a_page_with_the_images_that_were_scored(run, scores):
    done = run("report", "s.jsonl", "-o", "r.html", "--feature-net", "pixels")
    assert done.exit_code == 0, done.stderr
    assert "Nearest reals" in (scores / "r.html").read_text()


def test_no_image_is_in_a_page_that_is_not_to_have_any(run, scores):
    done = run("report", "s.jsonl", "-o", "r.html", "--no-pictures")
    assert done.exit_code == 0, done.stderr
    assert "<img" not in (scores / "r.html").read_text()


def test_a_page_is_written_where_the_images_are_gone(run, scores):
    (scores / "a").rename(scores / "moved")
    done = run("report", "s.jsonl", "-o", "r.html")
    assert done.exit_code == 0
    assert "no pictures of a: a is not here; name the images with --real PATH" in done.stderr
    page = (scores / "r.html").read_text()
    assert "b: closeness" in page and "a: closeness" not in page  # those that are here are shown
    done = run("report", "s.jsonl", "-o", "r2.html", "--fake", "a=moved", "--feature-net", "pixels")
    assert "<img" in (scores / "r2.html").read_text()


def test_images_are_read_by_the_options_that_the_scores_say(run, scores, folder):
    for name in ("real", "a"):
        for path in sorted((scores / name).iterdir()):
            number = int(path.stem)
            path.rename(path.with_name(f"{number // 2:03d}_c{number % 2}.png"))
    done = run(
        "evaluate", "real", "a", "--feature-net", "pixels", "--metrics", "fid",
        "--stack-by", "_c([01])", "-o", "t.jsonl",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    done = run("report", "t.jsonl", "-o", "t.html")
    assert done.exit_code == 0, done.stderr
    assert "a: closeness" in (scores / "t.html").read_text()


def test_an_address_that_a_score_names_is_not_fetched(run, scores):
    text = (scores / "s.jsonl").read_text().replace('"real": "real"', '"real": "https://x.invalid"')
    (scores / "s.jsonl").write_text(text)
    done = run("report", "s.jsonl", "-o", "r.html")
    assert done.exit_code == 0, done.stderr
    assert "no pictures: where its images are is not known; name" in done.stderr
    assert "https://x.invalid" in text


@pytest.mark.parametrize("format", ["md", "csv", "tex"])
def test_a_table_is_printed_as_it_is_written(run, scores, format):
    done = run("report", "s.jsonl", "--format", format)
    assert run("report", "s.jsonl", "-o", f"r.{format}").exit_code == 0
    assert done.stdout == Path(f"r.{format}").read_text(encoding="utf-8")
    assert len(done.stdout.splitlines()) > 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("s.jsonl",), "add --out report.html"),
        (("s.jsonl", "-o", "r.pdf"), "end its name in .html"),
        (("s.jsonl", "--format", "pdf"), "wanted html, md, csv, tex"),
        (
            ("s.jsonl", "-o", "r.html", "--fake", "c=a"),
            "no model of these scores; give",
        ),
        (("s.jsonl", "-o", "r.html", "--real", "gone"), "--real gone does not exist"),
        (("a", "-o", "r.html"), "a is no file"),
        (("s.jsonl", "-o", "r.html", "--real", "b"), "other images than those that were scored"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(run, scores, typed, said):
    done = run("report", *typed)
    assert done.exit_code == 2
    assert said in done.stderr and done.stdout == ""
    assert not (scores / "r.html").exists()
