"""A source of all altered versions of some images, version after version of one image at a time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ganeval.images import ImageSource, Pixels, declared_for
from ganeval.suites.audit.alterations import Alteration

VERSION = 1
"""Raise it when an alteration changes, or the cache would answer with features of the old ones."""


def altered(images: ImageSource, alterations: Sequence[Alteration], *, seed: int) -> ImageSource:
    """Every image in every version; ids are `version/id`. An image is decoded once for all of them.

    Example:
        >>> altered(open_images("real/"), [Alteration("blur", 2)], seed=0).ids[0]
        'blur 2/cell1.png'
    """
    reader = _Altered(images, tuple(alterations), seed)
    words = [VERSION, images.stamp, seed, *(each.name for each in alterations)]
    stamp = hashlib.blake2b(repr(words).encode("utf-8", "surrogatepass")).hexdigest()
    return replace(
        images,
        ids=reader.ids,
        labels=None,
        groups=None,
        stamp=images.stamp and stamp,
        notes=(),
        reader=reader,
        positions=tuple(range(len(images) * len(alterations))),
    )


def version_id(alteration: Alteration, id: str) -> str:
    """The id of an altered image."""
    return f"{alteration.name}/{id}"


@dataclass(frozen=True, eq=False)
class _Altered:
    """Reads an image and alters it; the last image that was decoded is kept."""

    images: ImageSource
    alterations: tuple[Alteration, ...]
    seed: int
    labels: None = None
    groups: None = None
    stamp: None = None
    notes: tuple[str, ...] = ()
    _last: dict[int, Pixels] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """That of the images."""
        return self.images.name

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Of all versions of the first image, then of the second, and so on."""
        return tuple(version_id(each, id) for id in self.images.ids for each in self.alterations)

    @property
    def costly(self) -> bool:
        """Whether processes help."""
        return self.images.reader.costly

    def where(self, index: int) -> str:
        """The image that is altered."""
        return self.images.where(index // len(self.alterations))

    def read(self, index: int) -> Pixels:
        """One version of one image, or ImageError."""
        image, version = divmod(index, len(self.alterations))
        if image not in self._last:
            pixels = self.images.read(image)
            self._last.clear()
            self._last[image] = pixels
        pixels = self._last[image]
        return self.alterations[version].of(
            pixels,
            value_range=declared_for(str(pixels.dtype), self.images.value_range),
            id=self.images.ids[image],
            seed=self.seed,
        )
