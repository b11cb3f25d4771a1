"""Globs of all sides: each must fit an image of some side, not of every one."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ganeval.cli.options import ImageOptions
from ganeval.errors import InputError
from ganeval.images import GlobFitsNothing, ImageSource, as_globs

OPTIONS = ("include", "exclude")


def without_idle(options: ImageOptions, error: GlobFitsNothing) -> ImageOptions:
    """One side's options without the globs that fit none of its images."""
    given = as_globs(getattr(options, error.option), option=error.option) or ()
    left = [glob for glob in given if glob not in error.globs]
    changes: dict[str, Any] = {error.option: left or None}
    return replace(options, **changes)


def check_globs(shared: ImageOptions, sources: Iterable[ImageSource]) -> None:
    """Raises InputError where a glob of all sides fits an image of none."""
    sources = list(sources)
    for option in OPTIONS:
        given = as_globs(getattr(shared, option), option=option) or ()
        known: list[Any] = [source.protocol.get(option, ()) for source in sources]
        used = {glob for globs in known for glob in globs}
        if sources and (idle := [glob for glob in given if glob not in used]):
            names = " or ".join(dict.fromkeys(source.name for source in sources))
            raise InputError(f"--{option} {','.join(idle)} fits no image of {names}; correct it")
