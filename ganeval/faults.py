"""What failed outside of ganeval (disk, memory), in one line."""

from ganeval.errors import GanevalError

_NO_MEMORY = (
    "allocate memory", "out of memory", "failed to map segment", "bad allocation",
    "could not create a primitive",
)  # fmt: skip
"""What torch, the system and the loader of libraries say where memory is short."""


def in_one_line(error: BaseException) -> str | None:
    """What came, and what to do; None for an error that is nobody's fault but ours."""
    if isinstance(error, GanevalError):
        return str(error)
    text = str(error)
    if isinstance(error, MemoryError) or (
        isinstance(error, OSError | RuntimeError | ImportError)
        and any(words in text.lower() for words in _NO_MEMORY)
    ):
        return (
            "out of memory; free some, or take less at once: a smaller --batch-size, fewer "
            "--num-workers, --max-images"
        )
    if isinstance(error, OSError):
        reason = error.strerror or " ".join(text.split()) or type(error).__name__
        if error.filename is None:
            return f"the system refused: {reason}; see whether disk and limits allow for this run"
        # A full disk, a path too long or not ours to write
        return f"{error.filename}: {reason}; check this path and its disk"
    return None
