"""What a paper has to say of each metric, and cite."""

import inspect
import re
import unicodedata

import numpy as np
import pytest

import ganeval
from ganeval.metrics import METRICS
from ganeval.report.page import Scores, paragraph
from ganeval.report.page.methods import bibtex
from ganeval.report.page.works import METHODS

ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "~": "\u0303"}
WORKS = {work for method in METHODS.values() for work in method.works}


def plain(text):
    r"""Letters of BibTeX as those of a docstring: `Bi{\'n}kowski` is Bińkowski."""
    text = re.sub(r"\{\\(['`\"~])(\w)\}", lambda m: m[2] + ACCENTS[m[1]], text)
    return unicodedata.normalize("NFC", text.replace(r"{\l}", "ł"))


def test_every_metric_has_a_sentence_and_a_work():
    assert set(METHODS) == set(METRICS)
    for said, works in METHODS.values():
        assert works and re.match(r"(is|counts|compares) ", said) and not said.endswith(".")


@pytest.mark.parametrize("metric", list(METRICS))
def test_the_works_are_those_of_the_docstring(metric):
    """The surname of the first author and the year stand under `Source`."""
    source = inspect.getdoc(METRICS[metric].function).partition("Source:")[2]
    for work in METHODS[metric].works:
        surname = plain(work.authors).partition(",")[0]
        cited = rf"{surname}\b[^;]*\b{work.year}\b"
        assert re.search(cited, " ".join(source.split())), (surname, work.year, source)


def test_keys_are_surnames_with_years_and_each_names_one_work():
    assert len({work.key for work in WORKS}) == len(WORKS)
    for work in WORKS:
        surname = unicodedata.normalize("NFD", plain(work.authors).partition(",")[0].lower())
        assert work.key == re.sub(r"[^a-z]", "", surname) + str(work.year)


@pytest.mark.parametrize("work", sorted(WORKS), ids=lambda work: work.key)
def test_entries_are_complete(work):
    entry = work.bibtex()
    assert entry.count("{") == entry.count("}")
    fields = re.findall(r"^  (\w+) = \{(.+)\},$", entry, re.MULTILINE)
    place = {"article": "journal", "inproceedings": "booktitle", "misc": "howpublished"}
    assert [name for name, _ in fields] == ["author", "title", place[work.kind], "year"]
    assert all("," in author for author in work.authors.split(" and "))


def test_the_paragraph_has_a_sentence_per_metric_and_the_bibliography_each_work_once():
    rows = np.random.default_rng(0).normal(size=(2, 40, 3))
    metrics = ("kid", "prdc", "vendi")
    scores = Scores.of_all(ganeval.evaluate(rows[0], {"a": rows[1]}, metrics=metrics))
    text, entries = paragraph(scores), bibtex(scores)
    assert "Precision is the share of generated images within" in text
    keys = re.findall(r"^@\w+\{(\w+),$", entries, re.MULTILINE)
    assert keys == list(dict.fromkeys(keys))
    assert set(keys) == {"binkowski2018", "kynkaanniemi2019", "naeem2020", "friedman2023"}
    assert all(f"[{key}]" in text for key in keys)
