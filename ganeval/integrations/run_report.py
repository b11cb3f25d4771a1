"""The report of a whole training run, and its figures as pictures for trackers."""

import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics import Score
from ganeval.report.page import Scores, write_report
from ganeval.report.page.sections import sections

History: TypeAlias = Mapping[int, Mapping[str, Score]]
"""Scores by training step and name, as `SampleScorer.history`."""


def write_run_report(
    history: History, path: str | os.PathLike[str], *, title: str | None = None
) -> None:
    """Writes one HTML page about the scores of a training run, which is the same as `report`'s.

    Args:
        history: scores by step and name, as `SampleScorer.history`.
        path: file to write.
        title: heading of the page.

    Raises:
        InputError: no scores.

    Example:
        >>> write_run_report(scorer.history, "run.html")
    """
    write_report(_as_scores(history), path, title=title)


def figures(history: History) -> dict[str, np.ndarray]:
    """The report's first charts as pictures [h, w, 3] uint8, by title.

    That is a score with its band over the steps for each metric; with fewer than three steps, an
    interval for each step.
    """
    first = sections(_as_scores(history), None)[0]
    return {chart.label: _picture(chart.svg) for chart in first.charts}


@contextmanager
def report_file(history: History) -> Iterator[Path]:
    """The report in a temporary file, for trackers that copy files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ganeval-report.html"
        write_run_report(history, path)
        yield path


def _as_scores(history: History) -> Scores:
    """The scores as those of one model per step."""
    if not history:
        raise InputError("there are no scores yet; score the generator once before its report")
    return Scores(
        {
            (f"step {step}", name): score
            for step, scores in sorted(history.items())
            for name, score in scores.items()
        }
    )


def _picture(svg: str) -> np.ndarray:
    """[h, w, 3] uint8 on white, in twice the size, for dense screens."""
    import vl_convert
    from PIL import Image

    drawn = Image.open(io.BytesIO(vl_convert.svg_to_png(svg, scale=2))).convert("RGBA")
    paper = Image.new("RGBA", drawn.size, "white")
    return np.asarray(Image.alpha_composite(paper, drawn).convert("RGB"))
