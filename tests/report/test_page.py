import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

import ganeval
from ganeval.errors import InputError
from ganeval.features import extract
from ganeval.report.page import Images, Pictured, Scores, report_text, write_report
from ganeval.report.page.charts import as_xml, learning
from ganeval.suites import UNKNOWN_TRAINING, ScoresFile, neighbors_of

HOSTILE = "<script>alert(1)</script>"


class Page(HTMLParser):
    """Tags, links and texts of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.texts, self.cells, self._open = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        self._open.append(tag)
        self.links += [given[name] for name in ("src", "href") if name in given]
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"script", "style"} & set(self._open):
            self.texts.append(data)
            if {"td", "th"} & set(self._open):
                self.cells[-1] += data

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def write_images(folder, *, seed, shift=0, odd=None):
    """60 images of two classes and two channels; `odd` is much brighter than the others."""
    rng = np.random.default_rng(seed)
    for label in ("round", "<b>long</b>"):
        (folder / label.replace("/", "_")).mkdir(parents=True)
        for i in range(30):
            pixels = rng.integers(20, 120, (4, 4, 3), dtype=np.uint8) + np.uint8(shift)
            pixels[..., 2] = 0
            if f"{label}{i}" == odd:
                pixels[..., :2] = 255
            Image.fromarray(pixels).save(folder / label.replace("/", "_") / f"{i:02d}.png")
    return folder


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """The path of a scores.jsonl, and the images behind it."""
    root = tmp_path_factory.mktemp("report")
    folders = {
        "real": write_images(root / "real", seed=0),
        HOSTILE: write_images(root / "a", seed=1, odd="round7"),
        "bright": write_images(root / "b", seed=2, shift=90),
    }
    pictured = {}
    for name, folder in folders.items():
        source = ganeval.open_images(folder)
        pictured[name] = Pictured(source, extract(source, "pixels"))
    file = ScoresFile(root / "scores.jsonl")
    real, *models = (one.features for one in pictured.values())

    def keep(score):
        file.keep(score)
        file.append(score)

    fakes = dict(zip(list(folders)[1:], models, strict=True))
    ganeval.evaluate(real, fakes, metrics=("fid", "kid", "intra-kid"), each=keep)
    return file.path, Images(pictured.pop("real"), pictured)


@pytest.fixture(scope="module")
def page(scored, tmp_path_factory):
    path, images = scored
    out = tmp_path_factory.mktemp("page") / "report.html"
    write_report(Scores.read([path]), out, images=images)
    return out.read_text(encoding="utf-8")


def test_a_page_refers_to_nothing_outside_itself(page):
    found = Page(page)
    assert len(found.links) > 20
    assert all(re.match(r"#|data:(image/webp|text/csv)", link) for link in found.links)
    assert not re.search(r"@import|url\((?!#)|fetch\(|https?://(?!www\.w3\.org/)", page)
    assert len(page) < 5e6


def test_no_id_is_given_twice(page):
    ids = [given["id"] for _, given in Page(page).tags if "id" in given]
    assert len(ids) == len(set(ids))


def test_names_stay_text(page):
    found = Page(page)
    assert sum(tag == "script" for tag, _ in found.tags) == 1
    assert not any(tag == "b" for tag, _ in found.tags)
    assert HOSTILE in found.text
    assert not any(name.startswith("on") for _, given in found.tags for name in given)


def test_letters_that_xml_lacks_are_spelled_out_before_a_chart_is_drawn():
    spec = {"a": ["b\x01", 1.5, {"c\x0b": "d\n<é"}], "e": ("\ufffe", None)}
    drawn = {"a": ["b\\x01", 1.5, {"c\\x0b": "d\n<é"}], "e": ["\\ufffe", None]}
    assert as_xml(spec) == drawn


def test_the_table_has_every_score(page, scored):
    scores = Scores.read([scored[0]])
    shown = Page(page).cells
    for score in scores.by.values():
        value = score.value if score.corrected is None else score.corrected
        assert any(cell.strip().startswith(f"{value:.3g}") for cell in shown)
        if score.interval is not None:
            assert any(
                " to ".join(f"{end:.3g}" for end in score.interval) in cell for cell in shown
            )


def test_best_is_marked_only_where_the_comparison_says_so(scored):
    scores = Scores.read([scored[0]])
    assert scores.mark(HOSTILE, "kid") == "best"
    assert scores.mark("bright", "kid") == ""
    path = scored[0].with_name("alike.jsonl")
    rng = np.random.default_rng(5)
    file = ScoresFile(path)
    rows = [rng.normal(size=(100, 4)) for _ in range(3)]

    def keep(score):
        file.keep(score)
        file.append(score)

    ganeval.evaluate(rows[0], {"a": rows[1], "b": rows[2]}, metrics=("fid",), each=keep)
    alike = Scores.read([path])
    assert [alike.mark(model, "fid") for model in ("a", "b")] == ["as good", "as good"]


def test_each_channel_that_is_not_empty_can_be_shown_alone(page):
    images = [given for tag, given in Page(page).tags if tag == "img"]
    assert {given["data-view"] for given in images} == {"0", "1", "2"}  # all, red, green
    assert all(given["alt"] for given in images)


def test_the_fake_that_is_far_from_all_reals_pulls_most(page):
    after = page[page.index(": make FID worse") :]
    assert re.search(r'alt="([^"]*)', after)[1].startswith("round/07.png")


def test_near_copies_of_reals_are_not_called_memorised(page, scored, tmp_path):
    """The page says of the reals what the command does."""
    _, images = scored
    of = {"real": images.real.features, "fake": images.models["bright"].features}
    said = neighbors_of(of, {}).summary[2]
    caveat = UNKNOWN_TRAINING[0].upper() + UNKNOWN_TRAINING[1:] + "."
    assert "says nothing about memorisation" in UNKNOWN_TRAINING in said
    assert Page(page).text.count(caveat) == 1


def test_a_csv_gives_the_numbers_back(scored):
    scores = Scores.read([scored[0]])
    rows = list(csv.DictReader(io.StringIO(report_text(scores, "csv"))))
    assert len(rows) == len(scores.by)
    for row, score in zip(rows, scores.by.values(), strict=True):
        assert float(row["value"]) == score.value
        assert row["low"] == ("" if score.interval is None else repr(score.interval[0]))


@pytest.mark.parametrize("format", ["md", "tex"])
def test_tables_have_a_line_per_model(scored, format):
    lines = report_text(Scores.read([scored[0]]), format).splitlines()
    assert sum(line.startswith(("| bright", "bright &")) for line in lines) == 1
    assert not any("<script>" in line for line in lines)


def test_other_images_than_those_scored_are_refused(scored, tmp_path):
    path, images = scored
    source = ganeval.open_images(write_images(tmp_path / "c", seed=9))
    other = Pictured(source, extract(source, "pixels"))
    with pytest.raises(InputError, match="other images than those that were scored as real"):
        write_report(Scores.read([path]), tmp_path / "x.html", images=Images(other, images.models))


def test_checkpoints_are_drawn_over_their_steps(tmp_path):
    rng = np.random.default_rng(1)
    real = rng.normal(size=(80, 3))
    file = ScoresFile(tmp_path / "s.jsonl")

    def keep(score):
        file.keep(score)
        file.append(score)

    fakes = {f"step{k}": rng.normal(3 / k, 1, (80, 3)) for k in (1, 2, 10)}
    ganeval.evaluate(real, fakes, metrics=("fid",), each=keep)
    scores = Scores.read([file.path])
    assert scores.steps == {"step1": 1, "step2": 2, "step10": 10}
    write_report(scores, tmp_path / "r.html")
    text = Page((tmp_path / "r.html").read_text(encoding="utf-8")).text
    assert "Over training" in text and "training step" in text


def test_files_without_scores_of_models_are_refused(tmp_path):
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "cut.jsonl").write_text('{"metric": "fid", "val')
    for path, words in (
        ("none.jsonl", "none.jsonl is no file"),
        ("empty.jsonl", "empty.jsonl has no scores"),
        ("cut.jsonl", "cut.jsonl has no scores"),
    ):
        with pytest.raises(InputError, match=words):
            Scores.read([tmp_path / path])


def test_metrics_that_models_refused_leave_a_report_of_the_others(scored, tmp_path):
    """Of intra-KID the reals' own row alone is there, and KID lacks the first model."""
    lines = scored[0].read_text(encoding="utf-8").splitlines(keepends=True)
    kept = []
    for line in lines:
        score = ganeval.Score.from_json(line)
        model = score.details["model"]
        if model == "reals" or score.metric == "fid" or (score.metric, model) == ("kid", "bright"):
            kept.append(line)
    path = tmp_path / "some.jsonl"
    path.write_text("".join(kept), encoding="utf-8")
    found = Scores.read([path])
    assert found.metrics == ("fid", "kid") and ("reals", "kid") in found.by
    assert report_text(found, "csv").count("kid,") == 2
    write_report(found, tmp_path / "r.html")


def test_page_shows_how_neural_classifiers_learned(tmp_path):
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(80, 3)), rng.normal(size=(80, 3)) + 1
    score = ganeval.c2st(real, fake, classifier="mlp", iterations=10, repeats=3)
    score = replace(score, details={**score.details, "model": HOSTILE})
    write_report(Scores.of_all([score]), tmp_path / "page.html")
    tags = Page((tmp_path / "page.html").read_text()).tags
    said = [given["aria-label"] for _, given in tags if "iteration " in given.get("aria-label", "")]
    curves = score.details["learning_curves"]
    assert len(said) == 2 * len(curves["iterations"])
    for what, losses in (("held-out", "held_out_loss"), ("training", "training_loss")):
        middle = sorted(repeat[-1] for repeat in curves[losses])[1]
        assert any(f"{what} images, iteration 10: median loss {middle:.3g}" in s for s in said)


@pytest.mark.parametrize(
    "curves", [None, 3, {}, {"iterations": [1, 2], "held_out_loss": [[1]], "training_loss": "x"}]
)
def test_learning_curves_that_are_none_are_not_drawn(curves):
    score = ganeval.c2st(np.eye(60, 3), np.eye(60, 3) + 1, repeats=2)
    assert learning("m", replace(score, details={"learning_curves": curves})) == ""
