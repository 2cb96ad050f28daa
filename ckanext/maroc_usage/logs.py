"""Access logs of a front server, counted as if the portal itself had answered.

Where a CDN, a cache or a gateway to S3 answers in the portal's place, only its log
knows what was downloaded. Lines of nginx's and Apache's combined format become records
by the same rules as answers do (:mod:`.kinds`); addresses and agents go no further.
A log may be given again, grown, or compressed since: what was read of it is known by
the digest of all that stands before, and is not read again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import hashlib
import itertools
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, unquote, urlsplit

import sqlalchemy as sa
from flask import Flask
from werkzeug.exceptions import HTTPException

from ckan import model

from ckanext.maroc_portal import clock

from . import kinds, store
from .agents import LISTS
from .events import event_store
from .hook import record_of
from .kinds import Answer
from .settings import Settings
from .spool import Record
from .store import Stretch
from .visitors import KEY_BYTES, client_address, day_of

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(
    r"(?:[\w.-]+:\d+ )?(?P<address>\S+) \S+ [^\[]*\[(?P<moment>[^\]]+)\]"
    rf" {_QUOTED} (?P<status>\d{{3}}) (?:\d+|-)(?: {_QUOTED} {_QUOTED})?(?P<rest>.*)"
)
_REST = re.compile(_QUOTED)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_GZIP = b"\x1f\x8b"
_PREFIX = "log-"

Place = tuple[str, Mapping[str, Any]]
"""An endpoint of the portal and its arguments."""


class UnreadableLine(ValueError):
    """A line that is in no format known here."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A request and its answer, as a front server saw them."""

    address: str
    moment: int
    """Microseconds since 1970."""
    method: str
    target: str
    """The path and the question, as they were asked."""
    status: int
    referrer: str = ""
    agent: str = ""
    forwarded: str = ""
    """The X-Forwarded-For header, where the log has it."""
    content_range: str = ""


def read_line(text: str) -> Line:
    """Return what a line says.

    Behind the combined format may stand, in quotes, what nginx's own ``main`` format
    adds (``$http_x_forwarded_for``), and ``$sent_http_content_range``.

    :raises UnreadableLine: where it is in another format
    """
    found = _LINE.match(text)
    words = found[3].split(" ") if found else []
    if found is None or len(words) < 2:
        raise UnreadableLine
    line = Line(
        address=found["address"],
        moment=_moment(found["moment"]),
        method=words[0],
        target=words[1],
        status=int(found["status"]),
        referrer=found[5] or "",
        agent=found[6] if found[6] and found[6] != "-" else "",
    )
    more = [each for each in _REST.findall(found["rest"]) if each not in ("", "-")]
    ranges = [each for each in more if each.startswith("bytes ")]
    others = [each for each in more if each not in ranges]
    if not more:
        return line
    return Line(
        **{
            **vars(line),
            "content_range": ranges[0] if ranges else "",
            "forwarded": others[0] if others else "",
        }
    )


@lru_cache(maxsize=1024)
def _moment(text: str) -> int:
    """Return the moment of ``22/Nov/2026:10:01:00 +0100``, whatever the locale."""
    try:
        day, month, rest = text.split("/", 2)
        number = _MONTHS.index(month) // 3 + 1
        moment = dt.datetime.strptime(f"{day}/{number}/{rest}", "%d/%m/%Y:%H:%M:%S %z")
    except ValueError as error:
        raise UnreadableLine from error
    return int(moment.timestamp()) * 1_000_000


class Routes:
    """What the portal would have answered with, by path."""

    def __init__(self, app: Flask, languages: Iterable[str]) -> None:
        self._adapter = app.url_map.bind("localhost")
        self._languages = frozenset(languages)
        self.of: Callable[[str, str], Place | None] = lru_cache(65_536)(self._of)

    def _of(self, method: str, path: str) -> Place | None:
        first, _, rest = path.removeprefix("/").partition("/")
        if first in self._languages:
            path = f"/{rest}"
        try:
            return self._adapter.match(path, method)
        except HTTPException:
            return None


class Reader:
    """Turns lines into records; keeps a key for each day while it reads."""

    def __init__(self, routes: Routes, settings: Settings, site_url: str) -> None:
        self._routes = routes
        self._settings = settings
        self._own_pages = f"{site_url.rstrip('/')}/"
        self._keys: dict[dt.date, bytes] = {}

    def record(self, line: Line) -> Record | None:
        """Return the record of a line that counts."""
        asked = urlsplit(line.target)
        path = unquote(asked.path)
        place = self._routes.of(line.method, path)
        if place is None:
            return None
        endpoint, arguments = place
        rule = kinds.rule_for(
            Answer(
                endpoint=endpoint,
                method=line.method,
                status=line.status,
                # Only what has an ending is something else than a page.
                html="." not in path.rpartition("/")[2],
                action=arguments.get("logic_function", ""),
                content_range=line.content_range,
                own_page=line.referrer.startswith(self._own_pages),
            )
        )
        if rule is None:
            return None
        if rule is kinds.DATASTORE_RULE:
            # What was asked by POST is in no log.
            arguments = dict(parse_qsl(asked.query))
        return record_of(
            rule,
            str(arguments.get(rule.argument, "")) if rule.argument else "",
            moment=line.moment,
            key=self._key(day_of(line.moment / 1_000_000)),
            address=client_address(
                line.address, line.forwarded, self._settings.trusted_proxies
            ),
            agent=line.agent,
            own_networks=self._settings.own_networks,
        )

    def _key(self, day: dt.date) -> bytes:
        return self._keys.setdefault(day, secrets.token_bytes(KEY_BYTES))


@dataclass(kw_only=True)
class Told:
    """What a log said."""

    lines: int = 0
    uses: int = 0
    """Lines that are a use by the rules."""
    loaded: int = 0
    """Uses of days that still take some."""
    unreadable: int = 0
    unclear: int = 0
    """Parts of files (206) of which the log does not say where they begin."""


@contextlib.contextmanager
def one_import() -> Iterator[None]:
    """Let nobody else import meanwhile, and no day be frozen between two files."""
    with model.ensure_engine().connect() as connection:
        key = {"key": store.IMPORT_LOCK}
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), key)
        connection.commit()
        try:
            yield
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), key)


def import_log(
    path: Path,
    reader: Reader,
    told: Told,
    advanced: Callable[[int], None] = lambda size: None,
    today: dt.date | None = None,
) -> None:
    """Load what is new in a log; to be called within ``one_import``.

    Days of any age are taken, but those that are frozen. A last line without its end
    is left: its server is about to finish it.

    :param told: to which what the log said is added
    :param advanced: told how many bytes of the file were read, now and then
    """
    today = today or clock.today()
    events = event_store()
    with opened(path) as (raw, source):
        position, digest = _resume(source, _known())
        source.seek(position)
        seen = 0
        while lines := _whole(itertools.islice(source, store.BATCH)):
            digest.update(lines[0])
            first = digest.hexdigest()
            digest.update(b"".join(lines[1:]))
            stretch = Stretch(
                name=f"{_PREFIX}{digest.hexdigest()}",
                lists=LISTS,
                begins=position,
                ends=position + sum(map(len, lines)),
                records=_records(lines, reader, told),
                segment=f"{_PREFIX}{first}",
                place=0,
            )
            told.loaded += store.take_in(stretch, today, events, oldest=None)
            position = stretch.ends
            advanced(raw.tell() - seen)
            seen = raw.tell()
        advanced(path.stat().st_size - seen)


def _whole(lines: Iterable[bytes]) -> list[bytes]:
    return [line for line in lines if line.endswith(b"\n")]


def _records(lines: Sequence[bytes], reader: Reader, told: Told) -> list[Record | None]:
    """Return the records of lines; None for each line that cannot be read."""
    found: list[Record | None] = []
    for data in lines:
        try:
            line = read_line(data.decode("utf-8", "replace"))
        except UnreadableLine:
            found.append(None)
            continue
        record = reader.record(line)
        if record is not None:
            found.append(record)
        elif line.status == kinds.PARTIAL and not line.content_range:
            told.unclear += 1
    unreadable = found.count(None)
    told.lines += len(lines)
    told.unreadable += unreadable
    told.uses += len(found) - unreadable
    return found


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, Any]]:
    """Open a log, compressed or not: the file itself, and its text's bytes."""
    with path.open("rb") as raw:
        compressed = raw.read(2) == _GZIP
        raw.seek(0)
        if compressed:
            with gzip.GzipFile(fileobj=raw) as source:
                yield raw, source
        else:
            yield raw, raw


def _known() -> dict[int, set[str]]:
    """Return what was read of logs: digests, by how far they reach."""
    found: dict[int, set[str]] = {}
    with model.ensure_engine().connect() as connection:
        for row in connection.execute(
            sa.text(
                "SELECT name, position FROM maroc_usage_segment"
                " WHERE starts_with(name, :prefix)"
            ),
            {"prefix": _PREFIX},
        ):
            found.setdefault(row.position, set()).add(row.name.removeprefix(_PREFIX))
    return found


def _resume(source: BinaryIO, known: Mapping[int, set[str]]) -> tuple[int, Any]:
    """Return how far a log was read before, and the digest of all until there."""
    digest = hashlib.sha256()
    found, at = (0, digest.copy()), 0
    for position in sorted(known):
        while at < position:
            data = source.read(min(1 << 20, position - at))
            if not data:
                return found
            digest.update(data)
            at += len(data)
        if digest.hexdigest() in known[position]:
            found = (position, digest.copy())
    return found
