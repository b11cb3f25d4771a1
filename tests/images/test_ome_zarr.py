import json
import shutil

import numpy as np
import pytest
import zarr

from ganeval.errors import InputError
from ganeval.images import iterate, open_images, pixel_size_of
from ganeval.images.formats import feature_rows

SPACE = [{"name": axis, "type": "space"} for axis in "zyx"]
AXES = {"t": {"name": "t", "type": "time"}, "c": {"name": "c", "type": "channel"}} | {
    axis["name"]: axis for axis in SPACE
}


@pytest.fixture(params=["0.4", "0.5"])
def version(request):
    return request.param


def describe(group, version, metadata):
    """Attributes as the specification of each version wants them."""
    whole = {"version": version, **metadata}
    group.attrs.update({"ome": whole} if version == "0.5" else metadata)


def write_image(group, version, array, axes="cyx", *, levels=("s0", "s1"), **options):
    """A multiscale image; each level has half the height and width of the one before."""
    shapes = {}
    for level in levels:
        group.create_array(level, shape=array.shape, dtype=array.dtype, **options)[...] = array
        shapes[level] = array
        array = array[..., ::2, ::2]
    datasets = [{"path": level} for level in levels]
    named = [AXES[axis] for axis in axes]
    describe(group, version, {"multiscales": [{"axes": named, "datasets": datasets}]})
    return shapes


def new_store(path, version):
    return zarr.open_group(path, mode="w", zarr_format=3 if version == "0.5" else 2)


@pytest.fixture
def plate(tmp_path, rng, version):
    """Three wells of two fields; the fields by their ids."""
    root, fields = new_store(tmp_path / "plate.zarr", version), {}
    wells = ("A/01", "A/02", "B/01")
    describe(root, version, {"plate": {"wells": [{"path": well} for well in wells]}})
    for well in wells:
        group = root.create_group(well)
        describe(group, version, {"well": {"images": [{"path": "0"}, {"path": "1"}]}})
        for field in ("0", "1"):
            array = rng.integers(1, 60_000, (2, 12, 16), dtype=np.uint16)
            fields[f"{well}/{field}"] = array
            inside = group.create_group(field)
            write_image(inside, version, array, chunks=(1, 6, 16))
            masks = inside.create_group("labels/cells")
            describe(masks, version, {"image-label": {}, "multiscales": [{"datasets": []}]})
    return tmp_path / "plate.zarr", fields


def test_a_plate_gives_its_fields_in_groups_by_well(plate):
    path, fields = plate
    for spec in (path, shutil.make_archive(str(path), "zip", path.parent, path.name)):
        source = open_images(spec)
        assert source.ids == tuple(fields)
        assert source.groups == tuple(id.rpartition("/")[0] for id in fields)
        assert source.labels is None
        for index, array in enumerate(fields.values()):
            np.testing.assert_array_equal(source.read(index), array)
    assert open_images(path, label_by="folder:0").labels == ("A", "A", "A", "A", "B", "B")


def test_wells_of_a_row_are_groups_and_no_labels(plate):
    source = open_images(f"{plate[0]}::A")
    assert source.groups == ("A/01", "A/01", "A/02", "A/02") and source.labels is None
    told = [note for note in source.notes if "labels" in note]
    assert len(told) == 1 and "hold one group each" in told[0]
    advised = open_images(f"{plate[0]}::A", label_by="folder:1")
    assert "--label-by folder:1" in told[0] and advised.labels == ("01", "01", "02", "02")


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("A", ["A/01/0", "A/01/1", "A/02/0", "A/02/1"]),
        ("A/02", ["A/02/0", "A/02/1"]),
        ("B/01/1", ["B/01/1"]),
    ],
)
def test_rows_wells_and_fields_can_be_named(plate, wanted, ids):
    path, fields = plate
    source = open_images(f"{path}::{wanted}")
    assert list(source.reader.ids) == ids
    for index, id in enumerate(ids):
        np.testing.assert_array_equal(source.read(index), fields[id])


def test_levels_are_named_by_their_paths(plate):
    path, fields = plate
    source = open_images(f"{path}::B/01/1/s1")
    np.testing.assert_array_equal(source.read(0), fields["B/01/1"][:, ::2, ::2])
    with pytest.raises(InputError, match="there is no level '1'; levels are s0, s1"):
        open_images(f"{path}::B/01/1/1")


def test_level_0_is_the_first_that_the_metadata_name(tmp_path, rng, version):
    array = rng.integers(0, 256, (3, 8, 8), dtype=np.uint8)
    write_image(new_store(tmp_path / "x.zarr", version), version, array, levels=("9", "0", "s2"))
    np.testing.assert_array_equal(open_images(tmp_path / "x.zarr").read(0), array)
    half = open_images(f"{tmp_path / 'x.zarr'}::0")
    np.testing.assert_array_equal(half.read(0), array[:, ::2, ::2])


@pytest.mark.parametrize("axes", ["cyx", "yxc", "xcy", "tczyx", "zyxct", "yx"])
def test_axes_are_taken_by_name_in_any_order(tmp_path, rng, version, axes):
    sides = {"t": 1, "z": 1, "c": 3, "y": 6, "x": 8}
    image = rng.integers(0, 256, [sides[a] if a in axes else 1 for a in "tzcyx"], dtype=np.uint8)
    keep = image.squeeze(tuple(i for i, a in enumerate("tzcyx") if a not in axes))
    stored = keep.transpose([[a for a in "tzcyx" if a in axes].index(a) for a in axes])
    write_image(new_store(tmp_path / "x.zarr", version), version, stored, axes, levels=("0",))
    np.testing.assert_array_equal(open_images(tmp_path / "x.zarr").read(0), image[0, 0])


def test_a_level_of_a_grey_image_is_no_array_of_features(tmp_path, rng, version):
    array = rng.integers(0, 256, (6, 8), dtype=np.uint8)
    write_image(new_store(tmp_path / "x.zarr", version), version, array, "yx")
    assert feature_rows(f"{tmp_path / 'x.zarr'}::s0") is None
    np.testing.assert_array_equal(open_images(f"{tmp_path / 'x.zarr'}::s0").read(0), array[None])


@pytest.mark.parametrize("shape", [(3, 6, 8), (6, 8, 3)])
def test_the_shape_does_not_turn_planes_into_channels(tmp_path, rng, version, shape):
    array = rng.integers(0, 256, shape, dtype=np.uint8)
    write_image(new_store(tmp_path / "x.zarr", version), version, array, "zyx", levels=("0",))
    with pytest.raises(InputError, match=f"has {shape[0]} planes across z and one is wanted"):
        open_images(tmp_path / "x.zarr")
    projected = open_images(tmp_path / "x.zarr", project="max")
    np.testing.assert_array_equal(projected.read(0), array.max(axis=0, keepdims=True))
    planes = open_images(tmp_path / "x.zarr", planes="z")
    assert len(planes) == shape[0]
    np.testing.assert_array_equal(planes.read(2), array[2:3])


def test_times_are_images_if_asked_for(tmp_path, rng, version):
    array = rng.integers(0, 256, (4, 2, 6, 8), dtype=np.uint8)
    write_image(new_store(tmp_path / "x.zarr", version), version, array, "tcyx", levels=("0",))
    source = open_images(tmp_path / "x.zarr", planes="t")
    for index in (3, 0, 1):
        np.testing.assert_array_equal(source.read(index), array[index])
    assert len(set(source.groups)) == 1


def test_older_versions_name_axes_briefly_or_not_at_all(tmp_path, rng):
    array = rng.integers(0, 256, (1, 2, 1, 6, 8), dtype=np.uint8)
    for axes in (None, ["t", "c", "z", "y", "x"]):
        root = new_store(tmp_path / "x.zarr", "0.4")
        write_image(root, "0.4", array, "tczyx", levels=("0",))
        (image,) = root.attrs["multiscales"]
        image.pop("axes")
        root.attrs["multiscales"] = [image | ({"axes": axes} if axes else {})]
        np.testing.assert_array_equal(open_images(tmp_path / "x.zarr").read(0), array[0, :, 0])


def test_a_folder_of_stores_gives_all_their_images(tmp_path, plate, rng, version):
    array = rng.integers(0, 60_000, (2, 12, 16), dtype=np.uint16)
    write_image(new_store(tmp_path / "a.ome.zarr", version), version, array)
    source = open_images(tmp_path)
    assert source.ids[:2] == ("a.ome.zarr", "plate.zarr/A/01/0")
    assert source.groups[:3] == ("a.ome.zarr", "plate.zarr/A/01", "plate.zarr/A/01")
    np.testing.assert_array_equal(source.read(0), array)
    np.testing.assert_array_equal(source.read(1), plate[1]["A/01/0"])


def test_workers_read_the_same(tmp_path, rng):
    array = rng.integers(0, 256, (6, 2, 6, 8), dtype=np.uint8)
    write_image(new_store(tmp_path / "x.zarr", "0.5"), "0.5", array, "tcyx")
    source = open_images(tmp_path / "x.zarr", planes="t")
    hashes = [
        np.concatenate([batch.hashes for batch in iterate(source, batch_size=4, num_workers=n)])
        for n in (0, 2)
    ]
    np.testing.assert_array_equal(hashes[0], hashes[1])


def test_every_chunk_is_read_once(plate, monkeypatch):
    path, fields = plate
    source = open_images(path)
    keys = []
    get = zarr.storage.LocalStore.get

    async def counted(self, key, *args, **kwargs):
        keys.append(f"{self.root}/{key}")
        return await get(self, key, *args, **kwargs)

    monkeypatch.setattr(zarr.storage.LocalStore, "get", counted)
    for index in range(len(source)):
        source.read(index)
    chunks = [key for key in keys if not key.endswith((".json", ".zarray", ".zattrs", ".zgroup"))]
    assert len(chunks) == len(set(chunks)) == 4 * len(fields)


def a_chunk(array):
    return next(file for file in array.rglob("*") if file.is_file() and file.name[0] not in ".z")


def test_fields_and_chunks_that_are_missing_are_counted(plate):
    path, _ = plate
    shutil.rmtree(path / "A/02/1")
    a_chunk(path / "B/01/0/s0").unlink()
    source = open_images(path)
    assert len(source) == 5
    assert "1 of 6 images are not in the store: A/02/1" in source.notes
    assert any(note.startswith("1 of 20 chunks have no file") for note in source.notes)
    shutil.rmtree(path / "A")
    shutil.rmtree(path / "B")
    with pytest.raises(InputError, match="names 3 images and holds none; copy it again"):
        open_images(path)


def edit(store, key, change):
    """Applies a change to the attributes of a group, in the file itself."""
    file = store / key / "zarr.json"
    if file.exists():
        whole = json.loads(file.read_text())
        change(whole["attributes"]["ome"])
    else:
        file = store / key / ".zattrs"
        whole = json.loads(file.read_text())
        change(whole)
    file.write_text(json.dumps(whole))


@pytest.mark.parametrize("hostile", ["../../elsewhere", "/etc", "a/../../../b", "C:\\x"])
def test_metadata_that_lead_out_of_the_store_are_refused(plate, hostile):
    path, _ = plate
    for key, change in (
        ("A/01/0", lambda at: at["multiscales"][0]["datasets"][0].update(path=hostile)),
        ("A/01", lambda at: at["well"]["images"][0].update(path=hostile)),
        ("", lambda at: at["plate"]["wells"][0].update(path=hostile)),
    ):
        edit(path, key, change)
        with pytest.raises(InputError, match="points outside the archive"):
            open_images(path)


@pytest.mark.parametrize("damage", [
    lambda at: at.update(multiscales=[]),
    lambda at: at.update(multiscales={"axes": 3}),
    lambda at: at["multiscales"][0].update(axes=[{"type": "space"}] * 3),
    lambda at: at["multiscales"][0].update(datasets=[7]),
])  # fmt: skip
def test_metadata_of_another_structure_are_told_in_one_line(plate, damage):
    path, _ = plate
    edit(path, "A/01/0", damage)
    with pytest.raises(InputError, match="OME metadata are damaged"):
        open_images(path)


@pytest.mark.parametrize("axes", ["yx", "czyx", "cyy", "cqx"])
def test_axes_that_do_not_fit_the_array_are_refused(plate, axes):
    path, _ = plate
    named = [AXES.get(axis, {"name": axis, "type": "space"}) for axis in axes]
    edit(path, "A/01/0", lambda at: at["multiscales"][0].update(axes=named))
    with pytest.raises(InputError, match=r"has shape \[2, 12, 16\] and axes"):
        open_images(path)


def test_the_stamp_follows_the_level_that_is_read(plate):
    path, _ = plate
    before = open_images(path).stamp
    shutil.rmtree(path / "A/01/0/s1")
    assert open_images(path).stamp == before
    a_chunk(path / "B/01/0/s0").touch()
    assert open_images(path).stamp != before


def test_wells_and_fields_that_are_listed_twice_are_refused(tmp_path, plate, version):
    path = tmp_path / "plate.zarr"
    root = zarr.open_group(path, mode="a", zarr_format=3 if version == "0.5" else 2)
    describe(root["A/01"], version, {"well": {"images": [{"path": "0"}, {"path": "0"}]}})
    with pytest.raises(
        InputError, match=r"plate\.wells, well\.images.* list A/01/0 more than once"
    ):
        open_images(path)
    describe(root["A/01"], version, {"well": {"images": [{"path": "0"}]}})
    describe(root, version, {"plate": {"wells": [{"path": "B/01"}, {"path": "B/01"}]}})
    with pytest.raises(InputError, match="list B/01/0, B/01/1 more than once"):
        open_images(path)


@pytest.mark.parametrize(
    ("unit", "scale", "all_levels", "size"),
    [
        ("micrometer", (1, 0.1, 0.1), None, 0.1),
        ("nanometer", (1, 65, 65), None, 0.065),
        ("micrometer", (1, 0.1, 0.1), (1, 2, 2), 0.2),
        ("micrometer", (1, 0.1, 0.2), None, None),
        ("micrometer", None, None, None),
        ("parsec", (1, 0.1, 0.1), None, None),
        (None, (1, 0.1, 0.1), None, None),
        ("micrometer", (1, 0.1), None, None),
        ("micrometer", "large", None, None),
    ],
)
def test_pixel_sizes_are_the_scales_of_the_level(tmp_path, version, unit, scale, all_levels, size):
    group = new_store(tmp_path / "a.zarr", version)
    datasets = []
    for level, factor in (("0", 1), ("1", 2)):
        group.create_array(level, shape=(2, 8, 8), dtype=np.uint16)[...] = 1
        datasets.append({"path": level})
        if scale is not None:
            steps = scale if scale == "large" else [1, *(factor * one for one in scale[1:])]
            datasets[-1]["coordinateTransformations"] = [{"type": "scale", "scale": steps}]
    axes = [AXES["c"], *({**AXES[a], **({"unit": unit} if unit else {})} for a in "yx")]
    whole = {"axes": axes, "datasets": datasets}
    if all_levels:
        whole["coordinateTransformations"] = [{"type": "scale", "scale": all_levels}]
    describe(group, version, {"multiscales": [whole]})
    for level, factor in (("", 1), ("::1", 2)):
        found = pixel_size_of(open_images(f"{tmp_path / 'a.zarr'}{level}"))
        assert found == (None if size is None else pytest.approx(factor * size))
