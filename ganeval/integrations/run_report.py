"""The report of a whole training run, and its figures as pictures for trackers."""

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ganeval.arguments import new_file_path, text
from ganeval.integrations.given import History, scores_by_step
from ganeval.report.page import Scores, write_report
from ganeval.report.page.sections import sections


def write_run_report(
    history: History, path: str | os.PathLike[str], *, title: str | None = None
) -> None:
    """Writes one HTML page about the scores of a training run, which is the same as `report`'s.

    Args:
        history: scores by step and name, as `SampleScorer.history`.
        path: file to write.
        title: heading of the page.

    Raises:
        InputError: no scores, or no place for a file.

    Example:
        >>> write_run_report(scorer.history, "run.html")
    """
    if title is not None:
        text(title, name="title", wanted="a heading")
    write_report(_as_scores(history), new_file_path(path, name="path"), title=title)


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
    return Scores(
        {
            (f"step {step}", name): score
            for step, scores in scores_by_step(history).items()
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
