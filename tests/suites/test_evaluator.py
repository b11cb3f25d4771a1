import copy
import multiprocessing
import pickle

import numpy as np
import pytest
import torch
from PIL import Image

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


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_range_of_floats_is_not_that_of_integers(dtype):
    rng = np.random.default_rng(0)
    real, fake = rng.integers(0, np.iinfo(dtype).max, (2, 300, 8, 8, 1), dtype=dtype)
    evaluator = ganeval.Evaluator(
        real, feature_net="pixels", metrics=["fid"], value_range=(-1.0, 1.0)
    )
    evaluator.update(fake)
    right = ganeval.fid(real, fake, feature_net="pixels")
    assert evaluator.compute()["fid"].value == pytest.approx(right.value, rel=1e-12)


def forms_of(batch, labels):
    yield batch
    yield [batch]
    yield (batch,)
    yield [batch, labels]
    yield (batch, labels, torch.arange(len(batch)))
    yield {"pixel_values": batch, "label": labels}
    yield {"image": list(batch), "cls": labels.tolist()}
    yield torch.utils.data.DataLoader(torch.utils.data.TensorDataset(batch, labels), 8)
    yield [Image.fromarray(image[0].numpy()) for image in batch]
    yield [(image, label) for image, label in zip(batch, labels, strict=True)]


def test_a_batch_may_come_in_any_form_that_a_loader_gives(real):
    batch, labels = torch.from_numpy(digits(20, seed=1)), torch.arange(20) % 3
    right = ganeval.kid(real[:40], batch, feature_net="pixels").value
    evaluator = ganeval.Evaluator(real[:40], feature_net="pixels", metrics=["kid"])
    for form in forms_of(batch, labels):
        evaluator.reset()
        evaluator.update(form)
        assert evaluator.compute()["kid"].value == pytest.approx(right, rel=1e-9)


def test_one_image_is_a_batch_of_one(real):
    fakes = digits(4, seed=1)
    evaluator = ganeval.Evaluator(real, feature_net="pixels", metrics=["kid"])
    for fake in fakes:
        evaluator.update(Image.fromarray(fake[0]))
    one_by_one = evaluator.compute()["kid"].value
    evaluator.reset()
    for fake in fakes:
        evaluator.update(torch.from_numpy(fake), batched=False)
    assert evaluator.compute()["kid"].value == one_by_one
    evaluator.reset()
    evaluator.update(list(torch.from_numpy(fakes)), batched=False)
    assert evaluator.compute()["kid"].value == one_by_one


def test_labels_of_batches_reach_the_metrics_of_classes(real):
    fake, labels = torch.from_numpy(digits(50, seed=1)), [i % 2 for i in range(50)]
    reals = list(zip(real[:60], [i % 2 for i in range(60)], strict=True))
    evaluator = ganeval.Evaluator(reals, feature_net="pixels", metrics=["intra_kid"])
    for part in (slice(0, 30), slice(30, 50)):
        evaluator.update((fake[part], torch.tensor(labels[part])))
    whole = ganeval.intra_kid(reals, list(zip(fake, labels, strict=True)), feature_net="pixels")
    found = evaluator.compute()["intra_kid"]
    assert found.value == pytest.approx(whole.value, rel=1e-9)
    assert found.details["classes"].keys() == {"0", "1"}
    with pytest.raises(
        ganeval.InputError, match=r"the batch has no labels; give update\(\(images,"
    ):
        evaluator.update(fake)


@pytest.mark.parametrize("last", [1, 2, 3])
def test_the_layout_of_the_first_batch_holds_for_the_last(last):
    grey = torch.from_numpy(digits(64 + last, seed=1)[:, 0])
    real = torch.from_numpy(digits(64, seed=0)[:, 0])
    for wrap in (lambda batch: batch, lambda batch: [batch], lambda batch: {"image": batch}):
        evaluator = ganeval.Evaluator(real, feature_net="pixels", metrics=["kid"])
        for batch in grey.split(32):
            evaluator.update(wrap(batch))
        score = evaluator.compute()["kid"]
        assert score.n_fake == 64 + last
        assert score.value == pytest.approx(ganeval.kid(real, grey, feature_net="pixels").value)


def test_what_a_batch_is_is_never_guessed(real):
    evaluator = ganeval.Evaluator(real, feature_net="pixels", metrics=["kid"])
    image = torch.zeros(3, 8, 8)
    for batch, message in (
        (image, r"3 grey images or one image of 3 channels; say .*layout"),
        (digits(7, seed=0), r"looks like NCHW, .* say .*layout"),
        ([image.repeat(2, 1, 1)] * 2, "list of 2 arrays of 3 axes"),
        ([real, real], "the batch is a list of 2 batches; give one at a time"),
        ({"latents": image}, "no image, only latents"),
        (torch.nn.Linear(2, 2), "a Linear makes images but holds none"),
    ):
        with pytest.raises(ganeval.InputError, match=message):
            evaluator.update(batch)
    named = ganeval.Evaluator(real, feature_net="pixels", metrics=["kid"], layout="NCHW")
    named.update(digits(7, seed=0))
    assert named.compute()["kid"].n_fake == 7


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("authpct", r"authpct needs the training images, .*ganeval.authpct\(real, fake, train="),
        ("ct", "ct needs the training images"),
        ("intra_fid", "intra_fid compares within classes, but .* has no labels"),
        ("intra_kid", "has no labels; give open_images"),
        ("is", "inception_score needs a net that classifies, and 'pixels' does not"),
    ],
)
def test_metrics_that_cannot_be_computed_are_refused_before_the_epoch(real, metric, message):
    with pytest.raises(ganeval.InputError, match=message):
        ganeval.Evaluator(real, feature_net="pixels", metrics=["fid", metric])


def test_images_that_do_not_fit_are_told_at_update(real):
    evaluator = ganeval.Evaluator(real, feature_net="pixels", metrics=["fid"])
    evaluator.update(torch.from_numpy(digits(20, seed=1)))
    for batch in (torch.zeros(20, 1, 9, 9, dtype=torch.uint8),
                  torch.zeros(20, 2, 8, 8, dtype=torch.uint8),
                  torch.zeros(20, 8),
                  (torch.from_numpy(digits(20, seed=1)), torch.arange(20))):  # fmt: skip
        with pytest.raises(ganeval.InputError):
            evaluator.update(batch)
    assert evaluator.compute()["fid"].n_fake == 20


def test_statistics_are_enough_where_all_metrics_take_them(real, tmp_path):
    fake = torch.from_numpy(digits(300, seed=1) // 2)
    statistics = ganeval.statistics_of(ganeval.extract(real, "pixels"))
    statistics.save(tmp_path / "st.npz")
    right = ganeval.fid(real, fake, feature_net="pixels").value
    for given in (statistics, tmp_path / "st.npz", str(tmp_path / "st.npz")):
        evaluator = ganeval.Evaluator(given, feature_net="pixels", metrics=["fid"])
        evaluator.update(fake)
        assert evaluator.compute()["fid"].value == pytest.approx(right, rel=1e-9)
        with pytest.raises(ganeval.InputError, match="differ in preprocessing sizes"):
            evaluator.update(torch.zeros(5, 1, 9, 9, dtype=torch.uint8))
        with pytest.raises(ganeval.InputError, match="statistics"):
            ganeval.Evaluator(given, feature_net="pixels", metrics=["fid", "kid"])


def test_a_reference_of_images_and_statistics_gives_each_metric_what_fid_and_kid_take(
    real, tmp_path
):
    other = ganeval.statistics_of(ganeval.extract(torch.from_numpy(digits(300, seed=5)), "pixels"))
    path = tmp_path / "reference.npz"
    images = real.numpy().transpose(0, 2, 3, 1)
    np.savez(path, arr_0=images, mu=other.mean.numpy(), sigma=other.cov.numpy())
    fake = torch.from_numpy(digits(300, seed=1) // 2)
    evaluator = ganeval.Evaluator(path, feature_net="pixels", metrics=["fid", "kid"])
    evaluator.update(fake)
    scores = evaluator.compute()
    assert scores["fid"].value == ganeval.fid(path, fake, feature_net="pixels").value
    assert scores["kid"].value == pytest.approx(ganeval.kid(real, fake, feature_net="pixels").value)


def test_an_evaluator_arrives_in_another_process_with_its_fakes(real):
    fake = torch.from_numpy(digits(60, seed=1) // 2)
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 1, 5, 2), torch.nn.Flatten())
    for feature_net in ("pixels", net):
        evaluator = ganeval.Evaluator(real[:50], feature_net=feature_net, metrics=["kid"])
        evaluator.update(fake[:20])
        copies = pickle.loads(pickle.dumps(evaluator)), copy.deepcopy(evaluator), evaluator
        for copied in copies:
            copied.update(fake[20:])
        assert [copied.compute()["kid"].n_fake for copied in copies] == [60] * 3
        assert len({copied.compute()["kid"].value for copied in copies}) == 1


def score_in_process(evaluator, fake, queue):
    evaluator.update(fake)
    queue.put(evaluator.compute()["kid"].value)


def test_a_spawned_process_scores_as_this_one_does(real):
    fake = digits(50, seed=1)[:, 0]
    evaluator = ganeval.Evaluator(real[:50], feature_net="pixels", metrics=["kid"])
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=score_in_process, args=(evaluator, fake, queue))
    process.start()
    found = queue.get(timeout=120)
    process.join()
    assert found == ganeval.kid(real[:50], fake, feature_net="pixels").value


def test_a_range_of_the_fakes_is_not_taken_for_that_of_float_reals(real):
    floats = real.float() / 255
    with pytest.raises(ganeval.InputError, match=r"is that of the fakes; .*open_images\(real, val"):
        ganeval.Evaluator(floats, feature_net="pixels", value_range=(-1, 1))
    opened = ganeval.open_images(floats, value_range=(0, 1))
    evaluator = ganeval.Evaluator(
        opened, feature_net="pixels", metrics=["kid"], value_range=(-1, 1)
    )
    evaluator.update(floats * 2 - 1)
    assert evaluator.compute()["kid"].value < 1e-6
    for undeclared in (
        lambda: ganeval.Evaluator(floats, feature_net="pixels"),
        lambda: ganeval.kid(floats, floats, feature_net="pixels"),
    ):
        with pytest.raises(ganeval.InputError, match=r"in Python: ganeval.open_images\(IMAGES, v"):
            undeclared()


@pytest.mark.parametrize(("value_range", "message"), [("data", "batches"), ((1, 0), "is empty")])
def test_a_range_that_batches_cannot_have_is_refused_at_once(real, value_range, message):
    with pytest.raises(ganeval.InputError, match=message):
        ganeval.Evaluator(real, feature_net="pixels", value_range=value_range)


def test_advice_for_a_batch_can_be_followed(real):
    evaluator = ganeval.Evaluator(real, feature_net="pixels", metrics=["kid"])
    fake = torch.from_numpy(digits(8, seed=1))
    two = fake.repeat(1, 2, 1, 1)
    with pytest.raises(ganeval.InputError, match=r"open_images\(IMAGES, channels=\(0, 1\)\)"):
        evaluator.update(two)
    evaluator.update(ganeval.open_images(two, channels=(0,)))
    large = fake.repeat(1, 1, 2, 2)
    with pytest.raises(ganeval.InputError, match=r"extract\(IMAGES, NET, resize=\(H, W\)\)"):
        evaluator.update(large)
    colour = ganeval.Evaluator(two, feature_net="pixels", metrics=["kid"])
    with pytest.raises(ganeval.InputError, match="give batched=False for a single image"):
        colour.update(two[0])
    for image in two:
        colour.update(image, batched=False)
    assert colour.compute()["kid"].n_fake == 8


@pytest.mark.parametrize("wrap", [tuple, lambda pair: {"image": pair[0], "label": pair[1]}])
@pytest.mark.parametrize(
    ("labels", "what"),
    [
        (torch.eye(2, dtype=torch.int64)[[0, 1] * 4], r"int64 \[8, 2\].*one-hot.*argmax"),
        (torch.tensor([0.0, 1.0] * 4), r"float32 \[8\].*floats; give whole numbers"),
    ],
)
def test_labels_that_are_none_are_named_for_what_they_are(real, wrap, labels, what):
    reals = list(zip(real[:60], [i % 2 for i in range(60)], strict=True))
    evaluator = ganeval.Evaluator(reals, feature_net="pixels", metrics=["intra_kid"])
    with pytest.raises(ganeval.InputError, match=f"has no labels .*{what}"):
        evaluator.update(wrap((torch.from_numpy(digits(8, seed=1)), labels)))


def test_a_single_image_of_many_channels_is_no_batch_of_grey_ones():
    rng = np.random.default_rng(0)
    real = torch.from_numpy(rng.integers(0, 256, (30, 6, 9, 9), dtype=np.uint8))
    evaluator = ganeval.Evaluator(real, feature_net="pixels", metrics=["kid"])
    with pytest.raises(ganeval.InputError, match=r"6 grey images.*update\(image, batched=False\)"):
        evaluator.update(real[0])
    for image in real[:3]:
        evaluator.update(image, batched=False)
    assert evaluator.compute()["kid"].n_fake == 3
