"""What the images are: one object each or not, and how large their pixels are."""

from collections.abc import Iterable

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.images import ImageSource, pixel_size_of
from ganeval.nets import load_net, shows_one_object

OBJECTS, WHOLE = "morphology:offsets", "texture"
"""Feature nets: measurements of the one object in each image, and figures of whole images."""

LOOKED_AT = 100
"""Images that are looked at, at equal steps."""


def net_for(sides: Iterable[ImageSource | Features]) -> str | None:
    """The net by which images are explained where none was named; the first side that tells.

    Features tell the net that made them, images the one that fits them. None where no side tells,
    as tables do not.
    """
    for side in sides:
        if isinstance(side, ImageSource):
            return net_that_fits(side)
        if (name := (side.protocol.get("net") or {}).get("name")) is not None:
            return str(name)
    return None


def net_that_fits(source: ImageSource) -> str:
    """OBJECTS where most images have one object on a ground, else WHOLE.

    Raises:
        InputError: there are no images, or one cannot be read.
        MissingExtraError: scikit-image is not installed.
    """
    n = len(source)
    if n == 0:
        raise InputError(f"{source.name} has no images; give some")
    load_net(OBJECTS)  # says what to install, where that is missing
    places = np.unique(np.linspace(0, n - 1, min(n, LOOKED_AT)).round().astype(int))
    single = [shows_one_object(source.read(int(i))) for i in places]
    return OBJECTS if np.mean(single) > 0.5 else WHOLE


def shared_pixel_size(*sources: ImageSource) -> float | None:
    """Micrometres per pixel that the files of either side declare; None where none does.

    Generated images seldom say; they are of the same size as the reals.

    Raises:
        InputError: the sides declare different sizes.
    """
    sizes = {source.name: size for source in sources if (size := pixel_size_of(source))}
    if not sizes:
        return None
    (first, least), (last, most) = (
        pick(sizes.items(), key=lambda item: item[1]) for pick in (min, max)
    )
    if most > 1.01 * least:
        raise InputError(
            f"{first} has {least:.4g} µm per pixel and {last} {most:.4g}, as their files say; "
            "bring both to one scale, or say what holds for both with --pixel-size UM"
        )
    return least
