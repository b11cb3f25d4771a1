from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from ganeval.errors import InputError, NetError
from ganeval.images import iterate
from ganeval.nets import (
    fingerprint,
    load_card,
    load_net,
    net_names,
    nets_home,
    prepare,
    train_net,
    training_hashes,
)

QUICK = {"widths": (4,), "dim": 3, "batch_size": 16, "device": "cpu", "flips": False}


def tensors(card):
    return load_file(card.folder / card.weights)


def assert_same_weights(one, other):
    one, other = tensors(one), tensors(other)
    assert one.keys() == other.keys()
    for key, value in one.items():
        assert torch.equal(value, other[key]), key


def test_it_learns_two_channels_of_uint16(trained, shapes, sources):
    assert trained.validation["accuracy"] == 1
    assert (trained.channels, trained.dtype, trained.dim) == (2, "uint16", 6)
    assert trained.value_range == ((0.0, 65535.0),)
    assert trained.classes == ("class0", "class1", "class2")
    images, labels = shapes(60, seed=1)
    net = load_net(trained)
    logits = net(prepare(list(images), card=net.card)).logits
    assert [trained.classes[k] for k in logits.argmax(1)] == labels


def test_the_embedding_suits_a_gaussian(trained, shapes):
    images, _ = shapes(300, seed=2)
    net = load_net(trained)
    features = net(prepare(list(images), card=net.card)).features.numpy()
    assert features.std(axis=0) == pytest.approx(np.ones(6), abs=0.4)
    assert ((features > 0).mean(axis=0) > 0.05).all()
    assert ((features < 0).mean(axis=0) > 0.05).all()


def test_the_card_has_what_a_reader_asks_for(trained):
    validation, training = trained.validation, trained.training
    confusion = np.array(validation["confusion"])
    assert confusion.sum() == validation["n"] == 9
    assert np.trace(confusion) / 9 == validation["accuracy"]
    assert list(validation["per_class_accuracy"]) == list(trained.classes)
    assert 0 <= validation["ece"] <= 1
    assert training["n_images"] == 96 - 9
    assert training["settings"]["seed"] == 0
    assert trained.licence == "unknown"
    assert load_card(trained.folder) == trained


def test_hashes_of_the_images_trained_on_are_kept(trained, shapes, sources):
    hashes = training_hashes(trained)
    assert hashes.dtype == np.uint64
    assert (np.diff(hashes.astype(object)) > 0).all()
    batches = iterate(sources(*shapes()), batch_size=64)
    seen = np.isin(np.concatenate([batch.hashes[:, 0] for batch in batches]), hashes)
    assert seen.sum() == len(hashes) == trained.training["n_images"]
    assert training_hashes(load_card("pixels")) is None


def test_a_trained_net_is_found_by_its_name(shapes, sources):
    card = train_net(sources(*shapes()), name="mine", epochs=1, **QUICK)
    assert "mine" in net_names()
    assert load_card("mine") == card
    assert card.folder == nets_home() / "mine"
    assert load_net("mine")(torch.rand(2, 2, 12, 14)).features.shape == (2, 3)
    files = sorted(card.folder.iterdir())
    assert [path.name for path in files] == ["card.json", "weights.safetensors"]
    assert len({path.stat().st_mode for path in files}) == 1  # readable by the same people


def test_the_same_training_again_returns_at_once_and_another_is_refused(shapes, sources):
    images, labels = shapes()
    source = sources(images, labels)
    steps = []
    first = train_net(source, name="mine", epochs=1, **QUICK)
    again = train_net(source, name="mine", epochs=1, progress=steps.append, **QUICK)
    assert again == first and steps == []
    with pytest.raises(NetError, match=r"holds a trained net already, .* choose another --name"):
        train_net(source, name="mine", epochs=2, **QUICK)
    with pytest.raises(NetError, match="holds a trained net already"):
        train_net(source, name="mine", epochs=1, resume=False, **QUICK)
    plates = [f"plate{i // 6}" for i in range(len(labels))]
    with pytest.raises(NetError, match="holds a trained net already"):
        train_net(sources(images, labels, groups=plates), name="mine", epochs=1, **QUICK)


def test_the_seed_decides_about_the_weights(shapes, sources, tmp_path):
    source = sources(*shapes())
    one, same = (
        train_net(source, name="n", out=tmp_path / f, epochs=2, **QUICK) for f in ("a", "b")
    )
    other = train_net(source, name="n", out=tmp_path / "c", epochs=2, seed=1, **QUICK)
    assert_same_weights(one, same)
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)


class Killed(Exception):
    pass


def killer(epoch):
    def progress(state):
        if state.epoch == epoch and state.step % 6 == 3:
            raise Killed

    return progress


def test_a_killed_training_ends_with_the_weights_of_one_that_ran_through(shapes, sources, tmp_path):
    source = sources(*shapes())
    whole = train_net(source, name="n", out=tmp_path / "whole", epochs=5, **QUICK)
    options = {"name": "n", "out": tmp_path / "killed", "epochs": 5, **QUICK}
    for epoch in (1, 3, 4):
        with pytest.raises(Killed):
            train_net(source, progress=killer(epoch), **options)
    seen = []
    resumed = train_net(source, progress=seen.append, **options)
    assert [seen[0].epoch, seen[-1].epoch] == [4, 5]
    assert seen[0].loss is not None
    assert_same_weights(resumed, whole)
    assert replace(resumed, folder=None) == replace(whole, folder=None)


def test_an_unfinished_training_is_not_mixed_with_another(shapes, sources, tmp_path):
    source, options = sources(*shapes()), {"name": "n", "out": tmp_path, **QUICK}
    with pytest.raises(Killed):
        train_net(source, epochs=5, progress=killer(2), **options)
    with pytest.raises(NetError, match=r"unfinished training .* --restart"):
        train_net(source, epochs=4, **options)
    images, labels = shapes(seed=5)
    with pytest.raises(NetError, match="unfinished training on other data"):
        train_net(sources(images, labels), epochs=5, **options)
    assert train_net(source, epochs=4, resume=False, **options).training["epochs_run"] <= 4


def test_a_damaged_checkpoint_is_named(shapes, sources, tmp_path):
    (tmp_path / "checkpoint.pt").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(NetError, match=r"checkpoint.pt is not a training to resume"):
        train_net(sources(*shapes()), name="n", out=tmp_path, epochs=1, **QUICK)


def test_training_stops_when_the_held_out_images_stop_improving(sources, tmp_path):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (40, 1, 8, 8), np.uint8)
    card = train_net(
        sources(noise, rng.integers(0, 2, 40)),
        name="n",
        out=tmp_path,
        epochs=200,
        patience=3,
        **QUICK,
    )
    assert card.training["epochs_run"] == card.training["best_epoch"] + 3 < 200


def test_groups_stay_on_one_side_and_lone_classes_are_noted(shapes, sources, tmp_path):
    images, labels = shapes()
    groups = [f"plate{i // 12}" if label != "class2" else "only" for i, label in enumerate(labels)]
    card = train_net(sources(images, labels, groups=groups), name="n", out=tmp_path, epochs=1,
                     **QUICK)  # fmt: skip
    assert card.training["n_groups"] == 9
    assert card.validation["n"] == 8  # the two other classes of one plate
    assert card.validation["per_class_accuracy"]["class2"] is None
    assert "sit in one group (class2)" in card.training["notes"][0]


def test_duplicates_across_the_split_are_noted(shapes, sources, tmp_path):
    images, labels = shapes(30)
    twice = sources(np.concatenate([images] * 4), labels * 4)
    card = train_net(twice, name="n", out=tmp_path, epochs=1, **QUICK)
    assert "held-out images are also among those trained on" in card.training["notes"][-1]


@pytest.mark.parametrize(
    ("dtype", "value_range"),
    [(np.uint8, None), (np.uint16, ((0.0, 4095.0),)), (np.float32, ((0.0, 2.0), (-1.0, 1.0)))],
)
def test_the_value_range_is_kept_in_the_card(shapes, sources, tmp_path, dtype, value_range):
    images, labels = shapes(dtype=dtype, high=255 if dtype == np.uint8 else 4095)
    if dtype == np.float32:
        images = images / np.float32(4095)
    source = sources(images, labels, value_range=value_range)
    card = train_net(source, name="n", out=tmp_path, epochs=1, **QUICK)
    assert card.value_range == (value_range or ((0.0, 255.0),))
    mean = np.array(card.options["mean"])
    assert ((mean > -1) & (mean < 2)).all()
    net = load_net(card)
    prepared = prepare(list(images), card=card)
    inputs = (prepared.numpy() - mean.reshape(2, 1, 1)) / np.reshape(card.options["std"], (2, 1, 1))
    assert abs(inputs.mean(axis=(0, 2, 3))).max() < 0.1
    assert inputs.std(axis=(0, 2, 3)) == pytest.approx([1, 1], abs=0.1)
    assert torch.isfinite(net(prepared).features).all()


def test_float_without_a_range_is_refused(shapes, sources, tmp_path):
    images, labels = shapes(dtype=np.float32, high=1.0)
    with pytest.raises(InputError, match="--value-range"):
        train_net(sources(images, labels), name="n", out=tmp_path, epochs=1, **QUICK)


def test_mixed_sizes_are_resized_only_when_asked(sources, shapes, tmp_path):
    from ganeval.images import open_images

    small, labels = shapes(45, channels=1, dtype=np.uint8, high=255)
    large, more = shapes(45, channels=1, dtype=np.uint8, high=255, size=(24, 28))
    listed = [image.transpose(1, 2, 0) for image in [*small, *large]]
    source = replace(open_images(listed, layout="NHWC"), labels=(*labels, *more))
    with pytest.raises(InputError, match=r"is 24 x 28 pixels .* 12 x 14; .*--input-size"):
        train_net(source, name="n", out=tmp_path, epochs=1, **QUICK)
    card = train_net(source, name="n", out=tmp_path, epochs=1, input_size=(16, 16), **QUICK)
    assert (card.input_size, card.resize) == ((16, 16), "bilinear-antialias")
    output = load_net(card)(prepare([*small[:2], *large[:2]], card=card))
    assert output.features.shape == (4, 3)


@pytest.mark.parametrize("labels", [["a"] * 9, ["a"] * 8 + ["b"]], ids=["one", "lone"])
def test_labels_that_make_no_task_are_refused(sources, labels):
    problem = "have the label 'a'" if "b" not in labels else r"single image \(b\)"
    with pytest.raises(InputError, match=problem):
        train_net(sources(np.zeros((9, 1, 8, 8), np.uint8), labels), name="n")


def test_images_below_8_pixels_are_refused(sources, tmp_path):
    images, labels = np.zeros((9, 1, 8, 7), np.uint8), ["a", "b", "c"] * 3
    with pytest.raises(InputError, match=r"7 pixels along a side .* needs 8; .*--input-size"):
        train_net(sources(images, labels), name="n", out=tmp_path)


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "a b", "mnist", "inception"])
def test_names_that_would_mislead_are_refused(sources, name):
    with pytest.raises(InputError, match=r"cannot be called|is a built-in net"):
        train_net(sources(np.zeros((4, 1, 8, 8), np.uint8), ["a", "b"] * 2), name=name)


@pytest.mark.parametrize(
    "change", [{"dim": 0}, {"epochs": -1}, {"batch_size": 1}, {"held_out": 1.0}, {"shift": 0.9}]
)
def test_numbers_out_of_reach_are_named(sources, change):
    source = sources(np.zeros((4, 1, 8, 8), np.uint8), ["a", "b"] * 2)
    with pytest.raises(InputError, match=f"{next(iter(change))} is .*, wanted"):
        train_net(source, name="n", **change)


@pytest.mark.parametrize("n", [4, 5, 7])
def test_a_handful_of_images_is_enough_to_run(sources, tmp_path, n):
    images = np.random.default_rng(0).integers(0, 256, (n, 3, 8, 8), np.uint8)
    labels = (["a", "b"] * 4)[:n]
    card = train_net(sources(images, labels), name="n", out=tmp_path, epochs=1, device="cpu")
    assert load_net(card)(torch.rand(2, 3, 8, 8)).logits.shape == (2, 2)


def test_no_global_state_is_touched(shapes, sources, tmp_path):
    before = (
        torch.get_rng_state().tolist(),
        np.random.get_state()[1].tolist(),  # noqa: NPY002
        torch.get_num_threads(),
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
    )
    with torch.no_grad():
        train_net(sources(*shapes()), name="n", out=tmp_path, epochs=1, **QUICK)
        assert not torch.is_grad_enabled()
    after = (
        torch.get_rng_state().tolist(),
        np.random.get_state()[1].tolist(),  # noqa: NPY002
        torch.get_num_threads(),
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
    )
    assert after == before
