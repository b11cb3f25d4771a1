"""What one item of a data set, stream, loader, list or training loop is.

- **An image** is an array or tensor, a PIL image, a path, the bytes of an encoded picture, or
  `{"bytes": …, "path": …}`, as Parquet files hold pictures.
- **A tuple** has the image first. The second part is the label if it is integers or strings, one
  for each image. The rest is left out, with a note.
- **A dictionary** (`{"image": …, "label": …}` of Hugging Face, `{"png": …, "cls": …}` of web data
  sets) has one key of IMAGE_KEYS, or else of PATH_KEYS, and may have one of LABEL_KEYS.
- **A list** is several images or several items where it holds pictures, tuples or dictionaries,
  and otherwise a tuple: loaders give `[images, labels]`.

Whether an array of two or three axes is one image or several is not asked here: see `streams`.
"""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ganeval.arrays import as_array, column_names, is_array, is_table, is_tensor, to_numpy
from ganeval.errors import InputError
from ganeval.images._base import Pixels
from ganeval.images.decode import PICTURES, check_bytes, decode
from ganeval.images.layout import channels_first, image_layout
from ganeval.images.pixels import Decoding, Unreadable, broken, to_pixels

IMAGE_KEYS = (
    *("image", "images", "img", "imgs", "pixel_values", "picture", "pictures", "data", "x"),
    *(extension.removeprefix(".") for extension in PICTURES),
    "npy",
)
"""Keys of a dictionary, or columns of a table, that hold the image."""

PATH_KEYS = (
    *("path", "file", "filename", "file_name", "filepath", "file_path"),
    *("image_path", "img_path", "image_file"),
)
"""Keys that hold the image's path, if none holds the image."""

LABEL_KEYS = ("label", "labels", "cls", "class", "target", "targets", "y")


class Item(NamedTuple):
    """The image or images of one item, and what came with them."""

    image: Any
    label: np.ndarray | None = None
    """[] or [n] integers or strings."""
    rest: str = ""
    """In words, what is left out; empty if nothing is."""


def item_of(thing: Any, *, name: str) -> Item:
    """Takes an item apart, or raises InputError if it holds no image."""
    if is_picture(thing) or is_array(thing):
        return Item(thing)
    if isinstance(thing, Mapping):
        return _of_mapping(thing, name)
    if not isinstance(thing, tuple | list) or not thing:
        raise _no_image(name, thing)
    first, *others = thing
    if not (is_picture(first) or is_array(first) or is_several(first)):
        raise _no_image(name, first)
    if not others or others[0] is None:
        return Item(first, rest=_parts_in_words(len(others[1:]), from_=3))
    label = as_label(others[0])
    if label is not None:
        return Item(first, label, _parts_in_words(len(others) - 1, from_=3))
    return Item(first, None, f"part 2 of an item ({_kind(others[0])}), {_no_label(others[0])}")


def is_picture(thing: Any) -> bool:
    """Whether `thing` is one image for certain: a PIL image, a path or bytes, or both."""
    if isinstance(thing, Mapping):
        return 0 < len(thing) and set(thing) <= {"bytes", "path"} and any(thing.values())
    return is_path(thing) or isinstance(thing, bytes | bytearray) or is_pil(thing)


def is_path(thing: object) -> bool:
    """Whether `thing` is the path of an image."""
    return isinstance(thing, str | os.PathLike)


def is_pil(thing: object) -> bool:
    """Whether `thing` is an image of Pillow, without importing it."""
    return any(base.__module__ == "PIL.Image" for base in type(thing).__mro__)


def holds_items(array: Any) -> bool:
    """Whether an array holds items rather than numbers: a column of paths, a table of images."""
    if is_table(array):
        names = {name.lower() for name in column_names(array)}
        return bool(names & {*IMAGE_KEYS, *PATH_KEYS}) and _holds_objects(array)
    return len(array.shape) == 1 and not is_tensor(array) and _holds_objects(array)


def _holds_objects(array: Any) -> bool:
    return np.asarray(array).dtype.kind in "OSUT"


def items_in(array: Any) -> list[Any]:
    """The items of an array that `holds_items`; those of a table are its rows."""
    if not is_table(array):
        return list(array)
    for method in ("to_pylist", "to_dicts"):  # Arrow, Polars
        if hasattr(array, method):
            return list(getattr(array, method)())
    return list(array.to_dict("records"))


def is_several(part: Any) -> bool:
    """Whether the image part of an item is a list of images."""
    if not isinstance(part, list | tuple) or not part:
        return False
    if len({type(one) for one in part if isinstance(one, str | bytes)}) > 1:
        return False  # (bytes, label)
    return all(is_picture(one) or (is_array(one) and len(one.shape) > 1) for one in part)


def is_group(thing: Any) -> bool:
    """Whether `thing` is a list of images or of items, rather than the parts of one item."""
    if not isinstance(thing, list | tuple) or not thing:
        return False
    first, second = thing[0], thing[1] if len(thing) > 1 else None
    if is_picture(first):
        return isinstance(thing, list) and (second is None or is_picture(second))
    if isinstance(first, Mapping):
        return True
    if not isinstance(first, list | tuple):
        return False
    if not is_several(first):
        return True
    if isinstance(thing, tuple) or second is None:
        return False
    label = as_label(second)
    pair_of_texts = len(first) == 2 and isinstance(first[1], str)  # (path, label)
    return label is None or label.shape != (len(first),) or pair_of_texts


def as_label(value: Any) -> np.ndarray | None:
    """[] or [n] integers, booleans or strings; None for anything else."""
    if isinstance(value, Mapping):
        return None
    try:
        array = to_numpy(as_array(value, name="")) if is_array(value) else np.asarray(value)
    except (ValueError, TypeError):  # strings in an array, or ragged lists
        array = np.asarray(value) if isinstance(value, np.ndarray) else np.empty(0)
    if array.dtype.kind == "S":
        try:
            array = np.char.decode(array, "utf-8")
        except UnicodeDecodeError:  # encoded pictures
            return None
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    return array if array.ndim < 2 and array.size and array.dtype.kind in "iubUS" else None


def image_pixels(image: Any, decoding: Decoding, *, layout: str | None = None) -> Pixels:
    """Decodes one image of any kind to [c, h, w], or raises Unreadable.

    `layout` is that of an array, if it is known.
    """
    if isinstance(image, Mapping):
        image = image.get("bytes") or image["path"]
    if is_path(image):
        image = _content(image)
    if isinstance(image, bytes | bytearray):
        return decode(bytes(image), decoding)
    if is_pil(image):
        return _pil_pixels(image, decoding)
    try:
        array = to_numpy(as_array(image, name="its array"))
        layout = layout or one_layout(image, layout=decoding.layout, name="its array")
        return to_pixels(channels_first(array, layout))
    except InputError as error:
        raise Unreadable(f"cannot be used: {error}") from None


def one_layout(image: Any, *, layout: str | None, name: str) -> str:
    """The layout of one image's array, or InputError."""
    return image_layout(_shape(image), layout=layout, torch=is_tensor(image), name=name)


def _shape(image: Any) -> tuple[int, ...]:
    return tuple(int(side) for side in image.shape)


def _of_mapping(thing: Mapping[Any, Any], name: str) -> Item:
    found = [key for key in thing if str(key).lower() in IMAGE_KEYS]
    found = found or [key for key in thing if str(key).lower() in PATH_KEYS]
    if len(found) != 1:
        keys = ", ".join(map(str, thing))
        what = f"several images ({', '.join(found)})" if found else f"no image, only {keys}"
        raise InputError(
            f"{name} is a dictionary with {what}; give one of these, or images under the key "
            "'image', or pairs (image, label)"
        )
    image = thing[found[0]]
    if not (is_picture(image) or is_array(image) or is_several(image)):
        raise _no_image(f"{name}, {found[0]!r},", image)
    rest = [key for key in thing if key not in found and not str(key).startswith("__")]
    marks = [key for key in rest if str(key).lower() in LABEL_KEYS]
    label = as_label(thing[marks[0]]) if len(marks) == 1 else None
    if label is not None:
        rest.remove(marks[0])
    left = ", ".join(map(str, rest))
    if label is None and len(marks) == 1 and thing[marks[0]] is not None:
        mark = thing[marks[0]]
        return Item(
            image, None, f"{left} of an item; {marks[0]} ({_kind(mark)}), {_no_label(mark)}"
        )
    return Item(image, label, f"{left} of an item" if left else "")


def _content(path: str | os.PathLike[str]) -> bytes:
    try:
        if not os.path.isfile(path):  # a folder, or a pipe, which would never end
            raise Unreadable("is not a file; give the path of one picture")
        check_bytes(os.path.getsize(path))
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror or error}") from None


def _pil_pixels(image: Any, decoding: Decoding) -> Pixels:
    from ganeval.images.raster import pil_pixels

    try:
        return to_pixels(pil_pixels(image, decoding).transpose(2, 0, 1))
    except (OSError, SyntaxError) as error:  # a damaged file is found only as Pillow loads it
        raise broken(f"damaged {image.format or 'picture'} ({error})") from None


def left_out(what: str) -> str:
    """The note on what is left out of the items of a source."""
    return f"left out: {what}"


def several_labels(label: np.ndarray, images: int) -> str:
    """The note on labels that are not one for each of so many images."""
    shown = "one label" if label.size == 1 else f"{label.size} labels"
    return left_out(f"the label of an item, which has {shown} for {images} images")


def _parts_in_words(count: int, *, from_: int) -> str:
    if count < 1:
        return ""
    return f"part{'s' * (count > 1)} {from_}{f' to {from_ + count - 1}' * (count > 1)} of an item"


def _kind(value: Any) -> str:
    if is_array(value):
        return f"{getattr(value, 'dtype', 'table')} {list(_shape(value))}"
    return type(value).__name__


def _no_label(value: Any) -> str:
    """Why a value is not taken as label, in words."""
    why = "which is not taken as label"
    if not is_array(value) or is_table(value):
        return why
    if len(value.shape) == 2 and value.shape[1] > 1:
        return f"{why}: rows of {value.shape[1]} numbers, as one-hot labels are; give argmax(1)"
    if len(value.shape) < 3 and "float" in str(getattr(value, "dtype", "")):
        return f"{why}: floats; give whole numbers"
    return why


def _no_image(name: str, thing: object) -> InputError:
    if hasattr(thing, "read") and hasattr(thing, "seek"):
        return InputError(f"{name} is an open file; give its path or its bytes, file.read()")
    return InputError(
        f"{name} is a {type(thing).__name__}, not an image; give arrays, tensors, PIL images, "
        "paths or encoded bytes, alone or as (images, labels) or {'image': …, 'label': …}"
    )
