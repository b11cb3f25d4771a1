"""The main job on real images: damage is seen, and grows with its strength."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import ganeval

N = 1200


def read(path):
    source = ganeval.open_images(path, max_images=N)
    return np.stack([source.read(i).transpose(1, 2, 0) for i in range(N)]), np.array(source.labels)


@pytest.fixture(scope="module")
def mnist(data_dir):
    real = ganeval.open_images(data_dir / "mnist" / "train-images-idx3-ubyte.gz", max_images=N)
    return (
        ganeval.extract(real, "mnist", cache=False),
        *read(data_dir / "mnist" / "t10k-images-idx3-ubyte.gz"),
    )


def noisy(images, labels, strength):
    noise = np.random.default_rng(0).normal(0, 60 * strength, images.shape)
    return (images + noise).clip(0, 255).astype(np.uint8)


def blurred(images, labels, strength):
    soft = gaussian_filter(images.astype(np.float32), (0, 1.5 * strength, 1.5 * strength, 0))
    return soft.round().astype(np.uint8)


def mode_dropped(images, labels, strength):
    missing = np.unique(labels)[: round(6 * strength)]
    kept = np.flatnonzero(~np.isin(labels, missing))
    return images[np.random.default_rng(0).choice(kept, len(images))]


def estimate(score):
    return score.value if score.corrected is None else score.corrected


@pytest.mark.parametrize("damage", [noisy, blurred, mode_dropped])
def test_damage_is_seen_and_grows_with_its_strength(mnist, damage):
    real, images, labels = mnist
    fakes = [ganeval.extract(images, "mnist")]
    for strength in (2 / 3, 1.0):
        fakes.append(ganeval.extract(damage(images, labels, strength), "mnist"))
    for metric in (ganeval.fid, ganeval.kid):
        undamaged, some, more = (metric(real, fake) for fake in fakes)
        assert abs(estimate(undamaged)) * 10 < estimate(some) < estimate(more)
        assert undamaged.interval[0] <= 0 <= undamaged.interval[1] < some.interval[0]


def test_two_channels_of_real_cells_go_through_pixels_unharmed(data_dir):
    cells = ganeval.open_images(data_dir / "lin41_sample", channels=(0, 1))
    features = ganeval.extract(cells, "pixels", cache=False)
    assert features.features.shape == (205, 2 * 64)
    assert len(set(features.labels)) == 41
    # 48 x 80 pixels onto 8 x 8: blocks of 6 x 10, means of values in [0, 1].
    blocks = cells.read(7).reshape(2, 8, 6, 8, 10).mean(axis=(2, 4)) / 255
    np.testing.assert_allclose(features.features[7], blocks.ravel(), atol=1e-6)
    blue = ganeval.open_images(data_dir / "lin41_sample", channels=(2,))
    assert not ganeval.extract(blue, "pixels", cache=False).features.any()


def test_a_net_trained_on_two_channels_of_real_cells_scores_them(data_dir):
    cells = ganeval.open_images(data_dir / "lin41_sample", channels=(0, 1))
    card = ganeval.train_net(cells, name="cells", dim=16, epochs=2)
    assert (card.channels, card.input_size, len(card.classes)) == (2, (48, 80), 41)
    features = ganeval.extract(cells, "cells", cache=False)
    assert features.features.shape == (205, 16)
    assert features.logits.shape == (205, 41)
    score = ganeval.fid(features, features)
    assert score.value == pytest.approx(0, abs=1e-6)
    with pytest.raises(ganeval.ImageError, match="3 channels but net 'cells' takes 2"):
        ganeval.extract(data_dir / "lin41_sample", "cells", cache=False)


def test_lin41_reads_real_cells_as_they_are_and_knows_their_proteins_from_others(data_dir):
    """It has seen simulated cells only: pairs of one protein must still be nearer than others."""
    cells = ganeval.extract(data_dir / "lin41_sample", "lin41", cache=False)
    assert cells.protocol["images"]["empty_channels"] == [2]
    unit = cells.features / np.linalg.norm(cells.features, axis=1, keepdims=True)
    labels = np.array(cells.labels)
    i, j = np.triu_indices(len(labels), 1)
    similarity, same = (unit[i] * unit[j]).sum(1), labels[i] == labels[j]
    ranks = similarity.argsort().argsort() + 1
    n_same, n_other = same.sum(), (~same).sum()
    auc = (ranks[same].sum() - n_same * (n_same + 1) / 2) / (n_same * n_other)
    assert auc > 0.75


def test_morphology_measures_real_cells(data_dir):
    cells = ganeval.open_images(data_dir / "lin41_sample", channels=(0, 1))
    features = ganeval.extract(cells, "morphology", cache=False)
    names = ganeval.nets.feature_names(ganeval.nets.load_card("morphology"), 2)
    assert np.isfinite(features.features).all() and not features.warnings
    length = np.expm1(features.features[:, names.index("log_length")])
    assert 30 < length.min() and length.max() < 82 and 48 < np.median(length) < 60
