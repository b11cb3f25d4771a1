import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from scipy import stats
from skimage import draw, filters, measure
from typer.testing import CliRunner

import ganeval
from ganeval.cli import main
from ganeval.errors import GanevalError, InputError, MissingExtraError, NetError
from ganeval.nets import (
    feature_names,
    fingerprint,
    kept_processes,
    load_card,
    load_net,
    measurements,
    morphology_card,
    shared_among,
    with_settings,
)
from ganeval.nets._measure import _axis

SIZE = (96, 128)


def plain(images, **options):
    """Measurements of images [n, c, h, w], logarithms undone."""
    net = load_net(morphology_card(**options))
    return measurements(net(torch.from_numpy(np.asarray(images, np.float32))).features)


def one(image, **options):
    image = np.asarray(image)
    return {k: v[0] for k, v in plain((image if image.ndim == 3 else image[None])[None]).items()}


def grid(angle=0.0):
    """Coordinates along and across an axis at `angle` through the middle, off the pixel grid."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    y, x = rows - SIZE[0] / 2 + 0.3, columns - SIZE[1] / 2 + 0.2
    t = np.deg2rad(angle)
    return x * np.cos(t) + y * np.sin(t), y * np.cos(t) - x * np.sin(t)


def capsule(length, width, angle=0.0):
    u, v = grid(angle)
    straight = np.abs(u).clip(max=(length - width) / 2) * np.sign(u)
    return (np.hypot(u - straight, v) <= width / 2).astype(float)


def ellipse(length, width, angle=0.0):
    u, v = grid(angle)
    return ((2 * u / length) ** 2 + (2 * v / width) ** 2 <= 1).astype(float)


def textured(seed=0, channels=2, angle=20.0):
    """A cell with structure in every channel, on a noisy background."""
    rng = np.random.default_rng(seed)
    noise = filters.gaussian(rng.random((channels, *SIZE)), 1.5, channel_axis=0)
    return (0.3 + noise) * capsule(60, 22, angle) + 0.05 * rng.random((channels, *SIZE))


def test_an_upright_rectangle_is_exact():
    image = np.zeros(SIZE)
    image[30:50, 20:80] = 1
    found = one(image)
    assert found["area"] == pytest.approx(1200, rel=1e-5)
    assert found["length"] == pytest.approx(60, rel=1e-5)
    assert found["width"] == pytest.approx(20, rel=1e-5)
    assert found["eccentricity"] == pytest.approx(np.sqrt(1 - (20**2 - 1) / (60**2 - 1)), abs=2e-3)
    assert found["bending"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("angle", [0, 17, 45, 90, 133])
def test_a_capsule_has_its_area_length_and_width_at_any_angle(angle):
    found = one(capsule(70, 24, angle))
    assert found["area"] == pytest.approx(46 * 24 + np.pi * 12**2, rel=0.02)
    assert found["length"] == pytest.approx(70, abs=1.2)
    assert found["width"] == pytest.approx(24, abs=0.6)
    assert found["bending"] < 0.5 / 70  # half a pixel


@pytest.mark.parametrize("angle", [0, 30, 60, 135])
def test_an_ellipse_has_its_closed_forms(angle):
    found = one(ellipse(64, 32, angle))
    assert found["area"] == pytest.approx(np.pi * 32 * 16, rel=0.02)
    assert found["length"] == pytest.approx(64, abs=1.2)
    # The mean of sqrt(1 - t^2) over the middle third, |t| < 1/3.
    middle = 1.5 * (np.sqrt(1 - 1 / 9) / 3 + np.arcsin(1 / 3))
    assert found["width"] == pytest.approx(32 * middle, abs=0.6)
    assert found["eccentricity"] == pytest.approx(np.sqrt(1 - 0.25), abs=0.01)


@pytest.mark.parametrize("half_angle", [0.3, 0.6])
def test_a_piece_of_a_ring_bends_as_its_arc(half_angle):
    radius, length = 25 / np.sin(half_angle), 50
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    y, x = rows - 30 + radius, columns - 60.2
    ring = (abs(np.hypot(x, y) - radius) < 4) & (abs(np.arctan2(x, y)) < half_angle)
    sagitta = radius * (1 - np.cos(half_angle))
    assert one(ring)["bending"] == pytest.approx(sagitta / length, rel=0.15)
    assert one(ring)["bending"] == pytest.approx(one(ring[::-1])["bending"], rel=1e-4)


def test_shape_is_that_of_scikit_image():
    for seed in range(5):
        image = textured(seed)
        total = image.astype(np.float32).astype(float).sum(0)
        labels = measure.label(total > filters.threshold_otsu(total), connectivity=1)
        largest = max(measure.regionprops(labels), key=lambda region: region.area)
        filled = measure.regionprops(largest.image_filled.astype(int))[0]
        found = one(image)
        assert found["area"] == pytest.approx(filled.area, rel=1e-5)
        assert found["eccentricity"] == pytest.approx(filled.eccentricity, rel=1e-5)
        assert abs(found["length"] - filled.feret_diameter_max) < 2.5


def test_values_are_those_of_the_object_alone():
    image = textured(3, channels=1)
    inside = one(image)
    mask = filled_mask(image)
    values = image[0].astype(np.float32)[mask].astype(float)
    assert inside["ch0.mean"] == pytest.approx(values.mean(), rel=1e-5)
    assert inside["ch0.spread"] == pytest.approx(values.std(), rel=1e-5)
    assert inside["ch0.skewness"] == pytest.approx(stats.skew(values), abs=1e-5)
    for q in (5, 25, 50, 75, 95):
        assert inside[f"ch0.q{q:02}"] == pytest.approx(np.percentile(values, q), rel=1e-5)


def filled_mask(image):
    total = image.astype(np.float32).astype(float).sum(0)
    labels = measure.label(total > filters.threshold_otsu(total), connectivity=1)
    region = max(measure.regionprops(labels), key=lambda region: region.area)
    mask = np.zeros(total.shape, bool)
    mask[region.slice] = region.image_filled
    return mask


def test_of_several_objects_the_largest_counts_and_holes_belong_to_it():
    image = np.zeros(SIZE)
    image[10:30, 10:60] = 1
    image[15:18, 20:25] = 0
    image[60:70, 10:60] = 1
    assert one(image)["area"] == pytest.approx(1000, rel=1e-5)


def test_planted_spots_are_counted_and_a_plain_object_has_none():
    body = 0.4 * capsule(90, 40)
    assert one(body)["ch0.spots"] == 0
    u, v = grid()
    centres = [(-30, 4), (-12, -9), (0, 8), (14, -3), (31, 0)]
    for x, y in centres:
        body = body + 0.4 * np.exp(-((u - x) ** 2 + (v - y) ** 2) / (2 * 1.5**2)) * (body > 0)
    assert one(body)["ch0.spots"] == pytest.approx(len(centres), rel=1e-5)


def test_texture_is_largest_at_the_scale_of_the_stripes():
    body, (u, _) = capsule(100, 50), grid()
    scales = []
    for period in (2.0, 9.0, 20.0):
        found = one(body * (0.5 + 0.2 * np.sin(2 * np.pi * u / period)))
        scales.append(int(np.argmax([found[f"ch0.texture_{i}"] for i in (1, 2, 3)])))
    assert scales == [0, 1, 2]


def test_a_band_across_the_middle_stands_in_the_first_bin_only():
    image = np.full(SIZE, 0.0)
    image[30:50, 20:80] = 0.4
    image[30:50, 47:53] = 1.0  # 6 of the 12 pixels of the two middle bins
    found = one(image, mask_channel=0)
    axial = [found[f"ch0.axial_{i}"] for i in range(1, 6)]
    np.testing.assert_allclose(axial, [0.7, 0.4, 0.4, 0.4, 0.4], atol=1e-5)
    assert found["ch0.asymmetry"] == pytest.approx(0, abs=1e-6)


def test_a_bright_half_is_an_asymmetry_and_not_a_profile():
    image = np.zeros(SIZE)
    image[30:50, 20:80] = 0.4
    image[30:50, 50:80] = 0.8
    # Otsu keeps the bright half alone, so a second channel outlines the whole.
    found = one(np.stack([image, 9.0 * (image > 0)]))
    np.testing.assert_allclose([found[f"ch0.axial_{i}"] for i in range(1, 6)], 0.6, atol=1e-5)
    assert found["ch0.asymmetry"] == pytest.approx(1 / 3, abs=1e-5)


def test_a_bright_rim_stands_in_the_first_edge_bin():
    body = np.zeros(SIZE)
    body[20:60, 20:100] = 1
    rim = body.copy()
    rim[25:55, 25:95] = 0.0  # 5 of 20 pixels deep: the first quarter
    found = one(np.stack([rim, 3 * body]))
    np.testing.assert_allclose([found[f"ch0.edge_{i}"] for i in (1, 2, 3, 4)], [1, 0, 0, 0])


def test_identical_channels_colocalise_and_disjoint_ones_do_not():
    image = textured(1)[0]
    found = one(np.stack([image, image]))
    for name in ("pearson", "manders_ch0", "manders_ch1"):
        assert found[f"ch0_ch1.{name}"] == pytest.approx(1, abs=1e-6)
    body, (u, _) = capsule(80, 30), grid()
    left, right = body * (u < -2), body * (u > 2)
    found = one(np.stack([left, right, 5 * body]))
    assert found["ch0_ch1.manders_ch0"] == found["ch0_ch1.manders_ch1"] == 0
    assert found["ch0_ch1.pearson"] < -0.8
    assert one(np.stack([body, 2 * body]))["ch0_ch1.pearson"] == 0  # neither varies


def test_colocalisation_is_that_of_scikit_image():
    image = textured(4).astype(np.float32).astype(float)
    mask = filled_mask(image)
    a, b = image
    bright = [x > filters.threshold_otsu(x[mask]) for x in image]
    found = one(image)
    pearson, _ = measure.pearson_corr_coeff(a, b, mask)
    assert found["ch0_ch1.pearson"] == pytest.approx(pearson, abs=1e-5)
    manders = measure.manders_coloc_coeff(a * bright[0], bright[1], mask)
    assert found["ch0_ch1.manders_ch0"] == pytest.approx(manders, abs=1e-5)


@pytest.mark.parametrize("turn", [lambda x: x[..., ::-1], lambda x: x[..., ::-1, :]])
def test_mirroring_and_turning_change_nothing(turn):
    image = textured(2, angle=25.0)
    net = load_net("morphology")
    pair = np.stack([image, turn(image)]).astype(np.float32)
    before, after = net(torch.from_numpy(pair)).features.numpy()
    np.testing.assert_allclose(after, before, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_any_number_of_channels_has_names_for_its_columns(channels):
    images = np.stack([textured(seed, channels) for seed in range(3)]).astype(np.float32)
    net = load_net("morphology")
    names = feature_names(net.card, channels)
    rows = net(torch.from_numpy(images)).features
    assert rows.shape == (3, len(names)) == (3, len(set(names)))
    alone = torch.cat([net(torch.from_numpy(image[None])).features for image in images])
    assert torch.equal(rows, alone)


IMAGES = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)),
    elements=st.floats(-2, 2, width=32) | st.sampled_from([0.0, 0.5, 1.0]),
)


@settings(max_examples=200, deadline=None)
@given(IMAGES)
def test_any_finite_image_gives_finite_features(image):
    features = load_net("morphology")(torch.from_numpy(image[None])).features
    assert features.isfinite().all()
    names = feature_names(load_card("morphology"), len(image))
    found = dict(zip(names, features[0].tolist(), strict=True))
    total = image.astype(float).sum(0)
    assert (found["log_area"] > 0) == (total.min() < total.max())
    for name, value in found.items():
        if "pearson" in name:
            assert -1.00001 <= value <= 1.00001
        if "manders" in name or "asymmetry" in name or name == "eccentricity":
            assert 0 <= value <= 1.00001


def test_an_image_with_nan_is_not_taken_for_an_empty_one():
    image = textured(0)
    image[0, 0, 0] = np.nan
    assert np.isnan(plain(image[None])["area"]).all()


def test_images_without_an_object_are_zeros_and_are_counted():
    images = np.stack([textured(0), np.zeros((2, *SIZE)), np.full((2, *SIZE), 0.7)])
    source = ganeval.open_images(images.astype(np.float32), layout="NCHW", value_range=(0, 1))
    features = ganeval.extract(source, "morphology")
    assert (features.features == 0).all(1).tolist() == [False, True, True]
    assert [w for w in features.warnings if "2 of 3 images have no object" in w]


def test_settings_move_sizes_masks_and_the_fingerprint():
    image = np.stack([0.5 * capsule(40, 20), capsule(80, 30)])
    pixels, microns = plain(image[None]), plain(image[None], pixel_size=0.1)
    assert microns["length"] == pytest.approx(pixels["length"] / 10, rel=1e-5)
    assert microns["width"] == pytest.approx(pixels["width"] / 10, rel=1e-5)
    assert microns["area"] == pytest.approx(pixels["area"] / 100, rel=1e-5)
    assert plain(image[None], mask_channel=0)["length"] == pytest.approx(40, abs=1.2)
    assert plain(image[None], mask_channel=1)["length"] == pytest.approx(80, abs=1.2)
    cards = [morphology_card(), morphology_card(mask_channel=0), morphology_card(pixel_size=0.1)]
    assert len({fingerprint(card) for card in cards}) == 3
    assert cards[0] == load_card("morphology")


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(InputError, match=r"mask channel is -1; count channels from 0"):
        morphology_card(mask_channel=-1)
    for size in (0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="wanted micrometres per pixel"):
            morphology_card(pixel_size=size)
    with pytest.raises(NetError, match="mask channel is 2 but images have 2 channels"):
        plain(textured()[None], mask_channel=2)
    with pytest.raises(NetError, match="'pixels' takes no mask channel or pixel size"):
        with_settings(load_card("pixels"), pixel_size=0.1)
    with pytest.raises(InputError, match="got 7 features per image"):
        measurements(np.zeros((2, 7)))


def test_without_scikit_image_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ganeval\[morphology\]'"):
        load_net("morphology")


def test_a_drawn_disk_is_round():
    image = np.zeros(SIZE)
    image[draw.disk((48, 64), 20.5)] = 1
    found = one(image)
    assert found["eccentricity"] < 0.05 and found["bending"] < 0.005


@pytest.fixture
def run_cli():
    def call(*arguments):
        return CliRunner().invoke(main, arguments)

    return call


@pytest.fixture
def folders(tmp_path):
    for side, first in (("real", 0), ("fake", 100)):
        (tmp_path / side).mkdir()
        for i in range(8):
            cell = (255 * textured(first + i).clip(0, 1)).astype(np.uint8)
            rgb = np.stack([*cell, cell[0]], -1)[16:80, 16:112]
            Image.fromarray(rgb).save(tmp_path / side / f"{i}.png")
    return str(tmp_path / "real"), str(tmp_path / "fake")


def test_scores_and_settings_from_the_command_line(folders, tmp_path, run_cli):
    real, fake = folders
    net = ["--feature-net", "morphology", "--channels", "0,1"]
    for metric in ("fid", "kid"):
        plain, scaled = (
            run_cli(metric, real, fake, *net, "--json", *more)
            for more in ([], ["--pixel-size", "0.1", "--mask-channel", "1"])
        )
        assert (plain.exit_code, scaled.exit_code) == (0, 0), plain.output + scaled.output
        scores = [json.loads(run.stdout) for run in (plain, scaled)]
        assert all(score["value"] is not None for score in scores)
        assert scores[0]["protocol_id"] != scores[1]["protocol_id"]
    out = tmp_path / "out.npz"
    assert run_cli("features", "extract", real, "-o", str(out), *net).exit_code == 0
    assert ganeval.Features.load(out).features.shape == (8, 52)
    other = run_cli("fid", real, fake, "--feature-net", "pixels", "--pixel-size", "0.1")
    assert other.exit_code == 2 and "takes no mask channel or pixel size" in other.stderr
    nameless = run_cli("fid", real, fake, "--pixel-size", "0.1")
    assert nameless.exit_code == 2 and "add --feature-net NAME" in nameless.stderr
    assert "ch0_ch1.pearson" in run_cli("nets", "show", "morphology").stdout


@pytest.fixture
def cells():
    images = np.stack([textured(seed) for seed in range(5)]).astype(np.float32).clip(0, 1)
    return ganeval.open_images(images, layout="NCHW", value_range=(0, 1))


def test_processes_share_the_work_and_change_nothing(cells, contexts):
    alone = ganeval.extract(cells, "morphology", batch_size=4)
    assert not contexts
    shared = ganeval.extract(cells, "morphology", batch_size=4, num_workers=3)
    assert len(contexts[0].started) == 3
    np.testing.assert_array_equal(alone.features, shared.features)
    assert alone.digest() == shared.digest()
    with pytest.raises(NetError, match="mask channel is 7 but images have 2 channels"):
        ganeval.extract(cells, morphology_card(mask_channel=7), num_workers=2)


def test_a_net_for_each_channel_is_the_same_with_processes(cells):
    grey = replace(load_card("morphology"), channels=1)
    found = [ganeval.extract(cells, grey, each_channel=True, num_workers=n) for n in (0, 2)]
    assert found[0].features.shape == (5, 54)
    np.testing.assert_array_equal(found[0].features, found[1].features)


def test_sides_of_one_block_are_measured_by_the_same_processes(cells, contexts):
    with kept_processes():
        found = [ganeval.extract(cells, "morphology", num_workers=2) for _ in range(2)]
        assert len(contexts) == 1 and all(one.is_alive() for one in contexts[0].started)
        ganeval.extract(cells, morphology_card(pixel_size=2.0), num_workers=2)
    assert len(contexts) == 2
    assert not any(one.is_alive() for context in contexts for one in context.started)
    np.testing.assert_array_equal(found[0].features, found[1].features)


def test_a_killed_measuring_process_is_one_clear_error(contexts):
    images = torch.rand(4, 2, 20, 20)
    with pytest.raises(GanevalError, match="a worker process was killed"):
        with shared_among(load_card("morphology"), 2) as net:
            net(images)
            for process in contexts[0].started:
                process.kill()
            net(images)


@pytest.mark.parametrize(
    "mask",
    [
        np.ones((11, 11)),
        np.add.outer(abs(np.arange(-6, 7)), abs(np.arange(-6, 7))) <= 6,
        np.hypot.outer(np.arange(-9, 10), np.arange(-9, 10)) <= 9,
        ellipse(70, 31, 20) > 0,
        ellipse(70, 31, -65) > 0,
        np.ones((1, 9)),
    ],
)
def test_the_axis_is_scikit_images(mask):
    """Of round objects too, whose second moments are equal."""
    (region,) = measure.regionprops(np.pad(mask.astype(int), 1))
    angle, eccentricity = _axis(*np.nonzero(mask))
    assert angle == pytest.approx(region.orientation, abs=1e-9)
    assert eccentricity == pytest.approx(region.eccentricity, abs=1e-7)


def test_lengths_are_never_resized_nor_is_that_advised(tmp_path, run_cli):
    cells = [np.repeat((255 * capsule(40, 10 + i)).astype(np.uint8)[None], 4, 0) for i in range(2)]
    np.save(tmp_path / "a.npy", cells[0])
    np.save(tmp_path / "b.npy", cells[1][:, :-8])
    asked = ["kid", str(tmp_path / "a.npy"), str(tmp_path / "b.npy"), "--feature-net", "morphology"]
    sizes = [ganeval.extract(np.asarray(x), "morphology") for x in (cells[0], cells[1][:, :-8])]
    with pytest.raises(InputError, match="crop or pad them to one size") as of_features:
        ganeval.kid(*sizes)
    for typed, says in ((asked, "crop or pad them"), ([*asked, "--resize", "64,64"], "leave out")):
        outcome = run_cli(*typed)
        assert outcome.exit_code == 2
        assert says in outcome.stderr
        assert "--resize" not in outcome.stderr
    assert "resize=" not in str(of_features.value)
    with pytest.raises(NetError, match="measures lengths in pixels, and resizing changes them"):
        ganeval.extract(cells[0], morphology_card(pixel_size=0.1), resize=(64, 64))
