"""Audits and explanations beside the scores of a page."""

import base64
import io
import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image

import ganeval
from ganeval.errors import InputError
from ganeval.report.page import Beside, Scores, read_beside, write_report
from ganeval.report.page.audits import audit_sections
from ganeval.report.page.explanations import explanation_sections


@pytest.fixture(scope="module")
def scores():
    rows = np.random.default_rng(0).normal(size=(2, 40, 3))
    return Scores.of_all(ganeval.evaluate(rows[0], {"b": rows[1]}, metrics=("fid",)))


def written(scores, path, beside, **options):
    write_report(scores, path, beside=beside, **options)
    return path.read_text(encoding="utf-8")


def test_what_the_commands_write_is_read_back(beside_files, an_audit, an_account, tmp_path):
    scores = tmp_path / "s.jsonl"
    scores.write_text('{"metric": "fid"}\n')
    files, beside = read_beside([scores, *beside_files, tmp_path / "gone"])
    assert files == [str(scores), str(tmp_path / "gone")]
    assert beside.audits == (an_audit,)
    (explained,) = beside.explanations
    assert explained.account == an_account
    assert explained.picture == beside_files[0].with_name("examples.png")


def test_the_page_says_what_an_audit_and_an_explanation_found(scores, beside_files, tmp_path):
    page = written(scores, tmp_path / "r.html", read_beside(beside_files)[1])
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
    for said in (
        "May the net judge?", "91.0 % (85.0 % to 95.0 %)", "1,234 for ± 3", "no fault",
        "pixels: Does it notice faults? yes: faults is fine.", "all images have the same features",
        "What is wrong with b?", "1 of 9 families differs.", "fakes are 20 % shorter -3.0 px",
        "round width: fakes vary 50 % more", "classes differ in frequency",
    ):  # fmt: skip
        assert said in text, said
    assert "<script>document" not in page and "secret" not in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_chart_has_a_mark_per_strength_in_floors(an_audit):
    (section,) = audit_sections([an_audit])
    (chart,) = section.charts  # the other net has no responses
    for said in ("blur, 1 px: FID +0.5 floors, not noticed", "blur, 2 px: FID +40 floors, noticed",
                 "shift, 1 px: FID -2 floors, not noticed"):  # fmt: skip
        assert chart.svg.count(f'aria-label="{said}"') == 1


@pytest.mark.parametrize(
    ("net", "kind", "said"),
    [
        ("pixels", "fine", "May net pixels judge real? The audit says: fit."),
        ("lin41", "look", "The audit of real did not ask lin41, the net of these scores."),
    ],
)
def test_what_the_audit_says_of_the_scores_net_is_among_the_checks(
    scores, an_audit, net, kind, said, tmp_path
):
    from dataclasses import replace

    named = {
        key: replace(score, protocol={**score.protocol, "net": {"name": net}})
        for key, score in scores.by.items()
    }
    page = written(Scores(named), tmp_path / "r.html", Beside(audits=(an_audit,)))
    assert re.search(rf'<li class="{kind}">.*{re.escape(said)}', page)


def test_only_the_pixels_of_a_picture_get_into_the_page(beside_files):
    explained = read_beside(beside_files)[1].explanations
    (section,) = explanation_sections(explained, pictures=True)
    data = base64.b64decode(section.picture.uri.removeprefix("data:image/webp;base64,"))
    with Image.open(io.BytesIO(data)) as shown:
        assert shown.format == "WEBP" and shown.size == (60, 40)
        top, bottom = shown.convert("RGB").getpixel((30, 5)), shown.getpixel((30, 35))
    assert np.allclose(top, (255, 0, 0), atol=12) and np.allclose(bottom, 0, atol=12)


def test_a_page_without_pictures_has_none_of_an_explanation(scores, beside_files, tmp_path):
    beside = read_beside(beside_files)[1]
    assert "<img" in written(scores, tmp_path / "a.html", beside)
    assert "<img" not in written(scores, tmp_path / "b.html", beside, pictures=False)


def test_a_picture_that_is_none_is_told(beside_files, tmp_path):
    shutil.copy(beside_files[1], tmp_path / "explanation.json")
    (tmp_path / "examples.png").write_bytes(b"no picture")
    explained = read_beside([tmp_path / "explanation.json"])[1].explanations
    with pytest.raises(InputError, match="is no picture that can be read"):
        explanation_sections(explained, pictures=True)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("audit", {"nets": [{"net": 3}]}),
        ("audit", {"n": "many"}),
        ("explanation", {"findings": 7}),
        ("explanation", {"verdict": None}),
    ],
)
def test_what_is_forged_is_told_in_one_line(beside_files, name, change, tmp_path):
    (path,) = (path for path in beside_files if path.stem == name)
    forged = tmp_path / "x.json"
    forged.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=f"x.json is no {name} that can be read: field") as told:
        read_beside([forged])
    assert "\n" not in str(told.value)
