"""What a web process writes when something was used: one record, at the end of a file.

No database, no network, and no error that reaches the visitor. Each process has a file
of its own, a segment, and holds a lock on it while it lives; the loader reads segments
and deletes those whose writer is gone. Records have a fixed size that divides a page of
memory, so that a kill or a full disk never leaves one half written.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import re
import secrets
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)

SUFFIX = ".spool"
_DRAFT = ".new"
# Drafts are renamed at once: an old one was left by a process that died there.
_DRAFT_LIFE = 3600

# check, moment (µs), visitor, kind, class, subject's type, marks, records dropped
# before this one, length of the reference, reference, nothing
_RECORD = struct.Struct("<IQqcccBHB100sx")
SIZE = _RECORD.size
assert 4096 % SIZE == 0  # noqa: S101 - the promise above
_HEADER = struct.Struct(f"<I12s{SIZE - 16}s")
_MAGIC = b"maroc-usage1"
LONGEST_REFERENCE = 100
_MOST_DROPPED = 0xFFFF

OWN = 1
"""The mark of a visit from the portal's own networks."""


class Record(NamedTuple):
    """One use of the portal, as it was written."""

    moment: int
    """Microseconds since 1970."""
    visitor: int
    kind: str
    agent_class: str
    subject: str
    """The type of what was used, one letter, or a space for none."""
    reference: str
    """Its id or name."""
    own: bool = False
    dropped: int = 0
    """How many records before this one could not be written."""


def pack(record: Record) -> bytes:
    """Return the record's bytes."""
    reference = record.reference.encode()
    if len(reference) > LONGEST_REFERENCE:
        # No id or name of CKAN's is so long: what it names is not known.
        reference = b""
    body = _RECORD.pack(
        0,
        record.moment,
        record.visitor,
        record.kind.encode(),
        record.agent_class.encode(),
        record.subject.encode(),
        OWN if record.own else 0,
        min(record.dropped, _MOST_DROPPED),
        len(reference),
        reference,
    )
    return zlib.crc32(body[4:]).to_bytes(4, "little") + body[4:]


def unpack(data: bytes) -> Iterator[Record | None]:
    """Give the records of a stretch of a segment; None for each that is damaged."""
    view = memoryview(data)[: len(data) // SIZE * SIZE]
    offset = 4
    for fields in _RECORD.iter_unpack(view):
        check, moment, visitor, kind, agent, subject, marks, dropped, length, text = (
            fields
        )
        if zlib.crc32(view[offset : offset + SIZE - 4]) == check:
            yield Record(
                moment,
                visitor,
                kind.decode(),
                agent.decode(),
                subject.decode(),
                text[:length].decode(),
                bool(marks & OWN),
                dropped,
            )
        else:
            yield None
        offset += SIZE


class Spool:
    """The end of the file to which this process appends; safe between its threads."""

    def __init__(self, folder: Path, lists: str, limit: int = 16 << 20) -> None:
        """Write in ``folder``; ``lists`` names the lists of agents in force.

        A segment that reaches ``limit`` bytes is left to the loader.
        """
        self._folder = folder
        self._lists = lists
        self._limit = limit
        self._lock = threading.Lock()
        self._descriptor = -1
        self._pid = os.getpid()
        self.dropped = 0
        """Records that could not be written since one could."""

    def append(self, record: Record) -> None:
        """Write a record, or drop it and count the drop; never raises OSError.

        The drops are told by the next record that can be written.
        """
        if self._pid != os.getpid():
            self._after_fork()
        with self._lock:
            try:
                self._write(pack(record._replace(dropped=self.dropped)))
            except OSError as error:
                if not self.dropped:
                    log.error(  # noqa: TRY400 - one line, not a trace a request
                        "a use of the portal could not be recorded: %s", error.strerror
                    )
                self.dropped += 1
            else:
                self.dropped = 0

    def close(self) -> None:
        """Leave the segment to the loader."""
        with self._lock:
            self._close()

    def _write(self, record: bytes) -> None:
        size = self._size()
        if size < 0 or size >= self._limit:
            self._close()
            self._open()
            size = SIZE
        try:
            _write_whole(self._descriptor, record)
        except _Short:
            os.ftruncate(self._descriptor, size)
            raise

    def _size(self) -> int:
        """Return the segment's size, or -1 where there is none any more."""
        if self._descriptor < 0:
            return -1
        found = os.fstat(self._descriptor)
        return found.st_size if found.st_nlink else -1

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = segment_name()
        draft = self._folder / f"{name}{_DRAFT}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        descriptor = os.open(draft, flags, 0o600)
        try:
            # Locked before the loader can see it: it deletes only what is unlocked.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            header = _HEADER.pack(0, _MAGIC, self._lists.encode())
            header = zlib.crc32(header[4:]).to_bytes(4, "little") + header[4:]
            _write_whole(descriptor, header)
            draft.rename(self._folder / f"{name}{SUFFIX}")
        except OSError:
            os.close(descriptor)
            draft.unlink(missing_ok=True)
            raise
        self._descriptor = descriptor

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _after_fork(self) -> None:
        """Leave the parent its segment; its lock stays as long as the parent lives."""
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._close()


class _Short(OSError):
    """A part of a block was written: the disk is full."""


def _write_whole(descriptor: int, block: bytes) -> None:
    if os.write(descriptor, block) != len(block):
        raise _Short(errno.ENOSPC, os.strerror(errno.ENOSPC))


def segment_name() -> str:
    """Return a new segment's name: the machine, its start, the process, the moment."""
    node = re.sub(r"[^A-Za-z0-9]", "_", os.uname().nodename)[:40]
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    except OSError:
        boot = secrets.token_hex(4)
    return f"{node}-{boot}-{os.getpid()}-{time.time_ns():x}"


def segments(folder: Path) -> list[Path]:
    """Return the segments in the folder, oldest first; clear away dead drafts."""
    with contextlib.suppress(FileNotFoundError):
        for draft in folder.glob(f"*{_DRAFT}"):
            if time.time() - draft.stat().st_mtime > _DRAFT_LIFE:
                draft.unlink(missing_ok=True)
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):
            found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found)]


@dataclass(kw_only=True)
class Segment:
    """A segment as the loader holds it."""

    path: Path
    descriptor: int
    closed: bool
    """Whether its writer is gone; then this loader holds its lock."""

    @property
    def name(self) -> str:
        return self.path.name.removesuffix(SUFFIX)

    @property
    def lists(self) -> str:
        """The lists of agents its writer used."""
        header = os.pread(self.descriptor, SIZE, 0)
        if len(header) == SIZE:
            check, magic, lists = _HEADER.unpack(header)
            if magic == _MAGIC and zlib.crc32(header[4:]) == check:
                return lists.rstrip(b"\0").decode()
        return "unknown"

    def size(self) -> int:
        return os.fstat(self.descriptor).st_size

    def read(self, position: int, records: int) -> bytes:
        """Return at most this many whole records from the position on."""
        data = os.pread(self.descriptor, records * SIZE, position)
        return data[: len(data) // SIZE * SIZE]

    def delete(self) -> None:
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Segment | None]:
    """Open a segment for loading; None where another loader has finished it."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield None
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            closed = True
        except BlockingIOError:
            closed = False
        yield Segment(path=path, descriptor=descriptor, closed=closed)
    finally:
        os.close(descriptor)
