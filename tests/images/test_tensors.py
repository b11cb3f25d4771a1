import numpy as np
import pytest
import safetensors.torch
import torch

import ganeval
from ganeval.errors import InputError
from ganeval.images import open_images


@pytest.fixture
def images():
    return torch.randint(0, 256, (6, 3, 8, 10), dtype=torch.uint8)


def saved(path, value):
    torch.save(value, path)
    return path


@pytest.mark.parametrize("suffix", [".pt", ".pth"])
def test_a_tensor_is_images_in_the_layout_of_torch(tmp_path, images, suffix):
    source = open_images(saved(tmp_path / f"a{suffix}", images))
    assert source.ids == ("0", "1", "2", "3", "4", "5")
    np.testing.assert_array_equal(source.read(4), images[4].numpy())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.int16])
def test_other_numbers_become_float32(tmp_path, dtype):
    grey = torch.arange(240).reshape(6, 5, 8).to(dtype)
    safetensors.torch.save_file({"x": grey}, tmp_path / "a.safetensors")
    for path in (saved(tmp_path / "a.pt", grey), tmp_path / "a.safetensors"):
        pixels = open_images(path).read(1)
        assert pixels.dtype == np.float32
        np.testing.assert_array_equal(pixels[0], grey[1].float().numpy())


@pytest.mark.parametrize(
    "value",
    [
        lambda x, y: {"images": x, "labels": y, "lr": 0.1},
        lambda x, y: {"train": {"x": x, "y": y}},
        lambda x, y: (x, y),
        lambda x, y: [x, y],
        lambda x, y: {"images": x, "labels": y.tolist()},
        lambda x, y: {"images": x, "labels": list(map(str, y.tolist()))},
    ],
)
def test_images_and_labels_are_found_in_dicts_and_pairs(tmp_path, images, value):
    labels = torch.tensor([0, 1, 1, 0, 2, 2])
    source = open_images(saved(tmp_path / "a.pt", value(images, labels)))
    assert source.labels == ("0", "1", "1", "0", "2", "2")
    np.testing.assert_array_equal(source.read(5), images[5].numpy())


def test_a_tensor_of_several_is_named(tmp_path, images):
    both = {"first": images, "second": images.flip(0)}
    safetensors.torch.save_file(both, tmp_path / "a.safetensors")
    for path in (saved(tmp_path / "a.pt", both), tmp_path / "a.safetensors"):
        source = open_images(f"{path}::second")
        np.testing.assert_array_equal(source.read(0), images[5].numpy())
        with pytest.raises(InputError, match=r"2 arrays of images, first \[6, 3, 8, 10\]"):
            open_images(path)


def test_two_axes_are_features(tmp_path):
    rows = torch.randn(30, 4)
    safetensors.torch.save_file({"real": rows}, tmp_path / "a.safetensors")
    alone = ganeval.fid(saved(tmp_path / "a.pt", rows), saved(tmp_path / "b.pt", rows * 2))
    named = ganeval.fid(
        f"{tmp_path / 'a.safetensors'}::real",
        f"{saved(tmp_path / 'c.pt', {'fake': rows * 2, 'x': torch.zeros(2)})}::fake",
    )
    assert alone.value == named.value == ganeval.fid(rows, rows * 2).value


class Chosen:
    """What unpickling would make."""


def test_nothing_is_unpickled(tmp_path, images):
    path = saved(tmp_path / "a.pt", {"images": images, "by": Chosen()})
    with pytest.raises(InputError, match="holds Python objects, which are never unpickled"):
        open_images(path)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_damage_is_one_line(tmp_path, suffix):
    (tmp_path / f"a{suffix}").write_bytes(b"no tensors at all")
    with pytest.raises(InputError, match="that can be read"):
        open_images(tmp_path / f"a{suffix}")


def test_weights_of_a_net_are_not_images(tmp_path):
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.Conv2d(2, 2, 3))
    with pytest.raises(InputError, match="2 arrays of images, 0.weight"):
        open_images(saved(tmp_path / "net.pt", net.state_dict()))


def test_an_image_as_large_as_a_view_can_say_is_refused(tmp_path):
    wide = torch.zeros(1, 1, 1, 1).expand(2, 3, 1 << 16, 1 << 16)
    with pytest.raises(InputError, match="an image is too large"):
        open_images(saved(tmp_path / "a.pt", wide))


@pytest.mark.parametrize(
    "value",
    [
        lambda x: {"a/b": x, "a": {"b": x.flip(0)}},
        lambda x: {1: x, "1": x.flip(0)},
    ],
)
def test_two_tensors_at_one_path_are_refused(tmp_path, images, value):
    with pytest.raises(InputError, match="holds two values at '(a/b|1)'; save them by other names"):
        open_images(saved(tmp_path / "a.pt", value(images)))


@pytest.mark.parametrize("leaf", [[], [1, 2], ["a"], [None]])
def test_lists_at_more_places_than_the_limit_are_refused(tmp_path, images, monkeypatch, leaf):
    monkeypatch.setattr("ganeval.images.tensors.MOST_ENTRIES", 50)
    path = saved(tmp_path / "a.pt", {"images": images, "more": [[leaf] * 4] * 4})
    assert len(open_images(path)) == 6
    path = saved(tmp_path / "a.pt", {"images": images, "more": [[leaf] * 8] * 8})
    with pytest.raises(InputError, match="holds more than 50 values"):
        open_images(path)


def test_lists_nested_deeper_than_the_limit_are_refused(tmp_path, images, monkeypatch):
    monkeypatch.setattr("ganeval.images.tensors.MAX_DEPTH", 3)
    assert len(open_images(saved(tmp_path / "a.pt", {"a": {"b": {"images": images}}}))) == 6
    with pytest.raises(InputError, match="nested more than 3 deep"):
        open_images(saved(tmp_path / "a.pt", {"a": {"b": {"c": {"images": images}}}}))


def test_a_view_that_repeats_what_is_stored_is_refused_unless_it_is_grey_as_colour(tmp_path):
    grey = torch.randint(0, 256, (6, 1, 8, 10), dtype=torch.uint8)
    source = open_images(saved(tmp_path / "a.pt", grey.expand(-1, 3, -1, -1)))
    np.testing.assert_array_equal(source.read(2), grey[2].expand(3, -1, -1).numpy())
    one = saved(tmp_path / "b.pt", grey[:1].clone().expand(50, -1, -1, -1))
    with pytest.raises(InputError, match=r"shows the same values many times as shape \[50, 1"):
        open_images(one)
    rows = saved(tmp_path / "c.pt", torch.zeros(1, 1).expand(30, 4))
    with pytest.raises(InputError, match=r"many times as shape \[30, 4\]"):
        ganeval.fid(rows, rows)


def test_tensors_of_unequal_length_are_refused(tmp_path):
    with pytest.warns(UserWarning, match="prototype"):
        ragged = torch.nested.nested_tensor([torch.zeros(3, 8, 8), torch.zeros(3, 9, 8)])
    with pytest.raises(InputError, match="not real or not dense"):
        open_images(saved(tmp_path / "a.pt", ragged))


def test_a_list_of_images_of_one_shape_is_one_tensor(tmp_path, images):
    for value in (list(images.clone()), {"images": [each.clone() for each in images]}):
        source = open_images(saved(tmp_path / "a.pt", value))
        assert len(source) == 6
        np.testing.assert_array_equal(source.read(4), images[4].numpy())


@pytest.mark.parametrize("shapes", [[(3, 8, 8), (3, 8, 9), (3, 8, 8)], [(8, 8)] * 3])
def test_a_list_that_may_be_images_or_features_says_what_to_save(tmp_path, shapes):
    path = saved(tmp_path / "a.pt", [torch.zeros(shape) for shape in shapes])
    with pytest.raises(InputError, match=r"list of 3 tensors, .*; save one tensor: torch\.stack"):
        open_images(path)
