import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.integrations.run_report import figures, report_file, write_run_report


def test_the_page_shows_the_scores_over_training(history, tmp_path):
    write_run_report(history, tmp_path / "run.html", title="Blobs <b>")
    page = (tmp_path / "run.html").read_text()
    assert "FID over training" in page and "Blobs &lt;b&gt;" in page
    assert "step 300" in page


def test_figures_are_pictures_in_colour_on_white(history):
    drawn = figures(history)
    assert sorted(drawn) == ["FID over training", "KID over training"]
    for picture in drawn.values():
        assert picture.dtype == np.uint8 and picture.ndim == 3
        assert picture.shape[0] > 300 and picture.shape[1] > 600
        assert (picture[0, 0] == 255).all()
        assert (picture.max(2).astype(int) - picture.min(2) > 100).any()  # the line


def test_two_steps_are_shown_as_intervals(history):
    assert sorted(figures({s: history[s] for s in (100, 200)})) == [
        "FID of every model",
        "KID of every model",
    ]


def test_a_step_that_cannot_be_compared_leaves_the_others_unjudged(history):
    from dataclasses import replace

    lost = {name: replace(score, estimate=None) for name, score in history[200].items()}
    with report_file({**history, 200: lost}) as path:
        page = path.read_text()
    assert "not compared" in page and "may be the best" not in page
    assert not path.exists()


def test_a_run_without_scores_is_refused(tmp_path):
    with pytest.raises(InputError, match="there are no scores yet"):
        write_run_report({}, tmp_path / "run.html")
