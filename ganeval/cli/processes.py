"""`torchrun -m ganeval`: each process embeds its share of the images.

Where a command needs no more than sums over rows or tiles of them, each keeps its features, and all
score together; else the first has the features of all, and does the rest.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import typer

from ganeval.distributed import Ranks
from ganeval.errors import InputError
from ganeval.images import ImageSource
from ganeval.lazy import torch

T = TypeVar("T")


def launched() -> tuple[int, int]:
    """(rank, processes) under torchrun; (0, 1) without."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return 0, 1
    rank, size = _number("RANK"), _number("WORLD_SIZE")
    if rank >= size:
        raise InputError(f"RANK is {rank}, and WORLD_SIZE is {size}; start all with torchrun")
    return rank, size


def _number(name: str) -> int:
    """What torchrun writes into the environment of each process."""
    text = os.environ.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        shown = repr(text[:80]) if name in os.environ else "not set"
        raise InputError(f"{name} is {shown}, wanted a number; start all processes with torchrun")
    return int(text)


def share_of(source: ImageSource) -> ImageSource:
    """The images of this process; all of them without torchrun."""
    rank, size = launched()
    return source if size == 1 else source.shard(rank, size)


def on_all(work: Callable[[], T]) -> T:
    """What `work` gives here; where it fails on one process, it fails on all."""
    group = process_group()
    return work() if group is None else Ranks(group).together(work)


def process_group() -> Any:
    """All processes, over gloo, since features are in main memory; None without torchrun."""
    if launched()[1] == 1:
        return None
    import torch.distributed as dist

    if not dist.is_initialized():
        try:
            dist.init_process_group("gloo")
        except (ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"the processes do not find each other ({reason}); start all with torchrun"
            ) from None
    return dist.group.WORLD


def own_device() -> str | None:
    """Under torchrun each process of a machine has a GPU of its own, where there are any."""
    if launched()[1] == 1:
        return None
    if not torch.cuda.is_available():
        return None
    return f"cuda:{_number('LOCAL_RANK') % torch.cuda.device_count()}"


def first_goes_on() -> None:
    """Ends all processes but the first, which has all that the rest of the work needs."""
    rank, size = launched()
    if size == 1:
        return
    import torch.distributed as dist

    if dist.is_initialized():
        dist.destroy_process_group()
    if rank > 0:
        raise typer.Exit
