"""Captions as vectors, without a network to download."""

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

SIZE = 1024


def embed(captions: Sequence[str]) -> np.ndarray:
    """[n, 1024] float32: each word and pair of adjacent words is hashed to a place and a sign.

    Captions with many words in common have similar vectors; the mean square of a vector is 1.
    StackGAN++ instead has vectors from a net trained on captions of birds, which does not know
    other words. Source: Weinberger et al. 2009, arXiv:0902.2206.
    """
    vectors = np.zeros((len(captions), SIZE), np.float32)
    for vector, caption in zip(vectors, captions, strict=True):
        words = re.findall(r"\w+", caption.lower())
        for token in [*words, *map(" ".join, pairwise(words))]:
            digest = hashlib.blake2b(token.encode(), digest_size=8).digest()
            number = int.from_bytes(digest, "little")
            vector[number % SIZE] += 1 if number >> 63 else -1
        vector *= np.sqrt(SIZE) / max(float(np.linalg.norm(vector)), 1.0)
    return vectors


STAGES = ("septum", "nuclei", "both ends", "one end")
"""What a caption of a simulated cell may say of its place in the cell cycle."""

_WORDS = {"septum": 0, "divides": 0, "nuclei": 1, "mitosis": 1, "both": 2}


def stage(caption: str) -> str:
    """The stage in a caption, whose second part is about the protein."""
    words = re.findall(r"\w+", caption.partition(";")[0].lower())
    named = [_WORDS[word] for word in words if word in _WORDS]
    return STAGES[named[0] if named else 3]


def unseen(caption: str, number: int) -> bool:
    """Whether training may lack this combination: protein `number` lacks one of the stages."""
    return stage(caption) == STAGES[number % len(STAGES)]
