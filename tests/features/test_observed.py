"""A declared range is compared with the values at both ends, and the two sides with each other."""

import numpy as np
import pytest

import ganeval
from ganeval.errors import InputError
from ganeval.features import merge_features, range_warnings
from ganeval.images import declared_for

BYTES = np.random.default_rng(0).integers(0, 256, (80, 6, 7, 3), dtype=np.uint8)
OTHERS = np.random.default_rng(1).integers(0, 256, (80, 6, 7, 3), dtype=np.uint8)


def opened(pixels, value_range=None):
    return ganeval.open_images(pixels, value_range=value_range)


def score(fake, value_range=None, real=BYTES, real_range=None):
    return ganeval.kid(opened(real, real_range), opened(fake, value_range), feature_net="pixels")


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("meant_for_floats", [((-1, 1),), ((0, 1),), ((-1024, 3071),), ((0, 0.5),)])
def test_a_range_for_floats_never_reaches_integers(dtype, meant_for_floats):
    assert declared_for(dtype, meant_for_floats) is None
    assert declared_for("float32", meant_for_floats) == meant_for_floats


def test_a_range_that_integers_hold_reaches_them_and_another_is_refused():
    assert declared_for("uint8", ((10, 200),)) == ((10, 200),)
    assert declared_for("uint16", ((0, 255), (0, 4095))) == ((0, 255), (0, 4095))
    with pytest.raises(InputError, match="ends at 4095 but uint8 images at 255"):
        declared_for("uint8", ((0, 255), (0, 4095)))
    with pytest.raises(InputError, match="ends at 70000 but uint16 images at 65535"):
        ganeval.extract(opened(BYTES.astype(np.uint16), (0, 70000)), "pixels")


def test_floats_and_bytes_of_the_same_pixels_score_alike_under_one_range():
    floats = (OTHERS / 127.5 - 1).astype(np.float32)
    as_bytes = score(OTHERS, (-1, 1), real_range=(-1, 1))
    as_floats = score(floats, (-1, 1), real_range=(-1, 1))
    assert as_bytes.warnings == as_floats.warnings == ()
    assert as_floats.value == pytest.approx(as_bytes.value, rel=1e-4)
    assert as_bytes.protocol_id == as_floats.protocol_id


@pytest.mark.parametrize(
    ("scaled", "value_range"), [(lambda x: x * 1.0, (0, 1)), (lambda x: x / 5.1 - 25, (-1, 1))]
)
def test_a_range_that_most_values_lie_outside_is_refused(scaled, value_range):
    with pytest.raises(InputError, match=r"% of the values lie outside the range .+ they span"):
        score(scaled(OTHERS).astype(np.float32), value_range)


def test_more_than_one_value_in_a_hundred_outside_the_range_is_a_warning():
    pixels = np.full((50, 10, 10, 1), 0.5, np.float32) + OTHERS[:50, :1, :1, :1] / 1024
    few, more = pixels.copy(), pixels.copy()
    few[:, 0, 0], more[:, 0, :2] = 1.5, 1.5
    near = pixels.copy()
    near[:, :2] = 1.0005  # rounding
    told = [
        range_warnings(ganeval.extract(opened(x, (0, 1)), "pixels").protocol)
        for x in (few, more, near)
    ]
    assert told[0] == told[2] == []
    assert told[1] == [
        "2 % of the values lie outside the range 0:1 and are not clipped: they span 0.5:1.5; is "
        "the range right? --value-range LOW:HIGH (value_range) declares another"
    ]


@pytest.mark.parametrize(("bits", "asks"), [(10, 10), (12, 12), (14, 14), (16, None), (15, None)])
def test_images_of_a_camera_s_depth_in_uint16_ask_for_their_range(bits, asks):
    pixels = np.random.default_rng(0).integers(0, 2**bits, (40, 8, 8), dtype=np.uint16)
    told = range_warnings(ganeval.extract(pixels, "pixels").protocol)
    if asks is None:
        assert told == []
        return
    (text,) = told
    assert f"declare --value-range 0:{2**bits - 1} (value_range)" in text
    declared = ganeval.extract(opened(pixels, (0, 2**bits - 1)), "pixels")
    assert range_warnings(declared.protocol) == []


def told(pixels, value_range=None):
    return range_warnings(ganeval.extract(opened(pixels, value_range), "pixels").protocol)


@pytest.mark.parametrize("most", [1000, 2000, 4000, 15900])
def test_hot_pixels_and_debris_do_not_hide_a_camera_s_depth(most):
    clean = np.random.default_rng(0).integers(0, most + 1, (40, 32, 32), dtype=np.uint16)
    clean[0, 0, 0] = most
    bits = next(bits for bits in (10, 12, 14) if most < 2**bits)
    hot, debris, stuck = clean.copy(), clean.copy(), clean.copy()
    hot[3, 0, 0], debris[7, 5:9, 5:9], stuck[:, 8, 8] = 65535, 30000, 17000
    (plain,) = told(clean)
    assert f"--value-range 0:{2**bits - 1}" in plain
    for pixels in (hot, debris, stuck):
        (text,) = told(pixels)
        assert f"reach {most} only, as images of {bits} bits do" in text
        assert f"--value-range 0:{2**bits - 1} (value_range)" in text
    clean[:, :2] = 40000  # a sixteenth of the pixels: no accident
    assert told(clean) == []


def test_what_few_values_exceed_does_not_depend_on_batches_workers_or_parts():
    pixels = np.random.default_rng(0).integers(0, 4000, (12, 32, 32), dtype=np.uint16)
    pixels[5, 3, 3], pixels[8, 1, 1:3] = 65535, 9000
    whole = ganeval.extract(pixels, "pixels").protocol["observed"]
    twelve = int(pixels[pixels < 4096].max())
    above = int((pixels > 1023).sum())
    assert whole["depths"] == [[10, 1023, above], [12, twelve, 3], [14, 9000, 1]]
    for batch_size, num_workers in ((1, 0), (5, 2)):
        again = ganeval.extract(pixels, "pixels", batch_size=batch_size, num_workers=num_workers)
        assert again.protocol["observed"] == whole
    parts = [ganeval.extract(opened(pixels).shard(i, 3), "pixels") for i in range(3)]
    assert merge_features(parts).protocol["observed"] == whole


@pytest.mark.parametrize("few", [0, 1])
def test_a_range_of_both_signs_over_values_of_one_is_asked_about(few):
    bright = (0.35 + OTHERS[..., :1] / 600).astype(np.float32)
    bright[:few, 0, 0] = -0.01
    (text,) = told(bright, (-1, 1))
    assert text.startswith(f"declared -1:1, but {'only 0.0298 % of the values' if few else 'no'}")
    assert "if the values are 0 to 1, declare --value-range 0:1" in text
    assert told(bright, (0, 1)) == told(bright * 2 - 1, (-1, 1)) == []
    assert told(bright, (-0.05, 1)) == []  # a margin
    assert told(OTHERS, (-1, 1)) == []  # integers have no sign


def test_both_signs_are_asked_about_in_the_score_of_an_evaluator_too():
    bright = (0.35 + OTHERS / 600).astype(np.float32)
    evaluator = ganeval.Evaluator(
        opened(bright, (0, 1)), feature_net="pixels", metrics=["kid"], value_range=(-1, 1)
    )
    evaluator.update(bright[:30])
    evaluator.update(bright[30:])
    assert any("no value is below 0" in text for text in evaluator.compute()["kid"].warnings)
    assert any("no value is below 0" in text for text in score(bright, (-1, 1)).warnings)


@pytest.mark.parametrize(
    ("scale", "value_range", "proposed"),
    [
        (255, (0, 1), "0:255"),
        (4095, (0, 255), "0:4095"),
        (255, (-1, 1), "0:255"),
        (3, (0, 1), "0:3"),
    ],
)
def test_a_dark_background_does_not_hide_a_range_that_is_far_too_narrow(
    scale, value_range, proposed
):
    pixels = np.zeros((20, 10, 10, 1), np.float32)
    pixels[:, :2] = scale  # a fifth of the values
    with pytest.raises(InputError, match=rf"20 % .* such as --value-range {proposed}\b"):
        told(pixels, value_range)
    pixels[:] = value_range[0] + 0.5
    pixels[0, :2, :9] = scale  # under a hundredth
    assert told(pixels, value_range) == []


def test_a_mask_of_0_and_1_is_told_how_to_be_saved():
    (text,) = range_warnings(ganeval.extract((BYTES > 99).astype(np.uint8), "pixels").protocol)
    assert "save masks of 0 and 1 as booleans" in text


@pytest.mark.parametrize(
    ("real", "fake", "fake_range"),
    [
        (BYTES.astype(np.uint16) << 6, OTHERS, None),
        (BYTES, OTHERS.astype(np.float32) / 255, (-1, 1)),
        (BYTES, OTHERS.astype(np.float32) / 510, (0, 1)),
    ],
)
def test_sides_that_differ_by_a_power_of_two_or_by_sign_are_asked_about(real, fake, fake_range):
    assert any(
        "was the same range declared" in text for text in score(fake, fake_range, real).warnings
    )


def test_what_the_pixels_span_stands_in_the_score_but_not_in_its_protocol_id():
    plain, cut = score(OTHERS), score(np.minimum(OTHERS, 200))
    assert plain.protocol["data"]["fake"]["observed"] == {
        "range": [[0.0, 255.0]] * 3, "values": OTHERS.size, "outside": 0, "below": 0,
    }  # fmt: skip
    assert cut.protocol["data"]["fake"]["observed"]["range"] == [[0.0, 200.0]] * 3
    assert plain.protocol_id == cut.protocol_id


def test_parts_that_are_joined_span_what_the_whole_spans(tmp_path):
    whole = opened(np.arange(48, dtype=np.uint8).reshape(12, 2, 2, 1) * 5)
    parts = [ganeval.extract(whole.shard(i, 3), "pixels") for i in range(3)]
    together = ganeval.extract(whole, "pixels").protocol["observed"]
    assert merge_features(parts).protocol["observed"] == together
    merged = [ganeval.statistics_of(part) for part in parts]
    assert merged[0].merge(merged[1]).merge(merged[2]).origin.protocol["observed"] == together
