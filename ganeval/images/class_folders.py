"""What folders say: classes, or only where images were taken or stored."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence

WORDS = (
    "plate|well|field|fov|site|row|col|column|position|pos|xy|tile|slide|scene|view|stack|frame"
    "|time|timepoint|batch|run|rep|replicate|repeat|exp|experiment|day|week|donor|patient|subject"
    "|animal|mouse"
)
ACQUISITION = re.compile(
    rf"""(?ix)                                  # names of places and times, not classes:
    [a-p] [-_ ]? (0?[1-9]|1\d|2[0-4])           # a well of a plate: A01, h-12, P24
    | ( ({WORDS}) [-_. ]* [a-p]? \d++           # plate_3, well_B02, site1, field 7
      | ({WORDS}) [-_. ]+ [a-p]                 # row C
      | [rctzsf] \d++ )                         # r02
      ( [-_. ]*+ (({WORDS}|[rctzsfp]) [-_. ]*+)? [a-p]? \d++ )*    # c03f01
    """
)
"""Folder names that look like plates, wells, fields and the like."""

STORAGE = re.compile(
    r"(?i)(rank|gpu|cuda|device|node|proc|process|worker|thread|job|shard|part|chunk|split)"
    r"[-_. ]*\d+([-_. ]*of[-_. ]*\d+)?"
)
"""Folder names of images that several processes wrote, or that were cut into parts."""

ANNOTATIONS = frozenset(
    "mask masks seg segs segmentation segmentations segmentationclass segmentationobject "
    "annotation annotations gt groundtruth ground_truth ground-truth outline outlines overlay "
    "overlays flows contours boundaries depth heatmap heatmaps thumbs thumbnails previews".split()
)
"""Folder names, in lower case, of pictures about other pictures."""

PARTS = frozenset(f"{part}{domain}" for part in ("train", "test", "val") for domain in "AB")
"""Folder names of CycleGAN's data sets."""

LONGEST = 40
"""Most digits of a folder's and a file's numbers; longer ones are hashes."""


def folder_labels(ids: Sequence[str]) -> tuple[tuple[str, ...] | None, str | None]:
    """Returns labels from class folders and a note on them, or (None, the reason or None).

    Every image must be in a folder one level below the folders that all share. Folders that look
    like plates and wells, or like mere storage, are no classes.
    """
    folders = [id.rpartition("/")[0] for id in ids]
    names = sorted(set(folders))
    parts = {name.partition("/")[0] for name in names}
    if {part.lower().rpartition("_")[2] for part in parts} == {"train", "test"} and any(
        "/" in name for name in names
    ):
        return None, (
            f"{' and '.join(sorted(parts))} are taken together and give no labels; name one of "
            "them, or --label-by folder:1 takes the folders inside as labels"
        )
    if len(names) < 2 or any(not name or "/" in name for name in names):
        return None, None if any("/" in id for id in ids) else first_words_note(ids)
    if any(name.lower() in ANNOTATIONS for name in names):  # `families_note` tells of them
        return None, None
    if PARTS.issuperset(names):
        return None, (
            f"{', '.join(names)} are taken together and give no labels; name one of them, or "
            "--label-by folder:0 takes them as labels"
        )
    if all(ACQUISITION.fullmatch(name) for name in names):
        return None, (
            f"folders {names[0]} to {names[-1]} look like plates or wells and give no labels; "
            "--group-by folder:0 takes them as groups, --label-by folder:0 as labels"
        )
    if all(STORAGE.fullmatch(name) for name in names) or numbers_say_storage(ids):
        return None, (
            f"folders {names[0]} to {names[-1]} look like storage of one set in parts and give no "
            "labels; --label-by folder:0 takes them as labels"
        )
    return tuple(folders), f"labels from folders: {counts(folders)}"


def one_group_each(labels: Sequence[str], groups: Sequence[str], *, level: int = 0) -> str | None:
    """A note if every folder holds images of one group alone: a well or a person, not a class.

    `level` is the folders' level below the root.
    """
    if len(set(zip(labels, groups, strict=True))) > len(set(labels)):
        return None
    return (
        f"folders {min(labels)} to {max(labels)} hold one group each and give no labels; "
        f"--label-by folder:{level} takes them as labels"
    )


def numbers_say_storage(ids: Sequence[str]) -> bool:
    """Whether folders of digits follow from the numbers of the files in them.

    Either the files' numbers run on from folder to folder, as `00000/img00000000.png` to
    `00001/img00001999.png`, cut every thousand images; or the folder is the end of the number, as
    `0123/4567123.png`. Folders `0` to `9` may still be classes in order, as MNIST's are often
    exported: only padded names (`00007`) or names that are the first number inside (`1000`) are
    taken for storage.
    """
    spans: dict[str, list[int]] = {}
    seen = set[int]()
    for id in ids:
        folder, _, file = id.rpartition("/")
        digits = re.findall(r"[0-9]+", file.rpartition(".")[0])
        if not folder.isdecimal() or not digits or len(folder + digits[-1]) > LONGEST:
            return False
        number = int(digits[-1])
        if number in seen:
            return False
        seen.add(number)
        spans.setdefault(folder, []).append(number)
    return _run_on(spans) or all(
        len(folder) > 2 and all(number % 10 ** len(folder) == int(folder) for number in inside)
        for folder, inside in spans.items()
    )


def _run_on(spans: dict[str, list[int]]) -> bool:
    order = sorted((int(folder), min(inside), max(inside)) for folder, inside in spans.items())
    neighbours = list(itertools.pairwise(order))
    if not all(last < first for (_, _, last), (_, first, _) in neighbours):
        return False
    padded = any(len(folder) > 1 and folder[0] == "0" for folder in spans)
    starts = all(name <= first for name, first, _ in order) and all(
        last < name for (_, _, last), (name, _, _) in neighbours
    )
    return padded or (starts and any(len(inside) > 1 for inside in spans.values()))


def places_note(ids: Sequence[str]) -> str | None:
    """A note on files in folders whose names begin with one of several plates or wells."""
    if not any("/" in id for id in ids):
        return None  # `folder_labels` tells of them
    note = first_words_note([id.rpartition("/")[2] for id in ids])
    return note if note is not None and "--group-by" in note else None


def first_words_note(ids: Sequence[str]) -> str | None:
    """A note on files in one folder whose names begin with one of several words: `dog_1.png`."""
    words = [match[1] if (match := re.match(r"([A-Za-z][^_/]*)_", id)) else "" for id in ids]
    found = Counter(words)
    if "" in found or not 2 <= len(found) <= len(ids) / 2 or min(found.values()) < 2:
        return None
    places = all(ACQUISITION.fullmatch(word) for word in found)
    if not places and len({word.rstrip("0123456789") for word in found}) == 1:
        return None  # cell001_a.png, cell001_b.png, cell002_a.png, ...
    what, option = ("plates or wells", "--group-by") if places else ("classes", "--label-by")
    return (
        f"names begin with words ({counts(words)}); if these are {what}, say "
        f"{option} 'regex:([^_/]+)_[^/]*$'"
    )


def counts(values: Sequence[str], *, limit: int = 6) -> str:
    """`cat 500, dog 480`; more than `limit` of them as `41, of 5 images each: Act1 to Tip1`."""
    found = sorted(Counter(values).items())
    if len(found) <= limit:
        return ", ".join(f"{value} {count}" for value, count in found)
    few, many = min(count for _, count in found), max(count for _, count in found)
    each = f"{few} images each" if few == many else f"{few} to {many} images each"
    return f"{len(found)}, of {each}: {found[0][0]} to {found[-1][0]}"
