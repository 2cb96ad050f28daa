"""From segments to counts.

Loading: a stretch of a segment and how far it reaches are written in one transaction,
so a kill at any moment neither loses a record nor takes one twice. Counting: a day is
computed anew from its events by COUNTER's rules, and only rows that differ are written,
so it may be repeated at any time and in any order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal import clock

from . import spool, subjects
from .events import (
    LOCK,
    Batch,
    EventStore,
    Placed,
    Rollup,
    event_store,
    moment_of,
)
from .spool import Record, Segment
from .visitors import bounds, day_of

# A day takes late events for two days more; then its counts are frozen.
OPEN_DAYS = 2
# Events are forgotten after these many days; the counts stay.
KEPT_DAYS = 35
# Records loaded in one transaction.
BATCH = 50_000
IMPORT_LOCK = LOCK + 2
"""Held while logs are imported: no day of theirs is frozen between two files."""


# Loading


def load(
    folder: Path, today: dt.date | None = None, events: EventStore | None = None
) -> int:
    """Load every record written before this call; return how many there were."""
    events = events or event_store()
    loaded = 0
    for path in spool.segments(folder):
        with spool.opened(path) as segment:
            if segment is not None:
                loaded += load_segment(segment, today or clock.today(), events)
    return loaded


def load_segment(segment: Segment, today: dt.date, events: EventStore) -> int:
    """Load what is new in a segment; delete it when its writer is gone."""
    loaded = 0
    size = segment.size()
    while (position := _position(segment.name)) + spool.SIZE <= size:
        data = segment.read(position, BATCH)
        stretch = Stretch(
            name=segment.name,
            lists=segment.lists,
            begins=position,
            ends=position + len(data),
            records=list(spool.unpack(data)),
            segment=segment.name,
            place=position // spool.SIZE,
        )
        loaded += take_in(stretch, today, events, today - dt.timedelta(days=KEPT_DAYS))
    if segment.closed:
        if segment.size() > position:
            _tail_is_damaged(segment)
        segment.delete()
    return loaded


def waiting(folder: Path, connection: sa.Connection) -> int:
    """Return how many bytes of the spool are not loaded yet."""
    known = {
        row.name: row.position
        for row in connection.execute(
            sa.text("SELECT name, position FROM maroc_usage_segment")
        )
    }
    total = 0
    for path in spool.segments(folder):
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            continue
        position = known.get(path.name.removesuffix(spool.SUFFIX), spool.SIZE)
        total += max(0, size - position)
    return total


_POSITION = sa.text("SELECT position FROM maroc_usage_segment WHERE name = :name")
_NEW_SEGMENT = sa.text(
    "INSERT INTO maroc_usage_segment (name, position, lists)"
    " VALUES (:name, :position, :lists) ON CONFLICT DO NOTHING"
)
_LOCKED_POSITION = sa.text(
    "SELECT position FROM maroc_usage_segment WHERE name = :name FOR UPDATE"
)
_ADVANCE = sa.text(
    """
    UPDATE maroc_usage_segment
    SET position = :position, records = records + :records, late = late + :late,
        damaged = damaged + :damaged, dropped = dropped + :dropped, loaded_at = now()
    WHERE name = :name
    """
)


def _position(name: str) -> int:
    with model.ensure_engine().connect() as connection:
        found = connection.execute(_POSITION, {"name": name}).scalar_one_or_none()
    # The first block of a segment is its header.
    return spool.SIZE if found is None else found


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Records to load in one transaction, and how the ledger knows them."""

    name: str
    """The ledger's row."""
    lists: str
    """The lists of agents in force where the records were made."""
    begins: int
    """Where the row must stand, or else another loader was here."""
    ends: int
    records: Sequence[Record | None]
    """None for each that is damaged."""
    segment: str
    """With ``place``, which counts its records, the identity of each event."""
    place: int


def take_in(
    stretch: Stretch, today: dt.date, events: EventStore, oldest: dt.date | None
) -> int:
    """Load a stretch in one transaction; return how many events it brought.

    :param oldest: records of a day before this one come too late
    """
    placed = [
        (stretch.place + number, record)
        for number, record in enumerate(stretch.records)
        if record is not None
    ]
    newest = today + dt.timedelta(days=1)
    kept = {
        day: found
        for day, found in _by_day(placed).items()
        if (oldest is None or oldest <= day) and day <= newest
    }
    events.prepare(kept)
    with model.ensure_engine().begin() as connection:
        connection.execute(
            _NEW_SEGMENT,
            {"name": stretch.name, "position": stretch.begins, "lists": stretch.lists},
        )
        if (
            connection.execute(_LOCKED_POSITION, {"name": stretch.name}).scalar_one()
            != stretch.begins
        ):
            return 0
        for day in _frozen(connection, kept):
            del kept[day]
        loaded = [each for found in kept.values() for each in found]
        if loaded:
            events.add(connection, _batch(connection, stretch, loaded))
        _note_days(connection, kept, stretch.lists)
        _advance(
            connection,
            stretch.name,
            position=stretch.ends,
            records=len(loaded),
            late=len(placed) - len(loaded),
            damaged=len(stretch.records) - len(placed),
            dropped=sum(record.dropped for _, record in placed),
        )
    return len(loaded)


def _batch(
    connection: sa.Connection, stretch: Stretch, loaded: Sequence[Placed]
) -> Batch:
    return Batch(
        segment=stretch.segment,
        records=loaded,
        subjects=subjects.numbered(
            connection, {(each.subject, each.reference) for _, each in loaded}
        ),
    )


def _by_day(records: Iterable[Placed]) -> dict[dt.date, list[Placed]]:
    found: dict[dt.date, list[Placed]] = {}
    begins = ends = 0
    today: list[Placed] = []
    for place, record in records:
        if not begins <= record.moment < ends:
            day = day_of(record.moment / 1_000_000)
            begins, ends = (int(each.timestamp() * 1_000_000) for each in bounds(day))
            today = found.setdefault(day, [])
        today.append((place, record))
    return found


def _advance(connection: sa.Connection, name: str, **counts: int) -> None:
    connection.execute(_ADVANCE, {"name": name, **counts})


def _tail_is_damaged(segment: Segment) -> None:
    """Count the end of a segment that is shorter than a record."""
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE maroc_usage_segment SET damaged = damaged + 1,"
                " position = :position WHERE name = :name"
            ),
            {"name": segment.name, "position": segment.size()},
        )


_NEW_DAYS = sa.text(
    "INSERT INTO maroc_usage_day (day) SELECT unnest(CAST(:days AS date[]))"
    " ON CONFLICT DO NOTHING"
)
_LOCKED_DAYS = sa.text(
    "SELECT day, frozen_at IS NOT NULL AS frozen FROM maroc_usage_day"
    " WHERE day = ANY(CAST(:days AS date[])) ORDER BY day FOR UPDATE"
)
_NOTE_DAY = sa.text(
    """
    UPDATE maroc_usage_day
    SET events = events + :events,
        waiting_since = LEAST(waiting_since, :oldest),
        lists = CASE WHEN CAST(:lists AS text) = ANY(lists) THEN lists
                ELSE lists || CAST(:lists AS text) END
    WHERE day = :day
    """
)


def _frozen(connection: sa.Connection, days: Iterable[dt.date]) -> list[dt.date]:
    """Lock the days against counting and freezing; return those that are frozen."""
    wanted = {"days": sorted(days)}
    connection.execute(_NEW_DAYS, wanted)
    rows = connection.execute(_LOCKED_DAYS, wanted)
    return [row.day for row in rows if row.frozen]


def _note_days(
    connection: sa.Connection, days: Mapping[dt.date, list[Placed]], lists: str
) -> None:
    for day, records in sorted(days.items()):
        oldest = min(record.moment for _, record in records)
        connection.execute(
            _NOTE_DAY,
            {
                "day": day,
                "events": len(records),
                "oldest": moment_of(oldest),
                "lists": lists,
            },
        )


# Keeping

_NO_IMPORT = sa.text("SELECT pg_try_advisory_xact_lock(:key)")
_FREEZE = sa.text(
    "UPDATE maroc_usage_day SET frozen_at = now()"
    " WHERE frozen_at IS NULL AND waiting_since IS NULL AND day < :first"
)


def keep(today: dt.date | None = None, events: EventStore | None = None) -> None:
    """Freeze the days that are over, forget old events, prepare tomorrow."""
    today = today or clock.today()
    events = events or event_store()
    events.prepare([today, today + dt.timedelta(days=1)])
    engine = model.ensure_engine()
    with engine.begin() as connection:
        if connection.execute(_NO_IMPORT, {"key": IMPORT_LOCK}).scalar_one():
            connection.execute(_FREEZE, {"first": today - dt.timedelta(days=OPEN_DAYS)})
    oldest = today - dt.timedelta(days=KEPT_DAYS)
    with engine.connect() as connection:
        uncounted = set(
            connection.execute(
                sa.text("SELECT day FROM maroc_usage_day WHERE frozen_at IS NULL")
            ).scalars()
        )
    for day in events.days():
        if day < oldest and day not in uncounted:
            events.forget(day)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "DELETE FROM maroc_usage_segment"
                " WHERE loaded_at < now() - CAST(:kept AS interval)"
            ),
            # Were such a segment still there, its records would be too old to load.
            {"kept": dt.timedelta(days=KEPT_DAYS + 2)},
        )


# Counting

_KEY = "(kind, agent_class, dataset_id, resource_id, organization_id)"
_NUMBERS = "(total, uniq, uniq_resource, uniq_investigation)"


def _of(table: str, columns: str) -> str:
    """Return a row of columns, each of the table."""
    return columns.replace("(", f"({table}.").replace(", ", f", {table}.")


# Days are counted one after the other under a lock: what is new is only inserted, and
# PostgreSQL need not prepare for another who inserts the same.
_COUNT = f"""
    WITH fresh AS ({{rollup}}), gone AS (
        DELETE FROM maroc_usage_daily AS old
        WHERE day = :day AND NOT EXISTS (
            SELECT FROM fresh WHERE {_of("fresh", _KEY)} = {_of("old", _KEY)})
    ), changed AS (
        UPDATE maroc_usage_daily AS old SET {_NUMBERS} = {_of("fresh", _NUMBERS)}
        FROM fresh
        WHERE old.day = :day AND {_of("fresh", _KEY)} = {_of("old", _KEY)}
            AND {_of("fresh", _NUMBERS)} IS DISTINCT FROM {_of("old", _NUMBERS)}
    )
    INSERT INTO maroc_usage_daily (day, kind, agent_class, dataset_id,
        resource_id, organization_id, total, uniq, uniq_resource, uniq_investigation)
    SELECT * FROM fresh WHERE NOT EXISTS (
        SELECT FROM maroc_usage_daily AS old
        WHERE old.day = :day AND {_of("fresh", _KEY)} = {_of("old", _KEY)})
"""  # noqa: S608 - constants
_DIFFERENT = """
    WITH fresh AS ({rollup}), stored AS (
        SELECT day, kind, agent_class, dataset_id, resource_id, organization_id,
            kept.total, kept.uniq, kept.uniq_resource,
            COALESCE(kept.uniq_investigation, fresh.uniq_investigation)
        FROM maroc_usage_daily AS kept LEFT JOIN fresh USING (
            day, kind, agent_class, dataset_id, resource_id, organization_id)
        WHERE day = :day
    )
    SELECT count(*) FROM (
        (SELECT * FROM fresh EXCEPT SELECT * FROM stored)
        UNION ALL (SELECT * FROM stored EXCEPT SELECT * FROM fresh)
    ) AS different
"""
# A day that took a second to count is left alone for twenty.
_UNCOUNTED = sa.text(
    """
    SELECT day FROM maroc_usage_day
    WHERE waiting_since IS NOT NULL AND frozen_at IS NULL
      AND (:at_once OR counted_at IS NULL OR now() > counted_at + 20 * took)
    ORDER BY day
    """
)
_COUNTED = sa.text(
    """
    UPDATE maroc_usage_day
    SET waiting_since = NULL, counted_at = now(), took = clock_timestamp() - now(),
        lag = clock_timestamp() - waiting_since
    WHERE day = :day
    """
)


def uncounted(connection: sa.Connection, *, at_once: bool = False) -> list[dt.date]:
    """Return the days with events that are not in the counts yet and may be now."""
    return list(connection.execute(_UNCOUNTED, {"at_once": at_once}).scalars())


def count(*, at_once: bool = True, events: EventStore | None = None) -> list[dt.date]:
    """Bring the counts of the days that changed up to date; return those days.

    One process counts at a time, whoever starts it.
    """
    done = []
    events = events or event_store()
    engine = model.ensure_engine()
    with engine.connect() as connection:
        days = uncounted(connection, at_once=at_once)
    for day in days:
        with engine.begin() as connection:
            connection.execute(
                sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK + 1}
            )
            # Loaders wait here, so that no event falls between count and mark.
            if _frozen(connection, [day]):
                continue
            _of_day(connection, _COUNT, events.rollup(day))
            connection.execute(_COUNTED, {"day": day})
            done.append(day)
    return done


def _of_day(
    connection: sa.Connection, statement: str, rollup: Rollup
) -> sa.CursorResult[Any]:
    text = sa.text(statement.format(rollup=rollup.sql))
    return connection.execute(text, dict(rollup.values))


# Checking


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check of a day found."""

    day: dt.date
    events: int
    expected: int
    """How many events the ledger says there are."""
    different: int
    """How many rows of the counts differ from what its events give."""

    @property
    def right(self) -> bool:
        return self.events == self.expected and not self.different


def verify(events: EventStore | None = None) -> list[Checked]:
    """Count anew every day whose events are kept and whose counts are complete."""
    found = []
    events = events or event_store()
    engine = model.ensure_engine()
    for day in events.days():
        with engine.begin() as connection:
            row = connection.execute(
                sa.text(
                    "SELECT events FROM maroc_usage_day"
                    " WHERE day = :day AND waiting_since IS NULL FOR UPDATE"
                ),
                {"day": day},
            ).one_or_none()
            if row is None:
                continue
            number = events.number(connection, day)
            different = _of_day(connection, _DIFFERENT, events.rollup(day)).scalar_one()
            found.append(
                Checked(
                    day=day, events=number, expected=row.events, different=different
                )
            )
    return found


@dataclass(frozen=True, kw_only=True)
class Status:
    """Where the counting stands."""

    waiting: int
    """Records in this machine's spool that are not loaded."""
    uncounted: int
    """Days with loaded events that are not in the counts."""
    counted_at: dt.datetime | None
    lag: dt.timedelta | None
    """From the oldest event of the last count to that count."""
    events: int
    dropped: int
    damaged: int
    late: int
    lists: tuple[str, ...]


def status(folder: Path) -> Status:
    """Tell where the counting stands, for this machine's spool and the database."""
    with model.ensure_engine().connect() as connection:
        last = connection.execute(
            sa.text(
                "SELECT counted_at, lag, lists FROM maroc_usage_day"
                " WHERE counted_at IS NOT NULL ORDER BY counted_at DESC LIMIT 1"
            )
        ).one_or_none()
        sums = connection.execute(
            sa.text(
                "SELECT COALESCE(sum(dropped), 0) AS dropped,"
                " COALESCE(sum(damaged), 0) AS damaged, COALESCE(sum(late), 0) AS late,"
                " (SELECT COALESCE(sum(events), 0) FROM maroc_usage_day) AS events"
                " FROM maroc_usage_segment"
            )
        ).one()
        return Status(
            waiting=waiting(folder, connection) // spool.SIZE,
            uncounted=len(uncounted(connection, at_once=True)),
            counted_at=last.counted_at if last else None,
            lag=last.lag if last else None,
            events=int(sums.events),
            dropped=int(sums.dropped),
            damaged=int(sums.damaged),
            late=int(sums.late),
            lists=tuple(last.lists) if last else (),
        )
