"""How many images an item of a stream, a loader or a generator holds."""

import h5py
import numpy as np
import pytest
import torch
import webdataset
from PIL import Image
from torch.utils.data import ChainDataset, DataLoader, IterableDataset, TensorDataset

from ganeval.errors import InputError
from ganeval.images import iterate, open_images


class Stream(IterableDataset):
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        return iter(self.items)


class Counted(Stream):
    def __len__(self):
        return len(self.items)


def stacked(source):
    return np.concatenate([np.stack(batch.pixels) for batch in iterate(source)])


def tensor_of(rng, *shape):
    return torch.from_numpy(rng.integers(0, 256, shape, dtype=np.uint8))


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 7])
def test_an_iterable_dataset_gives_one_image_at_a_time(rng, channels):
    images = tensor_of(rng, 11, channels, 8, 9)
    labels = torch.arange(11) % 3
    for stream in (Stream(images), Counted(images), ChainDataset([Stream(images)])):
        np.testing.assert_array_equal(stacked(open_images(stream)), images)
    source = open_images(Counted(list(zip(images, labels, strict=True))))
    np.testing.assert_array_equal(stacked(source), images)
    assert source.labels == tuple(str(int(label)) for label in labels)


@pytest.mark.parametrize("shape", [(5, 8, 9), (64, 8, 9), (3, 8, 9), (8, 9)])
def test_a_generator_of_arrays_that_may_be_images_or_batches_asks(rng, shape):
    tensors = [tensor_of(rng, *shape) for _ in range(3)]
    for stream in (
        iter(tensors),
        ({"image": tensor} for tensor in tensors),
        ([t] for t in tensors),
    ):
        with pytest.raises(InputError, match=r"batched=False .* batched=True if it is a batch"):
            open_images(stream)
    images = stacked(open_images(iter(tensors), batched=False))
    expected = np.stack(tensors)
    np.testing.assert_array_equal(images, expected if len(shape) == 3 else expected[:, None])
    if shape[0] > 4 and len(shape) == 3:
        batches = stacked(open_images(iter(tensors), batched=True))
        np.testing.assert_array_equal(batches, torch.cat(tensors)[:, None])


def test_labels_say_whether_an_item_is_a_batch(rng):
    batch = tensor_of(rng, 12, 8, 9)
    source = open_images(iter([(batch, torch.arange(12)), (batch[:5], torch.arange(5))]))
    np.testing.assert_array_equal(stacked(source)[:, 0], torch.cat([batch, batch[:5]]))
    images = tensor_of(rng, 4, 5, 8, 9)
    source = open_images((image, number) for number, image in enumerate(images))
    np.testing.assert_array_equal(stacked(source), images)
    assert source.labels == tuple("0123")


@pytest.mark.parametrize("last", [1, 2, 3])
def test_a_short_last_batch_is_read_like_the_others(rng, last):
    grey = tensor_of(rng, 16 + last, 9, 9)
    loader = DataLoader(TensorDataset(grey), batch_size=8)
    np.testing.assert_array_equal(stacked(open_images(loader))[:, 0], grey)
    numpy = rng.integers(0, 256, (16 + last, 9, 9), dtype=np.uint8)
    batches = (numpy[start : start + 8] for start in range(0, len(numpy), 8))
    source = open_images(batches, batched=True)
    np.testing.assert_array_equal(stacked(source)[:, 0], numpy)


def test_a_loader_gives_batches(rng):
    images, labels = tensor_of(rng, 11, 3, 8, 9), torch.arange(11) % 4
    names = tuple(str(int(label)) for label in labels)
    for tensors, wanted in (((images,), None), ((images, labels), names),
                            ((images, labels, labels), names)):  # fmt: skip
        source = open_images(DataLoader(TensorDataset(*tensors), batch_size=4))
        np.testing.assert_array_equal(stacked(source), images)
        np.testing.assert_array_equal(stacked(source), images)
        assert source.labels == wanted
    source = open_images(DataLoader(Stream(list(zip(images, labels, strict=True))), batch_size=4))
    assert source.labels == names


@pytest.mark.parametrize("collate", [list, tuple, lambda items: tuple(zip(*items, strict=True))])
def test_a_loader_may_give_lists_of_items_or_of_images(rng, collate):
    images = tensor_of(rng, 12, 5, 8, 9)
    pictures = [Image.fromarray(image[0].numpy()) for image in images]
    for content, expected in ((images, images), (pictures, images[:, :1])):
        items = [(image, number % 3) for number, image in enumerate(content)]
        loader = DataLoader(items, batch_size=4, collate_fn=collate)
        source = open_images(loader)
        np.testing.assert_array_equal(stacked(source), expected)
        assert source.labels == ("0", "1", "2") * 4


def test_a_loader_without_batches_gives_what_its_data_set_gives(rng):
    images = tensor_of(rng, 6, 5, 8, 9)
    items = [(image, number) for number, image in enumerate(images)]
    np.testing.assert_array_equal(stacked(open_images(DataLoader(items, batch_size=None))), images)
    with pytest.raises(InputError, match="batched=True"):
        open_images(DataLoader(list(images), batch_size=None))


def test_a_list_of_arrays_in_a_stream_is_not_guessed_at(rng):
    image = tensor_of(rng, 3, 8, 9)
    with pytest.raises(InputError, match=r"is a list of 2 arrays of 3 axes.* stack the images"):
        open_images(iter([[image, image]]))


def test_a_list_is_images_unless_these_look_like_batches(rng):
    batches = tensor_of(rng, 3, 16, 8, 9)
    with pytest.raises(InputError, match=r"shape \[16, 8, 9\], .* say batched=True"):
        open_images(list(batches))
    found = stacked(open_images(list(batches), batched=True))
    np.testing.assert_array_equal(found, batches.reshape(48, 1, 8, 9))
    np.testing.assert_array_equal(stacked(open_images(list(batches), layout="NCHW")), batches)
    colour = tensor_of(rng, 4, 3, 8, 9)
    np.testing.assert_array_equal(stacked(open_images([colour[:3], colour[3:]])), colour)


def test_an_array_may_be_one_image(rng):
    image = tensor_of(rng, 3, 8, 9)
    np.testing.assert_array_equal(stacked(open_images(image, batched=False)), image[None])
    channels_last = image.permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(stacked(open_images(channels_last, batched=False)), image[None])


def test_a_generator_may_use_its_buffer_again(rng):
    rgb = rng.integers(0, 256, (6, 8, 9, 3), dtype=np.uint8)

    def batches():
        buffer = np.empty((2, 8, 9, 3), np.uint8)
        for start in (0, 2, 4):
            buffer[:] = rgb[start : start + 2]
            yield buffer

    np.testing.assert_array_equal(stacked(open_images(batches())), rgb.transpose(0, 3, 1, 2))


@pytest.fixture
def shard(rng, tmp_path):
    """A web data set of 10 RGB images with labels, and the images."""
    rgb = rng.integers(0, 256, (10, 8, 9, 3), dtype=np.uint8)
    with webdataset.TarWriter(str(tmp_path / "a.tar")) as writer:
        for index, image in enumerate(rgb):
            sample = {"__key__": f"{index:03d}", "png": Image.fromarray(image), "cls": index % 3}
            writer.write(sample)
    return str(tmp_path / "a.tar"), rgb.transpose(0, 3, 1, 2)


def open_shard(path):
    return webdataset.WebDataset(path, shardshuffle=False)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # files it leaves
def test_web_data_sets_are_read_in_any_form(shard):
    path, images = shard
    labels = tuple("0120120120")
    for stream, named in (
        (open_shard(path), True),
        (open_shard(path).decode("pil"), True),
        (open_shard(path).decode("pil").with_length(10, silent=True), True),
        (open_shard(path).decode("pil").to_tuple("png", "cls"), True),
        (open_shard(path).decode("torchrgb8").to_tuple("png", "cls"), True),
        (open_shard(path).decode("torchrgb8").to_tuple("png", "cls").batched(4), True),
        (open_shard(path).decode("torchrgb8").to_tuple("png").batched(4), False),
        (webdataset.WebLoader(open_shard(path).decode("pil").to_tuple("png", "cls").batched(4),
                              batch_size=None), True),
        (webdataset.WebLoader(open_shard(path).decode("torchrgb8").to_tuple("png", "cls"),
                              batch_size=4).with_length(3, silent=True), True),
    ):  # fmt: skip
        source = open_images(stream)
        np.testing.assert_array_equal(stacked(source), images)
        assert source.labels == (labels if named else None)


def test_a_data_set_of_hdf5_is_read_where_it_lies(rng, tmp_path):
    rgb = rng.integers(0, 256, (10, 8, 9, 3), dtype=np.uint8)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"] = rgb
        source = open_images(file["images"])
        np.testing.assert_array_equal(stacked(source), rgb.transpose(0, 3, 1, 2))
        assert isinstance(source.reader.held["array"], h5py.Dataset)
