import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

import ganeval
from ganeval.errors import InputError
from ganeval.features import as_features, is_feature_file, range_warnings
from ganeval.nets import load_card


def images(n=12, *, channels=1, size=(10, 14), seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, *size, channels), dtype=np.uint8)


def write(folder, stack):
    folder.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(stack):
        Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image).save(
            folder / f"{i:03d}.png"
        )
    return folder


def features_equal(a, b):
    return np.array_equal(a.features, b.features) and a.fingerprint == b.fingerprint


def test_files_and_the_array_they_were_made_from_have_the_same_features(tmp_path):
    stack = images(channels=3)
    from_files = ganeval.extract(write(tmp_path / "a", stack), "pixels")
    from_array = ganeval.extract(stack, "pixels")
    assert features_equal(from_files, from_array)
    assert from_files.ids[0] == "000.png"


def test_pixel_features_are_the_pixels_where_images_are_small():
    stack = images(n=3, size=(8, 8))
    rows = ganeval.extract(stack, "pixels").features
    np.testing.assert_allclose(rows, stack.reshape(3, -1) / 255, atol=1e-6)


def test_files_with_an_empty_channel_compare_with_arrays_without_it():
    """As LIN's cells: RGB files with nothing in blue, and a generator that makes two channels."""
    card = ganeval.nets.Card("rg", "pixels", channels=2, empty_channels=(2,), options={"grid": 8})
    two = images(channels=2)
    three = np.concatenate([two, np.zeros_like(two[..., :1])], axis=3)
    real, fake = ganeval.extract(three, card), ganeval.extract(two, card)
    np.testing.assert_array_equal(real.features, fake.features)
    assert real.protocol["images"]["empty_channels"] == [2]
    assert "empty_channels" not in fake.protocol["images"]
    assert ganeval.kid(real, fake, interval=False).n_real == 12


@pytest.mark.parametrize("batch_size", [1, 5, 64])
def test_batch_size_does_not_matter(batch_size):
    stack = images()
    expected = ganeval.extract(stack, "pixels").features
    got = ganeval.extract(stack, "pixels", batch_size=batch_size).features
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_worker_processes_do_not_matter(tmp_path):
    folder = write(tmp_path / "a", images(n=40))
    alone = ganeval.extract(folder, "pixels", cache=False)
    helped = ganeval.extract(folder, "pixels", cache=False, num_workers=2, batch_size=7)
    assert features_equal(alone, helped)


def test_a_module_of_your_own_is_a_feature_net():
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3), torch.nn.Flatten()).train()
    stack = images(n=4, size=(8, 8))
    got = ganeval.extract(stack, net)
    with torch.no_grad():
        expected = net(torch.from_numpy(stack).permute(0, 3, 1, 2) / 255)
    np.testing.assert_allclose(got.features, expected.numpy(), atol=1e-5)
    assert net.training


def test_each_channel_joins_the_features_of_the_channels():
    stack = images(n=5, channels=2, size=(28, 28))
    both = ganeval.extract(stack, "mnist", each_channel=True).features
    for channel in range(2):
        one = ganeval.extract(stack[..., channel : channel + 1], "mnist").features
        np.testing.assert_allclose(both[:, channel * 64 : (channel + 1) * 64], one, atol=1e-4)


def test_without_a_net_grey_images_get_an_error_that_lists_the_nets_that_fit():
    with pytest.raises(InputError, match=r"mnist.*nets train"):
        ganeval.extract(images())


def test_values_in_a_corner_of_their_range_are_a_warning():
    twelve_bit = images().astype(np.uint16) * 16
    (warning,) = range_warnings(ganeval.extract(twelve_bit, "pixels").protocol)
    assert "declare --value-range 0:4095" in warning
    source = ganeval.open_images(twelve_bit, value_range=(0, 4095))
    assert range_warnings(ganeval.extract(source, "pixels").protocol) == []


def test_a_channel_that_nobody_filled_is_told():
    images = np.random.default_rng(0).integers(0, 256, (6, 20, 20, 4), dtype=np.uint8)
    images[..., 1:3] = 7
    extract, opened = ganeval.extract, ganeval.open_images
    chosen = opened(images, channels=(0, 1, 3))
    (warning,) = extract(chosen, "pixels").warnings
    assert warning.startswith("channel 1 has one value in all") and "--channels 0,3 on" in warning
    (warning,) = extract(opened(images, channels=(1, 2, 3)), "pixels").warnings
    assert warning.startswith("channels 1,2 have one value in all") and "ls 3 on" in warning
    rgb = replace(load_card("pixels"), channels=3)  # takes three and no fewer: nothing to advise
    assert extract(chosen, rgb).warnings == ("channel 1 has one value in all images",)
    images[4, 3, 3, 1] = 8
    assert extract(chosen, "pixels").warnings == ()
    assert extract(np.full((6, 20, 20, 3), 9, np.uint8), "pixels").warnings == ()


def test_skipped_images_are_counted_and_named(tmp_path):
    folder = write(tmp_path / "a", images(n=3))
    (folder / "broken.png").write_bytes(b"")
    source = ganeval.open_images(folder, on_error="skip")
    features = ganeval.extract(source, "pixels")
    assert len(features) == 3
    assert "skipped 1 of 4" in features.warnings[0] and "broken.png" in features.warnings[0]


class Counting:
    """A way to see whether files are decoded: `read` of the source's reader is counted."""

    def __init__(self, monkeypatch):
        from ganeval.images import ImageSource

        self.reads = 0
        original = ImageSource.read

        def read(source, index):
            self.reads += 1
            return original(source, index)

        monkeypatch.setattr(ImageSource, "read", read)


def test_a_second_run_reads_no_image(tmp_path, monkeypatch):
    folder = write(tmp_path / "a", images())
    first = ganeval.extract(folder, "pixels")
    counting = Counting(monkeypatch)
    second = ganeval.extract(folder, "pixels")
    assert counting.reads == 0
    assert features_equal(first, second)


def test_a_changed_file_is_noticed(tmp_path):
    folder = write(tmp_path / "a", images())
    first = ganeval.extract(folder, "pixels")
    write(folder, images(seed=1)[:1])
    assert not features_equal(first, ganeval.extract(folder, "pixels"))


@pytest.mark.parametrize("verify", [False, True])
def test_a_change_that_kept_size_and_date_is_noticed(tmp_path, monkeypatch, verify):
    """By the change time of the file; where a disk has none, by `verify`."""
    import os

    if verify:
        monkeypatch.setattr(
            "ganeval.images.folder.file_state",
            lambda status: f"{status.st_size} {status.st_mtime_ns}",
        )

    folder = tmp_path / "a"
    folder.mkdir()
    path = folder / "0.bmp"
    Image.fromarray(images(n=1)[0, ..., 0]).save(path)
    Image.fromarray(images(n=1, seed=2)[0, ..., 0]).save(folder / "1.bmp")
    stat = path.stat()
    first = ganeval.extract(folder, "pixels")
    Image.fromarray(images(n=1, seed=1)[0, ..., 0]).save(path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert features_equal(first, ganeval.extract(folder, "pixels")) == verify
    assert not features_equal(first, ganeval.extract(folder, "pixels", verify=verify))


def test_a_broken_cache_entry_is_computed_again(tmp_path):
    import os
    from pathlib import Path

    folder = write(tmp_path / "a", images())
    first = ganeval.extract(folder, "pixels")
    for path in Path(os.environ["GANEVAL_CACHE"]).rglob("*"):
        if path.is_file():
            path.write_bytes(b"half a fi")
    assert features_equal(first, ganeval.extract(folder, "pixels"))


def test_a_folder_with_the_files_of_another_is_called_by_its_own_name(tmp_path):
    twelve_bit = [image.astype(np.uint16) // 40 for image in images()[..., 0]]
    for name in "ab":
        (tmp_path / name).mkdir()
        for i, image in enumerate(twelve_bit):
            Image.fromarray(image).save(tmp_path / name / f"{i}.png")
    found = [ganeval.extract(tmp_path / name, "pixels") for name in "ab"]
    warnings = ganeval.kid(*found).warnings
    (told,) = range_warnings(found[0].protocol)
    assert warnings[:2] == tuple(f"{part.name}: {told}" for part in found)


def test_options_that_change_features_are_not_confused(tmp_path):
    folder = write(tmp_path / "a", images(channels=3))
    everything = ganeval.extract(folder, "pixels")
    red = ganeval.extract(ganeval.open_images(folder, channels=(0,)), "pixels")
    dark = ganeval.extract(ganeval.open_images(folder, value_range=(51, 255)), "pixels")
    assert everything.features.shape[1] == 3 * red.features.shape[1]
    np.testing.assert_allclose(dark.features * 0.8 + 0.2, everything.features, atol=1e-6)


def test_data_in_memory_never_reach_the_disk():
    import os
    from pathlib import Path

    ganeval.extract(images(), "pixels")
    assert not any(Path(os.environ["GANEVAL_CACHE"]).rglob("*"))


def test_arrays_of_features_need_no_net(tmp_path):
    rows = np.random.default_rng(0).normal(size=(5, 3))
    assert as_features(rows).features is rows
    np.save(tmp_path / "rows.npy", rows)
    assert is_feature_file(tmp_path / "rows.npy")
    np.testing.assert_array_equal(as_features(tmp_path / "rows.npy").features, rows)


def test_a_cached_run_imports_neither_torch_nor_scipy(tmp_path):
    folders = [str(write(tmp_path / name, images(seed=s))) for s, name in enumerate("ab")]
    command = ["fid", *folders, "--feature-net", "pixels", "--quiet"]
    code = (
        "import sys; from ganeval.cli import main\n"
        f"try: main({command!r})\n"
        "except SystemExit as end: assert end.code in (0, None), end.code\n"
        "print([m for m in ('torch', 'scipy', 'PIL') if m in sys.modules])"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert "torch" in runs[0].stdout.splitlines()[-1]
    assert runs[1].stdout.splitlines()[-1] == "[]"
    assert runs[0].stdout.splitlines()[0] == runs[1].stdout.splitlines()[0]
