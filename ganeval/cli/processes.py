"""`torchrun -m ganeval`: each process embeds its share of the images, the first does the rest."""

import os
from typing import Any

import typer

from ganeval.images import ImageSource
from ganeval.lazy import torch


def launched() -> tuple[int, int]:
    """(rank, processes) under torchrun; (0, 1) without."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return 0, 1
    return int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])


def share_of(source: ImageSource) -> ImageSource:
    """The images of this process; all of them without torchrun."""
    rank, size = launched()
    return source if size == 1 else source.shard(rank, size)


def process_group() -> Any:
    """All processes, over gloo, since features are in main memory; None without torchrun."""
    if launched()[1] == 1:
        return None
    import torch.distributed as dist

    if not dist.is_initialized():
        dist.init_process_group("gloo")
    return dist.group.WORLD


def own_device() -> str | None:
    """Under torchrun each process of a machine has a GPU of its own, where there are any."""
    if launched()[1] == 1:
        return None
    if not torch.cuda.is_available():
        return None
    return f"cuda:{int(os.environ['LOCAL_RANK']) % torch.cuda.device_count()}"


def first_goes_on() -> None:
    """Ends all processes but the first: every image is embedded, and the first has it all."""
    rank, size = launched()
    if size == 1:
        return
    import torch.distributed as dist

    if dist.is_initialized():
        dist.destroy_process_group()
    if rank > 0:
        raise typer.Exit
