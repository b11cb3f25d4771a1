import numpy as np
import pytest
import torch

import ganeval
from ganeval.errors import InputError
from ganeval.integrations.sampling import SampleScorer, flat


def scorer_of(real, generator, **options):
    options = {"n": 100, "batch_size": 32, "modules": [generator], **options}
    return SampleScorer(real, generator.sample, feature_net="mnist", value_range=(-1, 1), **options)


def test_it_scores_what_an_evaluator_scores(real, generator):
    found = scorer_of(real, generator)(step=7)
    generator.eval()
    torch.manual_seed(0)
    evaluator = ganeval.Evaluator(real, feature_net="mnist", value_range=(-1, 1))
    with torch.no_grad():
        for n in (32, 32, 32, 4):
            evaluator.update(generator.sample(n))
    assert found == evaluator.compute(step=7)


def test_training_goes_on_as_if_nobody_had_looked(real, generator):
    scorer = scorer_of(real, generator)
    generator.noise.eval()  # frozen by its owner, in a module that trains
    before = torch.get_rng_state()
    scorer(step=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert generator.training and not generator.noise.training
    assert torch.is_grad_enabled()


def test_each_look_has_the_same_noise_and_is_remembered(real, generator):
    scorer = scorer_of(real, generator)
    first, second = scorer(step=1), scorer(step=2)
    assert float(first["fid"]) == float(second["fid"])
    assert list(scorer.history) == [1, 2]
    assert scorer.history[2]["kid"] is second["kid"]


def test_modules_are_in_evaluation_mode_without_gradients_while_it_samples(real, generator):
    seen = []

    def sample(n):
        seen.append((generator.training, generator.noise.training, torch.is_grad_enabled()))
        return generator.sample(n)

    options = {"feature_net": "mnist", "value_range": (-1, 1), "n": 8}
    SampleScorer(real, sample, modules=[generator], **options)(step=1)
    SampleScorer(real, sample, **options)(step=1)
    assert seen == [(False, False, False), (True, True, False)]


def test_the_loop_survives_a_sampler_that_fails(real, generator):
    asked = []

    def sample(n):
        asked.append(n)
        if len(asked) == 2:
            raise RuntimeError("out of memory")
        return generator.sample(n)

    scorer = SampleScorer(real, sample, feature_net="mnist", value_range=(-1, 1), n=64)
    scorer(step=1)
    with pytest.raises(RuntimeError, match="out of memory"):
        scorer(step=2)
    assert generator.training
    assert scorer(step=3)["fid"].n_fake == 64
    assert list(scorer.history) == [1, 3]


def test_samples_with_labels_are_judged_by_class(digits, generator):
    labels = np.arange(len(digits)) % 2
    source = ganeval.open_images(zip(digits, labels, strict=True), value_range=(-1, 1))
    scorer = SampleScorer(
        source, lambda n: (generator.sample(n), np.arange(n) % 2),
        feature_net="mnist", value_range=(-1, 1), n=64,
    )  # fmt: skip
    assert {"fid", "kid", "obedience", "intra_kid"} <= scorer(step=1).keys()


def test_flat_names_are_those_of_log_dict(history):
    numbers = flat(history[300], prefix="eval_")
    assert {"eval_fid", "eval_fid/low", "eval_kid", "eval_kid/n_fake"} <= numbers.keys()
    assert all(isinstance(number, float) for number in numbers.values())


def test_float_samples_of_unknown_range_are_refused(real, generator):
    scorer = SampleScorer(real, generator.sample, feature_net="mnist")
    with pytest.raises(InputError, match=r"give value_range=\(low, high\)"):
        scorer(step=1)


@pytest.mark.parametrize("name", ["n", "batch_size"])
def test_nothing_to_sample_is_refused(real, generator, name):
    with pytest.raises(InputError, match=f"{name} is 0; wanted a whole number, 1 or more"):
        scorer_of(real, generator, **{name: 0})


def test_other_numbers_of_images_than_asked_for_are_refused(real, generator):
    scorer = scorer_of(real, generator)
    scorer._sample = lambda n: generator.sample(n + 1)
    with pytest.raises(InputError, match=r"sample\(32\) returned 33 images"):
        scorer(step=1)
