"""Training without labels."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

import ganeval
from ganeval.errors import InputError
from ganeval.nets import load_net, prepare, train_net
from ganeval.nets.training import _fit


def bars(n=240, *, seed=0):
    """Noisy images of bars: upright, level or slanting, anywhere in the picture."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    y, x = np.mgrid[:16, :16]
    images = rng.uniform(0, 60, (n, 1, 16, 16))
    for image, label in zip(images, labels, strict=True):
        cy, cx = rng.uniform(4, 12, 2)
        distance = [x - cx, y - cy, (x - cx + y - cy) / 2**0.5][label]
        image[0] += 150 * (np.abs(distance) < 1.5) * (np.hypot(x - cx, y - cy) < 6)
    return images.astype(np.uint8), labels


def train(sources, out, *, seed=0, epochs=12, images=None, **options):
    pixels = bars()[0] if images is None else images
    return train_net(
        sources(pixels, **options), name="bars", out=out, epochs=epochs, widths=(16, 32), dim=8,
        batch_size=48, seed=seed, flips=False, device="cpu",
    )  # fmt: skip


@pytest.fixture(scope="module")
def card(sources, tmp_path_factory):
    return train(sources, tmp_path_factory.mktemp("bars"), epochs=25)


def probe(features, labels, new_features, new_labels):
    """Accuracy of a linear classifier on frozen features."""
    model = LogisticRegression(max_iter=2000).fit(features, labels)
    return model.score(new_features, new_labels)


def test_it_learns_more_than_pixels_show(card):
    (images, labels), (fresh, truth) = bars(seed=1), bars(seed=2)
    net = load_net(card)
    ours = [net(prepare(list(x), card=card)).features for x in (images, fresh)]
    pixels = [ganeval.extract(torch.from_numpy(x), "pixels").features for x in (images, fresh)]
    accuracy = probe(ours[0], labels, ours[1], truth)
    assert accuracy > 0.8
    assert accuracy > probe(pixels[0], labels, pixels[1], truth) + 0.1


def test_the_features_fill_their_space(card):
    net = load_net(card)
    features = net(prepare(list(bars(seed=3)[0]), card=card)).features.double()
    assert ((features.std(0) > 0.4) & (features.std(0) < 2.5)).all()
    values = torch.linalg.eigvalsh(torch.cov(features.T))
    assert values.sum() ** 2 / values.square().sum() > 1.5  # 1 if collapsed


def test_the_card_says_how(card):
    assert card.classes is None and load_net(card)(torch.zeros(1, 1, 16, 16)).logits is None
    assert "VICReg" in card.training["method"] and "arXiv:2105.04906" in card.training["method"]
    assert card.validation["loss"] > 0 and "accuracy" not in card.validation


def test_labels_can_be_left_alone(sources, tmp_path):
    images, labels = bars(60)
    card = train_net(
        sources(images, labels), name="bars", out=tmp_path, epochs=1, widths=(8,), dim=4,
        unlabelled=True, device="cpu",
    )  # fmt: skip
    assert card.classes is None


def test_a_killed_training_ends_with_the_weights_of_one_that_ran_through(
    sources, tmp_path, monkeypatch
):
    whole = train(sources, tmp_path / "whole", epochs=4)
    save, calls = _fit._save, []

    def dying_save(*arguments):
        save(*arguments)
        calls.append(None)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(_fit, "_save", dying_save)
    with pytest.raises(KeyboardInterrupt):
        train(sources, tmp_path / "killed", epochs=4)
    monkeypatch.setattr(_fit, "_save", save)
    resumed = train(sources, tmp_path / "killed", epochs=4)
    assert resumed.sha256 == whole.sha256
    assert train(sources, tmp_path / "other", epochs=4, seed=1).sha256 != whole.sha256


def test_groups_stay_on_one_side(sources, tmp_path):
    images, _ = bars(60)
    card = train(sources, tmp_path, epochs=1, images=images, groups=np.arange(60) // 10)
    assert card.validation["n"] == 10
    assert card.training["n_images"] == 50


def test_a_handful_of_images_is_refused_and_a_few_more_will_do(sources, tmp_path):
    with pytest.raises(InputError, match="has 15 images; .* needs 16 or more"):
        train(sources, tmp_path / "few", images=bars(15)[0])
    card = train(sources, tmp_path / "enough", epochs=1, images=bars(16)[0])
    assert card.validation["n"] == 4 and card.validation["loss"] > 0


def test_global_random_state_is_left_alone(sources, tmp_path):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    train(sources, tmp_path, epochs=1, images=bars(60)[0])
    assert torch.equal(torch.get_rng_state(), before)
