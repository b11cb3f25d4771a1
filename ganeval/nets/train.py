"""Trains a feature net on the user's own images."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ganeval.errors import InputError, NetError
from ganeval.files import own_folder
from ganeval.images._base import ImageSource, ValueRange
from ganeval.lazy import torch
from ganeval.nets._architectures import built_in
from ganeval.nets._base import Card
from ganeval.nets._device import choose_device
from ganeval.nets._home import nets_home
from ganeval.nets._progress import TrainingProgress

if TYPE_CHECKING:
    from ganeval.nets.training._fit import Schedule

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def train_net(
    data: ImageSource | Any,
    *,
    name: str,
    out: str | Path | None = None,
    dim: int = 64,
    epochs: int | None = None,
    patience: int | None = None,
    batch_size: int | None = None,
    learning_rate: float = 3e-3,
    weight_decay: float = 0.05,
    widths: tuple[int, ...] | None = None,
    input_size: tuple[int, int] | None = None,
    value_range: ValueRange | None = None,
    held_out: float = 0.1,
    flips: bool | Literal["left-right"] = True,
    shift: float = 0.1,
    jitter: float = 0.1,
    unlabelled: bool = False,
    seed: int = 0,
    device: "torch.device | str | None" = None,
    num_workers: int = 0,
    resume: bool = True,
    overwrite: bool = False,
    licence: str = "unknown",
    data_name: str | None = None,
    progress: Callable[[TrainingProgress], None] | None = None,
) -> Card:
    """Trains a feature net on your own images, and saves it as `name`.

    With labels, it learns to classify. Without labels, it learns to recognise an image that is
    turned, shifted, dimmed and made noisy (VICReg; see `training._objectives`).

    Features are the `dim` numbers before its last layer; see `ganeval.nets._network`. The logits
    are divided by the temperature that fits the held-out images best. The same data, settings
    and seed give the same weights on the same machine, even if the training is interrupted.

    Args:
        data: source from `open_images`, or anything that it opens. If images belong to groups,
            whole groups are held out.
        name: name for `--feature-net`, of letters, digits, dot, dash and underscore.
        out: folder to write to instead of the user's nets folder; the net is then found by path.
        dim: features per image.
        epochs: passes over the images; None chooses 10 to 100, depending on their number.
        patience: epochs without a better held-out loss after which training stops; None is a
            quarter of `epochs`.
        batch_size: images per step; None chooses up to 128, depending on the number of images.
        learning_rate: peak learning rate of AdamW in the one cycle.
        weight_decay: weight decay of AdamW, for matrices and filters only.
        widths: channels of each stage, which halves the image; None chooses by the image size.
        input_size: (height, width) to resize to; None keeps the images' own size.
        value_range: values that become 0 and 1; None takes the source's range, or the dtype's.
        held_out: fraction of each class to hold out.
        flips: True if mirroring keeps the class (cells), False if it does not (digits), or
            `left-right` for scenes with a top and a bottom.
        shift: largest random shift, as a fraction of each side.
        jitter: largest random relative change of intensity.
        unlabelled: whether to ignore labels; data without labels are always trained without them.
        seed: seed of split, initial weights, order and augmentation.
        device: device to train on; None takes a GPU if there is one.
        num_workers: number of processes that decode images.
        resume: whether to resume an interrupted training of the same recipe; False restarts it.
        overwrite: whether a net of other data or settings may be replaced.
        licence: licence of the weights, for the card.
        data_name: name of the data in the card; None takes the last part of their path.
        progress: function that is called after every batch.

    Returns:
        The card, as written; show `card.training["notes"]` to the user.

    Raises:
        InputError: there is one class, a class of one image, or an image below 8 pixels.
        NetError: the name is taken, or its folder has an unfinished training of another recipe.
    """
    choose_device(device)  # a wrong one is told before images are read
    folder = _folder(name, out)
    from ganeval.images import iterate, open_images
    from ganeval.nets.training._augment import Augmentation
    from ganeval.nets.training._data import read_data, read_labels
    from ganeval.nets.training._fit import Schedule
    from ganeval.nets.training._run import run

    source = data if isinstance(data, ImageSource) else open_images(data)
    n = len(source)
    labelled = source.labels is not None and not unlabelled
    if labelled:
        read_labels(source)  # fails before the images are decoded
    if epochs is None:
        epochs = min(100, max(10, -(-500_000 // max(n, 1))))
    schedule = Schedule(
        epochs=epochs,
        patience=max(5, epochs // 4) if patience is None else patience,
        batch_size=min(128, max(8, n // 16)) if batch_size is None else batch_size,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        seed=seed,
    )
    _check_numbers(dim=dim, schedule=schedule, held_out=held_out, shift=shift, jitter=jitter)
    loaded = read_data(
        source,
        iterate(source, batch_size=64, num_workers=num_workers),
        name=name,
        labelled=labelled,
        input_size=input_size,
        value_range=value_range,
    )
    augmentation = Augmentation(flips=flips, shift=shift, jitter=jitter)
    chosen = torch.device(choose_device(device))
    with own_folder(folder), torch.inference_mode(False), torch.enable_grad():
        return run(
            loaded,
            folder=folder,
            dim=dim,
            widths=widths,
            schedule=schedule,
            augmentation=augmentation,
            held_out=held_out,
            device=chosen,
            resume=resume,
            overwrite=overwrite,
            licence=licence,
            data_name=data_name or Path(source.name).name,
            progress=progress,
        )


def _folder(name: str, out: str | Path | None) -> Path:
    if not _NAME.fullmatch(name):
        raise InputError(
            f"a net cannot be called {name!r}; use letters, digits, dot, dash and underscore"
        )
    if out is not None:
        return Path(out)
    if name in built_in():
        raise NetError(f"{name!r} is a built-in net and would be hidden; choose another --name")
    return nets_home() / name


def _check_numbers(
    *, dim: int, schedule: "Schedule", held_out: float, shift: float, jitter: float
) -> None:
    for label, value, low, high in (
        ("dim", dim, 1, 4096),
        ("epochs", schedule.epochs, 1, 1_000_000),
        ("patience", schedule.patience, 1, 1_000_000),
        ("batch_size", schedule.batch_size, 2, 1_000_000),
        ("learning_rate", schedule.learning_rate, 1e-9, 10.0),
        ("weight_decay", schedule.weight_decay, 0.0, 10.0),
        ("held_out", held_out, 0.001, 0.9),
        ("shift", shift, 0.0, 0.5),
        ("jitter", jitter, 0.0, 0.9),
    ):
        if not low <= value <= high:
            raise InputError(f"{label} is {value}, wanted {low:g} to {high:g}; correct it")
