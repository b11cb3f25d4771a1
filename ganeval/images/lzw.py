"""Are the codes of LZW data defined where they are used?

A code may stand for a string only once the codes before it have made that string. A decoder in C
that does not ask reads memory that nobody has written, so LZW data of TIFF files is checked before.
"""

import itertools

import numpy as np

from ganeval.images.pixels import broken

CLEAR, END = 256, 257
"""Forget all strings; no more data."""
FIRST = 258
"""Code of the first string that is made of others."""
TABLE = 4096
"""Codes of 12 bits. Decoders refuse data that makes more strings."""
PLENTY, BYTES_EACH = 1000, 64
"""So many times any data may begin anew, and longer data once more for each of so many bytes."""


def check_lzw(data: bytes) -> None:
    """Raises Unreadable where data has a code before its string, or begins anew all the time.

    Codes have 9 bits, and 10, 11, 12 as the table of strings grows. In the common order the widths
    grow one string early and bits run from the highest; in that of old files, which begin with a
    zero byte, neither.
    """
    old = data[:1] == b"\0"
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little" if old else "big")
    at, begun = 0, 0
    while at < len(bits):
        if begun > PLENTY + len(data) // BYTES_EACH:
            raise broken(f"its LZW data begins anew {begun} times in {len(data)} bytes")
        codes, at = _until_clear(bits, at, old=old)
        defined = FIRST + np.arange(-1, len(codes) - 1)
        defined[:1] = CLEAR - 1  # the first stands for a byte
        if (codes > defined).any():
            raise broken("its LZW data has a code that stands for nothing yet")
        begun += 1


def _until_clear(bits: np.ndarray, at: int, *, old: bool) -> tuple[np.ndarray, int]:
    """The codes from a bit on until CLEAR, which begins anew, or END; and where to go on."""
    found = []
    edges = [(1 << width) - (not old) for width in (9, 10, 11)]
    ends = [FIRST, *edges, TABLE]  # sizes of the table at which the next width begins
    for width, (low, high) in zip((9, 10, 11, 12), itertools.pairwise(ends), strict=True):
        n = high - low + (low == FIRST)  # the first code after CLEAR makes no string
        there = bits[at : at + n * width]
        there = there[: len(there) // width * width].reshape(-1, width)
        places = np.arange(width) if old else np.arange(width)[::-1]
        codes = (there.astype(np.float32) @ np.float32(1 << places)).astype(np.intp)
        if (stops := np.flatnonzero((codes == CLEAR) | (codes == END))).size:
            stop = int(stops[0])
            ended = codes[stop] == END
            found.append(codes[:stop])
            return np.concatenate(found), len(bits) if ended else at + (stop + 1) * width
        found.append(codes)
        if len(codes) < n:
            break
        at += n * width
    return np.concatenate(found), len(bits)
