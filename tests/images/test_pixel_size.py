import numpy as np
import pytest
import tifffile
from PIL import Image

from ganeval.images import open_images, pixel_size_of

PIXELS = np.zeros((8, 8), np.uint8)


def of(folder, *headers):
    """The pixel size of a folder with one TIFF per header."""
    folder.mkdir()
    for i, header in enumerate(headers):
        tifffile.imwrite(folder / f"{i}.tif", PIXELS, **header)
    return pixel_size_of(open_images(folder))


def ome(x, y, unit="µm"):
    units = {"PhysicalSizeXUnit": unit, "PhysicalSizeYUnit": unit}
    return {
        "ome": True,
        "metadata": {"axes": "YX", "PhysicalSizeX": x, "PhysicalSizeY": y, **units},
    }


def imagej(per_unit, unit):
    return {"imagej": True, "resolution": (per_unit, per_unit), "metadata": {"unit": unit}}


@pytest.mark.parametrize(
    ("header", "size"),
    [
        (ome(0.1, 0.1), 0.1),
        (ome(65, 65, "nm"), 0.065),
        (imagej(4.0, "um"), 0.25),
        (imagej(10.0, "micron"), 0.1),
    ],
)
def test_ome_and_imagej_say_micrometres(tmp_path, header, size):
    assert of(tmp_path / "a", header, header) == pytest.approx(size)


@pytest.mark.parametrize(
    "headers",
    [
        [{}],
        [{"resolution": (300, 300), "resolutionunit": "INCH"}],  # a printer's
        [ome(0.1, 0.2)],
        [ome(0, 0)],
        [imagej(4.0, "inch")],
        [imagej(0.0, "um")],
        [ome(0.1, 0.1), ome(0.2, 0.2)],
        [ome(0.1, 0.1), {}],
    ],
)
def test_what_is_no_pixel_size_is_none(tmp_path, headers):
    assert of(tmp_path / "a", *headers) is None


def test_files_of_which_channels_are_chosen_or_joined_say_as_much(tmp_path):
    of(tmp_path / "a", ome(0.1, 0.1), ome(0.1, 0.1))
    assert pixel_size_of(open_images(tmp_path / "a", channels=[0])) == pytest.approx(0.1)
    joined = open_images(tmp_path / "a", stack_by=r"(\d)\.tif")
    assert len(joined) == 1 and pixel_size_of(joined) == pytest.approx(0.1)


def test_only_files_say(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "a.png", dpi=(300, 300))
    assert pixel_size_of(open_images(tmp_path)) is None
    assert pixel_size_of(open_images(np.zeros((3, 8, 8, 1), np.uint8))) is None
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.tif").write_bytes(b"II*\0 broken")
    assert pixel_size_of(open_images(tmp_path / "b")) is None
