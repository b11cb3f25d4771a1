"""What an interval should hold: exact where moments tell it, otherwise from a million draws.

    python -m benchmarks.calibration.truths [--only NAME …]

draws 200,000 images a side of every world in the cells of those lists and prints the Fréchet and
the kernel distance of their distributions, beside what moments say.
"""

import argparse
import functools

import numpy as np
from scipy import stats

from benchmarks.calibration.cells import LISTS, Cell
from benchmarks.calibration.pools import PoolWorld
from benchmarks.calibration.populations import Mixture, Pool
from benchmarks.calibration.sides import World
from benchmarks.calibration.worlds import GAPS, Gap, gap_of, world_of
from benchmarks.harness import selected
from ganeval import frechet_distance

EXACT = ("fid", "kid", "intra_fid", "intra_kid")
LOGITS = 3.0
"""Logits of the Inception Score are features times this."""
DRAWS, AT_ONCE = 1_000_000, 20_000


def kind_of(cell: Cell) -> tuple[str, str]:
    """Score, compare or best, and of which metric."""
    kind, _, metric = cell.metric.rpartition(":")
    return kind or "score", metric


def truth_of(cell: Cell) -> float | None:
    """What the interval of a cell should hold.

    None for what holds at this n only: there it is the mean of the estimates. NaN where every
    replicate has its own (of the checkpoint that was chosen, at the bandwidth of its reals).
    """
    kind, metric = kind_of(cell)
    if kind == "best" or (kind, metric) == ("compare", "rke"):
        return float("nan")
    if metric not in (*EXACT, "inception_score") or (kind == "compare" and metric not in EXACT):
        return None
    if kind == "score":
        return distance(metric, world_of(cell))
    if cell.runs > 1:
        first, second = map(float, cell.spread.split("/"))
        return of_runs(metric, cell, first) - of_runs(metric, cell, second)
    if cell.gap == "null":
        return 0.0
    first, second = (world_of(cell, GAPS[gap]) for gap in ("moderate", "close"))
    return distance(metric, first) - distance(metric, second)


@functools.lru_cache(maxsize=128)
def distance(metric: str, world: World | PoolWorld) -> float:
    """Of the two distributions; for the Inception Score, of the fakes."""
    real, fake = world.populations()
    if metric == "inception_score":
        assert isinstance(fake, Mixture)
        return inception_score(fake)
    of = {"fid": frechet, "kid": kernel}[metric.removeprefix("intra_")]
    if not metric.startswith("intra_"):
        return of(real, fake)
    assert isinstance(real, Mixture) and isinstance(fake, Mixture)
    numbers = range(len(real.shares))
    return float(np.mean([of(real.of_class(i), fake.of_class(i)) for i in numbers]))


def rke_at(world: World | PoolWorld, sigma: float) -> float:
    """RKE of the fakes at a bandwidth, exact for Gaussian ones."""
    _, fake = world.populations()
    assert isinstance(fake, Mixture) and len(fake.shares) == 1
    variances = np.linalg.eigvalsh(fake.mean_and_cov()[1])
    return float(np.sqrt(1 + 4 * variances / sigma**2).prod())


def frechet(real: Mixture | Pool, fake: Mixture | Pool) -> float:
    """Exact."""
    return frechet_distance(*real.mean_and_cov(), *fake.mean_and_cov())


def kernel(real: Mixture, fake: Mixture) -> float:
    """Exact; ValueError where features have no third moment."""
    parts = (real.kernel_mean(real), fake.kernel_mean(fake), real.kernel_mean(fake))
    value = parts[0] + parts[1] - 2 * parts[2]
    if not np.isfinite(value):
        raise ValueError(f"KID is not defined for {real.noise} features; take FID")
    return value


def inception_score(fake: Mixture) -> float:
    """Of a million images; images of one plate are as good as any others here."""
    rng = np.random.default_rng(99)
    total, entropy = np.zeros(fake.centres.shape[1]), 0.0
    for _ in range(DRAWS // AT_ONCE):
        classes = rng.choice(len(fake.shares), size=AT_ONCE, p=fake.shares)
        logits = LOGITS * fake.draw(classes, rng)
        logits -= logits.max(1, keepdims=True)
        p = np.exp(logits)
        norm = p.sum(1, keepdims=True)
        p /= norm
        total += p.sum(0)
        entropy -= float((p * (logits - np.log(norm))).sum())
    mean = total / DRAWS
    return float(np.exp(-(mean * np.log(mean)).sum() - entropy / DRAWS))


def gap_of_run(times: float) -> Gap:
    """A run whose Fréchet distance is so many times that of a shift of 0.7: shifts are squared."""
    return Gap(0.7 * times**0.5, 1.0)


def of_runs(metric: str, cell: Cell, spread: float) -> float:
    """Expected score of a run, whose factor has a gamma distribution of mean 1."""
    shape = 1 / spread**2
    times = stats.gamma.ppf((np.arange(400) + 0.5) / 400, shape) / shape
    return float(np.mean([distance(metric, world_of(cell, gap_of_run(t))) for t in times]))


def gaps_of_checkpoints(cell: Cell) -> list[Gap]:
    """Of every step: all moderate, or growing towards both ends from the best."""
    at = np.linspace(0, 1, cell.checkpoints)
    strengths = np.ones(len(at)) if cell.gap == "alike" else 0.5 + abs(at - 0.7)
    return [Gap(0.7 * s, 1 - 0.4 * s) for s in strengths.tolist()]


@functools.lru_cache(maxsize=4)
def truths_of_checkpoints(cell: Cell) -> list[float]:
    """Of every step."""
    metric = kind_of(cell)[1]
    return [distance(metric, world_of(cell, gap)) for gap in gaps_of_checkpoints(cell)]


def main() -> None:
    """Both figures of every world."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", default=[])
    chosen = selected(LISTS, parser.parse_args().only)
    worlds = {
        (cell.world, cell.gap, cell.d, cell.groups > 0, cell.fake_groups > 0): cell
        for cell in chosen
        if kind_of(cell)[1] in EXACT[:2] and cell.d <= 64 and cell.gap in GAPS
    }
    for cell in worlds.values():
        world = world_of(cell, gap_of(cell.gap))
        rows = [simulated(population) for population in world.populations()]
        moments = [(x.mean(0), np.atleast_2d(np.cov(x.T))) for x in rows]
        parts = [Pool(x[:10_000]) for x in rows]
        found = [frechet_distance(*moments[0], *moments[1])]
        exact = [distance("fid", world)]
        try:
            exact.append(distance("kid", world))
            found.append(kernel(*parts))
        except ValueError:
            pass
        print(cell.world, cell.gap, cell.d, np.round(exact, 4), np.round(found, 4), flush=True)


def simulated(population: Mixture | Pool) -> np.ndarray:
    """[n, d] images, each by itself."""
    if isinstance(population, Pool):
        return population.rows
    rng = np.random.default_rng(5)
    classes = rng.choice(len(population.shares), size=200_000, p=population.shares)
    return population.draw(classes, rng)


if __name__ == "__main__":
    main()
