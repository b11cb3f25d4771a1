"""Films (`.mp4`, `.avi`, `.mov`, `.mkv`, `.webm`), decoded by PyAV: every frame is an image.

Frames of 8 bits are RGB, or grey if the film is, in uint8; deeper ones are scaled to uint16. The
film is the group. A film is decoded from its beginning and each frame once.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ganeval.errors import GanevalError
from ganeval.images.file_list import list_files
from ganeval.images.pixels import Decoding, Unreadable, broken, check_size, without_alpha
from ganeval.images.volume_files import is_video
from ganeval.images.volumes import PlanesReader, Stack, broken_stack, check_planes
from ganeval.optional import optional

logging.getLogger("libav").addHandler(logging.NullHandler())  # or it writes to stderr

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False, kw_only=True)
class VideoReader(PlanesReader):
    """Films, each decoded in order of its frames."""

    paths: tuple[str, ...]
    keep_alpha: bool

    def load(self, stack: int, time: int) -> np.ndarray:
        """One frame as [c, 1, h, w]."""
        path = self.paths[stack]
        number, frames = self.opened.get(path, (0, None))
        if frames is None or number > time:
            self.opened.clear()
            number, frames = 0, _frames(path)
        frame = None
        for at in range(number, time + 1):
            frame = _reported(partial(next, frames, None))
            if frame is None:
                raise broken(f"it ends after {at} of {self.stacks[stack].times} frames")
        self.opened[path] = (time + 1, frames)
        return _reported(partial(_pixels, frame, self.keep_alpha))[:, None]


def open_video(path: Path, *, name: str, decoding: Decoding) -> VideoReader:
    """Counts the frames of a film, or of all below a folder, without decoding them."""
    check_planes(decoding, name=name, letters="t")
    files = list_files(path, name=name, wanted=is_video)
    stacks = []
    for id, file in zip(files.ids, files.paths, strict=True):
        try:
            height, width, frames = _reported(partial(_described, file))
            stacks.append(Stack(id, id, (1, height, width), frames))
        except Unreadable as error:
            stacks.append(broken_stack(id, error))
    return VideoReader(
        name,
        files.folder,
        tuple(stacks),
        "" if decoding.project else "t",
        decoding.project,
        files.stamp(),
        files.notes,
        paths=files.paths,
        keep_alpha=decoding.keep_alpha,
    )


def _described(path: str) -> tuple[int, int, int]:
    """Height, width and number of frames, one in each packet that is shown."""
    with _open(path) as container:
        stream = _stream(container)
        height, width = int(stream.codec_context.height), int(stream.codec_context.width)
        check_size(height, width)
        frames = sum(
            1 for packet in container.demux(stream) if packet.size and not packet.is_discard
        )
        declared = int(stream.frames)
    if frames < max(declared, 1):
        raise broken(f"it holds {frames} frames of {declared}: it is cut short or empty")
    return height, width, frames


def _frames(path: str) -> Iterator[Any]:
    """The frames of a film, still in its own colours."""
    with _open(path) as container:
        yield from container.decode(_stream(container))


def _pixels(frame: Any, keep_alpha: bool) -> np.ndarray:
    """[c, h, w] of one frame, turned as a player shows it."""
    parts = frame.format.components
    deep = max(part.bits for part in parts) > 8
    array: np.ndarray
    if len(parts) == 1 and not frame.format.has_palette:
        array = frame.to_ndarray(format="gray16le" if deep else "gray")[..., None]
    elif any(part.is_alpha for part in parts):
        array = frame.to_ndarray(format="rgba64le" if deep else "rgba")
        array = without_alpha(array, keep=keep_alpha)
    else:
        array = frame.to_ndarray(format="rgb48le" if deep else "rgb24")
    return np.rot90(array, frame.rotation // 90).transpose(2, 0, 1)


def _open(path: str) -> Any:
    av = optional("av", extra="video", purpose="reading films")
    # Only the file itself: a playlist could name others, also on the network.
    return av.open(path, options={"protocol_whitelist": "file"})


def _stream(container: Any) -> Any:
    if not container.streams.video:
        raise Unreadable("has no pictures; remove it")
    return container.streams.video[0]


def _reported(read: Callable[[], Result]) -> Result:
    """What `read` returns; whatever PyAV raises becomes Unreadable."""
    try:
        return read()
    except (Unreadable, GanevalError):
        raise
    except MemoryError:
        raise Unreadable("does not fit into memory; make the frames smaller") from None
    except Exception as error:  # a damaged file can make a decoder raise anything
        text = " ".join(str(error).split())[:120] or type(error).__name__
        raise broken(f"damaged film ({text})") from None
