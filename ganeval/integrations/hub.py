"""Scores for a model's repository on the Hugging Face Hub: its card, and `.eval_results`."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from ganeval.arguments import folder_path, text
from ganeval.errors import InputError, cut
from ganeval.files import regular_file, write_text
from ganeval.integrations.given import named_scores
from ganeval.metrics import METRICS, Score
from ganeval.optional import optional
from ganeval.report.page import Scores, report_text
from ganeval.report.page.methods import paragraph
from ganeval.version import __version__

ScoresLike: TypeAlias = str | os.PathLike[str] | Mapping[str, Score]
"""A `scores.jsonl` that `ganeval evaluate -o` wrote, or scores by name."""

_BEGIN, _END = "<!-- scores by ganeval -->", "<!-- end of scores by ganeval -->"


def write_model_card(
    scores: ScoresLike,
    folder: str | os.PathLike[str],
    *,
    dataset: str,
    dataset_name: str | None = None,
    model: str | None = None,
    task: str = "unconditional-image-generation",
) -> Path:
    """Puts scores into the model card, `README.md`, of a model's folder.

    They become metadata (`model-index`), and a table with a methods paragraph in the text. The
    rest of a card that is there already stays as it is; scores of the same metric, task and data
    set are replaced. Nothing is uploaded.

    Args:
        scores: a `scores.jsonl`, or scores by name as `ganeval.Evaluator.compute` returns them.
        folder: the model's repository on this machine.
        dataset: id of the data set of the reals on the Hub, as in `me/yeast`.
        dataset_name: its name in words; the id by default.
        model: which model, of scores of several.
        task: of the Hub's list, as `unconditional-image-generation` or `text-to-image`.

    Returns:
        The path of the card.

    Raises:
        InputError: no scores of that model, no folder, empty names, or metadata that cannot be
            read.

    Example:
        >>> write_model_card("scores.jsonl", "my-model/", dataset="me/yeast", model="good")
    """
    _check_names(dataset=dataset, dataset_name=dataset_name, model=model, task=task)
    path = folder_path(folder, name="folder") / "README.md"
    name, found = _of_model(scores, model)
    hub = optional("huggingface_hub", extra="hub", purpose="write_model_card")
    yaml = optional("yaml", extra="hub", purpose="write_model_card")
    heading = " ".join(name.split())
    there = regular_file(path).read_text(encoding="utf-8") if path.exists() else f"# {heading}\n"
    try:
        card = hub.ModelCard(there)
    except (ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path} has metadata that cannot be read ({reason}); correct what stands between its "
            "lines of ---"
        ) from None
    results = [
        hub.EvalResult(
            task_type=task,
            dataset_type=dataset,
            dataset_name=dataset_name or dataset,
            metric_type=score.metric,
            metric_name=_label(score),
            metric_value=score.value,
            metric_args=_arguments(score),
        )
        for score in found.values()
    ]
    new = {_place(result) for result in results}
    kept = [result for result in card.data.eval_results or [] if _place(result) not in new]
    card.data.eval_results = kept + results
    card.data.model_name = card.data.model_name or name
    card.text = _with_section(card.text, _section(name, found))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, str(card))
    return path


def write_eval_results(
    scores: ScoresLike,
    folder: str | os.PathLike[str],
    *,
    dataset: str,
    tasks: Mapping[str, str] | None = None,
    model: str | None = None,
    source_url: str | None = None,
) -> Path:
    """Writes `.eval_results/ganeval.yaml`, from which the Hub fills a benchmark's leaderboard.

    Args:
        scores: a `scores.jsonl`, or scores by name as `ganeval.Evaluator.compute` returns them.
        folder: the model's repository on this machine.
        dataset: id of the benchmark on the Hub, a data set with an `eval.yaml`.
        tasks: metric to the benchmark's task; metrics without one are left out. By default the
            tasks are named as the metrics.
        model: which model, of scores of several.
        source_url: where the evaluation can be looked up.

    Returns:
        The path of the file.

    Raises:
        InputError: no scores of that model, no folder, empty names, or no score for a task.

    Example:
        >>> write_eval_results("scores.jsonl", "my-model/", dataset="me/yeast", model="good")
    """
    _check_names(dataset=dataset, model=model, source_url=source_url)
    path = folder_path(folder, name="folder") / ".eval_results" / "ganeval.yaml"
    _, found = _of_model(scores, model)
    wanted = {metric: metric for metric in found} if tasks is None else _checked(tasks)
    if missing := [metric for metric in wanted if metric not in found]:
        raise InputError(
            f"there is no score by {missing[0]} for task {wanted[missing[0]]!r}; there are scores "
            f"by {', '.join(found)}"
        )
    hub = optional("huggingface_hub", extra="hub", purpose="write_eval_results")
    yaml = optional("yaml", extra="hub", purpose="write_eval_results")
    entries = [
        hub.EvalResultEntry(
            dataset_id=dataset,
            task_id=task,
            value=found[metric].value,
            source_url=source_url,
            notes=_notes(found[metric]),
        )
        for metric, task in wanted.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = hub.eval_result_entries_to_yaml(entries)
    write_text(path, yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=1000))
    return path


def _check_names(*, dataset: str, **others: str | None) -> None:
    """Raises InputError where the data set has no id, or another name is given and empty."""
    text(dataset, name="dataset", wanted="the id of a data set on the Hub, as 'me/yeast'")
    for name, value in others.items():
        if value is not None:
            text(value, name=name, wanted="a text, or leave it out")


def _checked(tasks: object) -> dict[str, str]:
    """Metrics and their tasks; or InputError."""
    if not isinstance(tasks, Mapping) or not tasks:
        raise InputError(f"tasks is {cut(repr(tasks))}; wanted a dict, metric to task")
    return {str(metric): text(of, name="a task", wanted="a text") for metric, of in tasks.items()}


def _of_model(scores: ScoresLike, model: str | None) -> tuple[str, dict[str, Score]]:
    """A model's name and its scores by metric."""
    if not isinstance(scores, str | os.PathLike):
        if not (found_here := named_scores(scores)):
            raise InputError("there are no scores; give those of Evaluator.compute()")
        return model or "model", found_here
    found = Scores.read([scores])
    if model is None and len(found.models) == 1:
        model = found.models[0]
    if model not in found.models:
        raise InputError(
            f"{scores} has scores of {', '.join(found.models)}; choose one with model=..."
            if model is None
            else f"{scores} has no model {model!r}; it has {', '.join(found.models)}"
        )
    return model, {metric: score for (name, metric), score in found.by.items() if name == model}


def _label(score: Score) -> str:
    """As in `FID (lin41)`."""
    label = METRICS[score.metric].label if score.metric in METRICS else score.metric
    net = (score.protocol.get("net") or {}).get("name")
    return f"{label} ({net})" if net else label


def _arguments(score: Score) -> dict[str, Any]:
    """What a reader of the bare value has to know."""
    numbers = {
        name.partition("/")[2]: int(value) if name.partition("/")[2].startswith("n_") else value
        for name, value in score.log_dict().items()
        if "/" in name
    }
    made = {"ganeval": __version__, "protocol": score.protocol_id}
    return numbers | ({} if score.interval is None else {"level": score.level}) | made


def _notes(score: Score) -> str:
    """One line, as in `FID (lin41): 1.547 (corrected 1.094, …); protocol 1a2b`."""
    line = re.sub(r"\s+", " ", str(score))
    return f"{line}; ganeval {__version__}, protocol {score.protocol_id}"


def _place(result: Any) -> tuple[str, str, str]:
    return (result.task_type, result.dataset_type, result.metric_type)


def _section(name: str, found: Mapping[str, Score]) -> str:
    """The scores in the card's text."""
    scores = Scores({(name, metric): score for metric, score in found.items()})
    table = report_text(scores, "md").strip()
    return f"{_BEGIN}\n\n## Evaluation\n\n{table}\n\n{paragraph(scores)}\n\n{_END}"


def _with_section(text: str, section: str) -> str:
    """The text with the section in the place of an earlier one, or at its end."""
    before, begin, rest = text.rpartition(_BEGIN)  # a mark without its end begins nothing
    _, end, after = rest.partition(_END)
    if begin and end:
        return f"{before}{section}{after}"
    return f"{text.rstrip()}\n\n{section}\n"
