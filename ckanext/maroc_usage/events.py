"""Where a use is written, where single events are kept, and how a day is added up.

Two small protocols. A sink takes a record in the request. A store keeps events until
they are forgotten and adds up a day of them by COUNTER's rules. Here is the store in
CKAN's own PostgreSQL, which carries a country; another may stand beside it for a much
larger traffic (see :mod:`.clickhouse`). The ledger of what was loaded, the subjects and
the counts are always in PostgreSQL, so that pages and API never change.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from ckan import model

from .agents import CLASS_CODES
from .kinds import KINDS
from .settings import settings
from .spool import Record
from .subjects import Reference, Subject
from .visitors import bounds

LOCK = 7_311_300_930
_PARTITION = "day_%Y%m%d"


class EventSink(Protocol):
    """What a web process gives its records to, in the request."""

    def append(self, record: Record) -> None:
        """Take a record. It may be dropped; it never waits, and never raises."""
        ...


Placed = tuple[int, Record]
"""A record and its place in its segment, which together name an event."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A stretch of a segment, with what its records were about at their time."""

    segment: str
    records: Sequence[Placed]
    subjects: Mapping[Reference, tuple[int, Subject]]
    """For each type and reference of a record its number in ``maroc_usage_subject``
    and what it means."""


@dataclass(frozen=True, kw_only=True)
class Rollup:
    """A day added up: a query of CKAN's database that gives rows of the counts."""

    sql: str
    values: Mapping[str, object]


class EventStore(Protocol):
    """What keeps the events that are loaded, and adds up a day of them."""

    def prepare(self, days: Iterable[dt.date]) -> None:
        """Make room for the events of these days."""
        ...

    def add(self, connection: sa.Connection, batch: Batch) -> None:
        """Keep the events of a batch, each once however often it comes.

        :param connection: of CKAN's database, in the transaction that tells the ledger
        """
        ...

    def rollup(self, day: dt.date) -> Rollup:
        """Return the day's counts."""
        ...

    def number(self, connection: sa.Connection, day: dt.date) -> int:
        """Return how many events of the day there are."""
        ...

    def days(self) -> list[dt.date]:
        """Return the days whose events are kept, in order."""
        ...

    def forget(self, day: dt.date) -> None:
        """Delete the events of a day."""
        ...


def event_store() -> EventStore:
    """Return the store that the configuration names."""
    address = settings().clickhouse
    if not address:
        return PostgresEvents()
    from .clickhouse import connected  # noqa: PLC0415 - of an extra

    return connected(address)


def moment_of(microseconds: int) -> dt.datetime:
    """Return a record's moment."""
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
        microseconds=microseconds
    )


def codes_and_names() -> dict[str, list[str]]:
    """Return what kinds and classes are called in events and in counts."""
    return {
        "clicked": [kind.code for kind in KINDS if kind.double_click],
        "investigations": [kind.code for kind in KINDS if kind.investigation],
        "kind_codes": [kind.code for kind in KINDS],
        "kind_names": [kind.name for kind in KINDS],
        "class_codes": list(CLASS_CODES.values()),
        "class_names": list(CLASS_CODES),
    }


# In PostgreSQL

_COPY = (
    "COPY maroc_usage_event (moment, visitor, subject, kind, agent_class, own)"
    " FROM STDIN (FORMAT binary)"
)
# PostgreSQL's own form: what begins and ends a file, and a row of six columns, each
# after its length. Its time begins in 2000.
_BEGINNING = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_ROW = struct.Struct(">hiqiqiiicici?")
_YEAR_2000 = 946_684_800_000_000
_ROLLUP = """
    WITH clicks AS (
        SELECT event.moment, event.visitor, event.kind, event.agent_class,
            subject.dataset_id, subject.resource_id, subject.organization_id,
            floor(extract(epoch FROM event.moment) / 3600) AS hour,
            lead(event.moment) OVER (
                PARTITION BY event.visitor, event.kind,
                    subject.dataset_id, subject.resource_id
                ORDER BY event.moment, event.agent_class, subject.organization_id
            ) - event.moment AS until_next
        FROM maroc_usage_event AS event
        JOIN maroc_usage_subject AS subject ON subject.id = event.subject
        WHERE event.moment >= :begins AND event.moment < :ends AND NOT event.own
    ), uses AS (
        SELECT *,
            kind = ANY(CAST(:investigations AS "char"[])) AND dataset_id <> ''
                AS investigation
        FROM clicks
        -- Of a double click the first is dropped and the second kept.
        WHERE COALESCE(until_next > interval '30 seconds', TRUE)
            OR kind <> ALL(CAST(:clicked AS "char"[]))
            OR (dataset_id = '' AND resource_id = '')
    ), firsts AS (
        SELECT *,
            row_number() OVER (
                PARTITION BY kind, agent_class, dataset_id, visitor, hour
                ORDER BY moment, resource_id, organization_id
            ) = 1 AS of_dataset,
            row_number() OVER (
                PARTITION BY kind, agent_class, dataset_id, visitor, hour,
                    resource_id, organization_id
            ) = 1 AS of_resource,
            investigation AND row_number() OVER (
                PARTITION BY investigation, agent_class, dataset_id, visitor, hour
                ORDER BY moment, kind, resource_id, organization_id
            ) = 1 AS of_investigation
        FROM uses
    )
    SELECT CAST(:day AS date) AS day, kinds.name AS kind,
        classes.name AS agent_class, dataset_id, resource_id, organization_id,
        count(*) AS total,
        count(*) FILTER (WHERE of_dataset) AS uniq,
        count(*) FILTER (WHERE of_resource) AS uniq_resource,
        count(*) FILTER (WHERE of_investigation) AS uniq_investigation
    FROM firsts
    JOIN unnest(CAST(:kind_codes AS "char"[]), CAST(:kind_names AS text[]))
        AS kinds (code, name) ON kinds.code = firsts.kind
    JOIN unnest(CAST(:class_codes AS "char"[]), CAST(:class_names AS text[]))
        AS classes (code, name) ON classes.code = firsts.agent_class
    GROUP BY kinds.name, classes.name, dataset_id, resource_id, organization_id
"""


class PostgresEvents:
    """Events in a table of CKAN's database, a partition a day of Africa/Casablanca.

    They are written in the ledger's own transaction: there is no second time.
    """

    def prepare(self, days: Iterable[dt.date]) -> None:
        engine = model.ensure_engine()
        for day in sorted(set(days) - set(self.days())):
            begins, ends = bounds(day)
            name = day.strftime(_PARTITION)
            with engine.begin() as connection:
                connection.execute(
                    sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK}
                )
                connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
                connection.execute(
                    sa.text(
                        f"CREATE TABLE IF NOT EXISTS maroc_usage_days.{name}"
                        " PARTITION OF maroc_usage_event"
                        f" FOR VALUES FROM ('{begins.isoformat()}')"
                        f" TO ('{ends.isoformat()}')"
                    )
                )

    def add(self, connection: sa.Connection, batch: Batch) -> None:
        lines = [_BEGINNING]
        subjects = batch.subjects
        for _, each in batch.records:
            number = subjects[each.subject, each.reference][0]
            row = (8, each.moment - _YEAR_2000, 8, each.visitor, 4, number)
            marks = (1, each.kind.encode(), 1, each.agent_class.encode(), 1, each.own)
            lines.append(_ROW.pack(6, *row, *marks))
        lines.append(_END)
        with connection.connection.cursor() as cursor:  # pyright: ignore[reportGeneralTypeIssues]
            cursor.copy_expert(_COPY, io.BytesIO(b"".join(lines)))

    def rollup(self, day: dt.date) -> Rollup:
        begins, ends = bounds(day)
        return Rollup(
            sql=_ROLLUP,
            values={"day": day, "begins": begins, "ends": ends, **codes_and_names()},
        )

    def number(self, connection: sa.Connection, day: dt.date) -> int:
        begins, ends = bounds(day)
        return connection.execute(
            sa.text(
                "SELECT count(*) FROM maroc_usage_event"
                " WHERE moment >= :begins AND moment < :ends"
            ),
            {"begins": begins, "ends": ends},
        ).scalar_one()

    def days(self) -> list[dt.date]:
        with model.ensure_engine().connect() as connection:
            names = connection.execute(
                sa.text(
                    "SELECT relname FROM pg_inherits"
                    " JOIN pg_class ON pg_class.oid = inhrelid"
                    " WHERE inhparent = CAST('maroc_usage_event' AS regclass)"
                    " ORDER BY relname"
                )
            ).scalars()
            return [
                dt.datetime.strptime(name, _PARTITION).date()  # noqa: DTZ007 - a day, not a moment
                for name in names
            ]

    def forget(self, day: dt.date) -> None:
        with model.ensure_engine().begin() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(
                sa.text(f"DROP TABLE maroc_usage_days.{day.strftime(_PARTITION)}")
            )
