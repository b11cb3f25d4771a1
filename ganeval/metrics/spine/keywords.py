"""Keywords that a metric does not take, but another function does."""

import inspect
from collections.abc import Iterable

from ganeval.features import extract
from ganeval.images import open_images

_OTHERS = (open_images, extract)


def check_keywords(metric: str, signature: inspect.Signature, given: Iterable[str]) -> None:
    """Raises TypeError for a keyword that the metric lacks, with the function that takes it."""
    for name in given:
        if name in signature.parameters:
            continue
        takes = [f.__name__ for f in _OTHERS if name in inspect.signature(f).parameters]
        known = ", ".join(signature.parameters)
        what = f"give ganeval.{takes[0]}(..., {name}=...)" if takes else f"it takes {known}"
        raise TypeError(f"{metric}() got an unexpected keyword argument {name!r}; {what}")
