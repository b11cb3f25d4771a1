"""Distances between classes: how far is each class from the others, and from itself?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features, as_features
from ganeval.metrics import class_distances
from ganeval.statistics import assign_blocks

PER_CLASS = 500


@dataclass(frozen=True, eq=False)
class ClassMatrix:
    """Distances of every class of one set (rows) from every class of another (columns).

    Args:
        metric: `fid` or `kid`, uncorrected: compare at equal `sizes` only, since FID falls with n.
        classes: [k] names.
        values: [k, k]; row i, column j is class i of the first set against class j of the second.
        sizes: [k, 2] number of images of each class in both sets.
        names: the names of both sets.
        warnings: what a reader should know.
    """

    metric: str
    classes: tuple[str, ...]
    values: np.ndarray
    sizes: np.ndarray
    names: tuple[str, str]
    warnings: tuple[str, ...] = ()

    @property
    def own(self) -> np.ndarray:
        """[k] distance of each class of the first set from the same class of the second."""
        return np.asarray(np.diagonal(self.values))

    @property
    def separation(self) -> float:
        """How often a class is closer to itself than two classes are to each other (an AUC)."""
        others = self.values[~np.eye(len(self.classes), dtype=bool)]
        below = (self.own[:, None] < others).mean()
        return float(below + (self.own[:, None] == others).mean() / 2)

    def nearest(self, name: str) -> tuple[tuple[str, float], ...]:
        """All classes and their distances from class `name`, the nearest first."""
        row = self.values[self.classes.index(name)]
        return tuple((self.classes[i], float(row[i])) for i in np.argsort(row, kind="stable"))


def matrix(
    real: Any,
    fake: Any = None,
    *,
    feature_net: Any = None,
    metric: str = "fid",
    per_class: int = PER_CLASS,
    seed: int = 0,
) -> ClassMatrix:
    """Distances between all classes, of two halves of the reals or of fakes and reals.

    Without `fake`, a layout with `train` and `test` folders (such as LIN's) gives both sets: the
    training part is the first and the test part the second. Otherwise each class is halved, with
    the images of a group in the same half.

    Args:
        real: images with labels, Features, or a path to either.
        fake: the generated side, in any of these forms; its classes are the rows.
        feature_net: for images; see `extract`.
        metric: `fid`, or `kid` where classes have few images.
        per_class: images of each class and set, a seeded sample; all of them where there are fewer.
        seed: of the samples and halves.

    Raises:
        InputError: labels missing, under two classes, a class in one set only, under 2 images in
            a class, or for FID under one image more than features.

    Source: after Appendix D of "Conditional GANs for biological image synthesis" (2018).
    """
    if metric not in ("fid", "kid"):
        raise InputError(f"a matrix takes metric fid or kid, not {metric}")
    if per_class < 2:
        raise InputError(f"per_class is {per_class}; wanted at least 2")
    reals = as_features(real, feature_net)
    _labels(reals)
    if fake is None:
        first, second = _parts(reals, seed)
    else:
        first, second = as_features(fake, feature_net), reals
        if first.features.shape[1] != second.features.shape[1]:
            raise InputError(
                f"{first.name} has {first.features.shape[1]} features per image but "
                f"{second.name} has {second.features.shape[1]}; use one feature net for both"
            )
    a, b = _by_class(first, per_class, seed), _by_class(second, per_class, seed + 1)
    if odd := sorted(a.keys() ^ b.keys()):
        raise InputError(
            f"class {', '.join(odd[:5])} is in one of {first.name} and {second.name} only; give "
            "both sets the same classes"
        )
    classes = tuple(sorted(a))
    if len(classes) < 2:
        raise InputError(f"{reals.name} has 1 class; a matrix needs at least 2")
    sizes = np.array([[len(a[name]), len(b[name])] for name in classes])
    _check_sizes(classes, sizes, metric, int(reals.features.shape[1]))
    values = class_distances(
        [first.features[a[name]] for name in classes],
        [second.features[b[name]] for name in classes],
        metric=metric,
    )
    warnings = []
    if len(np.unique(sizes)) > 1 and metric == "fid":
        warnings.append(
            f"classes have {sizes.min()} to {sizes.max()} images, and FID falls with their number; "
            f"give --per-class {sizes.min()} (per_class) to compare classes"
        )
    return ClassMatrix(metric, classes, values, sizes, (first.name, second.name), tuple(warnings))


def class_table(matrices: Mapping[str, ClassMatrix]) -> tuple[tuple[str, ...], np.ndarray]:
    """The distance of each class from itself in each matrix, as in the thesis' Table 3.

    Returns:
        Classes [k], and [k + 1, models] values; the last row is the mean over classes.

    Raises:
        InputError: matrices of different classes or metrics.
    """
    found = list(matrices.values())
    if any(m.classes != found[0].classes or m.metric != found[0].metric for m in found):
        raise InputError("the models have different classes or metrics; give them the same")
    columns = np.stack([m.own for m in found], axis=1)
    return found[0].classes, np.concatenate([columns, columns.mean(0, keepdims=True)])


def _labels(side: Features) -> Sequence[str]:
    if side.labels is None:
        raise InputError(
            f"{side.name} has no labels; sort its images into class folders, or give --label-by"
        )
    return side.labels


def _parts(reals: Features, seed: int) -> tuple[Features, Features]:
    """The training and test part where ids name them, else two halves of every class."""
    tops = [id.partition("/")[0].rpartition("_")[2].lower() for id in reals.ids]
    if set(tops) == {"train", "test"}:
        part = np.array([top == "test" for top in tops])
        names = ("train part", "test part")
    else:
        part = (
            assign_blocks(
                reals.ids, labels=reals.labels, groups=reals.groups, n_blocks=2, seed=seed
            )
            == 1
        )
        names = ("one half", "other half")
    first, second = (
        reals.take(np.flatnonzero(part == side), name=f"{reals.name} ({name})")
        for side, name in zip((False, True), names, strict=True)
    )
    return first, second


def _by_class(side: Features, most: int, seed: int) -> dict[str, np.ndarray]:
    """The rows of a seeded sample of each class, by its name."""
    labels = np.array(_labels(side))
    rng = np.random.default_rng([seed & (2**63 - 1)])
    return {
        str(name): np.sort(rng.permutation(np.flatnonzero(labels == name))[:most])
        for name in np.unique(labels)
    }


def _check_sizes(classes: Sequence[str], sizes: np.ndarray, metric: str, d: int) -> None:
    least = d + 1 if metric == "fid" else 2
    if (sizes >= least).all():
        return
    i, j = np.argwhere(sizes < least)[0]
    few = int((sizes < least).any(axis=1).sum())
    advice = "take --metric kid (metric='kid')" if metric == "fid" else "use more images"
    raise InputError(
        f"{few} of {len(classes)} classes have too few images for {metric} with {d} features: "
        f"{classes[i]} has {sizes[i, j]}, of {least} that it needs; {advice}"
    )
