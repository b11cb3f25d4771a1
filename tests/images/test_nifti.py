import gzip
import struct

import nibabel
import numpy as np
import pytest

from ganeval.errors import ImageError, InputError
from ganeval.images import iterate, open_images
from ganeval.images.pixels import MAX_PIXELS


@pytest.fixture
def nii(tmp_path):
    """Writes a NIfTI file; `codes` are the axes' directions, as in LPS."""

    def write(array, name="a.nii.gz", codes="RAS", slope=None, inter=None, kind="Nifti1Image"):
        ornt = nibabel.orientations.axcodes2ornt(tuple(codes))
        affine = nibabel.orientations.inv_ornt_aff(ornt, (4, 5, 6))
        image = getattr(nibabel, kind)(array, affine)
        if slope is not None:
            image.set_data_dtype(np.int16)
            image.header.set_slope_inter(slope, inter)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nibabel.save(image, path)
        return path

    return write


def volume(rng, shape=(4, 5, 6), dtype=np.uint8):
    return rng.integers(0, 200, shape).astype(dtype)


def planes_of(source):
    return {id: source.read(index) for index, id in enumerate(source.ids)}


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("kind", ["Nifti1Image", "Nifti2Image"])
@pytest.mark.parametrize("codes", ["RAS", "LPS", "PIR", "SLA"])
def test_planes_are_those_of_nibabels_canonical_volume(nii, rng, name, kind, codes):
    path = nii(volume(rng), name, codes=codes, kind=kind)
    canonical = np.asarray(nibabel.as_closest_canonical(nibabel.load(path)).dataobj)
    other = nii(volume(rng), f"b{name[1:]}", codes=codes)
    assert other.exists()
    found = planes_of(open_images(path.parent, planes="xyz"))
    x, y, z = canonical.shape
    assert len(found) == 2 * (x + y + z)
    for k in range(z):
        np.testing.assert_array_equal(found[f"{name}/z/{k:04d}"], canonical[:, :, k].T[None])
    for j in range(y):
        np.testing.assert_array_equal(found[f"{name}/y/{j:04d}"], canonical[:, j].T[None])
    for i in range(x):
        np.testing.assert_array_equal(found[f"{name}/x/{i:04d}"], canonical[i].T[None])


def test_slope_and_intercept_are_applied(nii, rng):
    stored = volume(rng, dtype=np.int16)
    path = nii(stored, slope=2, inter=-1024)
    assert nibabel.load(path).dataobj.slope == 2
    source = open_images(path, planes="z")
    np.testing.assert_array_equal(source.read(3)[0], stored[:, :, 3].T * 2.0 - 1024)
    assert source.read(3).dtype == np.float32


@pytest.mark.parametrize(
    ("stored", "read"),
    [("uint8", "uint8"), ("uint16", "uint16"), ("int16", "float32"), ("float64", "float32")],
)
def test_values_without_a_slope_stay(nii, rng, stored, read):
    array = volume(rng, dtype=stored)
    pixels = open_images(nii(array), planes="z").read(0)
    assert pixels.dtype == read
    np.testing.assert_array_equal(pixels[0], array[:, :, 0].T)


def test_a_volume_is_the_group_of_its_planes(nii, rng):
    for name in ("a.nii.gz", "b.nii.gz"):
        path = nii(volume(rng), name)
    source = open_images(path.parent, planes="z")
    assert source.groups == ("a.nii.gz",) * 6 + ("b.nii.gz",) * 6
    assert source.ids[0] == "a.nii.gz/z/0000"


def test_a_person_is_the_group_where_names_tell(nii, rng):
    for name in (
        "sub-01/anat/sub-01_T1w.nii.gz",
        "sub-01/anat/sub-01_T2w.nii.gz",
        "sub-02/anat/sub-02_T1w.nii.gz",
    ):
        nii(volume(rng), f"study/{name}")
    root = nii(volume(rng), "study/sub-02/anat/sub-02_T2w.nii.gz").parents[2]
    source = open_images(root, planes="z")
    assert source.groups == ("sub-01",) * 12 + ("sub-02",) * 12
    assert open_images(root, project="max").groups == ("sub-01",) * 2 + ("sub-02",) * 2


def test_class_folders_of_volumes_are_labels(nii, rng):
    for name in ("sick/a.nii", "sick/b.nii", "well/a.nii"):
        path = nii(volume(rng), name)
    source = open_images(path.parents[1], planes="z")
    assert source.labels == ("sick",) * 12 + ("well",) * 6


def test_folders_of_one_volume_each_are_no_classes(nii, rng):
    for name in ("ann/a.nii", "bob/a.nii"):
        path = nii(volume(rng), name)
    source = open_images(path.parents[1], planes="z")
    assert source.labels is None
    assert any("folders ann to bob hold one group each" in note for note in source.notes)


@pytest.mark.parametrize("suffix", [".nii.gz", ""])
def test_a_table_names_volumes_or_planes(nii, rng, tmp_path, suffix):
    for name in ("v/a.nii.gz", "v/b.nii.gz"):
        path = nii(volume(rng), name)
    table = tmp_path / "labels.csv"
    table.write_text(f"id,label\na{suffix},sick\nb{suffix},well\n")
    source = open_images(path.parent, planes="z", label_by=f"csv:{table}")
    assert source.labels == ("sick",) * 6 + ("well",) * 6
    rows = "".join(f"{id},{'yes' if id.endswith('3') else 'no'}\n" for id in source.ids)
    table.write_text(f"id,lesion\n{rows}")
    source = open_images(path.parent, planes="z", label_by=f"csv:{table}:lesion")
    assert [id for id, label in zip(source.ids, source.labels, strict=True) if label == "yes"] == [
        "a.nii.gz/z/0003",
        "b.nii.gz/z/0003",
    ]


def test_volumes_are_chosen_by_name(nii, rng):
    for name in ("a.nii.gz", "a_mask.nii.gz", "b.nii.gz"):
        path = nii(volume(rng), name)
    source = open_images(path.parent, planes="z", exclude="*_mask.*")
    assert set(source.groups) == {"a.nii.gz", "b.nii.gz"}


def test_one_volume_per_channel_is_joined_and_stays_the_group(nii, rng, monkeypatch):
    arrays = {f"{case}_{kind}.nii": volume(rng) for case in "ab" for kind in ("t1", "t2")}
    for name, array in arrays.items():
        path = nii(array, name)
    loaded, load = [], nibabel.load
    monkeypatch.setattr(
        nibabel, "load", lambda path, **kw: (loaded.append(path), load(path, **kw))[1]
    )
    source = open_images(path.parent, planes="z", stack_by=r"_(t1|t2)\.nii")
    images = [source.read(index) for index in range(len(source))]
    expected = np.stack([arrays["a_t1.nii"][:, :, 2].T, arrays["a_t2.nii"][:, :, 2].T])
    np.testing.assert_array_equal(images[2], expected)
    assert len(source) == 12
    assert source.groups[0] == source.groups[5] != source.groups[6] == source.groups[11]
    assert len(loaded) == 4


@pytest.mark.parametrize("project", ["max", "mean"])
def test_a_projection_over_z_is_one_image(nii, rng, project):
    array = volume(rng)
    source = open_images(nii(array), project=project)
    assert source.ids == ("a.nii.gz",)
    assert source.groups is None
    expected = getattr(array.astype(np.float64), project)(axis=2).T
    np.testing.assert_allclose(source.read(0)[0], expected, rtol=1e-6)


def test_a_volume_needs_a_decision(nii, rng):
    with pytest.raises(
        InputError, match="a.nii.gz has 6 planes across z .*--planes z, .*--project"
    ):
        open_images(nii(volume(rng)))


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 1, 1, 1)])
def test_a_single_plane_is_an_image(nii, rng, shape):
    array = volume(rng, shape)
    source = open_images(nii(array))
    assert source.ids == ("a.nii.gz",)
    np.testing.assert_array_equal(source.read(0)[0], array.reshape(4, 5).T)


def test_a_fourth_axis_needs_a_word(nii, rng):
    array = volume(rng, (4, 5, 6, 3))
    path = nii(array)
    with pytest.raises(InputError, match="fourth axis of 3; say --axes XYZT .*--axes XYZC"):
        open_images(path, planes="z")
    channels = open_images(path, planes="z", axes="XYZC")
    np.testing.assert_array_equal(channels.read(2), array[:, :, 2].T)
    with pytest.raises(InputError, match="3 times .*--planes tz"):
        open_images(path, planes="z", axes="XYZT")
    times = open_images(path, planes="zt", axes="XYZT")
    assert len(times) == 18
    assert times.ids[7] == "0001/z/0001"  # without the folders that all share
    np.testing.assert_array_equal(times.read(7)[0], array[:, :, 1, 1].T)
    mean = open_images(path, planes="z", axes="XYZT", project="mean")
    np.testing.assert_allclose(mean.read(2)[0], array[:, :, 2].mean(-1).T, rtol=1e-6)


def test_a_fifth_axis_and_colours_are_channels(nii, rng):
    array = volume(rng, (4, 5, 1, 1, 3))  # as SimpleITK writes an RGB picture
    np.testing.assert_array_equal(open_images(nii(array)).read(0), array[:, :, 0, 0].T)
    colours = np.zeros((4, 5, 2), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    for channel in "RGB":
        colours[channel] = volume(rng, (4, 5, 2))
    pixels = open_images(nii(colours), planes="z").read(1)
    for place, channel in enumerate("RGB"):
        np.testing.assert_array_equal(pixels[place], colours[channel][:, :, 1].T)


def test_workers_read_the_same(nii, rng):
    for name in ("a.nii.gz", "b.nii.gz", "c.nii.gz"):
        path = nii(volume(rng), name)
    source = open_images(path.parent, planes="xz")
    hashes = [
        np.concatenate([batch.hashes for batch in iterate(source, batch_size=7, num_workers=n)])
        for n in (0, 2)
    ]
    np.testing.assert_array_equal(*hashes)


def test_each_volume_is_decoded_once(nii, rng, monkeypatch):
    for name in ("a.nii.gz", "b.nii.gz"):
        path = nii(volume(rng), name)
    loaded, load = [], nibabel.load
    monkeypatch.setattr(
        nibabel, "load", lambda path, **kw: (loaded.append(path), load(path, **kw))[1]
    )
    for _ in iterate(open_images(path.parent, planes="xyz"), batch_size=4):
        pass
    assert [path.rpartition("/")[2] for path in loaded] == ["a.nii.gz", "b.nii.gz"]


def test_damage_is_one_line_that_names_the_file(nii, rng, tmp_path):
    path = nii(volume(rng), "a.nii")
    path.write_bytes(path.read_bytes()[:400])
    source = open_images(path, planes="z")
    with pytest.raises(ImageError, match=r"a.nii/z/0000 is not an image .*damaged NIfTI"):
        source.read(0)
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(b"no header"))
    with pytest.raises(ImageError, match=r"b.nii.gz is not an image"):
        open_images(tmp_path / "b.nii.gz", planes="z").read(0)


def test_a_header_that_announces_too_much_is_refused(nii, rng):
    path = nii(volume(rng), "a.nii")
    header = bytearray(path.read_bytes())
    header[42:46] = np.array([30000, 30000], "<i2").tobytes()
    path.write_bytes(header)
    assert 30000**2 > MAX_PIXELS
    with pytest.raises(ImageError, match="more than the limit"):
        open_images(path, planes="z").read(0)
    header[108:112] = np.float32(2e9).tobytes()
    path.write_bytes(header)
    with pytest.raises(ImageError, match="begin at byte"):
        open_images(path, planes="z").read(0)


def test_a_damaged_volume_among_others_can_be_skipped(nii, rng):
    path = nii(volume(rng), "a.nii.gz")
    (path.parent / "b.nii.gz").write_bytes(b"no volume")
    source = open_images(path.parent, planes="z", on_error="skip")
    assert source.ids[-1] == "b.nii.gz"
    batches = list(iterate(source, batch_size=4))
    assert sum(len(batch.pixels) for batch in batches) == 6
    assert [id for batch in batches for id, _ in batch.failures] == ["b.nii.gz"]


def test_volumes_that_do_not_say_how_they_lie_are_noted(tmp_path, rng):
    image = nibabel.Nifti1Image(volume(rng), None)
    nibabel.save(image, tmp_path / "a.nii")
    notes = " ".join(open_images(tmp_path / "a.nii", planes="z").notes)
    assert "1 of 1 volumes do not say how they lie" in notes


def test_planes_of_several_sizes_are_noted(nii, rng):
    source = open_images(nii(volume(rng)), planes="xz")
    assert "planes have 2 sizes, 5 x 4 to 6 x 5 pixels" in " ".join(source.notes)


@pytest.mark.parametrize("planes", ["w", "", "xyzw"])
def test_planes_are_named_by_letters(nii, rng, planes):
    with pytest.raises(InputError, match="letters among x, y, z and t"):
        open_images(nii(volume(rng)), planes=planes)


def test_planes_of_single_images_are_refused():
    with pytest.raises(InputError, match="holds single images.*leave it out"):
        open_images(np.zeros((9, 8, 8), np.uint8), planes="z")


@pytest.mark.parametrize(
    ("kind", "field", "form"), [("Nifti1Image", 108, "<f"), ("Nifti2Image", 168, "<q")]
)
def test_values_said_to_begin_inside_the_header_are_refused(nii, rng, capfd, kind, field, form):
    path = nii(volume(rng), "a.nii", kind=kind)
    data = bytearray(path.read_bytes())
    for offset in (0, 16, 320):
        struct.pack_into(form, data, field, offset)
        path.write_bytes(data)
        with pytest.raises(ImageError, match="begin at byte 0|too low"):
            open_images(path, planes="z").read(0)
    assert capfd.readouterr() == ("", "")
