"""Which cells there are: a metric, a world, numbers of images, and what the program is given."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields

from benchmarks.harness import Row


@dataclass(frozen=True)
class Cell:
    """One experiment: how often does this interval cover the truth on such data?"""

    metric: str
    """fid, kid, …: its interval. compare:fid, …: of the difference of two models. best:fid, …:
    of the best of several checkpoints."""
    world: str
    """Of worlds.WORLDS: where real and generated images come from."""
    gap: str
    """How far the fakes are: moderate, close, null; `shift X` (of one feature, by X standard
    deviations); missing (a rare mode). Of two models: moderate (one is moderate, one close) or
    null (both are moderate). Of checkpoints: alike, or best at 70 %."""
    n: int
    m: int
    d: int
    groups: int = 0
    """Of the reals: plates, videos, images with near copies."""
    sizes: str = "equal"
    """Of groups, real/fake where they differ: equal, unequal (the largest has about four times
    the images of the smallest), or the per cent of all images that the first has."""
    fake_groups: int = 0
    counts: str = ""
    """Class sizes, real/fake: chosen (in proportion), or left to chance."""
    given: str = "all"
    """What the program is given of labels and groups: all, labels, groups, none; or unsorted, which
    is none, too, where files are in no order that would show plates and classes."""
    merged: str = ""
    """Sides given as statistics, merged of those of each class: real, both."""
    runs: int = 1
    """Training runs of each of two models."""
    spread: str = ""
    """Standard deviation of a run's true Fréchet distance, in units of its mean, model/model."""
    checkpoints: int = 0
    most: int | None = field(default=None, compare=False)
    """Replicates at most, where each takes long."""

    def __str__(self) -> str:
        first = f"{self.metric} {self.world} {self.gap} d={self.d} n={self.n}/{self.m}"
        rest = fields(self)[6:-1]
        more = [f"{f.name}={v}" for f in rest if (v := getattr(self, f.name)) != f.default]
        return " ".join([first, *more])


def as_now(row: Row) -> Row:
    """A line of an earlier version in the names of today, or of a cell that there no longer is."""
    if "law" not in row:
        return row
    row = dict(row)
    row["world"] = row.pop("law")
    if (blocks := row.pop("blocks", "ours")) != "ours":
        row["given"] = "none" if blocks == "none" else f"all, blocks: {blocks}"
    row["printed"] = row.pop("intervals", row.get("printed"))
    if row.get("coverage") is not None:
        row["covered"] = round(row["coverage"] * row["printed"])
        row["median_half_width"] = row.pop("half_width", None)
    return row


def each(metrics: str, world: str, gaps: str, images: Iterable, d: int, **more: object) -> Iterator:
    """Cells of all these metrics (with blanks between), distances (with commas) and images.

    A number of images is of both sides, or a pair: real, fake.
    """
    for number, gap, metric in itertools.product(images, gaps.split(", "), metrics.split()):
        n, m = number if isinstance(number, tuple) else (number, number)
        yield Cell(metric, world, gap, n, m, d, **more)  # type: ignore[arg-type]


BOTH = "fid kid"
GAPS = "moderate, null"
CHOSEN, CHANCE = "chosen/chosen", "chance/chance"


def gaussian() -> Iterator[Cell]:
    """The easiest: sizes from hardly more than features to many."""
    yield from each("fid", "gaussian", GAPS, (18, 20, 24, 32, 64, 256, 1024), 16)
    yield from each("fid", "gaussian", "moderate", (68, 72, 80, 96, 128, 160, 500, 2000), 64)
    yield from each("fid", "gaussian", "close, null", (96, 500, 2000), 64)
    yield from each("fid", "gaussian", "moderate", (272, 320, 512, 1024), 256)
    yield from each("fid", "gaussian", "null", (272, 512), 256)
    yield from each("kid", "gaussian", GAPS, (10, 20, 50, 100, 300, 1000), 16)
    yield from each("kid", "gaussian", GAPS, (50, 300, 1000), 64)
    yield from each("kid", "gaussian", GAPS, (100, 300), 256)


def tails() -> Iterator[Cell]:
    """Features that are skewed or have heavy tails."""
    yield from each("fid", "skewed", "moderate", (96, 500, 2000), 64)
    yield from each("kid", "skewed", "moderate", (300,), 16)
    yield from each("fid", "t3", GAPS, (100, 400), 16)  # KID has no expectation there
    yield from each(BOTH, "t5", GAPS, (100, 400), 16)
    yield from each(BOTH, "lognormal", GAPS, (100, 400), 16)
    yield from each(BOTH, "lognormal steep", GAPS, (500,), 64)
    yield from each("fid", "lognormal", "moderate", ((5000, 200),), 16)
    yield from each("fid", "skewed", GAPS, ((100, 1000),), 16)


def spectra() -> Iterator[Cell]:
    """Few directions have nearly all of the variance, or all have as much."""
    for world in ("steep", "flat"):
        yield from each(BOTH, world, GAPS, (96, 160, 500), 64)
        yield from each("fid", world, GAPS, (64,), 16)


def classes() -> Iterator[Cell]:
    """Class sizes that labels show."""
    for counts in (CHOSEN, CHANCE):
        yield from each(BOTH, "mixture", "moderate", (1000,), 16, counts=counts)
    for counts in (CHOSEN, CHANCE, "chosen/chance", "chance/chosen"):
        yield from each(BOTH, "mixture", "null", (400,), 16, counts=counts)
    yield from each(BOTH, "many", GAPS, (205, 410, 820), 16, counts=CHOSEN)
    yield from each(BOTH, "zipf", GAPS, (300,), 16, counts=CHOSEN)
    yield from each(BOTH, "ten", GAPS, (200, 600), 16, counts=CHOSEN)


def undeclared() -> Iterator[Cell]:
    """Class sizes were chosen, and nobody said so."""
    yield from each(BOTH, "ten", GAPS, (200, 600), 16, counts=CHOSEN, given="unsorted")
    yield from each(BOTH, "mixture", "moderate", (1000,), 16, counts=CHOSEN, given="unsorted")
    for counts in ("chosen/chance", "chance/chosen", CHANCE):
        yield from each(BOTH, "ten", "null", (600,), 16, counts=counts, given="unsorted")


def chance() -> Iterator[Cell]:
    """Few classes, or rare ones, whose sizes are left to chance."""
    for given in ("all", "unsorted"):
        yield from each(BOTH, "two", GAPS, (20, 60, 200), 8, counts=CHANCE, given=given)
        yield from each(BOTH, "zipf", GAPS, (300,), 16, counts=CHANCE, given=given)
        yield from each(BOTH, "rare class", GAPS, (300,), 16, counts=CHANCE, given=given)


def rare() -> Iterator[Cell]:
    """A rare mode, which the fakes lack, or have as rarely."""
    yield from each(BOTH, "rare 1 %", "missing, null", (400, 1000), 16)
    yield from each(BOTH, "rare 3 %", "missing, null", (100, 400, 1000), 16)
    yield from each(BOTH, "rare 3 %", "missing", (500,), 64)


def plates() -> Iterator[Cell]:
    """Images of a plate share an offset."""
    for groups in (4, 6, 12, 24):
        for sizes in ("equal", "unequal"):
            yield from each(BOTH, "plates", "moderate", (960,), 16, groups=groups, sizes=sizes)
    for groups in (3, 4, 6, 12, 24, 48):
        yield from each(BOTH, "plates", "null", (960,), 16, groups=groups)
    for groups in (6, 12, 24, 48):
        for given in ("unsorted", "none"):
            yield from each(BOTH, "plates", "moderate", (960,), 16, groups=groups, given=given)
    yield from each("fid", "plates", "moderate", (960,), 16, groups=12, fake_groups=8)
    sizes = {"groups": 8, "fake_groups": 8, "sizes": "unequal"}
    yield from each("fid", "plates", "moderate", (960,), 16, **sizes)
    for share in ("50", "90", "50/equal", "90/equal", "60/equal"):
        fakes = 12 if "/" in share else 0
        more = {"groups": 12, "fake_groups": fakes, "sizes": share}
        yield from each(BOTH, "plates", GAPS, (480,), 8, **more)
    for groups in (6, 12, 24):
        shared = {"groups": groups, "fake_groups": groups}
        yield from each(BOTH, "shared plates", GAPS, (480,), 8, **shared)


def nested() -> Iterator[Cell]:
    """Each of twelve classes was on plates of its own."""
    for per_class in (1, 3):
        for given in ("all", "groups", "unsorted"):
            more = {"groups": 12 * per_class, "counts": CHOSEN, "given": given}
            yield from each(BOTH, "nested", GAPS, (480,), 8, **more)


def dependent() -> Iterator[Cell]:
    """Videos, near copies and fakes made from the reals, declared and not."""
    yield from each(BOTH, "videos", GAPS, (480,), 16, groups=12, given="none")
    for given in ("all", "unsorted"):
        yield from each(BOTH, "videos", GAPS, (480,), 16, groups=12, given=given)
        for fakes in (0, 100):
            more = {"groups": 100, "fake_groups": fakes, "given": given}
            yield from each(BOTH, "near copies", GAPS, (400,), 16, **more)
    yield from each(BOTH, "made from reals 0.7", GAPS, (400,), 16)
    yield from each(BOTH, "made from reals 0.99", "null", (400,), 16)
    for n, d in ((160, 4), (320, 16), (640, 64), (1024, 256)):
        yield from each(BOTH, "copies", "null", (n,), d)


def few_many() -> Iterator[Cell]:
    """Few images on one side, many on the other."""
    sizes = ((72, 300), (72, 2000), (80, 2000), (96, 2000), (128, 2000), (2000, 96), (300, 3000))
    yield from each("fid", "gaussian", GAPS, sizes, 64)
    yield from each("fid", "flat", GAPS, ((100, 300), (100, 1000), (128, 1000)), 64)
    yield from each("fid", "flat", GAPS, ((24, 500),), 16)
    yield from each("fid", "flat", GAPS, ((800, 4000),), 256, most=200)
    yield from each("fid", "steep", GAPS, ((100, 1000),), 64)
    yield from each("fid", "gaussian", GAPS, ((260, 1300),), 128)
    yield from each("kid", "gaussian", GAPS, ((72, 2000), (2000, 96)), 64)


def narrow() -> Iterator[Cell]:
    """One or two features, or whole numbers."""
    for d in (1, 2):
        yield from each(BOTH, "gaussian", GAPS, (30, 100), d)
    yield from each(BOTH, "gaussian", "shift 0.07, shift 0.14, shift 0.28, shift 0.7", (100,), 1)
    for d in (2, 6):
        yield from each(BOTH, "whole", GAPS, (100, 400), d)


def pools() -> Iterator[Cell]:
    """Real digits, and yeast cells, drawn from many thousands."""
    yield from each(BOTH, "digits", GAPS, (100, 500), 64)
    for world in ("digits 0 1", "digits 4 9"):
        yield from each(BOTH, world, "moderate, close, null", (80, 200), 64)
    yield from each("kid", "yeast", GAPS, (60, 200), YEAST)
    yield from each("fid", "yeast", GAPS, (200,), YEAST)


def merged() -> Iterator[Cell]:
    """Statistics of each class, merged."""
    for sides in ("real", "both"):
        for counts in (CHANCE, CHOSEN):
            yield from each("fid", "mixture", GAPS, (400,), 8, counts=counts, merged=sides)


def compared() -> Iterator[Cell]:
    """The difference of two models on the same reals."""
    two = "compare:fid compare:kid"
    yield from each(two, "gaussian", GAPS, (100, 300, (300, 1000), (100, 1000)), 16)
    yield from each(two, "gaussian", GAPS, (300,), 64)
    yield from each(two, "digits", GAPS, (300,), 64)
    yield from each(two, "ten", GAPS, (200,), 16, counts=CHOSEN)
    yield from each(two, "rare 3 %", GAPS, (300,), 16)
    for groups in (6, 12, 24):
        yield from each(two, "plates", GAPS, (480,), 16, groups=groups)
    yield from each("compare:kid", "gaussian", GAPS, (100,), 256)
    yield from each("compare:fid", "gaussian", GAPS, (320,), 256)
    others = [*NEIGHBOURS.split(), "sliced_wasserstein_distance", "inception_score", "rke"]
    several = " ".join(f"compare:{name}" for name in [*others, "kde_log_likelihood"])
    yield from each(several, "gaussian", GAPS, (300,), 16)


def trained() -> Iterator[Cell]:
    """Several training runs of each model, and the best of many checkpoints."""
    two = "compare:fid compare:kid"
    for runs in (2, 3, 5):
        for spread in ("0.05/0.05", "0.3/0.3", "0.8/0.8", "0.8/0.05"):
            yield from each(two, "gaussian", "null", (200,), 16, runs=runs, spread=spread)
    for number in (10, 50):
        for metric in ("best:fid", "best:kid"):
            more = {"checkpoints": number, "most": 400}
            yield from each(metric, "gaussian", "alike, best at 70 %", (24, 150), 8, **more)


def wide() -> Iterator[Cell]:
    """More features than 1024."""
    for d, most in ((1100, 100), (2048, 40)):
        for world in ("gaussian", "flat"):
            yield from each(BOTH, world, GAPS, (3 * d // 2,), d, most=most)
            yield from each(BOTH, world, GAPS, (3 * d,), d, most=most // 2)
            yield from each("fid", world, GAPS, (10 * d,), d, most=most // 4)


def within() -> Iterator[Cell]:
    """Means over classes."""
    both = "intra_fid intra_kid"
    yield from each(both, "mixture", GAPS, (400, 1000), 8, counts=CHANCE)
    yield from each(both, "ten", GAPS, (400, 1000), 8, counts=CHOSEN)
    yield from each("intra_kid", "many", GAPS, (410,), 16, counts=CHOSEN)


def verdicts() -> Iterator[Cell]:
    """Inception Score; d is the number of classes."""
    for d in (10, 100):
        yield from each(
            "inception_score", "gaussian", "moderate", ((4, 100), (4, 500), (4, 2000)), d
        )
    for given in ("all", "unsorted"):
        more = {"counts": CHOSEN, "given": given}
        yield from each("inception_score", "mixture", "moderate", ((4, 1000),), 10, **more)
    for groups in (4, 6, 12, 24):
        yield from each(
            "inception_score", "plates", "moderate", ((4, 960),), 10, fake_groups=groups
        )
    yield from each("inception_score", "rare sure", "null", ((4, 100), (4, 400)), 10)


def others() -> Iterator[Cell]:
    """Sliced Wasserstein, precision and its like, C2ST: what they claim at this n."""
    metrics = f"{NEIGHBOURS} sliced_wasserstein_distance c2st"
    for d in (2, 16, 64):
        yield from each(metrics, "gaussian", GAPS, (100, 300), d)
    yield from each(metrics, "gaussian", GAPS, ((100, 1000),), 16)
    yield from each(metrics, "rare 3 %", "missing", (200,), 16)
    yield from each(metrics, "two", GAPS, (60, 200), 8, counts=CHANCE, given="unsorted")
    yield from each(metrics, "ten", GAPS, (200,), 16, counts=CHOSEN, given="unsorted")
    for groups in (8, 24):
        for fakes in (0, groups):
            more = {"groups": groups, "fake_groups": fakes}
            yield from each(metrics, "plates", f"{GAPS}, shift 1", (240,), 10, **more)
    yield from each("c2st", "flat", "shift 1, shift 4", (200,), 10)


def ensembles() -> Iterator[Cell]:
    """C2ST of a line and of products."""
    for d in (2, 16):
        yield from each("c2st_ensemble", "gaussian", GAPS, (100,), d)
    yield from each("c2st_ensemble", "gaussian", "null", (100,), 64)
    yield from each("c2st_ensemble", "two", "moderate", (60,), 8, counts=CHANCE, given="unsorted")
    for fakes in (0, 24):
        more = {"groups": 24, "fake_groups": fakes}
        yield from each("c2st_ensemble", "plates", "shift 1", (240,), 10, **more)


NEIGHBOURS = "precision recall density coverage"
YEAST = 52
"""Features of net `morphology`."""

LISTS = {
    "gaussian": tuple(gaussian()),
    "tails": tuple(tails()),
    "spectra": tuple(spectra()),
    "classes": tuple(classes()),
    "undeclared": tuple(undeclared()),
    "chance": tuple(chance()),
    "rare": tuple(rare()),
    "plates": tuple(plates()),
    "nested": tuple(nested()),
    "dependent": tuple(dependent()),
    "few-many": tuple(few_many()),
    "narrow": tuple(narrow()),
    "pools": tuple(pools()),
    "merged": tuple(merged()),
    "compare": tuple(compared()),
    "trained": tuple(trained()),
    "wide": tuple(wide()),
    "within": tuple(within()),
    "verdicts": tuple(verdicts()),
    "others": tuple(others()),
    "ensembles": tuple(ensembles()),
}
"""By name; `--only` takes a name, and the tables of the page are in this order."""
