import time
import zipfile

import numpy as np
import pytest
from PIL import Image

from ganeval.images import iterate, open_images


def test_mnist_as_it_is_distributed(data_dir):
    source = open_images(data_dir / "mnist/t10k-images-idx3-ubyte.gz")
    assert len(source) == 10_000 and source.ids[-1] == "9999"
    assert source.labels[:5] == ("7", "2", "1", "0", "4")
    first = next(iterate(source))
    assert first.kinds == {("uint8", 1, 28, 28): 0}
    # The mean of the test images that every tutorial divides by: 0.1325.
    pixels = np.stack([source.read(index) for index in range(0, 10_000, 10)])
    assert pixels.mean() / 255 == pytest.approx(0.1325, abs=0.003)


def test_cifar10_in_its_zip_and_unpacked(data_dir, tmp_path):
    path = data_dir / "cifar10/test.zip"
    source = open_images(path, max_images=300)
    assert set(open_images(path).labels) == {
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"
    }  # fmt: skip
    assert {source.labels.count(label) for label in set(source.labels)} == {30}
    with zipfile.ZipFile(path) as archive:
        for id in source.ids:
            archive.extract(id, tmp_path / "x")
    folder = open_images(tmp_path / "x")
    assert (folder.ids, folder.labels) == (source.ids, source.labels)
    inside = np.concatenate([batch.hashes for batch in iterate(source)])
    outside = np.concatenate([batch.hashes for batch in iterate(folder, num_workers=1)])
    np.testing.assert_array_equal(inside, outside)
    image = np.asarray(Image.open(tmp_path / "x" / source.ids[7]))
    np.testing.assert_array_equal(source.read(7), image.transpose(2, 0, 1))


def test_lin_cells_have_labels_and_two_channels_that_count(data_dir):
    source = open_images(data_dir / "lin41_sample", channels=(0, 1))
    assert len(source) == 205 and len(set(source.labels)) == 41
    assert source.notes == ("labels from folders: 41, of 5 images each: Act1 to Tip1",)
    assert source.read(0).shape == (2, 48, 80)


def test_thousands_of_files_are_listed_in_no_time(tmp_path, png):
    for index in range(4000):
        (tmp_path / f"{index}.png").write_bytes(png)
    fastest = np.inf
    for _ in range(3):
        start = time.process_time()  # not the clock: other tests may run beside this one
        stamp = open_images(tmp_path).stamp
        fastest = min(fastest, time.process_time() - start)
    assert stamp is not None and fastest < 0.3  # 0.1 s without run-time type checks
