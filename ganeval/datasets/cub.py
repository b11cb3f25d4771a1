"""CUB-200-2011: birds with captions, in the layout that text-to-image models are trained on.

    birds/CUB_200_2011/{images/, images.txt, bounding_boxes.txt}
    birds/text/<class>/<image>.txt                  one caption per line
    birds/{train,test}/{filenames, class_info, char-CNN-RNN-embeddings}.pickle

The photographs belong to their owners; this package holds none. Sources: Wah et al. 2011;
Reed et al. 2016, arXiv:1605.05396 (captions and their vectors).
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ganeval.datasets.plain_pickle import load_plain
from ganeval.errors import ImageError, InputError
from ganeval.images import ImageSource, Pixels, Reader, open_images


@dataclass(frozen=True, eq=False)
class Birds:
    """One part of CUB.

    Args:
        images: RGB, cropped around the bird, of many sizes; ids are like
            `001.Black_footed_Albatross/Black_Footed_Albatross_0001_796111.jpg`, labels are classes.
        captions: a few captions of each image.
        vectors: [n, captions, 1024] float32, as published; there may be more captions than vectors.
    """

    images: ImageSource
    captions: tuple[tuple[str, ...], ...]
    vectors: np.ndarray


def cub(root: str | Path, *, part: Literal["train", "test"]) -> Birds:
    """Lists the birds of one part: 8855 of 150 classes to train on, or 2933 of 50 others to test.

    Args:
        root: the folder `birds`.
        part: `train` or `test`.

    Raises:
        InputError: a file is missing, or two files do not fit together.
    """
    root = Path(root)
    photographs = root / "CUB_200_2011"
    for folder in (photographs / "images", root / part):
        if not folder.is_dir():
            raise InputError(f"there is no folder {folder}; give the folder birds that holds it")
    keys = load_plain(root / part / "filenames.pickle")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
        raise InputError(
            f"{root / part / 'filenames.pickle'} is not a list of names; unpack it again"
        )
    if len(set(keys)) < len(keys):
        raise InputError(f"{root / part / 'filenames.pickle'} has names twice; unpack it again")
    vectors = _vectors(root / part / "char-CNN-RNN-embeddings.pickle", len(keys))
    order = np.argsort(keys, kind="stable")  # the order of ids in sources
    keys = [keys[i] for i in order]
    everything = open_images(photographs / "images")
    place = {id: i for i, id in enumerate(everything.ids)}
    names = [f"{key}.jpg" for key in keys]
    if missing := [name for name in names if name not in place]:
        raise InputError(f"{photographs / 'images'} has no {missing[0]}; unpack all of CUB")
    boxes = _boxes(photographs)
    if missing := [name for name in names if name not in boxes]:
        raise InputError(f"{photographs / 'bounding_boxes.txt'} has no box for {missing[0]}")
    chosen = everything.select(sorted(place[name] for name in names))
    images = replace(
        chosen,
        labels=tuple(id.partition("/")[0] for id in chosen.ids),
        reader=Cropped(everything.reader, boxes),
        protocol={**chosen.protocol, "crop": "1.5 bounding boxes"},
        stamp=chosen.stamp
        and hashlib.blake2b(f"{chosen.stamp} {sorted(boxes.items())}".encode()).hexdigest(),
    )
    return Birds(
        images,
        tuple(_captions(root / "text" / f"{key}.txt") for key in keys),
        vectors[order],
    )


@dataclass(frozen=True, eq=False)
class Cropped:
    """Photographs cut to a square around their bird, or to the part of it that they cover.

    The square's half side is three quarters of the larger side of the bounding box. The few grey
    photographs become RGB.
    """

    whole: Reader
    boxes: dict[str, tuple[float, float, float, float]]
    """Left, top, width and height by id, in pixels."""

    def __getattr__(self, name: str) -> Any:
        if name in ("whole", "boxes"):  # while it is being unpickled
            raise AttributeError(name)
        return getattr(self.whole, name)

    def read(self, index: int) -> Pixels:
        """[3, h, w], or ImageError."""
        image = self.whole.read(index)
        left, top, width, height = self.boxes[self.whole.ids[index]]
        half = int(0.75 * max(width, height))
        x, y = int(left + width / 2), int(top + height / 2)
        cut = image[:, max(y - half, 0) : max(y + half, 0), max(x - half, 0) : max(x + half, 0)]
        if 0 in cut.shape:
            raise ImageError(self.where(index), "its bounding box lies outside of the picture")
        return np.repeat(cut, 3, axis=0) if len(cut) == 1 else cut


def _vectors(path: Path, n: int) -> np.ndarray:
    """[n, captions, d] float32."""
    found = load_plain(path)
    try:
        vectors = np.stack([np.asarray(of_image, np.float32) for of_image in found])
        fits = vectors.ndim == 3 and len(vectors) == n and bool(np.isfinite(vectors).all())
    except (ValueError, TypeError):
        fits = False
    if not fits:
        raise InputError(
            f"{path} is not {n} arrays [captions, numbers] of one shape, one for each file name; "
            "unpack it again"
        )
    return vectors


def _boxes(folder: Path) -> dict[str, tuple[float, float, float, float]]:
    path = folder / "bounding_boxes.txt"
    names = {number: name for number, name in _rows(folder / "images.txt", 2)}
    boxes = {}
    for number, *sides in _rows(path, 5):
        try:
            left, top, width, height = map(float, sides)
            if not (max(map(abs, (left, top, width, height))) < 1e6 and min(width, height) >= 1):
                raise ValueError
            boxes[names[number]] = (left, top, width, height)
        except (ValueError, KeyError):
            line = " ".join([number, *sides])
            raise InputError(
                f"{path}: {line!r} is not the number of an image and a box of pixels; unpack it "
                "again"
            ) from None
    return boxes


def _rows(path: Path, columns: int) -> list[list[str]]:
    rows = [line.split() for line in _text(path).splitlines() if line]
    if wrong := [row for row in rows if len(row) != columns]:
        raise InputError(f"{path}: wanted {columns} columns, not {' '.join(wrong[0])!r}")
    return rows


def _captions(path: Path) -> tuple[str, ...]:
    return tuple(line.strip() for line in _text(path).splitlines() if line.strip())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
