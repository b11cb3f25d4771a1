"""How often do the intervals cover the truth? One JSON line per cell.

    python benchmarks/calibration/coverage.py --out benchmarks/calibration/results.jsonl

A cell is a metric, a law of the data with a known truth, and numbers of images. The truth of the
Fréchet distance is exact, from the laws' own means and covariances; that of KID and of the
Inception Score is taken from a million draws. Cells that the file already has, with as many
replicates, are skipped, so that an interrupted run goes on where it stopped.
"""

import argparse
import contextlib
import functools
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from scipy import stats

from ganeval.features import Features, extract, features_from_array
from ganeval.metrics import METRICS, frechet_distance
from ganeval.suites import compare


@dataclass(frozen=True)
class Cell:
    """One experiment."""

    metric: str
    """Of METRICS; or compare:fid, compare:kid: the difference of a moderate and a close model."""
    law: str
    """gaussian, skewed, mixture (of separate classes, sorted by class), plates; many (41 equal
    classes); copies (gaussian, with as many copies of reals among the fakes as have an interval);
    mnist (digits under the net `mnist`, drawn with replacement; needs GANEVAL_DATA)."""
    gap: str
    """moderate, close, null: how far the fakes are."""
    n: int
    m: int
    d: int
    groups: int = 0
    sizes: str = "equal"
    """Plates: equal, or unequal (the largest has about four times the images of the smallest)."""
    fake_groups: int = 0
    counts: str = ""
    """Class sizes of real/fake in a mixture: chosen (in proportion), or left to chance."""
    blocks: str = "ours"
    """ours; position (blocks of consecutive rows); none (labels and groups withheld); neither,
    real, fake, both (the sides that are stratified by label); halves (half-split Richardson at
    any number of features)."""


@dataclass(frozen=True)
class World:
    """Distributions of real and fake features with known moments."""

    d: int
    gap: str
    skewed: bool = False
    classes: int = 1
    plate_sd: float = 0.0
    equal: bool = False

    def scales(self) -> np.ndarray:
        """[d] standard deviations, a power law."""
        return np.arange(1, self.d + 1) ** -0.5

    def shift(self) -> np.ndarray:
        """[d] mean of the fakes less that of the reals."""
        size = {"moderate": 0.7, "close": 0.15, "null": 0.0}[self.gap]
        shift = np.zeros(self.d)
        shift[: min(4, self.d)] = size * self.scales()[: min(4, self.d)]
        return shift

    def stretch(self) -> np.ndarray:
        """[d] standard deviation of the fakes over that of the reals."""
        low = {"moderate": 0.6, "close": 0.9, "null": 1.0}[self.gap]
        return np.linspace(low, 1.0, self.d)

    def centres(self) -> np.ndarray:
        """[classes, d] class means."""
        rng = np.random.default_rng(7)
        spread = 4.0 * self.scales() if self.classes > 1 else np.zeros(self.d)
        return rng.standard_normal((self.classes, self.d)) * spread

    def shares(self) -> np.ndarray:
        """[classes] unequal shares, unless they are to be equal."""
        weights = np.ones(self.classes) if self.equal else np.arange(1.0, self.classes + 1)
        return weights / weights.sum()

    def noise(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """[n, d] centred, unit variance."""
        if self.skewed:
            return rng.exponential(size=(n, self.d)) - 1
        return rng.standard_normal((n, self.d))

    def draw(
        self, side: str, classes: np.ndarray, plates: np.ndarray | None, rng: np.random.Generator
    ) -> np.ndarray:
        """[n, d] features of images of these classes, on these plates."""
        x = self.noise(len(classes), rng) * self.scales()
        if side == "fake":
            x = x * self.stretch() + self.shift()
        x = x + self.centres()[classes]
        if plates is not None:
            effects = rng.standard_normal((plates.max() + 1, self.d)) * self.scales()
            x = x + self.plate_sd * effects[plates]
        return x

    def moments(self, side: str, plates: bool) -> tuple[np.ndarray, np.ndarray]:
        """Mean [d] and covariance [d, d] of the distribution."""
        centres, shares = self.centres(), self.shares()
        mean = shares @ centres
        between = (centres - mean).T @ ((centres - mean) * shares[:, None])
        scales = self.scales() * (self.stretch() if side == "fake" else 1)
        cov = np.diag(scales**2) + between
        if plates:
            cov = cov + self.plate_sd**2 * np.diag(self.scales() ** 2)
        return mean + (self.shift() if side == "fake" else 0), cov


@functools.lru_cache
def digits() -> np.ndarray:
    """[10,000, 64] features of MNIST's test digits."""
    folder = Path(os.environ.get("GANEVAL_DATA", "../shared/data")) / "mnist"
    (images,) = [path for path in folder.iterdir() if path.name.startswith("t10k-images")]
    return np.asarray(extract(str(images), "mnist").features, np.float64)


@dataclass(frozen=True)
class Digits:
    """Draws with replacement from real features: the truth is known, the law is not Gaussian."""

    gap: str

    def population(self, side: str) -> np.ndarray:
        """[10,000, 64]; fakes lean towards their mean."""
        rows = digits()
        if side == "real" or self.gap == "null":
            return rows
        strength = {"moderate": 0.2, "close": 0.07}[self.gap]
        return rows + strength * (rows.mean(0) - rows)

    def draw(self, side: str, n: int, rng: np.random.Generator) -> np.ndarray:
        """[n, 64]; fakes a hair aside, since a digit that both sides draw is not a copied one."""
        rows = self.population(side) + (1e-9 if side == "fake" else 0)
        return rows[rng.integers(len(rows), size=n)]

    def moments(self, side: str, plates: bool) -> tuple[np.ndarray, np.ndarray]:
        """Mean and covariance of what is drawn from."""
        rows = self.population(side)
        return rows.mean(0), np.cov(rows.T, ddof=0)


def world_of(cell: Cell, gap: str | None = None) -> World | Digits:
    """The distributions of a cell."""
    gap = gap or cell.gap
    if cell.law == "mnist":
        return Digits(gap)
    return World(
        d=cell.d,
        gap=gap,
        skewed=cell.law == "skewed",
        classes={"mixture": 8, "many": 41}.get(cell.law, 1),
        equal=cell.law == "many",
        plate_sd=0.5 if cell.law == "plates" else 0.0,
    )


def plate_of(n: int, groups: int, sizes: str) -> np.ndarray:
    """[n] plate of each image, in the order of the files."""
    weights = np.ones(groups) if sizes == "equal" else np.linspace(1, 4, groups)
    edges = np.round(np.cumsum(weights) / weights.sum() * n).astype(int)
    return np.searchsorted(edges, np.arange(n), side="right")


def draw_pair(
    cell: Cell, rng: np.random.Generator, *, gap: str | None = None
) -> tuple[Features, Features]:
    """Reals sorted as files are, and fakes as a generator gives them."""
    world = world_of(cell, gap)
    if isinstance(world, Digits):
        return plain(world.draw("real", cell.n, rng)), plain(world.draw("fake", cell.m, rng))
    sides = []
    counts = [*cell.counts.split("/"), ""]
    for side, n, groups, made in (
        ("real", cell.n, cell.groups, counts[0]),
        ("fake", cell.m, cell.fake_groups, counts[1]),
    ):
        shares = world.shares()
        if made == "chance":
            classes = rng.choice(len(shares), size=n, p=shares)
        else:
            edges = np.round(np.cumsum(shares) * n).astype(int)
            classes = np.searchsorted(edges, np.arange(n), side="right")
        if side == "real":
            classes = np.sort(classes)
        else:
            classes = rng.permutation(classes)
        plates = plate_of(n, groups, cell.sizes) if groups else None
        rows = world.draw(side, classes, plates, rng)
        known = cell.blocks != "none"
        draw = rng.integers(1 << 40)  # ids differ, so blocks differ from replicate to replicate
        sides.append(
            Features(
                features=rows,
                ids=tuple(f"{draw}/{side}/{i:06d}" for i in range(n)),
                labels=tuple(map(str, classes)) if known and world.classes > 1 else None,
                groups=tuple(map(str, plates)) if known and plates is not None else None,
                logits=3 * rows if cell.metric == "inception_score" else None,
            )
        )
    if cell.law == "copies":
        k = max(1, min(cell.n, cell.m) // max(16, cell.d))
        sides[1].features[:k] = sides[0].features[:k]
    return sides[0], sides[1]


def plain(rows: np.ndarray) -> Features:
    """Features without names: ids are positions, and the rows' hash salts the blocks."""
    return features_from_array(rows, name="rows")


def truth_of(cell: Cell) -> float:
    """What the interval should cover."""
    metric = cell.metric.removeprefix("compare:")
    if metric != cell.metric:
        far, near = (
            _truth(metric, world_of(cell, gap), cell.groups > 0, cell.fake_groups > 0)
            for gap in ("moderate", "close")
        )
        return far - near if cell.gap != "null" else 0.0
    return _truth(metric, world_of(cell), cell.groups > 0, cell.fake_groups > 0)


@functools.lru_cache
def _truth(metric: str, world: World | Digits, real_plates: bool, fake_plates: bool) -> float:
    if metric == "kid" and isinstance(world, Digits):
        return kernel_distance(world.population("real"), world.population("fake"), unbiased=False)
    if metric == "fid":
        real = world.moments("real", plates=real_plates)
        fake = world.moments("fake", plates=fake_plates)
        return frechet_distance(*real, *fake)
    assert isinstance(world, World)
    big = 200_000 if world.d <= 16 else 50_000
    values, rounds = [], 5
    for i in range(rounds):
        rng = np.random.default_rng([99, i])
        rows = {}
        for side, grouped in (("real", real_plates), ("fake", fake_plates)):
            classes = rng.choice(world.classes, size=big, p=world.shares())
            rows[side] = world.draw(side, classes, np.arange(big) if grouped else None, rng)
        if metric == "kid":
            values.append(kernel_distance(rows["real"], rows["fake"]))
        else:
            values.append(METRICS[metric].function(fake=3 * rows["fake"]).details["log_is"])
    return float(np.mean(values) if metric == "kid" else np.exp(np.mean(values)))


def kernel_distance(x: np.ndarray, y: np.ndarray, *, unbiased: bool = True) -> float:
    """KID in time linear in n: the cubic kernel is the inner product of moments up to the third.

    The diagonal is taken out, so the estimate is unbiased, unless x and y are all there is.
    """
    d = x.shape[1]

    def moments(z: np.ndarray) -> np.ndarray:
        """Sums of (1, z/√d)⊗(1, z/√d)⊗(1, z/√d), [(d + 1)³]."""
        one = np.concatenate([np.ones((len(z), 1)), z / d**0.5], axis=1)
        total = np.zeros((d + 1, (d + 1) ** 2))
        for part in np.array_split(one, max(1, len(z) * (d + 1) ** 2 // 20_000_000)):
            total += part.T @ (part[:, :, None] * part[:, None, :]).reshape(len(part), -1)
        return total.ravel()

    def diagonal(z: np.ndarray) -> float:
        return float((((z**2).sum(1) / d + 1) ** 3).sum())

    n, m, mx, my = len(x), len(y), moments(x), moments(y)
    if not unbiased:
        return float(mx @ mx / n**2 + my @ my / m**2 - 2 * (mx @ my) / (n * m))
    within = (mx @ mx - diagonal(x)) / (n * (n - 1)) + (my @ my - diagonal(y)) / (m * (m - 1))
    return float(within - 2 * (mx @ my) / (n * m))


@contextlib.contextmanager
def block_rule(cell: Cell) -> Iterator[None]:
    """The blocks that a cell asks for."""
    with contextlib.ExitStack() as stack:
        if cell.blocks == "halves":
            limit = "ganeval.metrics.frechet.interval.JACKKNIFE_MAX_DIM"
            stack.enter_context(mock.patch(limit, 0))
        if cell.blocks == "position":

            def by_position(ids, *, n_blocks=20, proportions=None, **_):  # type: ignore[no-untyped-def]
                g = n_blocks if proportions is None else len(proportions)
                return np.arange(len(ids)) * g // len(ids)

            name = "ganeval.metrics._blocks.assign_blocks"
            stack.enter_context(mock.patch(name, by_position))
        if cell.blocks in ("neither", "real", "fake", "both"):

            def forced(real, fake):  # type: ignore[no-untyped-def]
                return (
                    real if cell.blocks in ("real", "both") else None,
                    fake if cell.blocks in ("fake", "both") else None,
                )

            for module in ("_blocks", "kid"):
                stack.enter_context(mock.patch(f"ganeval.metrics.{module}.strata", forced))
        yield


@dataclass(frozen=True)
class Outcome:
    """One replicate."""

    plain: float
    centre: float
    interval: tuple[float, float] | None
    std_error: float | None


def measure(cell: Cell, rng: np.random.Generator) -> Outcome:
    """Draws data and asks for the interval."""
    metric = cell.metric.removeprefix("compare:")
    if metric == cell.metric:
        real, fake = draw_pair(cell, rng)
        score = METRICS[metric].function(real=real, fake=fake)
        centre = score.value if score.corrected is None else score.corrected
        return Outcome(score.value, centre, score.interval, score.std_error)
    gaps = ("moderate", "moderate" if cell.gap == "null" else "close")
    real, first = draw_pair(cell, rng, gap=gaps[0])
    second = draw_pair(cell, rng, gap=gaps[1])[1]
    (pair,) = compare(real, {"a": first, "b": second}, metric=metric).differences
    sign = 1 if pair.model == "a" else -1
    low, high = sorted(sign * end for end in pair.interval)
    return Outcome(sign * pair.estimate, sign * pair.estimate, (low, high), pair.std_error)


def run(cell: Cell, replicates: int) -> dict[str, object]:
    """Coverage, width, bias and error of one cell."""
    start, truth = time.perf_counter(), truth_of(cell)
    with block_rule(cell):
        outcomes = [
            measure(cell, np.random.default_rng([i, *map(ord, cell.law + cell.gap), cell.n]))
            for i in range(replicates)
        ]
    centre = np.array([o.centre for o in outcomes])
    result = {
        "truth": truth,
        "plain": float(np.mean([o.plain for o in outcomes])),
        "mean": float(centre.mean()),
        "sd": float(centre.std(ddof=1)),
        "rmse": float(np.sqrt(np.mean((centre - truth) ** 2))),
        "intervals": sum(o.interval is not None for o in outcomes),
    }
    limits = np.array([o.interval for o in outcomes if o.interval is not None])
    if len(limits):
        covered = int(((limits[:, 0] <= truth) & (truth <= limits[:, 1])).sum())
        result |= {
            "coverage": covered / len(limits),
            "upper_bound": upper_bound(covered, len(limits)),
            "below": float(np.mean(limits[:, 1] < truth)),
            "above": float(np.mean(truth < limits[:, 0])),
            "half_width": float(np.median(limits[:, 1] - limits[:, 0]) / 2),
            "std_error": float(np.mean([o.std_error for o in outcomes if o.std_error is not None])),
        }
    return {
        **asdict(cell),
        "replicates": replicates,
        **result,
        "seconds": round(time.perf_counter() - start, 1),
    }


def upper_bound(covered: int, n: int) -> float:
    """Clopper and Pearson's 97.5 % bound: a cell fails where it is below 94 %."""
    return float(stats.beta.ppf(0.975, covered + 1, n - covered)) if covered < n else 1.0


def cells() -> Iterator[Cell]:
    """All cells, the most telling first."""
    for metric in ("fid", "kid"):
        for n in (205, 410, 820):  # 5, 10 and 20 images of each of 41 classes
            for gap in ("null", "moderate"):
                yield Cell(metric, "many", gap, n, n, 16, counts="chosen/chosen")
        for gap in ("null", "moderate"):
            for n in (100, 500):
                yield Cell(metric, "mnist", gap, n, n, 64)
    for metric in ("compare:fid", "compare:kid"):
        for gap in ("null", "moderate"):
            for n, m in ((100, 100), (300, 300), (300, 1000)):
                yield Cell(metric, "gaussian", gap, n, m, 16)
            yield Cell(metric, "gaussian", gap, 300, 300, 64)
            yield Cell(metric, "mnist", gap, 300, 300, 64)
            yield Cell(metric, "plates", gap, 480, 480, 16, groups=12)
    for n in (18, 20, 24, 32, 64, 256, 1024):
        for gap in ("moderate", "null"):
            yield Cell("fid", "gaussian", gap, n, n, 16)
    for n in (50, 300, 1000):
        yield Cell("kid", "gaussian", "moderate", n, n, 64)
        yield Cell("kid", "gaussian", "null", n, n, 64)
    for groups in (3, 4, 6, 12, 24, 48):
        yield Cell("fid", "plates", "null", 960, 960, 16, groups=groups)
        yield Cell("kid", "plates", "null", 960, 960, 16, groups=groups)
    for n in (272, 320, 512, 1024):
        yield Cell("fid", "gaussian", "moderate", n, n, 256)
    chosen, chance = "chosen/chosen", "chance/chance"
    for metric in ("fid", "kid"):
        for blocks in ("ours", "none", "position"):
            yield Cell(metric, "mixture", "moderate", 1000, 1000, 16, counts=chosen, blocks=blocks)
        yield Cell(metric, "mixture", "moderate", 1000, 1000, 16, counts=chance)
        for counts in (chosen, chance, "chosen/chance", "chance/chosen"):
            for blocks in ("ours", "neither", "real", "fake", "both"):
                cell = Cell(metric, "mixture", "null", 400, 400, 16, counts=counts, blocks=blocks)
                yield cell
    for groups in (4, 6, 12, 24):
        yield Cell("fid", "plates", "moderate", 960, 960, 16, groups=groups)
        yield Cell("fid", "plates", "moderate", 960, 960, 16, groups=groups, sizes="unequal")
    yield Cell("fid", "plates", "moderate", 960, 960, 16, groups=12, blocks="none")
    yield Cell("fid", "plates", "moderate", 960, 960, 16, groups=12, fake_groups=8)
    yield Cell("fid", "plates", "moderate", 960, 960, 16, groups=8, fake_groups=8, sizes="unequal")
    for n in (68, 72, 80, 96, 128, 160, 500, 2000):
        yield Cell("fid", "gaussian", "moderate", n, n, 64)
    for gap in ("close", "null"):
        for n in (96, 500, 2000):
            yield Cell("fid", "gaussian", gap, n, n, 64)
    for n in (96, 500, 2000):
        yield Cell("fid", "skewed", "moderate", n, n, 64)
    yield Cell("fid", "gaussian", "moderate", 300, 3000, 64)
    for law, gap in (
        ("gaussian", "moderate"),
        ("gaussian", "close"),
        ("gaussian", "null"),
        ("skewed", "moderate"),
    ):
        for n in (136, 160, 256, 500, 2000):
            yield Cell("fid", law, gap, n, n, 64, blocks="halves")
    yield Cell("fid", "mixture", "moderate", 2000, 2000, 64, counts=chosen, blocks="halves")
    for n in (10, 20, 50, 100, 300, 1000):
        for gap in ("moderate", "null"):
            yield Cell("kid", "gaussian", gap, n, n, 16)
    yield Cell("kid", "skewed", "moderate", 300, 300, 16)
    for groups in (4, 6, 12, 24):
        yield Cell("kid", "plates", "moderate", 960, 960, 16, groups=groups)
        yield Cell("kid", "plates", "moderate", 960, 960, 16, groups=groups, sizes="unequal")
    for d in (10, 100):
        for n in (100, 500, 2000):
            yield Cell("inception_score", "gaussian", "moderate", 4, n, d)
    for blocks in ("ours", "none", "position"):
        cell = Cell(
            "inception_score", "mixture", "moderate", 4, 1000, 10, counts=chosen, blocks=blocks
        )
        yield cell
    for groups in (4, 6, 12, 24):
        cell = Cell("inception_score", "plates", "moderate", 4, 960, 10, fake_groups=groups)
        yield cell
    for groups in (6, 12, 24, 48):
        for metric in ("fid", "kid"):
            yield Cell(metric, "plates", "moderate", 960, 960, 16, groups=groups, blocks="none")
    for groups in (6, 24):
        for metric in ("compare:fid", "compare:kid"):
            for gap in ("null", "moderate"):
                yield Cell(metric, "plates", gap, 480, 480, 16, groups=groups)
    for metric in ("fid", "kid"):
        for n, d in ((160, 4), (320, 16), (640, 64), (1024, 256)):
            yield Cell(metric, "copies", "null", n, n, d)
    for gap in ("null", "moderate"):
        yield Cell("kid", "gaussian", gap, 100, 100, 256)
        yield Cell("kid", "gaussian", gap, 300, 300, 256)
        yield Cell("fid", "gaussian", gap, 272, 272, 256)
        yield Cell("fid", "gaussian", gap, 512, 512, 256)
        yield Cell("compare:kid", "gaussian", gap, 100, 100, 256)
        yield Cell("compare:fid", "gaussian", gap, 320, 320, 256)


def job(task: tuple[Cell, int]) -> dict[str, object]:
    """A cell in a process of its own."""
    torch.set_num_threads(1)
    return run(*task)


def main() -> None:
    """Runs the cells that the output file lacks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="results, one JSON line per cell")
    parser.add_argument("--replicates", type=int, default=500)
    parser.add_argument("--only", default="", help="run cells whose JSON contains this text")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    done = set()
    if options.out.exists():
        for line in options.out.read_text().splitlines():
            row = json.loads(line)
            if row["replicates"] >= options.replicates:
                done.add(tuple(row[name] for name in Cell.__dataclass_fields__))
    left = [
        (cell, options.replicates)
        for cell in dict.fromkeys(cells())
        if tuple(asdict(cell).values()) not in done and options.only in json.dumps(asdict(cell))
    ]
    with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
        for row in pool.imap_unordered(job, left):
            with options.out.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(
                *(row[name] for name in Cell.__dataclass_fields__ if row[name] not in ("", 0)),
                f"coverage {row.get('coverage', float('nan')):.3f}, {row['seconds']} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
