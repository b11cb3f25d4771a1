"""Labels and groups of images, by the user's rules or as found."""

import re
from collections.abc import Sequence

from ganeval.errors import InputError
from ganeval.images._base import Reader
from ganeval.images.class_folders import counts, folder_labels, one_group_each, places_note
from ganeval.images.files import common_folder, listing_end
from ganeval.images.patterns import Pattern
from ganeval.images.tables import column_values

Values = tuple[str, ...] | None

MANY = 10
"""From so many images on, labels that differ for nearly all of them are ids."""


class RuleFitsNothing(InputError):
    """A rule for labels or groups fits none of the images; this side may have none."""


def labels_and_note(
    reader: Reader, ids: Sequence[str], places: Sequence[int], rule: str | None
) -> tuple[Values, str | None]:
    """Labels of the images at `places` of the reader, by the rule or as found, and a note."""
    if rule is not None:
        labels, doubt = _by_rule(rule, ids, kind="label", name=reader.name)
        if labels is None:
            return None, None
        if _are_ids(labels):
            doubt += "; so many are ids rather than classes"
        return labels, f"labels by {rule}: {counts(labels)}{doubt}"
    if reader.labels is not None:
        labels = tuple(reader.labels[place] for place in places)
        if missed := [id for id, label in zip(ids, labels, strict=True) if not label]:
            return None, (
                f"{len(missed)} of {len(ids)} images have no label ({listing_end(missed)}), so no "
                "labels are taken from the data; leave them out with --exclude, or declare "
                "--label-by"
            )
        note: str | None = f"labels from the data: {counts(labels)}"
    else:
        shared = len(common_folder(ids))
        labels, note = folder_labels([id[shared:] for id in ids])
        if labels is not None and reader.groups is not None:
            groups = [reader.groups[place] for place in places]
            if (
                told := one_group_each(labels, groups, level=ids[0].count("/", 0, shared))
            ) is not None:
                labels, note = None, told
    if labels is not None and _are_ids(labels):
        return None, (
            f"{len(set(labels))} different labels of {len(labels)} images ({labels[0]}, ...) are "
            "taken as ids, not classes; declare classes with --label-by"
        )
    return labels, note


def _are_ids(labels: Sequence[str]) -> bool:
    return len(labels) >= MANY and len(set(labels)) > 0.9 * len(labels)


def groups_and_note(
    reader: Reader, ids: Sequence[str], places: Sequence[int], rule: str | None
) -> tuple[Values, str | None]:
    """Groups of the images at `places` of the reader, by the rule or as found, and a note."""
    if rule is not None:
        groups, doubt = _by_rule(rule, ids, kind="group", name=reader.name)
        return groups, f"groups by {rule}: {counts(groups)}{doubt}" if groups else None
    if reader.groups is not None:
        groups = tuple(reader.groups[place] for place in places)
        return groups, f"groups from the data: {counts(groups)}"
    return None, places_note(ids)


def values_by(rule: str, ids: Sequence[str], *, kind: str, name: str) -> Values:
    """The label or group of each image.

    Args:
        rule: `folder:LEVEL` (0 is the first folder below the root); `regex:PATTERN` (searched in
            the path; takes its group named `kind`, or else its first); `csv:FILE` or
            `csv:FILE:COLUMN` (the column is `kind` by default; another, such as `file_name`, names
            the images by their paths, their names or their names without extension); or `none`.
        ids: paths below the root, including the folders that all share.
        kind: `label` or `group`.
        name: name of the source in messages.

    Returns:
        A value per image, or None for the rule `none`.

    Raises:
        RuleFitsNothing: the rule fits no image.
        InputError: it fits only some of them, or is not a rule.
    """
    return _by_rule(rule, ids, kind=kind, name=name)[0]


def _by_rule(rule: str, ids: Sequence[str], *, kind: str, name: str) -> tuple[Values, str]:
    """As `values_by`, and what a reader should know of how images were found, or the empty text."""
    method, _, argument = rule.partition(":")
    option = f"{kind}_by"
    if rule == "none":
        return None, ""
    if method == "folder" and re.fullmatch(r"[0-9]{1,4}", argument):
        return _by_folder(int(argument), ids, option=option, name=name), ""
    if method == "regex" and argument:
        return _by_regex(argument, ids, kind=kind, name=name), ""
    if method == "csv" and argument:
        return _by_csv(argument, ids, kind=kind, name=name)
    raise InputError(
        f"{option} {rule!r} is not understood; give folder:LEVEL (folder:0 is the first below the "
        "root), regex:PATTERN, csv:FILE, csv:FILE:COLUMN or none"
    )


def _misfit(missed: Sequence[str], ids: Sequence[str]) -> type[InputError]:
    return RuleFitsNothing if len(missed) == len(ids) else InputError


def _by_folder(level: int, ids: Sequence[str], *, option: str, name: str) -> tuple[str, ...]:
    folders = [id.split("/")[:-1] for id in ids]
    shallow = [id for id, parts in zip(ids, folders, strict=True) if len(parts) <= level]
    if shallow:
        raise _misfit(shallow, ids)(
            f"{option} folder:{level} needs {level + 1} folders above every image, but "
            f"{len(shallow)} of {len(ids)} in {name} have fewer ({listing_end(shallow)}); give a "
            "smaller level, regex:PATTERN or csv:FILE"
        )
    return tuple(parts[level] for parts in folders)


def _by_regex(text: str, ids: Sequence[str], *, kind: str, name: str) -> tuple[str, ...]:
    option = f"{kind}_by"
    pattern = Pattern(text, option=option, name=kind)
    found = [pattern.find(id) for id in ids]
    missed = [id for id, span in zip(ids, found, strict=True) if span is None]
    if missed:
        raise _misfit(missed, ids)(
            f"{option} regex:{text} does not match {len(missed)} of {len(ids)} images in {name} "
            f"({listing_end(missed)}); correct the pattern"
        )
    return tuple(id[slice(*span)] for id, span in zip(ids, found, strict=True) if span is not None)


def _by_csv(
    argument: str, ids: Sequence[str], *, kind: str, name: str
) -> tuple[tuple[str, ...], str]:
    found = column_values(argument, ids, kind=kind, name=name)
    missed = [id for id, value in zip(ids, found.values, strict=True) if value is None]
    if missed:
        other = f"; {found.elsewhere} is in another folder" if found.elsewhere else ""
        raise _misfit(missed, ids)(
            f"{found.table} has no {kind} for {len(missed)} of {len(ids)} images in {name} "
            f"({listing_end(missed)}){other}; add rows for them"
        )
    by_name = f"; {found.by_name} images found by file name alone" if found.by_name else ""
    return tuple(value for value in found.values if value is not None), by_name
