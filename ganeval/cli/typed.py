"""What was typed, as values: channels, sizes, models by name."""

import os
from pathlib import Path

from ganeval.commands import SCORES
from ganeval.errors import InputError, cut
from ganeval.images.shards import is_pattern

MOST_SIDE = 1 << 14
"""Pixels along a side to which images are resized; more is a slip."""


def channels_of(text: str | None) -> tuple[int, ...] | None:
    """Positions of channels, of `0,2`, or InputError."""
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            f"--channels takes numbers from 0 separated by commas, as in 0,2; got {cut(text)!r}"
        ) from None


def size_of(text: str, *, option: str) -> tuple[int, int]:
    """(height, width) of `HEIGHT,WIDTH`, each of 1 to 16,384 pixels, or InputError."""
    parts = text.split(",")
    sides = [int(part) for part in parts if part.strip().isdecimal() and len(part) < 8]
    if len(parts) != 2 or len(sides) != 2 or not all(1 <= side <= MOST_SIDE for side in sides):
        raise InputError(
            f"{option} takes HEIGHT,WIDTH as in 64,96, up to {MOST_SIDE} each; got {cut(text)!r}"
        )
    return sides[0], sides[1]


def named_paths(specs: list[str]) -> dict[str, str]:
    """Names to paths, of NAME=PATH or of paths that name themselves."""
    named: dict[str, str] = {}
    for spec in specs:
        name, equals, path = spec.partition("=")
        if not equals or os.path.exists(spec):
            name, path = Path(spec).name or spec, spec
        if not name.strip():
            raise InputError(f"{cut(spec)!r} gives a model no name; give NAME=PATH")
        if name in named:
            raise InputError(f"two models are named {name!r}; give NAME=PATH")
        named[name] = path
    return named


def is_gone(path: str) -> bool:
    """Whether nothing is where a path on this machine points; unknown of URLs and patterns."""
    if "://" in path or is_pattern(path):
        return False
    there = (Path(name).expanduser() for name in (path, path.partition("::")[0]))
    return not path or not any(map(os.path.lexists, there))


def nets_of(text: str | None) -> list[str]:
    """The names of nets that were typed, separated by commas."""
    if text is not None and os.path.lexists(text):  # a path with a comma
        return [text]
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if len(set(names)) < len(names):
        raise InputError(f"--feature-net {text} names a net twice; name each once")
    return names


def one_net(feature_net: str | None, command: str = "this command") -> None:
    """Raises InputError where several nets were named and the command, a metric's, takes one."""
    if len(nets_of(feature_net)) > 1:
        metrics = f" --metrics {command}" if command in SCORES else ""
        raise InputError(
            f"--feature-net {feature_net} names several nets and {command} takes one; name "
            f"one, or use them all: ganeval evaluate REAL FAKE{metrics}"
        )
