import nibabel
import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from ganeval.errors import ImageError, InputError
from ganeval.images import iterate, open_images, pixel_size_of


@pytest.fixture
def dcm(tmp_path):
    """Writes one DICOM file of 16-bit grey (12 stored), or 8-bit RGB, with the tags given."""

    def write(array, name="a.dcm", **tags):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = tags.pop("TransferSyntaxUID", ExplicitVRLittleEndian)
        file = Dataset()
        file.file_meta = meta
        file.SOPClassUID, file.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        file.PatientID = "P1"
        file.StudyInstanceUID, file.SeriesInstanceUID = "1.2.3", "1.2.3.4"
        grey = array.dtype.itemsize == 2
        file.Rows, file.Columns = array.shape[-2:] if grey else array.shape[:2]
        file.SamplesPerPixel = 1 if grey else 3
        file.PhotometricInterpretation = "MONOCHROME2" if grey else "RGB"
        file.BitsAllocated, file.BitsStored, file.HighBit = (16, 12, 11) if grey else (8, 8, 7)
        file.PixelRepresentation = 0
        if not grey:
            file.PlanarConfiguration = 0
        for tag, value in tags.items():
            setattr(file, tag, value)
        file.PixelData = array.astype(array.dtype.newbyteorder("<")).tobytes()
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        file.save_as(path, enforce_file_format=True)
        return path

    return write


@pytest.fixture
def scan(dcm):
    """Writes a volume [z, y, x] as a series whose axes are columns, rows and their normal."""

    def write(array, name="scan", columns=(1, 0, 0), rows=(0, 1, 0), files=None, **tags):
        normal = np.cross(columns, rows)
        for z, plane in enumerate(array):
            path = dcm(
                plane,
                f"{name}/{(files or range(len(array)))[z]:03d}.dcm",
                ImageOrientationPatient=[*columns, *rows],
                ImagePositionPatient=[float(value) for value in 2.5 * z * normal],
                InstanceNumber=z + 1,
                **tags,
            )
        return path.parent

    return write


def grey(rng, shape=(5, 7)):
    return rng.integers(0, 4096, shape).astype(np.uint16)


def size_of(place, planes):
    return pixel_size_of(open_images(place, planes=planes))


def test_pixel_sizes_are_those_of_the_planes_that_are_taken(scan, dcm):
    """Slices are 2.5 mm apart; rows 0.5 mm, and columns as many as the test says."""
    array = np.zeros((3, 6, 7), np.uint16)
    square = scan(array, PixelSpacing=[0.5, 0.5])
    assert size_of(square, "z") == pytest.approx(500)
    assert size_of(square, "x") is None
    deep = scan(array, "deep", PixelSpacing=[2.5, 0.5])
    assert size_of(deep, "x") == pytest.approx(2500) and size_of(deep, "z") is None
    upright = scan(array, "upright", columns=(1, 0, 0), rows=(0, 0, -1), PixelSpacing=[0.5, 0.5])
    assert size_of(upright, "y") == pytest.approx(500) and size_of(upright, "z") is None
    alone = dcm(array[0], "alone.dcm", PixelSpacing=[0.25, 0.25])
    assert pixel_size_of(open_images(alone)) == pytest.approx(250)
    assert size_of(scan(array, "silent"), "z") is None


def test_bits_above_those_stored_are_masked(dcm):
    array = np.array([[0xF123, 0x0FFF], [0x0800, 1]], np.uint16)
    np.testing.assert_array_equal(open_images(dcm(array)).read(0)[0], array & 0x0FFF)


def test_the_sign_reaches_from_the_stored_bits(dcm):
    array = np.array([[0x0FFF, 0x0800], [0x07FF, 1]], np.uint16)  # -1 and -2048 in 12 bits
    pixels = open_images(dcm(array, PixelRepresentation=1)).read(0)
    assert pixels.dtype == np.float32
    np.testing.assert_array_equal(pixels[0], [[-1, -2048], [2047, 1]])


def test_slope_and_intercept_are_applied(dcm, rng):
    array = grey(rng)
    source = open_images(dcm(array, RescaleSlope="2", RescaleIntercept="-1024"))
    assert source.read(0).dtype == np.float32
    np.testing.assert_array_equal(source.read(0)[0], array * 2.0 - 1024)


def test_a_table_of_the_modality_is_applied(dcm):
    table = Dataset()
    table.LUTDescriptor, table.ModalityLUTType = [4, 0, 16], "US"
    table.LUTData = np.array([5, 50, 500, 5000], "<u2").tobytes()
    array = np.array([[0, 1], [2, 3]], np.uint16)
    pixels = open_images(dcm(array, ModalityLUTSequence=[table])).read(0)
    np.testing.assert_array_equal(pixels[0], [[5, 50], [500, 5000]])


def test_all_files_are_floats_if_one_is_rescaled(dcm, rng):
    dcm(grey(rng), "s/a.dcm", SeriesInstanceUID="1.1")
    path = dcm(grey(rng), "s/b.dcm", SeriesInstanceUID="1.2", RescaleSlope=1, RescaleIntercept=-5)
    source = open_images(path.parent)
    assert {source.read(index).dtype for index in range(2)} == {np.dtype("float32")}


@pytest.mark.parametrize("tags", [{}, {"RescaleSlope": "2", "RescaleIntercept": "-10"}])
def test_files_in_which_white_is_low_are_inverted_and_that_is_said(dcm, rng, tags):
    array = grey(rng)
    low = open_images(dcm(array, "low.dcm", PhotometricInterpretation="MONOCHROME1", **tags))
    high = open_images(dcm(4095 - array, "high.dcm", **tags))
    np.testing.assert_array_equal(low.read(0), high.read(0))
    assert any(
        "inverted 1 of 1 files in which white is low (MONOCHROME1)" in note for note in low.notes
    )
    assert not any("inverted" in note for note in high.notes)


def test_colours_are_rgb(dcm, rng):
    array = rng.integers(0, 256, (4, 6, 3)).astype(np.uint8)
    np.testing.assert_array_equal(open_images(dcm(array)).read(0), array.transpose(2, 0, 1))
    flat = np.zeros((4, 6, 3), np.uint8) + np.array([81, 90, 240], np.uint8)  # red, as YBR
    red = open_images(dcm(flat, "b.dcm", PhotometricInterpretation="YBR_FULL")).read(0)
    expected = [81 + 1.402 * 112, 81 - 0.344136 * -38 - 0.714136 * 112, 81 + 1.772 * -38]
    np.testing.assert_allclose(red[:, 0, 0], expected, atol=1)


def test_twelve_bits_propose_their_range(dcm, rng):
    assert "--value-range 0:4095" in " ".join(open_images(dcm(grey(rng))).notes)


OBLIQUE = ((0.96, 0.28, 0.0), (-0.28, 0.96, 0.0))


@pytest.mark.parametrize(
    ("columns", "rows"),
    [((1, 0, 0), (0, 1, 0)), ((0, 1, 0), (0, 0, -1)), ((1, 0, 0), (0, 0, -1)), OBLIQUE],
    ids=["axial", "sagittal", "coronal", "oblique"],
)
def test_a_scan_gives_the_same_planes_as_the_same_scan_in_nifti(scan, tmp_path, rng, columns, rows):
    array = grey(rng, (4, 5, 6))
    lps = np.eye(4)
    lps[:3, :3] = np.array([columns, rows, 2.5 * np.cross(columns, rows)]).T
    affine = np.diag([-1.0, -1, 1, 1]) @ lps
    nibabel.save(nibabel.Nifti1Image(array.transpose(2, 1, 0), affine), tmp_path / "a.nii")
    series = open_images(scan(array, columns=columns, rows=rows), planes="xyz")
    volume = open_images(tmp_path / "a.nii", planes="xyz")
    assert [id[-6:] for id in series.ids] == [id[-6:] for id in volume.ids]
    for index in range(len(series)):
        np.testing.assert_array_equal(series.read(index), volume.read(index))


def test_slices_lie_by_position_not_by_name(scan, tmp_path, rng):
    array = grey(rng, (4, 5, 6))
    ordered = open_images(scan(array, "a"), planes="z")
    shuffled = open_images(scan(array, "b", files=[3, 0, 2, 1]), planes="z")
    for index in range(4):
        np.testing.assert_array_equal(ordered.read(index), shuffled.read(index))


def test_workers_read_the_same(scan, rng):
    source = open_images(
        scan(grey(rng, (6, 5, 6)), RescaleSlope=2, RescaleIntercept=-5), planes="xz"
    )
    hashes = [
        np.concatenate([batch.hashes for batch in iterate(source, batch_size=3, num_workers=n)])
        for n in (0, 2)
    ]
    np.testing.assert_array_equal(*hashes)


def test_a_missing_slice_is_noted(scan, rng):
    folder = scan(grey(rng, (5, 5, 6)))
    assert not any("uneven" in note for note in open_images(folder, planes="z").notes)
    (folder / "002.dcm").unlink()
    notes = open_images(folder, planes="z").notes
    assert any("1 of 1 series have slices at uneven distances" in note for note in notes)


def test_series_of_a_patient_are_one_group(scan, rng):
    for name, patient in (("a", "Ann"), ("b", "Ann"), ("c", "Bob")):
        path = scan(
            grey(rng, (3, 5, 6)), f"study/{name}", PatientID=patient,
            SeriesInstanceUID=f"1.{ord(name)}",
        )  # fmt: skip
    source = open_images(path.parent, planes="z")
    assert source.ids[::3] == ("a/z/0000", "b/z/0000", "c/z/0000")
    assert source.groups[:3] == source.groups[3:6] != source.groups[6:]
    assert len(set(source.groups)) == 2
    assert not any("Ann" in text for text in (*source.groups, *source.notes))


def test_series_in_one_folder_are_told_apart_by_uid(dcm, rng):
    for number in range(4):
        path = dcm(
            grey(rng), f"s/{number}", SeriesInstanceUID=f"1.{number % 2 + 1}",
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0], ImagePositionPatient=[0, 0, number],
        )  # fmt: skip
    source = open_images(path.parent, planes="z")
    assert source.ids == ("1.1/z/0000", "1.1/z/0001", "1.2/z/0000", "1.2/z/0001")


def test_slices_at_equal_positions_are_times(scan, tmp_path, rng):
    array = grey(rng, (2, 3, 5, 6))
    for time, volume in enumerate(array):
        scan(volume, f"s/{time}", TemporalPositionIdentifier=time + 1)
    with pytest.raises(InputError, match="2 times .*--planes tz"):
        open_images(tmp_path / "s", planes="z")
    source = open_images(tmp_path / "s", planes="tz")
    np.testing.assert_array_equal(source.read(3)[0], array[1, 0, ::-1, ::-1])
    (tmp_path / "s" / "0" / "000.dcm").unlink()
    with pytest.raises(ImageError, match="1 slices at some positions and 2 at others"):
        open_images(tmp_path / "s", planes="tz").read(0)


def test_files_without_a_position_are_images_and_frames_are_times(dcm, rng):
    dcm(grey(rng), "s/a.dcm", PatientID="A")
    path = dcm(grey(rng), "s/b.dcm", PatientID="B")
    source = open_images(path.parent)
    assert source.ids == ("a.dcm", "b.dcm")
    assert source.groups is None
    film = grey(rng, (3, 5, 7))
    source = open_images(dcm(film, "film.dcm", NumberOfFrames=3), planes="t")
    np.testing.assert_array_equal(source.read(2)[0], film[2])


def test_frames_of_an_enhanced_file_lie_by_their_own_positions(dcm, rng):
    array = grey(rng, (3, 5, 7))
    frames = []
    for z in (2, 0, 1):
        frame, place, scale = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [0, 0, z]
        scale.RescaleSlope, scale.RescaleIntercept = z + 1, 0
        frame.PlanePositionSequence = [place]
        frame.PixelValueTransformationSequence = [scale]
        frames.append(frame)
    shared, lies = Dataset(), Dataset()
    lies.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PlaneOrientationSequence = [lies]
    path = dcm(
        array, NumberOfFrames=3, PerFrameFunctionalGroupsSequence=frames,
        SharedFunctionalGroupsSequence=[shared],
    )  # fmt: skip
    source = open_images(path, planes="z")
    for z, frame in enumerate((1, 2, 0)):
        np.testing.assert_array_equal(source.read(z)[0], array[frame, ::-1, ::-1] * (z + 1.0))


def test_files_without_an_extension_or_with_a_uid_for_a_name_are_found(dcm, rng):
    dcm(grey(rng), "s/IM0001")
    path = dcm(grey(rng), "s/1.2.840.5")
    (path.parent / "README").write_text("notes")
    (path.parent / "scan.json").write_text("{}")
    source = open_images(path.parent)
    assert source.ids == ("1.2.840.5", "IM0001")
    assert any("left out other files (.json 1, no extension 1)" in note for note in source.notes)


def test_damaged_and_packed_files_are_one_line(dcm, rng, tmp_path):
    path = dcm(grey(rng))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ImageError, match=r"a\.dcm .*damaged DICOM"):
        open_images(path).read(0)
    (tmp_path / "b.dcm").write_bytes(b"no DICOM")
    with pytest.raises(ImageError, match=r"b\.dcm is not an image .*damaged DICOM"):
        open_images(tmp_path / "b.dcm").read(0)
    assert len(open_images(tmp_path)) == 2  # the whole one has no damage in its header
    deflated = dcm(grey(rng), "c.dcm", TransferSyntaxUID="1.2.840.10008.1.2.1.99")
    with pytest.raises(ImageError, match=r"c\.dcm is packed as a whole"):
        open_images(deflated).read(0)
    huge = dcm(grey(rng), "d.dcm", Rows=60000, Columns=60000)
    with pytest.raises(ImageError, match="more than the limit"):
        open_images(huge).read(0)


def test_series_without_names_of_patients_are_grouped_by_study(dcm, rng):
    for number in range(4):
        path = dcm(grey(rng), f"s/{number}.dcm", PatientID="", StudyInstanceUID=f"1.{number // 2}")
    source = open_images(path.parent)
    assert source.groups[0] == source.groups[1] != source.groups[2]
    assert any("4 of 4 series have no PatientID; their study is taken" in n for n in source.notes)


def test_one_name_for_all_patients_is_noted(dcm, rng):
    for number in range(2):
        path = dcm(grey(rng), f"s/{number}.dcm", PatientID="anonymous")
    assert any("have one PatientID" in note for note in open_images(path.parent).notes)


def test_one_series_of_two_patients_is_a_volume_and_a_group_of_each(scan, rng):
    for uid in ("1.2.3.4", ""):
        for number, person in enumerate("AB"):
            planes = grey(rng, (3, 5, 7))
            root = scan(planes, f"s{uid}", files=range(9 * number, 9 * number + 3),
                        PatientID=person, SeriesInstanceUID=uid)  # fmt: skip
        source = open_images(root, planes="z")
        assert len(source) == 6 and sorted(map(source.groups.count, set(source.groups))) == [3, 3]


def test_files_that_name_neither_patient_nor_series_are_a_volume_per_folder(scan, rng):
    nameless = {"PatientID": "", "SeriesInstanceUID": "", "StudyInstanceUID": ""}
    for folder in ("s/a", "s/b"):
        root = scan(grey(rng, (3, 5, 7)), folder, **nameless).parent
    source = open_images(root, planes="z")
    assert sorted(map(source.groups.count, set(source.groups))) == [3, 3]


def test_more_frames_than_the_file_can_hold_are_refused(dcm, rng):
    with pytest.raises(ImageError, match="declares 90 frames, more than its"):
        open_images(dcm(grey(rng, (40, 40)), NumberOfFrames=90), planes="t").read(0)


def test_an_orientation_without_a_plane_is_refused_in_one_line(scan, rng, capfd):
    with pytest.raises(ImageError, match="lie in no plane"):
        open_images(scan(grey(rng, (2, 5, 7)), columns=(0, 0, 0)), planes="z").read(0)
    assert capfd.readouterr() == ("", "")
