"""The check of LZW data beside an encoder, and a decoder of one code at a time."""

import io

import imagecodecs
import numpy as np
import pytest
import tifffile

from ganeval import InputError, open_images
from ganeval.images.lzw import CLEAR, END, FIRST, check_lzw
from ganeval.images.pixels import Unreadable


def written(codes, *, old=False):
    """Bytes of these codes, CLEAR first and END last, of the widths that TIFF's text asks for."""
    bits, table = "", FIRST - 1
    for code in (CLEAR, *codes, END):
        width = max(9, (table + (0 if old else 1)).bit_length())
        digits = f"{code:0{width}b}"
        bits += digits[::-1] if old else digits
        table = FIRST - 1 if code == CLEAR else table + 1
    bits += "0" * (-len(bits) % 8)
    eights = [bits[i : i + 8] for i in range(0, len(bits), 8)]
    return bytes(int(eight[::-1] if old else eight, 2) for eight in eights)


def test_the_bytes_of_these_tests_are_those_of_an_encoder():
    assert written([65, 66, 258, 67]) == imagecodecs.lzw_encode(b"ABABC")


@pytest.mark.parametrize("n", [0, 1, 300, 70_000])
@pytest.mark.parametrize("values", [1, 3, 256])
def test_data_of_an_encoder_passes(n, values):
    data = np.random.default_rng(0).integers(0, values, n, dtype=np.uint8).tobytes()
    check_lzw(imagecodecs.lzw_encode(data))


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("n", [2, 252, 253, 254, 255, 256, 800, 1900, 3700])
def test_the_newest_string_passes_and_the_next_one_does_not(n, old):
    """A code each for n bytes, then that of the string which the last of them begins."""
    codes = [i % 251 for i in range(n)]
    newest = FIRST + n - 1
    good = written([*codes, newest], old=old)
    check_lzw(good)
    assert imagecodecs.lzw_decode(good)[:n] == bytes(codes)
    with pytest.raises(Unreadable, match="stands for nothing yet"):
        check_lzw(written([*codes, newest + 1], old=old))


def test_codes_after_another_clear_are_looked_at():
    codes = [65, 66, CLEAR, 67, 68, FIRST]
    check_lzw(written(codes))
    with pytest.raises(Unreadable, match="stands for nothing yet"):
        check_lzw(written([*codes[:-1], FIRST + 2]))


def test_data_that_begins_anew_all_the_time_is_refused():
    with pytest.raises(Unreadable, match="begins anew"):
        check_lzw(written([65, CLEAR] * 5000))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_lzw_files_are_read_as_they_were_written(tmp_path, dtype):
    pixels = np.random.default_rng(0).integers(0, 200, (5, 70, 90)).astype(dtype)
    for i, plane in enumerate(pixels):
        tifffile.imwrite(tmp_path / f"{i}.tif", plane, compression="lzw", rowsperstrip=16)
    source = open_images(tmp_path)
    assert all((source.read(i)[0] == plane).all() for i, plane in enumerate(pixels))


def test_a_file_with_a_code_before_its_string_is_refused_in_one_line(tmp_path):
    stream = io.BytesIO()
    tifffile.imwrite(stream, np.zeros((8, 9), np.uint8), compression="lzw")
    stream.seek(0)
    with tifffile.TiffFile(stream) as tif:
        page = tif.pages[0]
        at, n = page.dataoffsets[0], page.databytecounts[0]
    wrong = written([65, 66, FIRST + 9])
    data = bytearray(stream.getvalue())
    data[at : at + n] = wrong.ljust(n, b"\0")[:n]
    assert n >= len(wrong)
    (tmp_path / "a.tif").write_bytes(data)
    with pytest.raises(InputError, match=r"a\.tif .*stands for nothing yet"):
        open_images(tmp_path).read(0)
