"""Order of the axes of arrays.

NumPy arrays are [n, h, w, c], torch tensors [n, c, h, w]; [n, h, w] is grey in both. `layout`
overrides this. Without it a shape that fits the other order better is an error, never a guess:

- An axis *looks like channels* if it is shorter than both other image axes.
- Four axes: an error if the axis where the library keeps channels does not look like channels and
  the other candidate does. If neither does ([n, 4, 4, 4]), NumPy is an error and torch, which has
  only one convention, is [n, c, h, w].
- Three axes: an error if they look like one image: [32, 32, 3] with 2 to 8 channels in NumPy, as
  images are hardly ever so narrow, and [3, 32, 32] with 2 to 4 in torch, where more may be a batch
  of grey images. A single image needs a leading axis of 1.
- Two axes are features, not images.
"""

import numpy as np

from ganeval.errors import InputError

LAYOUTS = ("NHWC", "NCHW", "NHW")


def array_layout(
    shape: tuple[int, ...],
    *,
    layout: str | None,
    torch: bool,
    name: str,
    single: str = "add a leading axis to a single image",
) -> str:
    """`NHWC`, `NCHW` or `NHW` for a whole array, or InputError; see the module's rules.

    Args:
        shape: shape of the array, images along the first axis.
        layout: the user's choice, of which only the number of axes is checked.
        torch: whether the array came from torch.
        name: name of the array in messages.
        single: what to do for one image, in messages.
    """
    came = f"{name} has shape {list(shape)}"
    if len(shape) == 2 and layout is None:
        raise InputError(
            f"{came}: two axes are features, not images; pass the array itself where features are "
            "taken, or give images as [n, h, w]"
        )
    if layout is not None:
        if layout not in LAYOUTS:
            raise InputError(f"unknown layout {layout!r}; give one of {', '.join(LAYOUTS)}")
        if len(layout) != len(shape):
            raise InputError(
                f"{came} but layout {layout} needs {len(layout)} axes; reshape it or give another"
            )
    elif len(shape) == 3:
        channels, sides = (shape[0], shape[1:]) if torch else (shape[2], shape[:2])
        if 2 <= channels <= (4 if torch else 8) and channels < min(sides):
            raise InputError(
                f"{came}: {shape[0]} grey images or one image of {channels} channels; say "
                f"--layout NHW for grey images, or {single}"
            )
        layout = "NHW"
    elif len(shape) == 4:
        layout = _four_axes(shape, torch=torch, came=came)
    else:
        raise InputError(f"{came}; images are [n, h, w], [n, h, w, c] (NumPy) or [n, c, h, w]")
    if 0 in shape:
        raise InputError(f"{came}: it is empty; give at least one image of at least one pixel")
    return layout


def _four_axes(shape: tuple[int, ...], *, torch: bool, came: str) -> str:
    last, first = shape[3] < min(shape[1], shape[2]), shape[1] < min(shape[2], shape[3])
    usual, other = ("NCHW", "NHWC") if torch else ("NHWC", "NCHW")
    fits, other_fits = (first, last) if torch else (last, first)
    if fits or (torch and not other_fits):
        return usual
    if other_fits:
        library = "torch tensors" if torch else "NumPy arrays"
        raise InputError(
            f"{came}, which looks like {other}, but {library} are {usual}; say --layout {other} "
            f"or --layout {usual}"
        )
    raise InputError(f"{came}: no axis is clearly the channels; say --layout NHWC or --layout NCHW")


def image_layout(shape: tuple[int, ...], *, layout: str | None, torch: bool, name: str) -> str:
    """Does what `array_layout` does for the axes of one image; two axes are grey."""
    if len(shape) == 2 and layout in (None, "NHW"):
        return "NHW"
    if len(shape) == 3 and layout != "NHW":
        return array_layout((1, *shape), layout=layout, torch=torch, name=name)
    raise InputError(
        f"{name} has shape {list(shape)}; one image is [h, w], [h, w, c] (NumPy) or [c, h, w]"
    )


def channels_first(image: np.ndarray, layout: str) -> np.ndarray:
    """Views one image of an array in `layout` as [c, h, w]."""
    if layout == "NHW":
        return image[None]
    return image if layout == "NCHW" else image.transpose(2, 0, 1)
