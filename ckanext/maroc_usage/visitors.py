"""Telling visitors apart for a day without knowing who they are.

A visitor is a keyed hash of the address and the browser's name. Its key is random,
drawn for each day, kept in memory alone and forgotten with the day: neither the hash
nor a list of all addresses leads back to anyone. The address and the browser's name are
written nowhere.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import secrets
import stat
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from ckanext.maroc_portal.clock import CASABLANCA

from .settings import Network

log = logging.getLogger(__name__)

KEY_BYTES = 32
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - our folder in it is checked
_IN_MEMORY = {"tmpfs", "ramfs"}
_PREFIX = "key-"


def visitor(key: bytes, address: str, agent: str) -> int:
    """Return the visitor's number for the day of this key: 64 bits, signed."""
    text = f"{network_of(address)}\0{agent}".encode("utf-8", "replace")
    digest = blake2b(text, key=key, digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def network_of(address: str) -> str:
    """Cut an IPv6 address to its /64, which is one household's; keep the others."""
    if ":" not in address:
        return address
    try:
        parsed = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return parsed.packed[:8].hex()


def client_address(remote: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Return the address of who asks, seen through the trusted proxies alone.

    :param remote: the other end of the connection
    :param forwarded: the X-Forwarded-For header, to which each proxy adds at the end
    """
    if not trusted or not within(remote, trusted):
        return remote
    for hop in reversed([part.strip() for part in forwarded.split(",")]):
        if not hop or _parsed(hop) is None:
            break
        remote = hop
        if not within(hop, trusted):
            break
    return remote


def within(address: str, networks: Sequence[Network]) -> bool:
    """Whether the address belongs to one of the networks."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in networks)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped
    return parsed


def day_of(moment: float) -> dt.date:
    """Return the day in Africa/Casablanca of a moment in seconds since 1970."""
    return dt.datetime.fromtimestamp(moment, CASABLANCA).date()


@lru_cache(maxsize=128)
def bounds(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return the moments at which the day begins and ends: 23, 24 or 25 hours apart."""
    first, last = (
        dt.datetime.combine(each, dt.time(), CASABLANCA).astimezone(dt.UTC)
        for each in (day, day + dt.timedelta(days=1))
    )
    return first, last


class DayKeys:
    """The key of the day, shared by the processes of a machine through a folder.

    Without a folder each process draws a key of its own: a visitor seen by two
    processes then counts as two among the unique ones; totals stay right.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._key = b""
        self._begins = self._ends = 0.0

    def key(self, moment: float) -> bytes:
        """Return the key of the moment's day; drawn once, read once a process."""
        if not self._begins <= moment < self._ends:
            day = day_of(moment)
            self._key = self._shared(day) or secrets.token_bytes(KEY_BYTES)
            self._begins, self._ends = (each.timestamp() for each in bounds(day))
        return self._key

    def _shared(self, day: dt.date) -> bytes | None:
        if self._folder is None:
            return None
        path = self._folder / f"{_PREFIX}{day.isoformat()}"
        try:
            with contextlib.suppress(FileNotFoundError):
                return _whole(path)
            forget(self._folder, day)
            draft = self._folder / f".{os.getpid()}-{secrets.token_hex(4)}"
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as sink:
                    sink.write(secrets.token_bytes(KEY_BYTES))
                # The first to link its draft wins, and everyone reads the winner's.
                with contextlib.suppress(FileExistsError):
                    os.link(draft, path)
            finally:
                draft.unlink()
            return _whole(path)
        except OSError as error:
            log.warning("no shared key of the day: %s", error.strerror)
            return None


def _whole(path: Path) -> bytes | None:
    key = path.read_bytes()
    return key if len(key) == KEY_BYTES else None


def forget(folder: Path, today: dt.date) -> None:
    """Delete the keys of all days but today's."""
    for path in folder.glob(f"{_PREFIX}*"):
        if path.name != f"{_PREFIX}{today.isoformat()}":
            path.unlink(missing_ok=True)


def key_folder(configured: Path | None, spool_dir: Path) -> Path | None:
    """Return the folder in memory for the keys, made if need be; None if none can be.

    Only a folder of a file system in memory, ours and closed to others, will do.
    """
    mark = blake2b(str(spool_dir).encode(), digest_size=4).hexdigest()
    folder = configured or SHARED_MEMORY / f"maroc-usage-{os.geteuid()}-{mark}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        log.warning("no folder for the key of the day: %s", error.strerror)
        return None
    private = (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.geteuid()
        and not found.st_mode & 0o077
    )
    if private and in_memory(folder):
        return folder
    log.warning(
        "the folder for the key of the day is not ours alone (mode 0700) and in memory"
        " (tmpfs): each process draws its own key"
    )
    return None


def in_memory(folder: Path) -> bool:
    """Whether the folder lies on a file system that is lost with the power."""
    target = folder.resolve()
    best, kind = -1, ""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, mounted, system, *_ = line.split()
        where = Path(mounted.encode().decode("unicode_escape"))
        if target.is_relative_to(where) and len(where.parts) >= best:
            best, kind = len(where.parts), system
    return kind in _IN_MEMORY
