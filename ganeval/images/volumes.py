"""Volumes, stacks and films: their planes, their times or their projections are images.

A stack is a file, or a series of files, of planes [z, y, x] at one or more times. `planes` and
`project` say what its images are:

- `planes="z"` takes every plane across z as an image of rows y and columns x; planes across y have
  rows z and columns x, those across x rows z and columns y. With several letters (2.5-D) a volume
  gives the planes across each of these axes. They may differ in size: nets that resize take them
  together, any other net needs one axis at a time.
- `planes="t"` takes every time, or every frame. With further letters, the planes of every time.
- `project` takes the maximum or mean over those of the axes z and t that `planes` does not name.
- With neither, every stack must be a single plane; anything else is an error, never a guess.

Planes count in voxels, not in millimetres, and empty ones count like others. An image's id is its
stack's with the plane: `case01.nii.gz/z/0031`, `cells.czi/t/0003/z/0012`. Its group is the stack,
or what the format knows better: the patient of a DICOM series.
"""

import functools
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np

from ganeval.errors import ImageError, InputError
from ganeval.images._base import Pixels
from ganeval.images.class_folders import folder_labels, one_group_each
from ganeval.images.files import common_folder
from ganeval.images.pixels import Decoding, Unreadable, to_pixels

AXES = "zyx"
"""Axes of a volume in the order of its array."""
HELD_BYTES = 1 << 28
"""Most bytes of decoded volumes that wait for more of their planes; one may be larger."""
PLANE = re.compile(r"(/s/\d{4,})?(/t/\d{4,})?(/[zyx]/\d{4,})?$")
"""What an id of a plane has behind its stack's."""


@dataclass(frozen=True)
class Stack:
    """What the header of one stack says."""

    id: str
    group: str
    sides: tuple[int, int, int]
    """Planes across z, y and x; y and x are 0 where they are not known before decoding."""
    times: int = 1
    problem: str = ""
    """Why it cannot be read, if its header says so; it then counts as one image."""


class Place(NamedTuple):
    """Where an image lies in its stack; None is a projection over all."""

    stack: int
    time: int | None
    axis: str
    position: int | None


Spacing: TypeAlias = tuple[float, float, float]
"""Micrometres from one voxel to the next along z, y and x; NaN where that is not known."""


@dataclass(frozen=True, eq=False)
class PlanesReader(ABC):
    """Images of stacks; subclasses load one volume, which is kept until another is wanted."""

    name: str
    folder: str
    """What stands before an id in messages: empty, or a folder with its slash."""
    stacks: tuple[Stack, ...]
    planes: str
    """Letters of `planes` in order, or none."""
    project: str | None
    stamp: str | None
    found: tuple[str, ...] = ()
    """Notes of the format."""
    spacings: tuple[Spacing | None, ...] = ()
    """Of each stack, where its file says; none at all where the format does not."""
    held: dict[tuple[int, int], np.ndarray] = field(default_factory=dict, repr=False)
    """The last volumes, by stack and time: a channel of an image may lie in another file."""
    opened: dict[str, Any] = field(default_factory=dict, repr=False)
    """What a format keeps open, or decoded, of its last file."""
    costly: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _ = self.places  # options that leave the images open are told when they are listed

    @abstractmethod
    def load(self, stack: int, time: int) -> np.ndarray:
        """The volume [c, z, y, x] of one stack at one time, or Unreadable."""

    def __getstate__(self) -> dict[str, Any]:
        return {
            **self.__dict__,
            "held": {},
            "opened": {},
        }  # volumes and open files do not cross processes

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    @functools.cached_property
    def places(self) -> tuple[Place, ...]:
        """Where each image lies, or InputError if the options leave it open."""
        return tuple(
            Place(number, *place)
            for number, stack in enumerate(self.stacks)
            for place in self._places(stack)
        )

    @functools.cached_property
    def ids(self) -> tuple[str, ...]:
        """Stack, time and plane of each image."""
        return tuple(self._id(place) for place in self.places)

    @functools.cached_property
    def labels(self) -> tuple[str, ...] | None:
        """Class folders of the stacks, if they have some."""
        labels, _ = self._folder_labels
        return labels and tuple(labels[place.stack] for place in self.places)

    @property
    def groups(self) -> tuple[str, ...] | None:
        """The group of each image's stack, unless every image is a group of its own."""
        groups = tuple(self.stacks[place.stack].group for place in self.places)
        return groups if len(set(groups)) < len(groups) else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What the format found, and what the planes are."""
        labels, note = self._folder_labels
        refused = (note,) if note and labels is None else ()
        return (*self.found, *refused, *self._sizes_note())

    def where(self, index: int) -> str:
        """Path of the stack, with the plane."""
        return f"{self.folder}{self.ids[index]}"

    def read(self, index: int) -> Pixels:
        """The pixels of one image, or ImageError."""
        number, time, axis, position = self.places[index]
        if problem := self.stacks[number].problem:
            raise ImageError(self.where(index), problem)
        times = range(self.stacks[number].times) if time is None else (time,)
        try:
            volumes = (self._volume(number, time) for time in times)
            return to_pixels(self._folded(self._plane(each, axis, position) for each in volumes))
        except Unreadable as error:
            raise ImageError(self.where(index), str(error)) from None

    def _volume(self, stack: int, time: int) -> np.ndarray:
        if (stack, time) not in self.held:
            volume = self.load(stack, time)
            room = HELD_BYTES - volume.nbytes
            while self.held and sum(other.nbytes for other in self.held.values()) > room:
                del self.held[next(iter(self.held))]
            self.held[stack, time] = volume
        return self.held[stack, time]

    def _plane(self, volume: np.ndarray, axis: str, position: int | None) -> np.ndarray:
        plane: np.ndarray
        if position is None:
            plane = volume.max(axis=1) if self.project == "max" else volume.mean(axis=1)
        else:
            plane = volume.take(position, axis=1 + AXES.index(axis))
        return plane

    def _folded(self, images: Iterable[np.ndarray]) -> np.ndarray:
        """The only image, or the maximum or mean of several, held two at a time."""
        total, count = np.empty(0), 0
        for count, image in enumerate(images, start=1):
            if count == 1:
                total = image
            elif self.project == "max":
                total = np.maximum(total, image)
            else:
                total = total.astype(np.float64, copy=count > 2) + image
        return total if count == 1 or self.project == "max" else total / count

    def _places(self, stack: Stack) -> Iterator[tuple[int | None, str, int | None]]:
        if stack.problem:
            yield 0, "z", 0
            return
        letters = [axis for axis in AXES if axis in self.planes]
        thin = [axis for axis, side in zip(AXES, stack.sides, strict=True) if side == 1]
        times: Iterable[int | None] = range(stack.times)
        if stack.times > 1 and "t" not in self.planes:
            if self.project is None:
                raise self._undecided(stack, f"{stack.times} times", "t")
            times = (None,)
        if thin and set(letters) - set(thin):
            raise InputError(
                f"{self.folder}{stack.id} is a single plane across {thin[0]}, not a volume; leave "
                "it out, or name no other axis in planes"
            )
        if not letters and not thin and self.project is None:
            raise self._undecided(stack, f"{stack.sides[0]} planes across z", "z")
        for time in times:
            for axis in letters:
                for position in range(stack.sides[AXES.index(axis)]):
                    yield time, axis, position
            if not letters:
                yield (time, thin[0], 0) if thin else (time, "z", None)

    def _undecided(self, stack: Stack, what: str, letter: str) -> InputError:
        letters = "".join(sorted(self.planes + letter))
        return InputError(
            f"{self.folder}{stack.id} has {what} and one is wanted: take every one with --planes "
            f"{letters}, or their maximum with --project max"
        )

    def _id(self, place: Place) -> str:
        stack = self.stacks[place.stack]
        id = stack.id
        if stack.problem:
            return id
        if "t" in self.planes:
            id += f"/t/{place.time:0{_width(stack.times)}d}"
        if place.axis in self.planes and place.position is not None:
            side = stack.sides[AXES.index(place.axis)]
            id += f"/{place.axis}/{place.position:0{_width(side)}d}"
        return id

    @functools.cached_property
    def _folder_labels(self) -> tuple[tuple[str, ...] | None, str | None]:
        """Class folders and a note; folders of one group each are people, not classes."""
        shared = len(common_folder([stack.id for stack in self.stacks]))
        labels, note = folder_labels([stack.id[shared:] for stack in self.stacks])
        if labels is None:
            return None, note
        level = self.stacks[0].id.count("/", 0, shared)
        told = one_group_each(labels, [stack.group for stack in self.stacks], level=level)
        return (labels, note) if told is None else (None, told)

    def _sizes_note(self) -> tuple[str, ...]:
        """A note if the planes have several sizes, which not every net takes."""
        sizes = sorted(
            {
                tuple(side for other, side in zip(AXES, stack.sides, strict=True) if other != axis)
                for stack in self.stacks
                for axis in self.planes.replace("t", "")
                if all(stack.sides)
            }
        )
        if len(sizes) < 2:
            return ()
        return (
            f"planes have {len(sizes)} sizes, {_sizes(sizes[0])} to {_sizes(sizes[-1])} pixels: a "
            "net that does not resize needs one",
        )


def broken_stack(id: str, problem: object) -> Stack:
    """A stack whose header cannot be read; the others of its source can."""
    return Stack(id, id, (1, 0, 0), problem=str(problem))


def stack_of(id: str) -> str:
    """The id of the stack, `case01.nii.gz`, that a plane's id belongs to; other ids stay."""
    return PLANE.sub("", id)


def check_planes(decoding: Decoding, *, name: str, letters: str) -> None:
    """Raises InputError if `planes` has letters other than `letters`."""
    if wrong := set(decoding.planes or "") - set(letters):
        raise InputError(
            f"{name} has no planes across {', '.join(sorted(wrong))}; its images are taken with "
            f"--planes {letters}"
        )


def _width(count: int) -> int:
    """Digits of a position: four, so that volumes of unequal depth sort alike, or more."""
    return max(4, len(str(count - 1)))


def _sizes(sides: Iterable[int]) -> str:
    return " x ".join(map(str, sides))
