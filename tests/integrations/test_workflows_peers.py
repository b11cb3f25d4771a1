"""The Snakemake workflow runs; the Nextflow module is parsed, and its script runs in bash."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ganeval.datasets import LIN6
from ganeval.datasets.synthlin import write_model
from ganeval.suites import ScoresFile

pytestmark = pytest.mark.peers

WORKFLOWS = Path(__file__).parents[2] / "examples" / "workflows"
MODELS = {"real": "none", "good": "none", "short": "shorter"}
MODULE = WORKFLOWS / "nextflow" / "modules" / "ganeval" / "evaluate"


@pytest.fixture
def folder(tmp_path):
    """Reals and two models."""
    for seed, (name, defect) in enumerate(MODELS.items()):
        write_model(tmp_path / name, per_class=40, proteins=LIN6[:2], defect=defect, seed=seed)
    return tmp_path


def run(command, folder):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def assert_scored(scores_path, report_path):
    found = {(score.details["model"], score.metric) for score in ScoresFile(scores_path).scores()}
    assert {("good", "kid"), ("short", "kid")} <= found
    assert "short" in report_path.read_text()
    assert any(scores_path.with_suffix(".influences").iterdir())


def test_the_snakemake_workflow_writes_scores_and_report(folder):
    run(
        [
            sys.executable, "-m", "snakemake", "--snakefile", WORKFLOWS / "snakemake/Snakefile",
            "--cores", "1", "--config", "real=real", "models=good,short", "feature_net=lin41",
            "metrics=kid",
        ],
        folder,
    )  # fmt: skip
    assert_scored(folder / "results/scores.jsonl", folder / "results/report.html")


@pytest.mark.parametrize("path", [MODULE / "main.nf", WORKFLOWS / "nextflow/main.nf"], ids=str)
def test_nextflow_files_are_of_its_language(path, tmp_path):
    from reftrace import Module

    assert isinstance(Module.from_file(str(path)), Module)
    broken = tmp_path / "main.nf"
    broken.write_text(path.read_text().replace("}", "", 1))
    assert not isinstance(Module.from_file(str(broken)), Module)


def test_the_script_of_the_nextflow_module_writes_scores_and_report(folder):
    text = (MODULE / "main.nf").read_text()
    script = text.split("script:")[1].split('"""')[1].replace("\\\\", "\\").replace("\\$", "\0")
    values = {
        "real": "real", "models": "good short", "feature_net": "lin41", "task.cpus": "1",
        "args": "--metrics kid", "args2": "--title Yeast", "prefix": "yeast",
        "task.process": "GANEVAL_EVALUATE",
    }  # fmt: skip
    script = re.sub(r"\$\{?([\w.]+)\}?", lambda found: values[found[1]], script)
    script = textwrap.dedent(script).replace("\0", "$")  # as Nextflow writes .command.sh
    run(["bash", "-euo", "pipefail", "-c", script], folder)
    assert_scored(folder / "yeast.jsonl", folder / "yeast.html")
    versions = (folder / "versions.yml").read_text()
    assert re.search(r'"GANEVAL_EVALUATE":\n\s+ganeval: \d+\.\d+\.\d+', versions)


def test_the_module_documents_its_inputs_and_outputs():
    import yaml

    text = (MODULE / "main.nf").read_text()
    meta = yaml.safe_load((MODULE / "meta.yml").read_text())
    assert set(re.findall(r"emit: (\w+)", text)) == meta["output"].keys()
    inputs = text.split("input:")[1].split("output:")[0]
    named = [next(iter(item)) for item in (*meta["input"][0], meta["input"][1])]
    assert re.findall(r"(?:val|path)[ (](\w+)", inputs) == named


def test_environments_and_descriptions_are_yaml():
    import yaml

    files = [*WORKFLOWS.rglob("*.yml"), *WORKFLOWS.rglob("*.yaml")]
    assert len(files) == 4
    assert all(isinstance(yaml.safe_load(file.read_text()), dict) for file in files)
