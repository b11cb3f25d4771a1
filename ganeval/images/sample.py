"""Seeded samples of images that keep equal class sizes and the groups' shares."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence


def stratified_sample(
    ids: Sequence[str],
    *,
    labels: Sequence[str] | None,
    groups: Sequence[str] | None,
    size: int,
    seed: int,
) -> list[int]:
    """Returns ascending positions of `size` images, or of all if there are fewer.

    Labels with equally many images, to within one, share `size` equally. Other class sizes stay
    random, as they were in the data: if a sample fixed them, every interval would treat their
    differences as certain. Groups (within a label) share `size` in proportion to their images, by
    largest remainders; within a group the images with the smallest seeded hash of their id are
    taken. So the sample depends only on the ids and the seed, not on the order of the listing.
    """
    if labels is not None and not _equal_sizes(labels):
        labels = None
    everyone = list(range(len(ids)))
    chosen: list[int] = []
    for label, members in _shares(everyone, labels, size=size, salt=f"{seed} label"):
        for _, inside in _shares(members[0], groups, size=members[1], salt=f"{seed} {label}"):
            ranked = sorted(inside[0], key=lambda index: _rank(f"{seed} image", ids[index]))
            chosen += ranked[: inside[1]]
    return sorted(chosen)


def _equal_sizes(labels: Sequence[str]) -> bool:
    sizes = Counter(labels).values()
    return max(sizes) - min(sizes) <= 1


def _shares(
    members: list[int], values: Sequence[str] | None, *, size: int, salt: str
) -> list[tuple[str, tuple[list[int], int]]]:
    """Groups members by value, with each value's share of `size` by largest remainders."""
    strata: dict[str, list[int]] = defaultdict(list)
    for member in members:
        strata["" if values is None else values[member]].append(member)
    size, total = min(size, len(members)), len(members)
    shares = {value: size * len(inside) // total for value, inside in strata.items()}
    left = size - sum(shares.values())
    by_remainder = sorted(
        strata, key=lambda value: (-(size * len(strata[value]) % total), _rank(salt, value))
    )
    for value in by_remainder[:left]:
        shares[value] += 1
    return [(value, (strata[value], shares[value])) for value in sorted(strata)]


def _rank(salt: str, text: str) -> bytes:
    return hashlib.blake2b(f"{salt}\0{text}".encode(), digest_size=8).digest()
