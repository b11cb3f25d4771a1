"""Pictures behind a URL (`s3://…`, `https://…`, `zip://::s3://…`), listed and read by fsspec.

Nothing is fetched unless a URL was typed. Names in messages and results lack what is secret in it:
user, password and query. Of a page on the web its links to pictures are taken, and no further page
is followed. Features are cached if the store tells a version of every file (a tag or a time).
"""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ganeval.errors import GanevalError, InputError
from ganeval.files import regular_file
from ganeval.images.decode import PICTURES, check_bytes
from ganeval.images.files import FilesReader, choose_images, hidden, readable_text, suffix
from ganeval.images.pixels import MAX_BYTES, Decoding, Unreadable
from ganeval.optional import optional

LOCAL = re.compile(r"^(?:file|local)://")
"""How URLs of this machine's own files begin."""
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]+:/+")
"""How a URL begins, be it typed with a blank before it or a slash too few."""
VERSIONS = (
    "etag", "md5", "md5hash", "content_md5", "checksum", "crc", "crc32c", "generation", "mtime",
    "lastmodified", "last_modified", "updated", "modified", "created",
)  # fmt: skip
"""What stores call the tag or the time of a file's content, in lower case."""
PAGES = ("http", "https")


@dataclass(frozen=True, eq=False)
class RemoteReader(FilesReader):
    """Files of one store, which each process opens for itself."""

    url: str = field(repr=False)
    paths: tuple[str, ...] = field(repr=False)
    sizes: tuple[int | None, ...]
    opened: dict[str, Any] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "opened": {}}  # a connection does not cross processes

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def load(self, index: int) -> bytes:
        """Fetches one file, unless it is too large for one image."""
        size = self.sizes[index]
        check_bytes(size or 0)
        try:
            if "store" not in self.opened:
                self.opened["store"], _ = _store(self.url)
            with self.opened["store"].open(self.paths[index], "rb") as file:
                data: bytes = file.read(MAX_BYTES + 1)
        except Exception as error:  # each store raises its own
            raise Unreadable(
                f"cannot be fetched ({type(error).__name__}); check the connection and try again, "
                "or use --on-error skip"
            ) from None
        check_bytes(len(data))
        return data


@dataclass(frozen=True, eq=False)
class MemoryReader(RemoteReader):
    """Files in the memory of this process, which others do not see."""

    costly: ClassVar[bool] = False


def is_url(spec: str) -> bool:
    """Whether something typed is a URL, or a chain of them."""
    return URL.match(spec.rpartition("::")[2]) is not None or URL.match(spec) is not None


def public_name(url: str) -> str:
    """The URL without user, password, query and fragment."""
    return "::".join(_public(part) for part in readable_text(url).split("::"))


def open_url(url: str, *, decoding: Decoding) -> RemoteReader:
    """Lists the pictures behind a URL: one, those of a web page, or all below a folder."""
    name = public_name(url)
    for part in url.split("::"):
        file = LOCAL.sub("", part)
        if file != part and os.path.lexists(file) and not os.path.isdir(file):
            regular_file(file, name=name)
    try:
        store, root = _store(url)
        found = _listing(store, root)
    except GanevalError:
        raise
    except (ImportError, ValueError) as error:  # fsspec says what to install, or what it knows
        raise InputError(f"{name} cannot be opened: {_one_line(error)}") from None
    except Exception as error:  # each store raises its own, perhaps with secrets in its words
        raise InputError(
            f"{name} cannot be listed ({type(error).__name__}); check the address, your rights and "
            "the connection"
        ) from None
    paths = {_below(path, root): path for path in found}
    chosen, notes = choose_images(id for id in paths if not hidden(id))
    if not chosen:
        raise InputError(
            f"found no image in {name} (no {' '.join(PICTURES)} .npy); files of many images are "
            "read from a disk: download them first (a zip also as zip://::URL)"
        )
    if LOCAL.match(url):
        for id in chosen:
            regular_file(paths[id], name=f"{name}: {readable_text(id)}")
    details = [found[paths[id]] for id in chosen]
    kind = MemoryReader if url.startswith("memory://") else RemoteReader
    return kind(
        name,
        tuple(readable_text(id) for id in chosen),
        _stamp(url, chosen, details),
        notes,
        decoding,
        url,
        tuple(paths[id] for id in chosen),
        tuple(each.get("size") for each in details),
    )


def _store(url: str) -> tuple[Any, str]:
    """The store as fsspec opens it, and the path in it."""
    fsspec = optional("fsspec", extra="remote", purpose=f"reading {public_name(url)}")
    store, root = fsspec.core.url_to_fs(url)
    return store, root


def _listing(store: Any, root: str) -> dict[str, Mapping[str, Any]]:
    """What the store says of each file, by its path."""
    if suffix(urlsplit(root).path) in (*PICTURES, ".npy"):
        return {root: store.info(root)}
    behind = getattr(store, "fs", store)  # of a local cache
    if behind.protocol in (PAGES, *PAGES):
        links = store.ls(root, detail=True)
        inside = root.rstrip("/") + "/"
        return {each["name"]: each for each in links if each["name"].startswith(inside)}
    found: dict[str, Mapping[str, Any]] = store.find(root, detail=True)
    return found


def _below(path: str, root: str) -> str:
    """The path below the root; the file's name if it is the root itself."""
    if path == root:
        return urlsplit(path).path.rpartition("/")[2]
    return urlsplit(path.removeprefix(root)).path.lstrip("/") if "://" in path else (
        path.removeprefix(root).lstrip("/")
    )  # fmt: skip


def _stamp(url: str, ids: list[str], details: list[Mapping[str, Any]]) -> str | None:
    """Hash of the sizes and versions of all files; None if a store does not tell them."""
    state = hashlib.blake2b(url.encode(errors="surrogateescape"), digest_size=16)
    for id, each in zip(ids, details, strict=True):
        versions = {key: str(each[key]) for key in each if key.lower() in VERSIONS and each[key]}
        if not versions:
            return None
        state.update(repr((id, each.get("size"), sorted(versions.items()))).encode())
    return state.hexdigest()


def _public(part: str) -> str:
    match = SCHEME.match(part)
    if not match:
        return part
    rest = part[match.end() :]
    shown = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = shown.partition("/")
    before, mark, after = shown.rpartition("@")
    if mark and ":" in before:  # a password may hold slashes
        shown = after
    elif "@" in rest and "@" not in shown and ":" in host:  # or the signs of a query
        shown = "…"
    else:
        shown = f"{host.rpartition('@')[2]}{slash}{path}"
    return f"{match[0]}{shown}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
