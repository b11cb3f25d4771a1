"""Data sets, and which labels they are believed to have."""

from collections import namedtuple

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    random_split,
)

from ganeval.errors import ImageError, InputError
from ganeval.images import iterate, open_images


class Pairs(Dataset):
    """Random-access pairs; `fetched` counts how often an item was asked for."""

    def __init__(self, images, labels, target_transform=None):
        self.images, self.labels_, self.fetched = images, labels, 0
        self.target_transform = target_transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        self.fetched += 1
        label = self.labels_[index]
        return self.images[index], self.target_transform(label) if self.target_transform else label


class ByName(Dataset):
    """A data set whose items have names, not numbers."""

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return {"a": 1}[index]


class Relabelled(Dataset):
    """A wrapper that gives other labels than the data set inside."""

    def __init__(self, dataset, change):
        self.dataset, self.change = dataset, change

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        image, label = self.dataset[index]
        return image, self.change(label)


@pytest.fixture
def rgb(rng):
    return rng.integers(0, 256, (60, 8, 9, 3), dtype=np.uint8)


def stacked(source):
    return np.concatenate([np.stack(batch.pixels) for batch in iterate(source)])


def kept(images, labels, *, classes=None, target_transform=None):
    """A data set that keeps its labels as torchvision's do."""
    dataset = Pairs(images, labels, target_transform)
    dataset.targets = list(labels)
    if classes is not None:
        dataset.classes = classes
    return dataset


def test_a_dataset_of_pairs(rgb):
    labels = [i % 3 for i in range(60)]
    tensors = [torch.tensor(image).permute(2, 0, 1) for image in rgb]
    source = open_images(Pairs(tensors, labels))
    assert source.labels == tuple(map(str, labels))
    np.testing.assert_array_equal(stacked(source), rgb.transpose(0, 3, 1, 2))


def test_kept_labels_are_compared_with_some_items_and_no_others_are_read(rgb):
    labels = [i % 2 for i in range(60)]
    dataset = kept([Image.fromarray(image) for image in rgb], labels, classes=["cat", "dog"])
    assert open_images(dataset).labels == ("cat", "dog") * 30
    assert 12 <= dataset.fetched <= 16
    tensors = kept(torch.from_numpy(rgb).permute(0, 3, 1, 2), labels, classes=["cat", "dog"])
    loader = DataLoader(tensors, batch_size=7, shuffle=True)
    assert sorted(open_images(loader).labels) == ["cat"] * 30 + ["dog"] * 30
    source = open_images(Subset(dataset, torch.tensor([9, 2, 4])))
    assert source.labels == ("dog", "cat", "cat")
    np.testing.assert_array_equal(stacked(source), rgb[[9, 2, 4]].transpose(0, 3, 1, 2))


@pytest.mark.parametrize(
    "change",
    [lambda y: y % 2, lambda y: 9 - y, lambda y: 0 if y == 7 else y, lambda y: f"digit {y}"],
    ids=["parity", "reversed", "one class", "text"],
)
def test_labels_are_those_that_items_have(rgb, change):
    labels = [i * 7 % 10 for i in range(60)]
    classes = [f"class {i}" for i in range(10)]
    names = tuple(str(change(label)) for label in labels)
    inside = kept(rgb, labels, classes=classes, target_transform=change)
    outside = Relabelled(kept(rgb, labels, classes=classes), change)
    for dataset in (inside, outside):
        assert open_images(dataset).labels == names
        assert open_images(DataLoader(dataset, 8), layout="NHWC").labels == names
        some = [3, 41, 5, 7, 11]
        assert open_images(Subset(dataset, some)).labels == tuple(names[i] for i in some)
        assert open_images(ConcatDataset([dataset, dataset])).labels == names * 2


def test_a_wrapper_that_keeps_labels_keeps_their_names(rgb):
    labels = [i % 2 for i in range(60)]
    dataset = kept(rgb, labels, classes=["cat", "dog"])
    wrapped = Relabelled(dataset, lambda label: label)
    parts = random_split(wrapped, [40, 20], generator=torch.Generator().manual_seed(0))
    for part in parts:
        names = tuple(["cat", "dog"][labels[i]] for i in part.indices)
        assert open_images(part).labels == names
    assert open_images(ConcatDataset([dataset, wrapped])).labels == ("cat", "dog") * 60


@pytest.mark.parametrize("label", [torch.zeros(40, dtype=torch.int64), 0.5, None, {"a": 1}])
def test_what_is_no_label_is_left_out_alike_by_data_sets_loaders_and_pairs(rgb, label):
    tensor = torch.from_numpy(rgb).permute(0, 3, 1, 2)
    label = torch.rand(40) if label is None else label
    dataset = Pairs(tensor, [label] * 60)
    for spec in (dataset, DataLoader(dataset, batch_size=7), next(iter(DataLoader(dataset, 60)))):
        source = open_images(spec)
        assert len(source) == 60 and source.labels is None
        assert "label" in source.notes[0] and source.notes[0].startswith("left out: ")


def test_items_of_a_dataset_may_be_named_tuples_and_dictionaries(rgb):
    sample = namedtuple("sample", "image label")
    source = open_images(Pairs([rgb[0]] * 3, [0, 1, 0]))
    assert open_images([sample(rgb[0], 4)]).labels == ("4",)
    assert source.labels == ("0", "1", "0")


def test_a_dataset_that_is_no_set_of_images_is_refused(rgb):
    with pytest.raises(InputError, match="a dictionary with no image, only a"):
        open_images([{"a": 1}])
    with pytest.raises(InputError, match="Pairs of 0 items is empty"):
        open_images(Pairs([], []))
    with pytest.raises(InputError, match="labels for 59 of them; label all or none"):
        open_images(Pairs(rgb, [1] * 59 + [None]))
    with pytest.raises(InputError, match="does not say how many items it has"):
        open_images(Dataset())
    with pytest.raises(InputError, match="a tuple of 2 batches is images and what belongs to them"):
        open_images((rgb, rgb))
    with pytest.raises(ImageError, match="item 0 of the ByName cannot be fetched: .* KeyError: 0"):
        open_images(ByName())
    with pytest.raises(InputError, match=r"has shape \[4, 8, 9, 3\], .* say batched=True"):
        open_images(Pairs(rgb.reshape(15, 4, 8, 9, 3), [0] * 15))


def test_a_dataset_of_batches_is_read_when_it_is_said_to_be_one(rgb):
    batches = Pairs(rgb.reshape(15, 4, 8, 9, 3), np.arange(60).reshape(15, 4) % 3)
    source = open_images(batches, batched=True)
    np.testing.assert_array_equal(stacked(source), rgb.transpose(0, 3, 1, 2))
    assert source.labels == ("0", "1", "2") * 20


def test_what_a_dataset_raises_is_an_error_of_that_image(rgb):
    class Broken(Pairs):
        def __getitem__(self, index):
            if index == 2:
                raise OSError("the disk is gone")
            return self.images[index]

    source = open_images(Broken(rgb[:4], [0] * 4))
    with pytest.raises(
        ImageError, match=r"image 2 cannot be fetched: .* OSError: the disk is gone"
    ):
        source.read(2)
    skipping = open_images(Broken(rgb[:4], [0] * 4), on_error="skip")
    assert sum(len(batch.pixels) for batch in iterate(skipping)) == 3


class Column(list):
    """A data set of Hugging Face: rows by number, columns by name."""

    column_names = ("image", "label")

    def __init__(self, rows, names):
        super().__init__(rows)
        self.features = {"label": namedtuple("ClassLabel", "names")(names)}

    def __getitem__(self, key):
        return [row[key] for row in self] if isinstance(key, str) else super().__getitem__(key)


class StreamOfColumns(IterableDataset):
    """The same as a stream."""

    def __init__(self, rows, names):
        self.rows, self.column_names = rows, ["image", "label"]
        self.features = Column(rows, names).features

    def __iter__(self):
        return iter(self.rows)


def test_labels_of_hugging_face_are_its_column_with_its_names(rgb):
    rows = [{"image": Image.fromarray(image), "label": i % 2} for i, image in enumerate(rgb)]
    source = open_images(Column(rows, ["cat", "dog"]))
    assert source.labels == ("cat", "dog") * 30
    assert open_images(StreamOfColumns(rows, ["cat", "dog"])).labels == source.labels
    np.testing.assert_array_equal(stacked(source), rgb.transpose(0, 3, 1, 2))


def test_the_layout_of_the_first_item_holds_for_all(rng):
    images = [rng.integers(0, 9, (size, 8, 3), dtype=np.uint8) for size in (9, 3)]
    assert [open_images(images).read(i).shape for i in (0, 1)] == [(3, 9, 8), (3, 3, 8)]
    with pytest.raises(InputError, match="layout='"):
        open_images(images[1:])


def test_a_list_of_images_may_have_any_sizes(rng):
    images = [rng.integers(0, 9, (8, 9 + i, 3), dtype=np.uint8) for i in range(3)]
    source = open_images([*images, Image.fromarray(images[0])])
    shapes = [(3, 8, 9), (3, 8, 10), (3, 8, 11), (3, 8, 9)]
    assert [source.read(i).shape for i in range(4)] == shapes


def test_a_tensor_dataset_needs_no_labels(rgb):
    tensor = torch.from_numpy(rgb).permute(0, 3, 1, 2)
    np.testing.assert_array_equal(stacked(open_images(TensorDataset(tensor))), tensor.numpy())
