"""A look at the first image of each side, before an hour is spent on all of them."""

from collections.abc import Mapping

from ganeval.errors import ImageError, InputError
from ganeval.features import was_embedded
from ganeval.images import ImageSource
from ganeval.images._base import Pixels
from ganeval.nets import Card, default_net, load_card, prepare


def look(sources: Mapping[str, ImageSource], card: Card | None) -> None:
    """Raises InputError where the first images do not fit the net, or each other.

    Sources whose features are known already are not looked at.

    Args:
        sources: by the side's name.
        card: of the net; None for the default one.
    """
    firsts = {
        side: first
        for side, source in sources.items()
        if not was_embedded(source) and (first := _first(source)) is not None
    }
    for side, (id, pixels) in firsts.items():
        card = card or load_card(default_net(pixels.shape[0], str(pixels.dtype)))
        prepare([pixels], ids=[id], card=card, value_range=sources[side].value_range)
    for side, (id, pixels) in firsts.items():
        other, (_, first) = next(iter(firsts.items()))
        if card is not None and card.channels is None and len(pixels) != len(first):
            raise InputError(
                f"{other} has images of {len(first)} channels and {side} of {len(pixels)} ({id}); "
                "select the same with --channels 0, or --real-channels and --fake-channels"
            )
        if card is not None and card.input_size is None and pixels.shape != first.shape:
            have, want = (f"{x.shape[1]} x {x.shape[2]}" for x in (pixels, first))
            raise InputError(
                f"{other} has images of {want} pixels and {side} of {have} ({id}), and net "
                f"{card.name!r} does not resize; make them one size, or let both be resized: "
                f"--resize {min(first.shape[1], pixels.shape[1])},"
                f"{min(first.shape[2], pixels.shape[2])}"
            )


def _first(source: ImageSource) -> tuple[str, Pixels] | None:
    """Name and pixels of the first image that can be read."""
    for index in range(len(source)):
        try:
            return source.where(index), source.read(index)
        except ImageError:
            if source.on_error == "fail":
                raise
    return None
