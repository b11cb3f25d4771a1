"""What is published of a version agrees: version, citation, changelog, recipe, requirements."""

import datetime
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import ganeval

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
RECIPE = ROOT / "conda" / "recipe.yaml"
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}
"""Where conda-forge calls a package otherwise than PyPI."""


def headings():
    """Versions of the changelog, newest first, and their dates."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return re.findall(r"^## \[(\S+)\] - (\S+)$", text, re.MULTILINE)


def test_the_version_is_the_same_everywhere():
    recipe = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    version = headings()[0][0]
    assert ganeval.__version__ == version
    assert CITATION["version"] == version
    assert recipe["context"]["version"] == version


def test_conda_starts_the_same_program():
    scripts = [f"{name} = {target}" for name, target in PROJECT["scripts"].items()]
    recipe = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    assert recipe["build"]["python"]["entry_points"] == scripts


def test_versions_of_the_changelog_fall_and_only_the_newest_may_lack_its_date():
    versions = [tuple(map(int, version.split("."))) for version, _ in headings()]
    assert versions == sorted(set(versions), reverse=True)
    (_, newest), *older = headings()
    for date in [date for _, date in older] + [newest] * (newest != "unreleased"):
        datetime.date.fromisoformat(date)
    assert str(CITATION.get("date-released", "unreleased")) == newest


def test_the_citation_is_valid_and_says_what_the_package_says():
    check = ["check_jsonschema", "--builtin-schema", "vendor.citation-file-format"]
    done = subprocess.run(
        [sys.executable, "-m", *check, str(ROOT / "CITATION.cff")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert CITATION["title"] == PROJECT["name"]
    assert CITATION["abstract"] == PROJECT["description"]
    assert CITATION["authors"] == PROJECT["authors"]
    assert CITATION["license"] == PROJECT["license"]
    assert CITATION["keywords"] == PROJECT["keywords"]


def test_conda_renders_the_recipe_with_the_requirements_of_the_package():
    rattler = pytest.importorskip("rattler_build")
    [variant] = rattler.Stage0Recipe.from_file(RECIPE).render()
    recipe = variant.recipe
    assert (recipe.package.name, recipe.package.version) == ("ganeval", ganeval.__version__)
    wanted = {f"python {PROJECT['requires-python']}"}
    for requirement in PROJECT["dependencies"]:
        name, bound = re.fullmatch(r"([\w-]+)(>=[\d.]+)", requirement).groups()
        wanted.add(f"{CONDA_NAMES.get(name, name)} {bound}")
    assert set(map(str, recipe.requirements.run)) == wanted
    assert recipe.about.summary == PROJECT["description"]
