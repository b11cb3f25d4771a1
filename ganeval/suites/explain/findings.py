"""Tests of all families of properties, in all images and within classes, as one list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics.spine import Pair, Side, Units, pair_units
from ganeval.statistics import (
    FOR_SCALE,
    FamilyTests,
    Sampling,
    family_tests,
    permutations,
    permuted_sides,
    smallest_p_value,
)
from ganeval.suites.explain.properties import Properties
from ganeval.suites.explain.studentised import studentised_tests

LEAST, MOST = 1999, 19999
"""Permutations of a test: enough that a single finding may pass, where that is bearable."""

FEWEST = 4
"""Images of a class on each side that are tested by themselves."""


FEWEST_GROUPS = 6
"""Groups of equal size, where one side has groups only: with four, benchmarks/explain shows that
far more is reported than is promised."""


@dataclass(frozen=True, eq=False)
class Tested:
    """The families of some images, tested.

    Args:
        label: class of the images; None for all of them.
        rows: positions of the images, of reals and of fakes.
        samplings: of these reals and fakes, with copies as groups.
        tests: of each family.
        least: the smallest p-value that a family can have.
    """

    label: str | None
    rows: tuple[np.ndarray, np.ndarray]
    samplings: tuple[Sampling, Sampling]
    tests: FamilyTests
    least: float


def tested(
    pair: Pair,
    properties: Properties,
    families: Sequence[np.ndarray],
    *,
    label: str | None = None,
    level: float,
    lists: int,
    seed: int,
) -> Tested | None:
    """Tests every family in all images, or in those of one class.

    Args:
        pair: both sides.
        properties: of all their images.
        families: positions of properties; each property is in one.
        label: the class; None for all images.
        level: one less the rate of false discoveries.
        lists: how many such lists of tests share that rate.
        seed: of the permutations.

    Returns:
        None for a class with fewer than FEWEST images, or with one group, on a side.
    """
    rows = [np.arange(side.n or 0) for side in pair.sides]
    if label is not None:
        rows = [np.flatnonzero(np.asarray(side.labels) == label) for side in pair.sides]
        if min(map(len, rows)) < FEWEST:
            return None
        sides = [side.part(some) for side, some in zip(pair.sides, rows, strict=True)]
        pair = Pair(sides[0], sides[1], pair.odd)
    try:
        units = pair_units(_exchangeable(pair))
    except InputError:
        if label is None:
            raise
        return None
    samplings = _samplings(pair, units)
    values = properties.real[rows[0]], properties.fake[rows[1]]
    wanted = 2 * lists * len(families) / (1 - level)
    count = int(np.clip(np.ceil(wanted), LEAST, MOST))
    one_has_groups = sum(map(_has_groups, pair.sides)) == 1
    if one_has_groups and min(s.effective_units for s in samplings) >= FEWEST_GROUPS:
        of = units.by_side(units.of)
        tests = studentised_tests(values, samplings, of, families, count=count, seed=seed)
        return Tested(label, (rows[0], rows[1]), samplings, tests, 1 / (1 + count))
    moves = _permuted(units, FOR_SCALE + count, seed)
    tests = family_tests(np.concatenate(values)[units.order], units.real, moves, families)
    least = smallest_p_value(units.kinds, units.strata)
    if one_has_groups:
        tests, least = tests._replace(p_values=np.ones(len(families))), 1.0
    return Tested(label, (rows[0], rows[1]), samplings, tests, least)


def _exchangeable(pair: Pair) -> Pair:
    """The pair without labels where class frequencies differ: that is a difference like others.

    Units that change places only within their class would keep the frequencies as they are, and
    what these do to a property would pass for chance.
    """
    if pair.odd.frequencies is None:
        return pair
    return replace(pair, real=_unlabelled(pair.sides[0]), fake=_unlabelled(pair.fake))


def _unlabelled(side: Side) -> Side:
    assert side.features is not None
    return replace(side, features=replace(side.features, labels=None))


def _has_groups(side: Side) -> bool:
    """Whether images share groups."""
    return side.groups is not None and len(set(side.groups)) < len(side.groups)


def _permuted(units: Units, count: int, seed: int) -> Iterator[np.ndarray]:
    for moved in permutations(units.kinds, units.strata, count=count, seed=seed):
        yield permuted_sides(units.real, units.of, units.kinds, moved)


def _samplings(pair: Pair, units: Units) -> tuple[Sampling, Sampling]:
    """How the images were sampled, copies of one image as a group."""
    names = units.by_side(units.of.astype(str))
    first, second = (
        Sampling(len(of), side.sampling.classes, of)
        for side, of in zip(pair.sides, names, strict=True)
    )
    return first.beside([second]), second.beside([first])
