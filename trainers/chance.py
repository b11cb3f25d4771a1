"""Random numbers that depend only on the seed and their purpose, not on earlier draws."""

import hashlib

import numpy as np
import torch


def stream(*key: int | str) -> np.random.Generator:
    """Returns a NumPy generator that depends only on the key."""
    return np.random.default_rng(_number(key))


def generator(*key: int | str, device: torch.device | str = "cpu") -> torch.Generator:
    """Returns a torch generator that depends only on the key."""
    return torch.Generator(device).manual_seed(_number(key))


def _number(key: tuple[int | str, ...]) -> int:
    digest = hashlib.blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
