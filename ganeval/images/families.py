"""Families of file names beside each other: an image, its mask, its reconstruction.

All pictures below a folder are taken as images of one set. Cellpose writes `NAME_masks.tif` and
`NAME_cp_masks.png` beside `NAME.tif`, pix2pix `NAME_real_A.png` beside `NAME_fake_B.png`: whoever
scores such a folder should know it.
"""

import glob
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from ganeval.images.class_folders import ANNOTATIONS

ROLES = frozenset(
    "mask masks seg segs segmentation segmentations annotation annotations label labels gt "
    "groundtruth outline outlines overlay overlays flow flows contour contours boundary boundaries "
    "depth edges heatmap saliency real fake rec recon recons reconstruction reconstructions "
    "generated input inputs output outputs target targets prediction predictions pred preds "
    "visualization visualizations preview previews thumb thumbs thumbnail thumbnails".split()
)
"""Words in names that say what a picture is for, not what it shows."""

PROBE, MOST, LONGEST = 5_000, 8, 512
"""Names that are looked at first; most families that are told; longest paths that are looked at."""

TAIL = re.compile(r"((?:[_\-. ]+(?:[A-Za-z]+|(?:c|ch|w|channel)\d+[A-Za-z0-9]*))+)$", re.IGNORECASE)
HEAD = re.compile(r"^([A-Za-z]+)[_\-. ]+(?=.*\d)")
CUT = re.compile(r"[_\-. ]+(?=[^_\-. ])")


def families_note(ids: Sequence[str]) -> str | None:
    """A note on families of names among paths in sorted order, or None."""
    if any(len(id) > LONGEST for id in ids):
        return None
    for find in (_beside_a_base, _with_a_common_stem, _by_first_word):
        if find(ids[:PROBE]) and (families := find(ids)):
            kept, *others = families
            counted = ", ".join(f"{shape} {count}" for shape, count in families)
            globs = ",".join("*".join(map(_literal, shape.split("NAME"))) for shape, _ in others)
            return (
                f"names fall into families ({counted}), and all are taken as images; "
                f"--exclude '{globs}' leaves {kept[0]}{_joined([shape for shape, _ in families])}"
            )
    return _folders_note(ids)


def _literal(text: str) -> str:
    """A glob that fits the text, in a comma list between quotes."""
    return re.sub("[,']", "?", glob.escape(text))


def _joined(shapes: list[str]) -> str:
    """How to join families that may be channels: `NAME_dapi.tif` and `NAME_gfp.tif`."""
    endings = [os.path.splitext(shape)[0].removeprefix("NAME") for shape in shapes]
    if any(_role(shape) for shape in shapes) or not all(endings) or "NAME" in "".join(endings):
        return ""
    pattern = "|".join(re.escape(ending) for ending in endings)
    return f", and --stack-by '({pattern})[.]' joins them as channels of one image"


def _parts(ids: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """(folder, stem, extension) of each path; `.ome.tif` counts as one extension."""
    for id in ids:
        folder, _, file = id.rpartition("/")
        stem, extension = os.path.splitext(file)
        if stem.lower().endswith(".ome"):
            stem, extension = stem[:-4], stem[-4:] + extension
        yield folder, stem, extension


def _beside_a_base(ids: Sequence[str]) -> list[tuple[str, int]]:
    """`NAME.tif` first, then `NAME_masks.tif` and others that continue the name of a file."""
    stems: dict[tuple[str, str], list[str]] = defaultdict(list)
    for folder, stem, extension in _parts(ids):
        stems[folder, stem].append(extension)
    often = Counter(extension for extensions in stems.values() for extension in extensions)
    bases, beside = Counter[str](), Counter[str]()
    for (folder, stem), extensions in stems.items():
        cuts = [cut.start() for cut in CUT.finditer(stem) if cut.start()]
        base = next((cut for cut in reversed(cuts) if (folder, stem[:cut]) in stems), None)
        ending = "" if base is None else stem[base:]
        if base is not None and re.search("[A-Za-z]", ending):
            beside.update(f"NAME{ending}{extension}" for extension in extensions)
            continue
        first, *more = sorted(extensions, key=lambda x: (-often[x], x))
        bases[f"NAME{first}"] += 1
        beside.update(f"NAME{extension}" for extension in more)
    return _families(bases.most_common(1), beside, least=bases.total() / 2)


def _with_a_common_stem(ids: Sequence[str]) -> list[tuple[str, int]]:
    """`NAME_real_A.png` and `NAME_fake_B.png`, where no file is called `NAME.png`."""
    endings, keys = Counter[str](), Counter[tuple[str, str]]()
    for folder, stem, extension in _parts(ids):
        match = TAIL.search(stem)
        if match is None or not match.start():
            return []
        endings[f"NAME{match[1]}{extension}"] += 1
        keys[folder, stem[: match.start()]] += 1
    if not 2 <= len(endings) <= MOST or sum(n > 1 for n in keys.values()) < 0.9 * len(keys):
        return []
    return _families([], endings, least=len(keys) / 2)


def _by_first_word(ids: Sequence[str]) -> list[tuple[str, int]]:
    """`image_01.png` and `mask_01.png`, where one of the words says what a picture is for."""
    words, keys = Counter[str](), Counter[tuple[str, str]]()
    for folder, stem, extension in _parts(ids):
        match = HEAD.search(stem)
        word = match[0] if match else ""
        words[f"{word}NAME{extension}"] += 1
        keys[folder, stem[len(word) :]] += 1
    told = any(_role(shape.partition("NAME")[0]) for shape in words)
    if not told or not 2 <= len(words) <= MOST:
        return []
    if sum(n > 1 for n in keys.values()) < 0.9 * len(keys):
        return []
    return _families([], words, least=len(keys) / 2)


def _families(
    base: list[tuple[str, int]], others: Counter[str], *, least: float
) -> list[tuple[str, int]]:
    """The base and those of the others that are many, or whose name says what they are for."""
    told = [
        (shape, count)
        for shape, count in sorted(others.items(), key=lambda item: (_annotates(item[0]), item[0]))
        if count >= max(2, least) or (count > 1 and _role(shape))
    ]
    families = [*base, *told[: MOST - len(base)]]
    return families if len(families) > 1 else []


def _words(shape: str) -> list[str]:
    return re.split(r"[^a-z]+", shape.replace("NAME", " ").lower())


def _role(shape: str) -> bool:
    return not ROLES.isdisjoint(_words(shape))


def _annotates(shape: str) -> bool:
    """Whether a family is to be left out rather than kept: masks rather than fakes."""
    return not (ROLES - {"fake", "generated", "output", "outputs"}).isdisjoint(_words(shape))


def _folders_note(ids: Sequence[str]) -> str | None:
    """A note on folders such as `masks` beside folders of images."""
    found = Counter(id.rpartition("/")[0] for id in ids)
    masks = {
        folder: count
        for folder, count in found.items()
        if any(part.lower() in ANNOTATIONS for part in folder.split("/"))
    }
    if not masks or len(masks) == len(found):
        return None
    counted = ", ".join(f"{folder} {count}" for folder, count in sorted(masks.items())[:MOST])
    globs = ",".join(f"{_literal(folder)}/" for folder in sorted(masks)[:MOST])
    return (
        f"folders named like masks or other annotations ({counted}) are taken as images too; "
        f"--exclude '{globs}' leaves them out"
    )
