"""Files by the hash of their bytes: written once, never changed, the same for all.

What is shown of a file is what was decided on: the row of a resource holds the SHA-256
of its bytes, and the bytes are found by nothing else. Two files alike are one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, BinaryIO, Protocol

import magic

import ckan.plugins.toolkit as tk
from ckan.lib import files

from .adapters import Answering, Disk
from .errors import CannotStore
from .settings import settings

MIB = 1 << 20
# Enough of the beginning for the magic library to tell one office format from another.
HEAD = 1 << 16
FOLDER = "files"
"""Where files lie below ``ckan.storage_path``, unless a storage is configured."""
DAY = 86_400

_SHA256 = re.compile("[0-9a-f]{64}")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Readable(Protocol):
    """What can be read once, from where it stands."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What is known of a file from its bytes alone."""

    sha256: str
    size: int
    mimetype: str
    """As the bytes say: a CSV file is ``text/plain`` here."""


class Store:
    """The files of one storage, each under its SHA-256."""

    def __init__(self, storage: Answering) -> None:
        self.storage = storage

    def put(
        self,
        stream: Readable,
        *,
        limit: int | None = None,
        guard: Callable[[Stored], AbstractContextManager[object]] = nullcontext,
    ) -> Stored:
        """Keep the bytes of a stream and return what is known of them.

        They are read once, hashed while they are written under a name that nobody
        reads, and named when they are on the disk; a file that is there already stays.

        :param limit: the most bytes
        :param guard: held while the file gets its name, see :mod:`.ledger`
        :raises CannotStore: for no bytes, too many, or no room for them; nothing stays
        """
        with _written(self.storage.incoming()) as (sink, temporary):
            stored = _copy(stream, sink, limit)
            os.fsync(sink.fileno())
            with guard(stored):
                if not self.exists(stored.sha256):
                    self.storage.settle(
                        temporary, location_of(stored.sha256), stored.mimetype
                    )
        return stored

    def open(self, sha256: str) -> BinaryIO:
        """Return the file, open: a real one, that other programs can be given.

        :raises FileNotFoundError: where there is no such file
        """
        found = self.path_or_stream(sha256)
        if isinstance(found, Path):
            return found.open("rb")
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        with found:
            shutil.copyfileobj(found, copy, MIB)
        copy.seek(0)
        return copy

    def path_or_stream(self, sha256: str) -> Path | BinaryIO:
        """Return where the file lies on this machine, or else its bytes.

        :raises FileNotFoundError: where there is no such file
        """
        if isinstance(self.storage, Disk):
            path = Path(self.storage.full_path(location_of(sha256)))
            if path.is_file():
                return path
            raise FileNotFoundError(sha256)
        try:
            return self.storage.body(files.FileData(location_of(sha256)))
        except files.exc.MissingFileError as error:
            raise FileNotFoundError(sha256) from error

    def size(self, sha256: str) -> int:
        """Return how many bytes the file has.

        :raises FileNotFoundError: where there is no such file
        """
        try:
            return self.storage.size(location_of(sha256))
        except files.exc.MissingFileError as error:
            raise FileNotFoundError(sha256) from error

    def exists(self, sha256: str) -> bool:
        """Whether the store has the file."""
        return is_hash(sha256) and self.storage.exists(
            files.FileData(location_of(sha256))
        )

    def delete(self, sha256: str) -> bool:
        """Take the file out of the store; return whether it was there."""
        return self.storage.remove(files.FileData(location_of(sha256)))

    def hashes(self) -> Iterator[str]:
        """Yield the hash of every file in the store."""
        for location in self.storage.scan():
            name = Path(location).name
            if is_hash(name) and location_of(name) == location:
                yield name

    def sweep(self) -> None:
        """Delete what was left half-written by a process that died a day ago."""
        self.storage.sweep(DAY)


@contextmanager
def _written(folder: str) -> Iterator[tuple[IO[bytes], Path]]:
    """Give a file under a name that nobody reads; without a new name it is gone."""
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as sink:
            temporary = Path(sink.name)
            yield sink, temporary
    except OSError as error:
        if error.errno in _FULL:
            raise CannotStore("disk_full") from error
        raise
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _copy(stream: Readable, sink: IO[bytes], limit: int | None) -> Stored:
    digest, size, head = hashlib.sha256(), 0, b""
    while chunk := stream.read(MIB):
        size += len(chunk)
        if limit is not None and size > limit:
            raise CannotStore("too_big", limit=limit // MIB)
        if len(head) < HEAD:
            head += chunk[: HEAD - len(head)]
        digest.update(chunk)
        sink.write(chunk)
    if not size:
        raise CannotStore("empty")
    sink.flush()
    return Stored(
        sha256=digest.hexdigest(),
        size=size,
        mimetype=magic.from_buffer(head, mime=True),
    )


def is_hash(text: object) -> bool:
    """Whether the text is a SHA-256 as the store writes it."""
    return isinstance(text, str) and _SHA256.fullmatch(text) is not None


def location_of(sha256: str) -> files.Location:
    """Return where a file lies in its storage; nothing but a hash has a place there.

    >>> location_of("ab" * 32)[:9]
    'ab/ab/aba'
    """
    if not is_hash(sha256):
        raise ValueError("not a SHA-256")
    return files.Location(f"{sha256[:2]}/{sha256[2:4]}/{sha256}")


def the_store() -> Store:
    """Return the portal's store: the storage that is configured, or a folder."""
    name = settings().storage
    if name:
        storage = files.get_storage(name)
        if not isinstance(storage, Answering):
            raise TypeError(f"the storage {name} is neither maroc:fs nor maroc:s3")
        return Store(storage)
    return _on_disk(str(Path(tk.config["ckan.storage_path"]).resolve() / FOLDER))


@lru_cache(maxsize=8)
def _on_disk(path: str) -> Store:
    return Store(Disk({"name": "maroc-files", "path": path, "initialize": True}))
