import json
from dataclasses import replace

import numpy as np
import pytest
import tifffile

import ganeval
from ganeval.datasets.synthlin import simulate
from ganeval.errors import InputError
from ganeval.features import features_from_array
from ganeval.schema import read_json
from ganeval.suites.explain import (
    COPIES,
    OBJECTS,
    WHOLE,
    Account,
    account_of,
    net_that_fits,
    properties_of,
)
from ganeval.suites.explain.explain import MIXTURE
from ganeval.suites.explain.families import families_of

pytest.importorskip("xgboost")

NAMES = ("height", "weight", "age", "noise")


def table(rows, **known):
    """Features with names, as a table of measurements has."""
    return replace(features_from_array(rows, name="table"), columns=NAMES, **known)


def people(n=150, *, seed=0):
    """Height and weight go together; age and noise are by themselves."""
    rows = np.random.default_rng(seed).standard_normal((n, 4))
    rows[:, 1] = rows[:, 0] + 0.2 * rows[:, 1]
    return rows


def explain(real, fake, **options):
    return ganeval.explain(real, fake, repeats=2, **options)


def cells(n, *, defect="none", strength=None, part="model", protein="Sid2"):
    import torch

    images = simulate(protein, n, part=part, defect=defect, strength=strength).images
    return ganeval.extract(torch.from_numpy(images), "morphology:offsets")


@pytest.fixture(scope="module")
def real_cells():
    return cells(50, part="test")


def test_a_shifted_property_is_named_with_its_family_size_and_interval():
    real, fake = people(300), people(300, seed=1)
    fake[:, :2] += 1
    found = explain(table(real), table(fake))
    (finding,) = found.findings
    assert {finding.name, *finding.alike} == {finding.name, *finding.family} == {"height", "weight"}
    assert finding.effect.aspect == "mean"
    low, high = finding.effect.interval
    assert low < 1 < high
    assert finding.effect.value == pytest.approx((fake - real)[:, NAMES.index(finding.name)].mean())
    assert finding.importance > 0.1
    assert str(replace(finding, importance=-0.0002)).endswith("importance 0.000)")
    assert found.told_apart
    assert "1 of 3 families of properties differs" in str(found)


def test_where_nothing_differs_it_says_so():
    found = explain(table(people()), table(people(seed=1)))
    assert not found.differs
    assert str(found).startswith("Nothing is wrong that these 4 properties show")
    assert "error rate of 5 %" in str(found)


def test_what_is_hardly_ever_made_is_named_as_a_share():
    fake = people(900, seed=1)
    fake = fake[fake[:, 2] < 1.3][:600]
    finding = explain(table(people(600, seed=2)), table(fake)).findings[0]
    assert (finding.name, finding.effect.aspect) == ("age", "share")
    assert finding.effect.above
    assert finding.effect.fake < 0.02 < 0.07 < finding.effect.real
    assert "% of the fakes have at least" in str(finding)


def test_another_spread_is_named_as_such():
    fake = people(400, seed=1)
    fake[:, 3] *= 0.5
    finding = explain(table(people(400)), table(fake)).findings[0]
    assert (finding.name, finding.effect.aspect) == ("noise", "spread")
    low, high = finding.effect.interval
    assert low < 0.5 < high
    assert "fakes vary" in str(finding)


def test_a_difference_of_combinations_alone_is_the_classifiers():
    """The correlation of two properties is reversed: no property differs by itself."""
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, 400, 4))
    real[:, 3] = real[:, 2] + 0.2 * real[:, 3]
    fake[:, 3] = -fake[:, 2] + 0.2 * fake[:, 3]
    found = explain(table(real), table(fake))
    assert found.differs
    assert found.told_apart
    assert not found.findings
    assert str(found).startswith("No property differs by itself, but a classifier")


def test_one_class_that_is_wrong_is_found_among_good_ones():
    labels = tuple(f"class {i % 4}" for i in range(400))
    real, fake = people(400), people(400, seed=1)
    fake[np.array(labels) == "class 2", 2] += 1.5
    found = explain(table(real, labels=labels), table(fake, labels=labels))
    assert list(found.by_class) == ["class 2"]
    assert found.by_class["class 2"][0].name == "age"
    assert "class 2: age: fakes are higher on average" in str(found)


def classes_of(*counts, taller=0.0, seed=0):
    """As many people of each class; every class is taller by a standard deviation than the last."""
    numbers = np.repeat(np.arange(len(counts)), counts)
    rows = people(len(numbers), seed=seed)
    rows[:, :2] += numbers[:, None]
    rows[:, 2] += taller * (numbers == 0)
    return table(rows, labels=tuple(f"class {i}" for i in numbers))


def test_other_class_frequencies_are_a_difference_of_all_images_and_of_no_class():
    """Both have equal classes, of which the fakes lack two: nothing can stand in for these."""
    found = explain(classes_of(80, 80, 80, 80), classes_of(160, 160, seed=1))
    (finding,) = found.findings
    assert finding.name in ("height", "weight")
    assert finding.effect.interval[1] < 0
    assert found.by_class == {}
    assert MIXTURE in found.warnings


def test_an_account_is_strict_json_and_has_all_findings():
    found = explain(classes_of(80, 80, 80, 80), classes_of(160, 160, taller=1.5, seed=1))
    account = account_of(found, pictured=False)
    assert read_json(json.dumps(account.to_dict(), allow_nan=False), Account) == account
    assert [f"{one.said} ({one.difference}" for one in account.findings] == [
        str(finding).partition("; q = ")[0] for finding in found.findings
    ]
    assert [one.label for one in account.in_classes] == ["class 0"]
    assert account.warnings == found.warnings and account.n_fake == 320
    assert str(found).startswith(account.verdict)


def test_a_ratio_without_end_is_none_in_an_account():
    real, fake = people(60), people(60, seed=1)
    real[:, 3] = 0
    found = explain(table(real), table(fake))
    (noise,) = (f for f in found.findings if f.name == "noise")
    effect = replace(noise.effect, aspect="spread", value=float("inf"), interval=None)
    shown = replace(found, tests=(replace(noise, effect=effect),))
    assert account_of(shown, pictured=False).findings[0].value is None


def test_what_differs_within_a_class_is_told_from_what_its_frequency_does():
    found = explain(classes_of(80, 80, 80, 80), classes_of(160, 160, taller=1.5, seed=1))
    assert {*found.findings[0].family, *found.findings[1].family} & {"height", "weight"}
    assert [f.name for f in found.by_class["class 0"]] == ["age"]
    assert list(found.by_class) == ["class 0"]


@pytest.mark.parametrize("counts", [(100, 100, 100), (50, 100, 150)])
def test_equal_class_frequencies_are_no_difference(counts):
    found = explain(classes_of(*counts), classes_of(*counts, seed=1))
    assert not found.differs
    assert MIXTURE not in found.warnings


def test_what_is_not_printed_is_counted_and_found_elsewhere():
    labels = tuple(f"class {i % 2}" for i in range(200))
    names = tuple(map(str, range(40)))
    real, fake = wide(200), wide(200, seed=1)
    fake[:, :12] += 1.5
    sides = [
        replace(features_from_array(rows, name="table"), columns=names, labels=labels)
        for rows in (real, fake)
    ]
    found = explain(*sides)
    more = len(found.findings) - 10
    assert more >= 2
    assert f"and {more} more: findings.csv (with -o FOLDER) has all of them" in str(found)
    for tests in found.by_class.values():
        assert f", and {len(tests) - 1} more properties)" in str(found)


def test_plates_are_counted_and_not_their_images():
    """Each plate has a level of its own: with few plates the sides differ by chance alone."""
    rng = np.random.default_rng(0)
    sides = []
    for name in "rf":
        plates = np.repeat(np.arange(6), 40)
        rows = people(240, seed=int(rng.integers(99))) + 2 * rng.standard_normal((6, 4))[plates]
        sides.append(table(rows, groups=tuple(f"{name}{p}" for p in plates)))
    assert not explain(*sides).differs
    assert explain(*(replace(side, groups=None) for side in sides)).differs


def test_few_plates_give_no_interval_but_say_why():
    real, fake = people(90), people(90, seed=1) + 50
    plates = [tuple(f"{name}{i % 3}" for i in range(90)) for name in "rf"]
    found = explain(table(real, groups=plates[0]), table(fake, groups=plates[1]))
    assert found.tests[0].effect.interval is None
    assert "no interval: 3 groups, of 4 that an interval needs" in str(found.tests[0])


def test_too_few_groups_are_no_all_clear():
    """Of 455 divisions of 15 groups into 12 and 3, one is 0.2 %: too much for one of many tests."""
    real, fake = wide(144), wide(96, seed=1)
    fake[:, 0] += 9
    names = tuple(map(str, range(real.shape[1])))
    sides = [
        replace(features_from_array(rows, name="table"), columns=names,
                groups=tuple(f"{name}{i % g}" for i in range(len(rows))))
        for name, g, rows in (("r", 12, real), ("f", 3, fake))
    ]  # fmt: skip
    found = explain(*sides)
    assert not found.findings
    lines = str(found).splitlines()
    assert lines[0] == f"{found.too_few}."
    assert lines[0].startswith("3 groups of fakes and 12 groups of reals are too few to show which")
    assert "give groups to the reals only" in lines[0]
    assert lines[2].startswith("  0: fakes are higher on average")
    assert "Nothing is wrong" not in str(found)


def wide(n, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, 40))


def test_plates_of_reals_are_compared_with_images_of_no_plate():
    """The interval and the p-value agree; a plate counts as one image, whatever it has."""
    rng = np.random.default_rng(3)
    plates = np.arange(144) % 12
    real = people(144) + 0.5 * rng.standard_normal((12, 4))[plates]
    real = table(real, groups=tuple(map(str, plates)))
    fake = people(96, seed=1)
    fake[:, 3] -= 1
    found = explain(real, table(fake))
    (finding,) = found.findings
    assert finding.name == "noise"
    assert finding.effect.interval[1] < 0
    assert not explain(real, table(people(96, seed=1))).findings
    swapped = explain(table(fake), real)
    assert [f.name for f in swapped.findings] == ["noise"]


@pytest.mark.parametrize("plates", [3, 5])
def test_few_plates_of_reals_are_too_few_for_fakes_of_no_plate(plates):
    real = table(people(90), groups=tuple(str(i % plates) for i in range(90)))
    found = explain(real, table(people(90, seed=1) + 50))
    assert found.too_few.startswith(f"90 images of fakes and {plates} groups of reals are too few")
    assert found.too_few.endswith("give more groups (plates, patients)")
    assert not found.findings


def test_copies_among_the_fakes_are_a_property():
    fake = people(seed=1)
    fake[50:] = fake[np.arange(100) % 5]
    finding = explain(table(people()), table(fake)).findings[0]
    assert finding.key == COPIES
    assert "70 % of the fakes are exact copies of another fake, 0 % of the reals" in str(finding)


@pytest.mark.parametrize(
    ("defect", "strength", "planted"),
    [("blurred", 0.5, "detail of"), ("shifted", 1, "outlines of Bgs4")],
)
def test_what_was_planted_in_cells_is_named_first(real_cells, defect, strength, planted):
    """Benchmarks/explain has the typical strengths, with more images."""
    fake = cells(50, defect=defect, strength=strength)
    found = explain(real_cells, fake, channel_names=["Bgs4", "protein"])
    first = found.findings[0]
    assert any(planted in name for name in (first.name, *first.family)), str(found)
    assert list(found.channels) == ["Bgs4", "protein"]


def test_lengths_are_in_micrometres_only_where_a_pixel_size_is_known(real_cells):
    fake = cells(9, defect="shorter")
    pixels = properties_of(real_cells, fake)
    microns = properties_of(real_cells, fake, pixel_size=0.1)
    at = pixels.keys.index("log_length")
    area = pixels.keys.index("log_area")
    assert (pixels.units[at], microns.units[at], microns.units[area]) == ("px", "µm", "µm²")
    assert "channel 1 detail of 2 to 4 px" in pixels.names
    assert "channel 1 detail of 2 to 4 px (0.2 to 0.4 µm)" in microns.names
    assert "channel 1 detail of under 1 px (0.1 µm)" in microns.names
    assert 0.1 * pixels.real[:, at] == pytest.approx(microns.real[:, at])
    assert 0.01 * pixels.fake[:, area] == pytest.approx(microns.fake[:, area])
    true = ganeval.nets.measurements(real_cells.features[:, :-1])["length"]
    assert pixels.real[:, at] == pytest.approx(true)


def test_brightness_is_in_the_grey_levels_of_the_images():
    images = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 1), dtype=np.uint8)
    features = ganeval.extract(images, "texture")
    found = properties_of(features, features)
    at = found.keys.index("ch0.mean")
    assert found.units[at] == "grey levels"
    assert found.real[:, at] == pytest.approx(images.mean((1, 2, 3)), rel=1e-5)
    assert found.names[at] == "brightness (mean)"


@pytest.mark.parametrize("size", [-1, 0, float("nan")])
def test_what_is_no_pixel_size_is_refused(real_cells, size):
    with pytest.raises(InputError, match="pixel size is"):
        properties_of(real_cells, real_cells, pixel_size=size)


def test_files_that_know_their_pixel_size_are_believed(tmp_path):
    sizes = {"PhysicalSizeX": 0.1, "PhysicalSizeY": 0.1}
    for name, defect in (("real", "none"), ("fake", "shorter")):
        images = simulate("Sid2", 12, defect=defect, part="test" if name == "real" else "model")
        (tmp_path / name).mkdir()
        for i, image in enumerate(images.images):
            tifffile.imwrite(
                tmp_path / name / f"{i}.ome.tif", image, ome=True,
                metadata={"axes": "CYX", **(sizes if name == "real" else {})},
            )  # fmt: skip
    found = ganeval.explain(tmp_path / "real", tmp_path / "fake", repeats=1)
    assert found.properties.net == OBJECTS
    assert found.properties.units[found.properties.keys.index("log_length")] == "µm"


@pytest.mark.parametrize(
    ("path", "net"),
    [
        ("mnist/t10k-images-idx3-ubyte.gz", OBJECTS),
        ("lin41_sample", OBJECTS),
        ("cifar10/test.zip", WHOLE),
    ],
)
def test_images_of_one_object_are_told_from_photographs(data_dir, path, net):
    source = ganeval.open_images(data_dir / path)
    assert net_that_fits(source.select(range(0, len(source), 97))) == net


def test_fields_of_many_cells_and_tissue_are_no_single_objects():
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(0)
    points = (rng.random((12, 96, 96)) < 0.002).astype(float)
    tissue = rng.random((12, 96, 96))
    for images in (gaussian_filter(points, (0, 3, 3)), gaussian_filter(tissue, (0, 2, 2))):
        pixels = (255 * images / images.max()).astype(np.uint8)[..., None]
        assert net_that_fits(ganeval.open_images(pixels)) == WHOLE


def test_families_are_of_properties_that_go_together():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 300))
    rows = np.stack([a, -(a**3), b, a + 0.1 * b, np.zeros(300)], axis=1)
    assert [list(family) for family in families_of(rows)] == [[0, 1, 3], [2], [4]]
    assert [list(family) for family in families_of(rows[:, :1])] == [[0]]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a"], "has 1 name but images have 2 channels; give one name for each"),
        (["a", "a"], "give every channel a name of its own"),
        (["a", " "], "give every channel a name of its own"),
    ],
)
def test_names_of_channels_that_do_not_fit_are_refused(real_cells, names, message):
    with pytest.raises(InputError, match=message):
        explain(real_cells, real_cells, channel_names=names)


def test_empty_channels_need_no_name():
    images = np.zeros((20, 24, 24, 3), np.uint8)
    rng = np.random.default_rng(0)
    images[..., :2] = rng.integers(0, rng.integers(50, 255, (20, 1, 1, 2)), (20, 24, 24, 2))
    features = ganeval.extract(images, "texture")
    found = properties_of(features, features, channel_names=["red{1}", "green"])
    assert found.channels == ("red{1}", "green", "channel 2")
    assert "red{1} brightness (mean)" in found.names
    assert "correlation of red{1} and green" in found.names


def test_features_without_names_are_refused():
    rows = people()
    with pytest.raises(InputError, match="features without names, and only what has a name"):
        explain(rows, rows)
    pixels = ganeval.extract(np.zeros((5, 9, 9, 1), np.uint8), "pixels")
    with pytest.raises(InputError, match="net 'pixels' has no named features"):
        explain(pixels, pixels)


def test_a_table_has_no_pixels():
    with pytest.raises(InputError, match="a table has no channels and no pixels"):
        explain(table(people()), table(people(seed=1)), pixel_size=0.1)


def test_images_that_are_all_the_same_are_refused():
    real = np.zeros((6, 8, 8, 1), np.uint8)
    with pytest.raises(InputError, match="no property differs between any two images"):
        explain(real, real, feature_net="texture")


def test_the_same_images_are_no_finding():
    found = explain(table(people()), table(people()))
    assert not found.differs
    assert "real and fake are the same images" in found.warnings


def test_names_in_every_order_give_the_same_answer():
    real, fake = people(), people(seed=1)
    fake[:, 2] += 1
    order = [2, 0, 3, 1]
    shuffled = replace(
        features_from_array(fake[:, order], name="table"), columns=tuple(NAMES[i] for i in order)
    )
    one, other = explain(table(real), table(fake)), explain(table(real), shuffled)
    assert str(one) == str(other)
