import numpy as np
import pytest
import torch

import ganeval


def digits(n, *, seed):
    return np.random.default_rng(seed).integers(0, 256, (n, 1, 8, 8), dtype=np.uint8)


@pytest.fixture
def real():
    return torch.from_numpy(digits(300, seed=0))


def test_batches_score_like_the_whole(real):
    fake = torch.from_numpy(digits(300, seed=1) // 2)
    evaluator = ganeval.Evaluator(real, feature_net="pixels", metrics=["fid", "kid"])
    for batch in fake.split(70):
        evaluator.update(batch)
    scores = evaluator.compute(step=1000)
    assert scores["fid"].details["step"] == 1000
    for name, function in (("fid", ganeval.fid), ("kid", ganeval.kid)):
        whole = function(real, fake, feature_net="pixels")
        assert scores[name].value == pytest.approx(whole.value, rel=1e-9)
        assert scores[name].interval == pytest.approx(whole.interval, rel=1e-6)
        assert scores[name].protocol_id == whole.protocol_id


def test_reset_forgets_the_fakes_but_not_the_reals(real):
    evaluator = ganeval.Evaluator(real, feature_net="pixels", metrics=["fid"])
    evaluator.update(digits(300, seed=1).transpose(0, 2, 3, 1) // 4)
    bad = evaluator.compute()["fid"].value
    evaluator.reset()
    with pytest.raises(ganeval.InputError, match="update"):
        evaluator.compute()
    evaluator.update(real)
    assert evaluator.compute()["fid"].value == pytest.approx(0, abs=1e-9) != bad


def test_generators_that_end_in_tanh_declare_their_range(real):
    evaluator = ganeval.Evaluator(
        real, feature_net="pixels", metrics=["fid"], value_range=(-1.0, 1.0)
    )
    evaluator.update(real.float() / 127.5 - 1)
    assert evaluator.compute()["fid"].value == pytest.approx(0, abs=1e-6)


def test_float_batches_without_a_range_are_an_error(real):
    evaluator = ganeval.Evaluator(real, feature_net="pixels", metrics=["fid"])
    with pytest.raises(ganeval.InputError, match="--value-range|value_range"):
        evaluator.update(real.float())


def test_features_need_no_net():
    rng = np.random.default_rng(0)
    evaluator = ganeval.Evaluator(rng.normal(size=(100, 5)), metrics=["fid"])
    evaluator.update(rng.normal(size=(60, 5)) + 1)
    evaluator.update(rng.normal(size=(40, 5)) + 1)
    assert evaluator.compute()["fid"].value == pytest.approx(5, abs=1.5)
    with pytest.raises(ganeval.InputError, match="feature net"):
        evaluator.update(digits(3, seed=0))


def test_an_unknown_metric_lists_the_known():
    with pytest.raises(ganeval.InputError, match="known: .*fid"):
        ganeval.Evaluator(np.zeros((5, 2)), metrics=["fidd"])
