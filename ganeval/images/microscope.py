"""Files of microscopes, read by their makers' or the field's own readers: CZI and ND2.

Planes go across z, times are `t`; every scene of a CZI and every position of an ND2 is a stack of
its own, `slide.czi/s/0003`, and the file is the group of them all. Channels are those of the file;
colours are red, green and blue.
"""

import importlib
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganeval.errors import GanevalError
from ganeval.images.file_list import list_files
from ganeval.images.pixels import Decoding, Unreadable, broken, check_size, first_line
from ganeval.images.volume_files import is_czi, is_nd2
from ganeval.images.volumes import PlanesReader, Spacing, Stack, broken_stack, check_planes
from ganeval.optional import optional

_MOST_METRES = 0.01
"""No voxel of a microscope is larger."""


class Scene(NamedTuple):
    """One scene or position of a file."""

    number: int | None
    """None if the file is not divided."""
    sides: tuple[int, int, int]
    times: int
    spacing: Spacing | None = None


class Kind(NamedTuple):
    """How files of one maker are read."""

    name: str
    scenes: Callable[[str], list[Scene]]
    volume: Callable[[str, Scene, int], np.ndarray]
    """[c, z, y, x] of a scene at one time."""


@dataclass(frozen=True, eq=False, kw_only=True)
class MicroscopeReader(PlanesReader):
    """Scenes of files."""

    paths: tuple[str, ...]
    scenes: tuple[Scene, ...]
    kind: Kind

    def load(self, stack: int, time: int) -> np.ndarray:
        """One scene at one time."""
        with _reported(self.kind.name):
            return self.kind.volume(self.paths[stack], self.scenes[stack], time)


def open_czi(path: Path, *, name: str, decoding: Decoding) -> MicroscopeReader:
    """Reads the headers of a CZI file, or of all below a folder."""
    return _open(path, Kind("CZI", _czi_scenes, _czi_volume), is_czi, name, decoding)


def open_nd2(path: Path, *, name: str, decoding: Decoding) -> MicroscopeReader:
    """Reads the headers of an ND2 file, or of all below a folder."""
    return _open(path, Kind("ND2", _nd2_scenes, _nd2_volume), is_nd2, name, decoding)


def _open(
    path: Path, kind: Kind, wanted: Callable[[Path], bool], name: str, decoding: Decoding
) -> MicroscopeReader:
    check_planes(decoding, name=name, letters="xyzt")
    files = list_files(path, name=name, wanted=wanted)
    stacks, paths, scenes = list[Stack](), list[str](), list[Scene]()
    for id, file in zip(files.ids, files.paths, strict=True):
        try:
            with _reported(kind.name):
                found = kind.scenes(file)
                for scene in found:
                    check_size(*scene.sides[1:], values=int(np.prod(scene.sides, dtype=object)))
        except Unreadable as error:
            stacks.append(broken_stack(id, error))
            paths.append(file)
            scenes.append(Scene(None, (1, 0, 0), 1))
            continue
        for scene in found:
            own = id if scene.number is None else f"{id}/s/{scene.number:04d}"
            stacks.append(Stack(own, id, scene.sides, scene.times))
            paths.append(file)
            scenes.append(scene)
    return MicroscopeReader(
        name,
        files.folder,
        tuple(stacks),
        decoding.planes or "",
        decoding.project,
        files.stamp(),
        files.notes,
        spacings=tuple(scene.spacing for scene in scenes),
        paths=tuple(paths),
        scenes=tuple(scenes),
        kind=kind,
    )


def _czi_scenes(path: str) -> list[Scene]:
    with _czi(path) as file:
        box = file.total_bounding_box
        if further := [axis for axis, (_, n) in box.items() if axis not in "TZCYX" and n > 1]:
            raise Unreadable(f"has several {', '.join(further)}; export one of them")
        depth, times = box.get("Z", (0, 1))[1], box.get("T", (0, 1))[1]
        areas = dict(file.scenes_bounding_rectangle) or {None: file.total_bounding_rectangle}
        only = len(areas) == 1
        spacing = _czi_spacing(file.metadata)
        return [
            Scene(None if only else number, (depth, area.h, area.w), times, spacing)
            for number, area in sorted(areas.items())
        ]


def _czi_spacing(metadata: Any) -> Spacing | None:
    """From the metadata, which are in metres; pylibCZIrw itself writes micrometres there."""
    try:
        found = metadata["ImageDocument"]["Metadata"]["Scaling"]["Items"]["Distance"]
        sizes = {each["@Id"]: float(each["Value"]) for each in found}
    except (KeyError, TypeError, ValueError):
        return None
    known = {axis: 1e6 * size for axis, size in sizes.items() if 0 < size < _MOST_METRES}
    z, y, x = (known.get(axis, math.nan) for axis in "ZYX")
    return z, y, x


def _czi_volume(path: str, scene: Scene, time: int) -> np.ndarray:
    with _czi(path) as file:
        box = file.total_bounding_box
        (z, depth), (t, _) = box.get("Z", (0, 1)), box.get("T", (0, 1))
        if len(kinds := set(file.pixel_types.values())) > 1:
            raise Unreadable(f"has channels of several types ({', '.join(sorted(kinds))})")
        channels = []
        for c in sorted(file.pixel_types):
            places = [{"C": c, "T": t + time, "Z": z + number} for number in range(depth)]
            channels.append(np.stack([_czi_plane(file, place, scene.number) for place in places]))
        volume: np.ndarray = np.concatenate(channels, axis=-1).transpose(3, 0, 1, 2)
        return volume


def _czi_plane(file: Any, place: dict[str, int], scene: int | None) -> np.ndarray:
    """One plane [h, w, c]; one that is not in the file would be read as black."""
    found = list[int]()

    def first(number: int, _: Any) -> bool:
        found.append(number)
        return False

    file.enumerate_subblocks_subset(
        first,
        plane={axis: at for axis, at in place.items() if axis in file.total_bounding_box},
        roi=None if scene is None else file.scenes_bounding_rectangle[scene],
    )
    if not found:
        at = ", ".join(f"{axis} {number}" for axis, number in place.items())
        raise Unreadable(f"has no plane at {at}: was its acquisition cut short? Export whole times")
    plane: np.ndarray = file.read(plane=place, scene=scene)
    return plane


def _czi(path: str) -> Any:
    optional("pylibCZIrw", extra="microscopy", purpose="reading CZI")
    return importlib.import_module("pylibCZIrw.czi").open_czi(path)


def _nd2_scenes(path: str) -> list[Scene]:
    with _nd2(path) as file:
        sizes = dict(file.sizes)
        if further := [axis for axis, n in sizes.items() if axis not in "PTZCYXS" and n > 1]:
            raise Unreadable(f"has several {', '.join(further)}; export one of them")
        sides = (sizes.get("Z", 1), sizes.get("Y", 1), sizes.get("X", 1))
        positions: list[int | None] = list(range(sizes["P"])) if "P" in sizes else [None]
        spacing = _nd2_spacing(file)
        return [Scene(number, sides, sizes.get("T", 1), spacing) for number in positions]


def _nd2_spacing(file: Any) -> Spacing | None:
    """That of the first channel, along the axes that were calibrated."""
    try:
        volume = file.metadata.channels[0].volume
    except Exception:  # planes can be read without: metadata that are incomplete raise anything
        return None
    x, y, z = (
        size if known else math.nan
        for size, known in zip(volume.axesCalibration, volume.axesCalibrated, strict=True)
    )
    return z, y, x


def _nd2_volume(path: str, scene: Scene, time: int) -> np.ndarray:
    with _nd2(path) as file:
        loops = {axis: n for axis, n in file.sizes.items() if axis in "PTZ"}
        at = {"P": scene.number or 0, "T": time}
        planes = []
        for z in range(scene.sides[0]):
            place = [{**at, "Z": z}[axis] for axis in loops]
            number = np.ravel_multi_index(place, tuple(loops.values())) if loops else 0
            if number >= file.attributes.sequenceCount:  # it would be read as black
                raise Unreadable(f"ends after {file.attributes.sequenceCount} frames; leave it out")
            frame = np.asarray(file.read_frame(int(number)))
            has_channels, is_rgb = file.sizes.get("C", 1) > 1, file.sizes.get("S", 1) > 1
            frame = frame if has_channels else frame[None]
            # Colours stand last; every channel has three of them.
            planes.append(np.concatenate(np.moveaxis(frame, -1, 1)) if is_rgb else frame)
        return np.stack(planes, axis=1)


def _nd2(path: str) -> Any:
    return optional("nd2", extra="microscopy", purpose="reading ND2").ND2File(path)


@contextmanager
def _reported(name: str) -> Iterator[None]:
    """Turns whatever a reader raises into Unreadable."""
    try:
        yield
    except (Unreadable, GanevalError):
        raise
    except MemoryError:
        raise Unreadable("does not fit into memory; export a part of it") from None
    except Exception as error:  # a damaged file can make a decoder raise anything
        raise broken(f"damaged {name} ({first_line(error)})") from None
