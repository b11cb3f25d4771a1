"""A net that takes any size, made to resize its images to one."""

from dataclasses import replace

from ganeval.errors import NetError
from ganeval.nets._base import Card

RULE = "bilinear-antialias"


def resized(card: Card, size: tuple[int, int]) -> Card:
    """`card` with images resized to `size`, (height, width) in pixels, before the net sees them.

    Resizing is bilinear with a filter against aliasing, and enters the card's fingerprint: scores
    of resized and of other images are not comparable. Resize both sides alike.

    Raises:
        NetError: the net takes images of one size or measures lengths, or `size` is empty.
    """
    if card.architecture == "morphology":
        raise NetError(
            f"net {card.name!r} measures lengths in pixels, and resizing changes them; leave out "
            "resizing, and crop or pad the images to one size"
        )
    if card.input_size is not None:
        raise NetError(
            f"net {card.name!r} takes images of {card.input_size[0]} x {card.input_size[1]} "
            "pixels; leave out resizing, or use a net that takes any size"
        )
    if min(size) < 1:
        raise NetError(f"images cannot be resized to {size[0]} x {size[1]} pixels; give 1 or more")
    return replace(card, input_size=size, resize=RULE)
