"""What a scores file keeps gives the comparison that the images give."""

from dataclasses import replace

import numpy as np
import pytest

from ganeval import METRICS, compare, evaluate
from ganeval.features import as_features
from ganeval.suites import ScoresFile, compare_estimates, kept_estimates

ABLE = [
    name
    for name in METRICS
    if METRICS[name].estimate is not None and not METRICS[name].needs_labels
]


@pytest.mark.parametrize("metric", ABLE)
def test_every_metric_is_compared_from_the_file_as_from_the_images(metric, tmp_path):
    rng = np.random.default_rng(0)
    rows = [rng.standard_normal((360, 4)) * scale for scale in (1.0, 0.8, 1.3)]
    real, first, second = (replace(as_features(side), logits=side) for side in rows)
    file = ScoresFile(tmp_path / "scores.jsonl")

    def keep(score):
        file.keep(score)
        file.append(score)

    models = {"a": first, "b": second}
    evaluate(real, models, metrics=[metric], each=keep)
    found = kept_estimates(str(file.path), metric)
    kept = compare_estimates({name: [one] for name, one in found.items()}, metric=metric)
    direct = compare(real, models, metric=metric)
    assert kept.verdict == direct.verdict
    for mine, yours in zip(kept.models, direct.models, strict=True):
        assert mine.estimate == pytest.approx(yours.estimate, rel=1e-12)
        assert mine.interval == pytest.approx(yours.interval, rel=1e-9)
    for mine, yours in zip(kept.differences, direct.differences, strict=True):
        assert mine.p_value == pytest.approx(yours.p_value, rel=1e-9)
