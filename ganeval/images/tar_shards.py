"""Tar files, one or many numbered ones, read in place: nothing is ever extracted.

Members of an uncompressed tar lie in the file as they are, so an image is read by its offset.
"""

import hashlib
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ganeval.errors import InputError
from ganeval.images.decode import PICTURES, check_bytes
from ganeval.images.files import FilesReader, hidden, listing_end, readable_text, suffix
from ganeval.images.label_files import labels_beside
from ganeval.images.members import plain_name
from ganeval.images.pixels import Decoding, Unreadable, broken
from ganeval.images.samples import MOST_SIDE_FILE, image_members, sample_labels
from ganeval.images.shards import missing_parts, shard_files
from ganeval.images.stamp import file_stamp

PACKED_MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
BLOCK = 512


class Member(NamedTuple):
    """Where the bytes of a member are."""

    shard: int
    name: str
    offset: int
    size: int


@dataclass(frozen=True, eq=False)
class TarReader(FilesReader):
    """Members of tar files, which are opened for each image: nothing is kept open."""

    paths: tuple[str, ...]
    members: tuple[Member, ...]

    def load(self, index: int) -> bytes:
        """Reads one member, unless it is too large for one image."""
        member = self.members[index]
        check_bytes(member.size)
        try:
            return _read(self.paths[member.shard], member)
        except OSError as error:
            raise Unreadable(
                f"cannot be read: {error.strerror or error}; check the archive"
            ) from None


def open_tar(path: Path, *, name: str, decoding: Decoding) -> TarReader:
    """Lists the members of tar files; `::FIELD` names the field of the image in its samples.

    Ids are names of members, with the shard's before them if a name is in several shards. Labels
    are the fields `cls` or `json`, else those of a `dataset.json` or `metadata.csv` inside, else
    class folders, as in a folder.

    Raises:
        InputError: one is compressed, damaged, or holds a name twice or outside of itself.
    """
    file, _, wanted = str(path).partition("::")
    paths = tuple(os.path.abspath(shard) for shard in shard_files(file, ".tar", name=name))
    parts = missing_parts(paths, name=name)
    shards = [list(_members(shard, number, name)) for number, shard in enumerate(paths)]
    every = [member for shard in shards for member in shard]
    prefixes = _prefixes(paths, every)
    by_name = {prefixes[member.shard] + member.name: member for member in every}
    chosen, notes = image_members(list(by_name), wanted, name=name)
    labels, more = sample_labels(chosen, list(by_name), lambda m: _side_file(paths, by_name[m]))
    if labels is None and not more:
        labels, more, _ = labels_beside(chosen, by_name, lambda m: _side_file(paths, by_name[m]))
    order = sorted(range(len(chosen)), key=chosen.__getitem__)
    state = hashlib.blake2b(digest_size=16)
    for shard in paths:
        state.update(file_stamp(shard, wanted).encode())
    return TarReader(
        name,
        tuple(chosen[place] for place in order),
        state.hexdigest(),
        parts + notes + more,
        decoding,
        paths,
        tuple(by_name[chosen[place]] for place in order),
        labels=labels and tuple(labels[place] for place in order),
    )


def _members(path: str, shard: int, name: str) -> Iterator[Member]:
    """The regular files of one tar in stored order, each name once."""
    shown, seen = _shown(path, name), set[str]()
    for entry in _entries(path, shown):
        member = readable_text(plain_name(entry.name, name=shown))
        if entry.isdir() or hidden(member):
            continue
        if not entry.isreg() or entry.issparse():
            if suffix(member) in (*PICTURES, ".npy"):
                raise InputError(
                    f"{shown}/{member} is a link or a special file; pack the archive with the "
                    "files themselves (tar --dereference)"
                )
            continue
        if member in seen:
            raise InputError(f"{shown} holds two members named {member}; pack it again")
        seen.add(member)
        yield Member(shard, member, entry.offset_data, entry.size)


def _entries(path: str, shown: str) -> Iterator[tarfile.TarInfo]:
    with open(path, "rb") as file:
        if file.read(6).startswith(PACKED_MAGIC):
            raise InputError(
                f"{shown} is compressed, so its images cannot be reached one by one; unpack it to "
                "a plain .tar (gzip -d FILE), or to a folder"
            )
        file.seek(0)
        try:
            with tarfile.open(fileobj=file, mode="r:") as tar:
                yield from checked(_one_by_one(tar), os.fstat(file.fileno()).st_size, shown)
                end = tar.offset
        except (tarfile.TarError, OSError, ValueError, EOFError, RecursionError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"{shown} is not a tar archive that can be read ({error}); pack it again"
            ) from None
        # The standard library takes a damaged header for the end.
        file.seek(end)
        rest = file.read(BLOCK)
        if rest.strip(b"\0"):
            raise InputError(f"{shown} is damaged at byte {end}; copy or pack it again")
        if any(block.strip(b"\0") for block in iter(lambda: file.read(1 << 20), b"")):
            raise InputError(
                f"{shown} goes on after its end, like archives joined with cat; give them as "
                "separate files, NAME-{0..9}.tar"
            )


def _one_by_one(tar: Any) -> Iterator[tarfile.TarInfo]:
    while (entry := tar.next()) is not None:
        tar.members.clear()  # the library would keep all of them
        yield entry


def checked(
    entries: Iterable[tarfile.TarInfo], file_size: int, shown: str
) -> Iterator[tarfile.TarInfo]:
    """The entries, or InputError at one that points backwards or behind the end of the file."""
    last = -1
    for entry in entries:
        if entry.offset <= last or entry.size < 0:
            raise InputError(f"{shown} is damaged at byte {entry.offset}; copy or pack it again")
        if not entry.issparse() and entry.isreg() and entry.offset_data + entry.size > file_size:
            raise InputError(f"{shown} is cut short within {entry.name!r}; copy or pack it again")
        last = entry.offset
        yield entry


def _prefixes(paths: tuple[str, ...], members: list[Member]) -> list[str]:
    """What stands before the names of each shard: nothing if no name is in two shards."""
    if len({member.name for member in members}) == len(members):
        return [""] * len(paths)
    root = os.path.commonpath([os.path.dirname(path) for path in paths])
    shown = [readable_text(os.path.relpath(path, root).replace(os.sep, "/")) for path in paths]
    if len(set(shown)) < len(shown):
        twice = [shard for shard in set(shown) if shown.count(shard) > 1]
        raise InputError(f"the shard {listing_end(twice)} is named twice; name each once")
    return [f"{shard}/" for shard in shown]


def _side_file(paths: tuple[str, ...], member: Member) -> bytes:
    return _read(paths[member.shard], member) if member.size <= MOST_SIDE_FILE else b""


def _read(path: str, member: Member) -> bytes:
    with open(path, "rb") as file:
        file.seek(member.offset)
        data = file.read(member.size)
    if len(data) < member.size:
        raise broken("its archive has become shorter since it was opened")
    return data


def _shown(path: str, name: str) -> str:
    file = os.path.basename(path)
    return name if name.endswith(file) else readable_text(f"{name} ({file})")
