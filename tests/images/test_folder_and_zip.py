import os
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ganeval.errors import ImageError, InputError
from ganeval.images import iterate, open_images


def all_hashes(source):
    return np.concatenate([batch.hashes for batch in iterate(source, batch_size=4)])


def test_a_folder_gives_its_images_in_plain_string_order(cells):
    folder, arrays = cells
    source = open_images(folder)
    assert source.ids == tuple(sorted(arrays))
    for index, id in enumerate(source.ids):
        np.testing.assert_array_equal(source.read(index), arrays[id].transpose(2, 0, 1))


@pytest.mark.parametrize("prefix", ["", "cells/", "a/b/"])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_zip_and_its_folder_agree(cells, zipped, tmp_path, prefix, method):
    folder, _ = cells
    one = open_images(str(folder))
    two = open_images(str(zipped(tmp_path / "x.zip", folder, prefix=prefix, method=method)))
    assert one.ids == two.ids and one.labels == two.labels and one.protocol == two.protocol
    np.testing.assert_array_equal(all_hashes(one), all_hashes(two))


folders = st.lists(st.sampled_from("abAB0 é"), max_size=2).map(lambda parts: "/".join(parts))
names = st.text("abAB01.é ", min_size=1, max_size=4).map(lambda text: f"x{text}.png")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(paths=st.sets(st.tuples(folders, names).map(lambda p: "/".join(filter(None, p))),
                     min_size=1, max_size=8))  # fmt: skip
def test_any_tree_agrees_with_its_zip(tmp_path_factory, paths):
    root = tmp_path_factory.mktemp("tree")
    with zipfile.ZipFile(root / "x.zip", "w") as archive:
        for value, path in enumerate(sorted(paths, reverse=True)):
            file = root / "tree" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((2, 3), value, np.uint8)).save(file)
            archive.write(file, f"wrapped/{path}")
    one, two = open_images(root / "tree"), open_images(root / "x.zip")
    assert one.ids == two.ids == tuple(sorted(one.ids))
    assert (one.labels, len(one)) == (two.labels, len(paths))
    np.testing.assert_array_equal(all_hashes(one), all_hashes(two))


def test_ids_leave_out_what_all_share_but_not_half_a_name(tmp_path, save):
    save(tmp_path / "x/plates/plate_1/a.PNG", np.zeros((2, 2)))
    save(tmp_path / "x/plates/plate_2/b.JpG", np.zeros((2, 2)))
    assert open_images(tmp_path / "x").ids == ("plate_1/a.PNG", "plate_2/b.JpG")


def test_every_extension_in_any_case_is_read_and_others_are_noted(tmp_path, save):
    for suffix in ("png", "PNG", "jpg", "JPEG", "tif", "TIFF", "bmp", "WebP", "gif"):
        save(tmp_path / f"x/{suffix}.{suffix}", np.zeros((4, 4)))
    (tmp_path / "x/readme.txt").write_text("hello")
    (tmp_path / "x/.hidden.png").write_bytes(b"")
    (tmp_path / "x/.ipynb_checkpoints").mkdir()
    (tmp_path / "x/.ipynb_checkpoints/y.png").write_bytes(b"")
    source = open_images(tmp_path / "x")
    assert len(source) == 9
    assert source.notes == ("left out 1 files that are not images (.txt 1)",)
    assert sum(len(batch.pixels) for batch in iterate(source)) == 9


def test_names_of_any_bytes_are_read_and_can_be_printed(tmp_path, png):
    folder = tmp_path / "x"
    folder.mkdir()
    for name in (b"caf\xe9.png", "café.png".encode(), b"new\nline.png"):
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(png)
    source = open_images(folder)
    assert source.ids == ("caf\\xe9.png", "café.png", "new\nline.png")
    assert "".join(source.ids).encode()
    assert len(next(iterate(source, num_workers=1)).pixels) == 3


def test_symlinks_are_followed_but_not_in_circles(tmp_path, save):
    save(tmp_path / "elsewhere/1.png", np.zeros((2, 2)))
    save(tmp_path / "x/a/0.png", np.zeros((2, 2)))
    (tmp_path / "x/a/up").symlink_to(tmp_path / "x")
    (tmp_path / "x/b").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "x/itself").symlink_to(tmp_path / "x/itself")
    (tmp_path / "elsewhere/back").symlink_to(tmp_path / "x")
    assert open_images(tmp_path / "x").ids == ("a/0.png", "b/1.png")


def test_a_pipe_does_not_hang(tmp_path, save):
    save(tmp_path / "x/0.png", np.zeros((2, 2)))
    os.mkfifo(tmp_path / "x/pipe.png")
    assert open_images(tmp_path / "x").ids == ("0.png",)


def test_what_macos_adds_to_a_zip_is_left_out(tmp_path, zipped, png):
    content = {"a.png": png, "__MACOSX/._a.png": b"\0\5\x16\7", ".DS_Store": b"", "b/": b""}
    assert open_images(zipped(tmp_path / "x.zip", content)).ids == ("a.png",)


@pytest.mark.parametrize("name", ["../a.png", "b/../../a.png", "/etc/a.png", "C:\\a.png",
                                  "..\\a.png"])  # fmt: skip
def test_a_zip_that_points_outside_is_refused(tmp_path, zipped, png, name):
    path = zipped(tmp_path / "x.zip", {"ok.png": png, name: png})
    with pytest.raises(InputError, match=r"x\.zip holds the member .* points outside the archive"):
        open_images(path)


def test_an_encrypted_zip_is_refused(tmp_path, zipped, png):
    path = zipped(tmp_path / "x.zip", {"a.png": png})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\3\4") + 6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"a\.png is encrypted; unpack"):
        open_images(path)


def test_a_link_in_a_zip_is_refused(tmp_path, png):
    entry = zipfile.ZipInfo("a.png")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(InputError, match="symbolic link"):
        open_images(tmp_path / "x.zip")


def test_names_without_the_utf8_flag_are_utf8_where_they_can_be(tmp_path, zipped, png):
    path = zipped(tmp_path / "x.zip", {"xxxxx.png": png})
    path.write_bytes(path.read_bytes().replace(b"xxxxx", "caf\xe9".encode()))
    source = open_images(path)
    assert source.ids == ("café.png",)
    assert source.read(0).shape == (1, 3, 4)


def test_a_damaged_zip_entry_is_an_image_error(tmp_path, zipped, png):
    path = zipped(tmp_path / "x.zip", {"a.png": png}, method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"IDAT", b"IDAX"))
    with pytest.raises(ImageError, match=r"x\.zip/a\.png .*archive entry is damaged"):
        open_images(path).read(0)


@pytest.mark.parametrize("content", [b"", b"PK\5\6" + b"\0" * 4, b"not a zip at all" * 9])
def test_a_file_that_is_no_zip_is_refused(tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.zip is not a zip archive"):
        open_images(tmp_path / "x.zip")


def test_an_entry_that_declares_a_huge_size_is_not_unpacked(tmp_path, zipped, png):
    path = zipped(tmp_path / "x.zip", {"a.png": png})
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\1\2")
    data[central + 24 : central + 28] = (0xF0000000).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(ImageError, match=r"4026531840 bytes, more than the limit"):
        open_images(path).read(0)


def test_a_folder_of_arrays_reads_them_where_there_are_no_pictures(tmp_path, rng):
    arrays = rng.random((3, 6, 8, 2), dtype=np.float32)
    (tmp_path / "x").mkdir()
    for index, array in enumerate(arrays):
        np.save(tmp_path / f"x/{index}.npy", array)
    source = open_images(tmp_path / "x")
    np.testing.assert_array_equal(source.read(1), arrays[1].transpose(2, 0, 1))
    np.save(tmp_path / "x/1.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(ImageError, match=r"1\.npy is not an image that can be read: .*pickled"):
        source.read(1)


def test_one_image_file_is_a_source_of_one(tmp_path, save, monkeypatch):
    save(tmp_path / "a.png", np.ones((2, 3)))
    monkeypatch.chdir(tmp_path)
    source = open_images("a.png")
    assert (source.ids, source.labels, len(source)) == (("a.png",), None, 1)
    assert source.read(0).shape == (1, 2, 3)


def test_the_stamp_changes_with_the_files_and_the_options(cells):
    folder, _ = cells
    stamp = open_images(folder).stamp
    assert stamp == open_images(str(folder) + "/").stamp
    other = [
        open_images(folder, channels=(0,)),
        open_images(folder, max_images=3),
        open_images(folder, max_images=3, seed=1),
        open_images(folder, label_by="regex:(.)"),
        open_images(folder, group_by="folder:0"),
    ]
    stamps = {stamp, *(source.stamp for source in other)}
    os.utime(folder / "cat/0.png", ns=(0, 1))
    stamps.add(open_images(folder).stamp)
    (folder / "cat/0.png").unlink()
    stamps.add(open_images(folder).stamp)
    assert len(stamps) == 8


def test_the_range_is_no_part_of_the_stamp_but_of_the_protocol(cells):
    folder, _ = cells
    plain, ranged = open_images(folder), open_images(folder, value_range=(0, 200))
    assert plain.stamp == ranged.stamp
    assert (plain.protocol, ranged.protocol) == ({}, {"value_range": [[0.0, 200.0]]})


def test_an_open_source_passes_through_but_takes_no_more_options(cells):
    source = open_images(cells[0])
    assert open_images(source) is source
    with pytest.raises(InputError, match="is open already"):
        open_images(source, channels=(0,))


def test_entries_of_a_zip_that_begin_with_a_dot_and_a_slash_are_images(tmp_path, zipped, png):
    path = zipped(tmp_path / "x.zip", {"./a/3.png": png, "b/4.png": png, "./.hidden/5.png": png})
    source = open_images(path)
    assert source.ids == ("a/3.png", "b/4.png")
    assert source.read(0).shape == source.read(1).shape
    twice = zipped(tmp_path / "y.zip", {"./3.png": png, "3.png": png})
    with pytest.raises(InputError, match=r"holds two entries named 3\.png"):
        open_images(twice)


@pytest.mark.parametrize("kind", ["png", "zip", "npy"])
def test_a_name_inside_a_file_that_has_none_is_refused(tmp_path, png, kind):
    file = tmp_path / f"a.{kind}"
    if kind == "png":
        file.write_bytes(png)
    elif kind == "npy":
        np.save(file, np.zeros((4, 8, 8), np.uint8))
    else:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("0.png", png)
    assert len(open_images(file)) > 0
    with pytest.raises(InputError, match=f"has no names inside; leave out what follows a.{kind}"):
        open_images(f"{file}::x")
