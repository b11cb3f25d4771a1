"""Choosing channels, and joining images that were saved as one file per channel."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ganeval.errors import ImageError, InputError
from ganeval.images._base import Pixels, Reader
from ganeval.images.files import listing_end, readable_text
from ganeval.images.patterns import Pattern
from ganeval.images.volumes import stack_of

_MOST_LEFT_OUT = 0.1
"""Share of the files that a stack_by pattern may fail to match."""


@dataclass(frozen=True, eq=False)
class SelectChannels:
    """Another reader's images with some of their channels, in the requested order."""

    inner: Reader
    channels: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.channels or min(self.channels) < 0:
            raise InputError(
                f"channels {list(self.channels)} select nothing; give positions from 0, as in 0,2"
            )

    @property
    def name(self) -> str:
        """Name of the inner reader."""
        return self.inner.name

    @property
    def ids(self) -> Sequence[str]:
        """Ids of the inner reader."""
        return self.inner.ids

    @property
    def labels(self) -> Sequence[str] | None:
        """Labels of the inner reader."""
        return self.inner.labels

    @property
    def groups(self) -> Sequence[str] | None:
        """Groups of the inner reader."""
        return self.inner.groups

    @property
    def stamp(self) -> str | None:
        """Stamp of the inner reader."""
        return self.inner.stamp

    @property
    def notes(self) -> Sequence[str]:
        """Notes of the inner reader."""
        return self.inner.notes

    @property
    def costly(self) -> bool:
        """Whether the inner reader is costly."""
        return self.inner.costly

    def where(self, index: int) -> str:
        """The inner reader's name of the image."""
        return self.inner.where(index)

    def read(self, index: int) -> Pixels:
        """The chosen channels of one image, or ImageError if it lacks one."""
        pixels = self.inner.read(index)
        if max(self.channels) >= len(pixels):
            raise ImageError(
                self.where(index),
                f"has {len(pixels)} channels (0 to {len(pixels) - 1}) but channel "
                f"{max(self.channels)} is asked for; choose among those it has",
            )
        return np.ascontiguousarray(pixels[list(self.channels)])


@dataclass(frozen=True, eq=False)
class StackReader:
    """Joins another reader's images: each tuple of `members` gives one image's channels."""

    inner: Reader
    ids: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]
    notes: tuple[str, ...]
    labels: None = None

    @property
    def name(self) -> str:
        """Name of the inner reader."""
        return self.inner.name

    @property
    def groups(self) -> Sequence[str] | None:
        """The group of each image's first channel."""
        groups = self.inner.groups
        return groups and tuple(groups[members[0]] for members in self.members)

    @property
    def stamp(self) -> str | None:
        """Stamp of the inner reader."""
        return self.inner.stamp

    @property
    def costly(self) -> bool:
        """Whether the inner reader is costly."""
        return self.inner.costly

    def where(self, index: int) -> str:
        """The path of the image's first channel."""
        return self.inner.where(self.members[index][0])

    def read(self, index: int) -> Pixels:
        """Reads every channel of one image, or ImageError if one is broken or does not match."""
        parts = [self.inner.read(member) for member in self.members[index]]
        for member, part in zip(self.members[index], parts, strict=True):
            if (part.dtype, part.shape[1:]) != (parts[0].dtype, parts[0].shape[1:]):
                raise ImageError(
                    self.inner.where(member),
                    f"is {part.dtype} of {part.shape[1]} x {part.shape[2]} pixels but another "
                    f"channel of its image is {parts[0].dtype} of {parts[0].shape[1]} x "
                    f"{parts[0].shape[2]}; channels to be joined must agree",
                )
        return np.concatenate(parts)


def stack_channels(reader: Reader, places: Sequence[int], pattern: str) -> StackReader:
    """Joins files that differ only in what the pattern's group matches.

    Args:
        reader: reader of files.
        places: positions in the reader of the files to join.
        pattern: regular expression searched in each path below the root. Its group `channel`,
            or else its first group, is the channel, the empty text where the group takes no part
            in a match; the rest of the path is the image's id.

    Raises:
        InputError: the pattern has no group, matches nothing or leaves out more than a tenth of the
            files, or an image lacks a channel.
    """
    if not all(_has_suffix(id) for id in reader.ids[:1]):
        raise InputError(f"stack_by joins files, and {reader.name} has none; use channels instead")
    search = Pattern(pattern, option="stack_by", name="channel")
    found: dict[str, dict[str, int]] = {}
    unmatched: list[str] = []
    for place in places:
        path = reader.ids[place]
        span = search.find(path, optional=True)
        if span is None:
            unmatched.append(path)
            continue
        channel = path[slice(*span)]
        id = re.sub("/+", "/", path[: span[0]] + path[span[1] :]).lstrip("/")
        files = found.setdefault(id, {})
        if channel in files:
            raise InputError(
                f"{path} and {reader.ids[files[channel]]} are both channel {channel!r} of {id}; "
                "give a stack_by pattern that tells their images apart"
            )
        files[channel] = place
    if not any(channel for files in found.values() for channel in files):
        raise InputError(
            f"stack_by {pattern!r} matches no file of {reader.name} "
            f"({listing_end(reader.ids)}); give a pattern that finds the channel in the path"
        )
    if len(unmatched) > _MOST_LEFT_OUT * len(places):
        raise InputError(
            f"stack_by {pattern!r} does not match {len(unmatched)} of {len(places)} files of "
            f"{reader.name} ({listing_end(unmatched)}); correct the pattern, or leave them out "
            "with --exclude"
        )
    channels = sorted({channel for files in found.values() for channel in files}, key=_natural)
    ids = sorted(found)
    for id in ids:
        if lacking := [channel for channel in channels if channel not in found[id]]:
            raise InputError(
                f"{id} in {reader.name} has no file for channel {', '.join(lacking)} (found in all:"
                f" {', '.join(channels)}); add it, or correct the stack_by pattern {pattern!r}"
            )
    shown = ", ".join(channel or "''" for channel in channels)
    notes = [*reader.notes, f"stacked {len(channels)} channels in the order {shown}"]
    if unmatched:
        notes.append(
            f"left out {len(unmatched)} files that stack_by does not match: "
            f"{listing_end(unmatched)}"
        )
    members = tuple(tuple(found[id][channel] for channel in channels) for id in ids)
    return joined(reader, tuple(ids), members, channels, notes)


def joined(
    reader: Reader,
    ids: tuple[str, ...],
    members: tuple[tuple[int, ...], ...],
    channels: Sequence[str],
    notes: Sequence[str],
) -> StackReader:
    """The images of these members; a note says which channels have the same pixels."""
    return StackReader(reader, ids, members, (*notes, *_alike(reader, members, channels)))


def _alike(
    reader: Reader, members: Sequence[tuple[int, ...]], channels: Sequence[str]
) -> tuple[str, ...]:
    """A note on channels that are the same in the first and the last image, and not empty there."""
    alike = set(combinations(range(len(channels)), 2))
    for image in {members[0], members[-1]}:
        try:
            parts = [reader.read(member) for member in image]
        except ImageError:  # told when the image is read
            return ()
        alike &= {
            (a, b) for a, b in alike if np.ptp(parts[a]) > 0 and np.array_equal(parts[a], parts[b])
        }
    if not alike:
        return ()
    first, second = (channels[place] or "''" for place in min(alike))
    return (
        f"channels {readable_text(first)} and {readable_text(second)} have the same pixels in the "
        "first and the last image: is one file given for both?",
    )


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key with numbers as numbers, however long: ch2 before ch10."""
    parts = [(part.lstrip("0"), part) for part in re.split(r"(\d+)", text)]
    return tuple((0, len(n), n) if part.isdecimal() else (1, 0, part) for n, part in parts)


def _has_suffix(id: str) -> bool:
    return "." in stack_of(id).rpartition("/")[2]
