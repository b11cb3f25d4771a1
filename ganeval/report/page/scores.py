"""All scores of one or several files, by model and metric, and what may be concluded from them."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ganeval.errors import InputError
from ganeval.metrics import METRICS, Score
from ganeval.statistics import Estimate
from ganeval.suites import (
    REALS,
    Comparison,
    ScoresFile,
    compare_estimates,
    differing_field,
    floor_from,
    same_reals,
    side_of,
)

ARROWS = {"lower": "↓", "higher": "↑"}


@dataclass(frozen=True)
class Scores:
    """Every score of a report.

    Args:
        by: (model, metric) to its score; the reals' own row is the model REALS.
        files: (model, metric) to the file that has the score and its influences.
    """

    by: Mapping[tuple[str, str], Score]
    files: Mapping[tuple[str, str], ScoresFile] = field(default_factory=dict)

    @classmethod
    def of_all(cls, scores: Iterable[Score]) -> "Scores":
        """Scores that `evaluate` has just computed."""
        return cls({(str(score.details["model"]), score.metric): score for score in scores})

    @classmethod
    def read(cls, paths: Sequence[str | os.PathLike[str]]) -> "Scores":
        """The last score of each model and metric in these files.

        Raises:
            InputError: no file, no scores of models, one name for two sets of fakes, or scores that
                cannot stand in one column.
        """
        if not paths:
            raise InputError("there are no scores; give what `ganeval evaluate -o` wrote")
        by: dict[tuple[str, str], Score] = {}
        files: dict[tuple[str, str], ScoresFile] = {}
        for path in paths:
            file = ScoresFile(path)
            for score in file.some():
                model = str(score.details.get("model") or side_of(score, "fake").get("name"))
                if score.metric not in METRICS:
                    raise InputError(
                        f"{path} has scores by {score.metric}, which is no metric of this version; "
                        "evaluate again, into a new file"
                    )
                key = (model, score.metric)
                if key in by and files[key] is not file and _fakes(by[key]) != _fakes(score):
                    raise InputError(
                        f"{path} and {files[key].path} have two models named {model!r}, of other "
                        "images each; evaluate them as NAME=PATH"
                    )
                by[key], files[key] = score, file
        if all(model == REALS for model, _ in by):
            raise InputError(
                f"{', '.join(map(str, paths))} has no scores of models; give what "
                "`ganeval evaluate -o` wrote"
            )
        of_models = {metric for model, metric in by if model != REALS}  # others have refused them
        found = cls({key: score for key, score in by.items() if key[1] in of_models}, files)
        for metric in found.metrics:
            column = [by[model, metric] for model in found.models if (model, metric) in by]
            if odd := differing_field(column):
                raise InputError(
                    f"scores by {metric} cannot stand in one report: they differ in {odd}; "
                    "evaluate all models the same way"
                )
        return found

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Names of the models, in the order of the files."""
        return tuple(dict.fromkeys(model for model, _ in self.by if model != REALS))

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics, in the order of the files."""
        return tuple(dict.fromkeys(metric for _, metric in self.by))

    @property
    def rows(self) -> tuple[str, ...]:
        """The models, and the reals' own row where there is one."""
        return (*self.models, *([REALS] if any(model == REALS for model, _ in self.by) else []))

    @property
    def first(self) -> Score:
        """The first model's first score."""
        return next(score for (model, _), score in self.by.items() if model != REALS)

    def of(self, model: str) -> Score:
        """The first score of a model."""
        return next(score for (name, _), score in self.by.items() if name == model)

    @cached_property
    def comparisons(self) -> dict[str, Comparison | str]:
        """By metric: the comparison of all models, or why there is none."""
        return {metric: self._compared(metric) for metric in self.metrics}

    def estimate(self, model: str, metric: str) -> Estimate:
        """The influences behind a score, or InputError."""
        score = self.by[model, metric]
        if score.estimate is not None:
            return score.estimate
        if (model, metric) not in self.files:
            raise InputError(f"{METRICS[metric].label} of {model} has no influences")
        return self.files[model, metric].estimate(score)

    def estimates(self, metric: str) -> dict[str, Estimate]:
        """The influences of every model's score by a metric, or InputError."""
        return {
            model: self.estimate(model, metric)
            for model in self.models
            if (model, metric) in self.by
        }

    def _compared(self, metric: str) -> Comparison | str:
        if len(self.models) < 2:
            return "there is one model"
        if METRICS[metric].estimate is None:
            return f"{METRICS[metric].label} has no influences"
        try:
            found = same_reals(self.estimates(metric))
            floor = None
            if (REALS, metric) in self.by:
                of_reals = self.by[REALS, metric]
                if of_reals.interval is not None:
                    floor = floor_from(self.estimate(REALS, metric), of_reals.level)
            return compare_estimates(
                {model: [one] for model, one in found.items()},
                metric=metric,
                level=next(score.level for (_, name), score in self.by.items() if name == metric),
                floor=floor,
                obedience=self._obedience(),
            )
        except InputError as error:
            return str(error)

    def _obedience(self) -> dict[str, list[Mapping[str, Any]]]:
        """The value and the details of each model's obedience; none unless all have one."""
        found = {model: self.by.get((model, "obedience")) for model in self.models}
        return {
            model: [{"value": score.value, **score.details}]
            for model, score in found.items()
            if score is not None and None not in found.values()
        }

    def mark(self, model: str, metric: str) -> str:
        """`best`, `as good` where it cannot be told from the best, or nothing."""
        found = self.comparisons[metric]
        if isinstance(found, str) or model == REALS:
            return ""
        if model == found.best:
            return "as good" if found.not_distinguishable else "best"
        return "as good" if model in found.not_distinguishable else ""

    @cached_property
    def steps(self) -> dict[str, int]:
        """Model to training step, where all names end in a number and differ in it alone."""
        parts = {model: re.fullmatch(r"(.*?)(\d{1,15})\D{0,8}", model) for model in self.models}
        if len(parts) < 3 or None in parts.values():
            return {}
        if len({part[1] for part in parts.values() if part}) > 1:
            return {}
        return {model: int(part[2]) for model, part in parts.items() if part}


def estimate_of(score: Score) -> float:
    """The corrected value, or the plain one where there is none."""
    return score.value if score.corrected is None else score.corrected


def digits(number: float) -> str:
    """Three significant digits."""
    return f"{number:.3g}"


def _fakes(score: Score) -> object:
    return side_of(score, "fake").get("fingerprint")
