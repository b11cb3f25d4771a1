"""Samples of a web data set: members of a tar whose names agree up to their first dot.

`cat/0001.png` and `cat/0001.cls` are one sample, `cat/0001`, with the fields `png` and `cls`. Names
with more dots, `cell_1.5um.png` and `cell_1.7um.png`, are one sample of that rule too, without a
field `png`. Here they stay two images, unless the fields are found in most samples.
"""

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from ganeval.errors import InputError
from ganeval.images.decode import PICTURES
from ganeval.images.files import listing_end, suffix
from ganeval.images.label_files import class_name

LABEL_KEYS = ("label", "class", "cls", "class_name", "category", "target")
MOST_SIDE_FILE = 1 << 26
"""Largest file that is searched for labels, in bytes."""

Notes = tuple[str, ...]


def key_of(member: str) -> str:
    """The sample that a member belongs to: its path up to the first dot of its file name."""
    folder, slash, file = member.rpartition("/")
    return folder + slash + file.partition(".")[0]


def field_of(member: str) -> str:
    """What follows the first dot of a member's file name, in lower case."""
    return member.rpartition("/")[2].partition(".")[2].lower()


def image_members(members: Sequence[str], wanted: str, *, name: str) -> tuple[list[str], Notes]:
    """The members that are images, in stored order, and what the user should know of the others.

    Args:
        members: all names, in stored order.
        wanted: what follows `::`: the field of the image, with `*` for any text; may be empty.
        name: what the user typed.

    Raises:
        InputError: there is no image, or samples have several pictures.
    """
    pictures = [member for member in members if suffix(member) in PICTURES]
    arrays = [member for member in members if suffix(member) == ".npy"]
    if wanted:
        both = pictures + arrays if suffix(f"x.{wanted}") == ".npy" else pictures
        chosen = [m for m in both if fnmatchcase(field_of(m), wanted.lower().lstrip("."))]
        if not chosen:
            raise InputError(
                f"{name}: no sample has an image in field {wanted!r}; fields are {_fields(members)}"
            )
    else:
        chosen = pictures or arrays
        if not chosen:
            raise InputError(f"found no image in {name} (no {' '.join(PICTURES)} .npy in it)")
        _refuse_several(chosen, name=name)
    return chosen, (*_lacking(members, chosen), *_dotted(chosen, wanted), *_apart(members))


def sample_labels(
    chosen: Sequence[str], members: Sequence[str], read: Callable[[str], bytes]
) -> tuple[tuple[str, ...] | None, Notes]:
    """Labels from the fields `cls` (a number or a name) or `json`, if every image has one.

    Args:
        chosen: members that are images.
        members: all names.
        read: returns the bytes of a member, or none if it is too large.
    """
    known = set(members)
    labels = [_label(member, known, read) for member in chosen]
    found = [label for label in labels if label]
    if len(found) == len(chosen):
        return tuple(found), ()
    if not found:
        strange = [member for member, label in zip(chosen, labels, strict=True) if label == ""]
        told = f"{len(strange)} images have a label beside them that names no class (cls, json)"
        return None, (f"{told}: {listing_end(strange)}",) if strange else ()
    return None, (
        f"{len(found)} of {len(chosen)} images have a label beside them (cls, json); none is "
        "taken, because the others have none",
    )


def _label(member: str, known: set[str], read: Callable[[str], bytes]) -> str | None:
    """The label beside an image; empty if what is there names no class, None if nothing is."""
    label = None
    stem = member[: -len(suffix(member))]
    for start in dict.fromkeys((stem, key_of(member))):
        if f"{start}.cls" in known:
            text = read(f"{start}.cls").decode(errors="replace").strip()
            label = "" if "\n" in text else text
        if not label and f"{start}.json" in known:
            found = _json_label(read(f"{start}.json"))
            label = label if found is None else found
        if label is not None:
            return label
    return None


def _json_label(data: bytes) -> str | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        value = next((value[key] for key in LABEL_KEYS if key in value), None)
    if value is None:
        return None
    with contextlib.suppress(InputError, TypeError, ValueError, OverflowError):
        return class_name(value)
    return ""


def _refuse_several(chosen: Sequence[str], *, name: str) -> None:
    """Raises InputError if most samples have the same two or more fields with pictures."""
    samples = Counter(map(key_of, chosen))
    if max(samples.values()) == 1:
        return
    fields = Counter(map(field_of, chosen))
    common = [field for field, count in fields.items() if 2 * count > len(samples)]
    if len(common) > 1:
        file = name.partition("::")[0]
        raise InputError(
            f"{name}: samples have several pictures each ({_fields(chosen)}); name the field that "
            f"is the image, as {file}::{common[0]}, or take every picture as an image: {file}::*"
        )


def _lacking(members: Sequence[str], chosen: Sequence[str]) -> Notes:
    keys = {key_of(member) for member in chosen}
    lacking = list(dict.fromkeys(key for key in map(key_of, members) if key not in keys))
    if not lacking:
        return ()
    return (f"{len(lacking)} samples have no image and are left out: {listing_end(lacking)}",)


def _dotted(chosen: Sequence[str], wanted: str) -> Notes:
    dotted = [] if wanted else [member for member in chosen if "." in field_of(member)]
    if not dotted:
        return ()
    first = dotted[0]
    return (
        f"{len(dotted)} names have several dots and are read whole, {first} for one; by the rule of"
        f" web data sets it is field {field_of(first)} of sample {key_of(first)}",
    )


def _apart(members: Sequence[str]) -> Notes:
    last, seen, apart = None, set[str](), dict[str, None]()
    for key in map(key_of, members):
        if key != last and key in seen:
            apart[key] = None
        seen.add(key)
        last = key
    if not apart:
        return ()
    return (
        f"members of {len(apart)} samples are not next to each other ({listing_end(list(apart))}); "
        "they are joined here, but readers of streams see several samples",
    )


def _fields(members: Sequence[str]) -> str:
    fields = sorted(Counter(map(field_of, members)).items(), key=lambda item: -item[1])
    return ", ".join(f"{field or 'none'} in {count}" for field, count in fields[:6])
