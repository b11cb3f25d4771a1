"""FID while a generator trains on eight processes: each gives its share, all get the same score.

    python examples/score_on_eight_ranks.py         # starts eight processes on this machine
    torchrun --nproc-per-node 8 examples/score_on_eight_ranks.py

With `process_group` every rank embeds its own reals and fakes. FID's and KID's features stay on
their rank; other metrics may gather them on rank 0 (docs/scale.md). Either way the score is that of
one process with all images, to rounding.
"""

import os
import tempfile

import torch
import torch.distributed as dist

import ganeval

RANKS = 8


def train(rank: int, size: int) -> None:
    """What every rank runs; yours is a real training loop."""
    digits = torch.rand(1024, 1, 28, 28, generator=torch.Generator().manual_seed(0)).pow(3) * 2 - 1
    real = ganeval.open_images(digits, value_range=(-1, 1)).shard(rank, size)
    group, span = dist.group.WORLD, (-1, 1)
    evaluator = ganeval.Evaluator(
        real, feature_net="mnist", metrics=["fid"], value_range=span, process_group=group
    )
    noise = torch.Generator().manual_seed(1 + rank)  # a different seed on every rank
    for step in (1000, 2000):
        fakes = torch.rand(128, 1, 28, 28, generator=noise).pow(1 + step / 1000) * 2 - 1
        evaluator.update(fakes)
        score = evaluator.compute(step=step)["fid"]  # the same on every rank
        evaluator.reset()
        if rank == 0:
            print(f"step {step}: {score}", flush=True)


def start(rank: int, store: str) -> None:
    """Runs one of the processes that a plain run starts; they find each other through a file."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=RANKS)
    train(rank, RANKS)
    dist.destroy_process_group()


if __name__ == "__main__":
    if "RANK" in os.environ:  # torchrun
        dist.init_process_group("gloo")
        train(dist.get_rank(), dist.get_world_size())
        dist.destroy_process_group()
    else:
        with tempfile.TemporaryDirectory() as folder:
            torch.multiprocessing.spawn(start, (f"{folder}/store",), nprocs=RANKS)
