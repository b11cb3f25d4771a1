import builtins
import os
import re

import numpy as np
import pytest

from ganeval.errors import ImageError, InputError
from ganeval.images import folder as folder_module
from ganeval.images import iterate, open_images


def test_a_missing_path(tmp_path):
    with pytest.raises(InputError, match=r"nowhere does not exist; give a path \(.*folder, \.zip"):
        open_images(tmp_path / "nowhere")


def test_an_empty_folder_lists_what_is_read(tmp_path):
    with pytest.raises(InputError, match=r"found no image in .* \(no \.png .*\.tif.*\.npy below"):
        open_images(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputError, match="found no image in"):
        open_images(tmp_path)


def test_a_folder_of_archives_says_to_give_one_of_them(tmp_path):
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(b"")
    with pytest.raises(InputError, match=r"it holds t10k-images-idx3-ubyte\.gz: give one such"):
        open_images(tmp_path)


def test_an_unknown_kind_of_file(tmp_path):
    (tmp_path / "x.mat").write_bytes(b"MATLAB")
    with pytest.raises(InputError, match=r"x\.mat is not of a supported format; give one of"):
        open_images(tmp_path / "x.mat")


def test_a_link_to_nothing(tmp_path, save):
    (tmp_path / "x").symlink_to(tmp_path / "nowhere")
    (tmp_path / "x.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(InputError):
        open_images(tmp_path / "x")
    with pytest.raises(InputError, match="is a broken link"):
        open_images(tmp_path / "x.png")
    save(tmp_path / "y/0.png", np.zeros((2, 2)))
    (tmp_path / "y/1.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(ImageError, match=r"y/1\.png cannot be opened: No such file"):
        open_images(tmp_path / "y").read(1)


def test_an_unreadable_file(cells, monkeypatch):
    source = open_images(cells[0])

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(builtins, "open", refuse)
    with pytest.raises(ImageError, match=r"cells/cat/0\.png cannot be opened: Permission denied; "
                       "check its permissions"):  # fmt: skip
        source.read(0)


def test_an_unreadable_folder(cells, monkeypatch):
    real = os.scandir

    def refuse(path):
        if str(path).endswith("dog"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(folder_module.os, "scandir", refuse)
    with pytest.raises(InputError, match=r"cells/dog cannot be listed: Permission denied"):
        open_images(cells[0])


@pytest.mark.parametrize("num_workers", [0, 2])
def test_the_first_broken_image_ends_it_or_all_are_skipped(cells, num_workers):
    folder, _ = cells
    (folder / "dog/0.png").write_bytes(b"")
    (folder / "dog/10.png").write_text("not an image")
    with pytest.raises(ImageError) as caught:
        list(iterate(open_images(folder), num_workers=num_workers))
    assert str(caught.value) == (
        f"{folder}/dog/0.png is not an image that can be read: it is empty (0 bytes); remove it "
        "or use --on-error skip (in Python: "
        "ganeval.open_images(IMAGES, on_error='skip'))"
    )
    source = open_images(folder, on_error="skip")
    batches = list(iterate(source, batch_size=3, num_workers=num_workers))
    assert [batch.indices for batch in batches] == [(0, 1), (3, 5)]
    assert [id for batch in batches for id, _ in batch.failures] == ["dog/0.png", "dog/10.png"]
    assert all(re.match("is not an image that can be read: it ", problem)
               for batch in batches for _, problem in batch.failures)  # fmt: skip


def test_a_batch_without_a_single_good_image_is_empty(cells):
    folder, arrays = cells
    for id in arrays:
        (folder / id).write_bytes(b"")
    (batch,) = iterate(open_images(folder, on_error="skip"))
    assert (batch.indices, batch.pixels, len(batch.failures)) == ((), (), 6)
    assert batch.hashes.shape == (0, 2) and batch.kinds == {}


def test_a_huge_file_is_not_read(tmp_path):
    with open(tmp_path / "a.png", "wb") as file:
        file.truncate(1 << 31)  # sparse
    with pytest.raises(ImageError, match="2147483648 bytes, more than the limit"):
        open_images(tmp_path / "a.png").read(0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layout": "HWC"}, "unknown layout 'HWC'"),
        ({"axes": "C1X"}, "axes 'C1X' are not understood"),
        ({"axes": "YYX"}, "are not understood"),
        ({"project": "sum"}, "unknown projection 'sum'"),
        ({"on_error": "ignore"}, "give 'fail' or 'skip'"),
    ],
)
def test_options_that_do_not_exist(cells, options, message):
    with pytest.raises(InputError, match=message):
        open_images(cells[0], **options)
