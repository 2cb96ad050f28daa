"""From segments to counts, in PostgreSQL.

Loading: a stretch of a segment and how far it reaches are written in one transaction,
so a kill at any moment neither loses a record nor takes one twice. Counting: a day is
computed anew from its events by COUNTER's rules, and only rows that differ are written,
so it may be repeated at any time and in any order.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal import clock

from . import spool
from .agents import CLASS_CODES
from .kinds import KINDS, SUBJECT_CODES
from .spool import Record, Segment
from .visitors import bounds, day_of

# A day takes late events for two days more; then its counts are frozen.
OPEN_DAYS = 2
# Events are forgotten after these many days; the counts stay.
KEPT_DAYS = 35
# Records loaded in one transaction.
BATCH = 50_000
LOCK = 7_311_300_930
_PARTITION = "day_%Y%m%d"

Reference = tuple[str, str]
"""The letter of the subject's type, and its id or name."""
Subject = tuple[str, str, str]
"""Ids of resource, dataset and institution; an empty text for none."""
NOTHING: Subject = ("", "", "")


# Loading


def load(folder: Path, today: dt.date | None = None) -> int:
    """Load every record written before this call; return how many there were."""
    loaded = 0
    for path in spool.segments(folder):
        with spool.opened(path) as segment:
            if segment is not None:
                loaded += load_segment(segment, today or clock.today())
    return loaded


def load_segment(segment: Segment, today: dt.date) -> int:
    """Load what is new in a segment; delete it when its writer is gone."""
    loaded = 0
    size = segment.size()
    while (position := _position(segment.name)) + spool.SIZE <= size:
        data = segment.read(position, BATCH)
        loaded += _load(segment, position, data, today)
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


def _load(segment: Segment, position: int, data: bytes, today: dt.date) -> int:
    """Load one stretch of a segment in one transaction; 0 if another loader did."""
    records = list(spool.unpack(data))
    by_day = _by_day([record for record in records if record is not None])
    oldest = today - dt.timedelta(days=KEPT_DAYS)
    newest = today + dt.timedelta(days=1)
    kept = {day: found for day, found in by_day.items() if oldest <= day <= newest}
    make_partitions(kept)
    with model.ensure_engine().begin() as connection:
        connection.execute(
            _NEW_SEGMENT,
            {"name": segment.name, "position": spool.SIZE, "lists": segment.lists},
        )
        if (
            connection.execute(_LOCKED_POSITION, {"name": segment.name}).scalar_one()
            != position
        ):
            return 0
        for day in _frozen(connection, kept):
            del kept[day]
        events = [record for found in kept.values() for record in found]
        if events:
            _copy(connection, events)
        _note_days(connection, kept, segment.lists)
        intact = [record for record in records if record is not None]
        _advance(
            connection,
            segment.name,
            position=position + len(data),
            records=len(events),
            late=len(intact) - len(events),
            damaged=len(records) - len(intact),
            dropped=sum(record.dropped for record in intact),
        )
    return len(events)


def _by_day(records: Iterable[Record]) -> dict[dt.date, list[Record]]:
    found: dict[dt.date, list[Record]] = {}
    begins = ends = 0
    today: list[Record] = []
    for record in records:
        if not begins <= record.moment < ends:
            day = day_of(record.moment / 1_000_000)
            begins, ends = (int(each.timestamp() * 1_000_000) for each in bounds(day))
            today = found.setdefault(day, [])
        today.append(record)
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
    connection: sa.Connection, days: Mapping[dt.date, list[Record]], lists: str
) -> None:
    for day, records in sorted(days.items()):
        oldest = min(record.moment for record in records)
        connection.execute(
            _NOTE_DAY,
            {
                "day": day,
                "events": len(records),
                "oldest": _moment(oldest),
                "lists": lists,
            },
        )


def _moment(microseconds: int) -> dt.datetime:
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
        microseconds=microseconds
    )


_COPY = (
    "COPY maroc_usage_event (moment, visitor, subject, kind, agent_class, own)"
    " FROM STDIN"
)


def _copy(connection: sa.Connection, records: Sequence[Record]) -> None:
    subjects = _subjects(
        connection, {(each.subject, each.reference) for each in records}
    )
    lines = io.StringIO()
    for each in records:
        subject = subjects[each.subject, each.reference]
        lines.write(
            f"{_moment(each.moment).isoformat()}\t{each.visitor}\t{subject}"
            f"\t{each.kind}\t{each.agent_class}\t{'t' if each.own else 'f'}\n"
        )
    lines.seek(0)
    with connection.connection.cursor() as cursor:  # pyright: ignore[reportGeneralTypeIssues]
        cursor.copy_expert(_COPY, lines)


# What an event is about

_RESOLVE: Mapping[str, sa.TextClause] = {
    SUBJECT_CODES["resource"]: sa.text(
        """
        SELECT resource.id AS reference, resource.id AS resource_id,
            package.id AS dataset_id, COALESCE(package.owner_org, '') AS organization_id
        FROM resource JOIN package ON package.id = resource.package_id
        WHERE resource.id = ANY(:references)
        """
    ),
    SUBJECT_CODES["dataset"]: sa.text(
        """
        SELECT reference, '' AS resource_id, package.id AS dataset_id,
            COALESCE(package.owner_org, '') AS organization_id
        FROM unnest(:references) AS reference
        JOIN package ON package.id = reference OR package.name = reference
        """
    ),
    SUBJECT_CODES["organization"]: sa.text(
        """
        SELECT reference, '' AS resource_id, '' AS dataset_id,
            "group".id AS organization_id
        FROM unnest(:references) AS reference
        JOIN "group" ON "group".id = reference OR "group".name = reference
        """
    ),
}
# What was purged before its events were loaded, as it stood the last time.
_REMEMBER: Mapping[str, sa.TextClause] = {
    SUBJECT_CODES["resource"]: sa.text(
        "SELECT DISTINCT ON (resource_id) resource_id AS reference, *"
        " FROM maroc_usage_subject WHERE resource_id = ANY(:references)"
        " ORDER BY resource_id, id DESC"
    ),
    SUBJECT_CODES["dataset"]: sa.text(
        "SELECT DISTINCT ON (dataset_id) dataset_id AS reference, *"
        " FROM maroc_usage_subject"
        " WHERE resource_id = '' AND dataset_id = ANY(:references)"
        " ORDER BY dataset_id, id DESC"
    ),
}
_KNOWN = sa.text(
    """
    SELECT id, resource_id, dataset_id, organization_id FROM maroc_usage_subject
    WHERE (resource_id, dataset_id, organization_id) IN (
        SELECT * FROM unnest(:resources, :datasets, :organizations))
    """
)
_NEW_SUBJECTS = sa.text(
    "INSERT INTO maroc_usage_subject (resource_id, dataset_id, organization_id)"
    " SELECT * FROM unnest(:resources, :datasets, :organizations)"
    " ON CONFLICT DO NOTHING"
)


def _subjects(
    connection: sa.Connection, references: Iterable[Reference]
) -> dict[Reference, int]:
    """Return the number of each subject; new ones are kept as they stand now."""
    meant = _resolve(connection, references)
    wanted = set(meant.values())
    known = _known(connection, wanted)
    missing = wanted - known.keys()
    if missing:
        connection.execute(_NEW_SUBJECTS, _columns(missing))
        known |= _known(connection, missing)
    return {reference: known[subject] for reference, subject in meant.items()}


def _resolve(
    connection: sa.Connection, references: Iterable[Reference]
) -> dict[Reference, Subject]:
    """Return what each reference means: ids of resource, dataset and institution."""
    meant: dict[Reference, Subject] = {}
    pending = {reference for reference in references if reference[1]}
    for statements in (_RESOLVE, _REMEMBER):
        for code, statement in statements.items():
            texts = sorted(text for each, text in pending if each == code)
            if not texts:
                continue
            for row in connection.execute(statement, {"references": texts}):
                meant[code, row.reference] = (
                    row.resource_id,
                    row.dataset_id,
                    row.organization_id,
                )
        pending -= meant.keys()
    for code, text in pending:
        # Never seen and gone: its own id is all that is known.
        meant[code, text] = (
            (text, "", "") if code == SUBJECT_CODES["resource"] else NOTHING
        )
    return {reference: meant.get(reference, NOTHING) for reference in references}


def _known(
    connection: sa.Connection, subjects: Iterable[Subject]
) -> dict[Subject, int]:
    return {
        (row.resource_id, row.dataset_id, row.organization_id): row.id
        for row in connection.execute(_KNOWN, _columns(subjects))
    }


def _columns(subjects: Iterable[Subject]) -> dict[str, list[str]]:
    rows = sorted(subjects)
    return {
        "resources": [row[0] for row in rows],
        "datasets": [row[1] for row in rows],
        "organizations": [row[2] for row in rows],
    }


# Partitions


def make_partitions(days: Iterable[dt.date]) -> None:
    """Make the partitions that lack; each is a day of Africa/Casablanca."""
    engine = model.ensure_engine()
    with engine.connect() as connection:
        there = set(partitions(connection))
    for day in sorted(set(days) - there):
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


def partitions(connection: sa.Connection) -> list[dt.date]:
    """Return the days whose events are kept, in order."""
    names = connection.execute(
        sa.text(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
            " WHERE inhparent = CAST('maroc_usage_event' AS regclass) ORDER BY relname"
        )
    ).scalars()
    return [
        dt.datetime.strptime(name, _PARTITION).date()  # noqa: DTZ007 - a day, not a moment
        for name in names
    ]


def keep(today: dt.date | None = None) -> None:
    """Freeze the days that are over, forget old events, prepare tomorrow."""
    today = today or clock.today()
    make_partitions([today, today + dt.timedelta(days=1)])
    engine = model.ensure_engine()
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE maroc_usage_day SET frozen_at = now()"
                " WHERE frozen_at IS NULL AND waiting_since IS NULL AND day < :first"
            ),
            {"first": today - dt.timedelta(days=OPEN_DAYS)},
        )
    oldest = today - dt.timedelta(days=KEPT_DAYS)
    with engine.connect() as connection:
        uncounted = set(
            connection.execute(
                sa.text("SELECT day FROM maroc_usage_day WHERE frozen_at IS NULL")
            ).scalars()
        )
        old = [day for day in partitions(connection) if day < oldest]
    for day in old:
        if day not in uncounted:
            with engine.begin() as connection:
                connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
                connection.execute(
                    sa.text(f"DROP TABLE maroc_usage_days.{day.strftime(_PARTITION)}")
                )
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

_FRESH = """
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
            row_number() OVER (
                PARTITION BY kind, agent_class, dataset_id, visitor, hour
                ORDER BY moment, resource_id, organization_id
            ) = 1 AS of_dataset,
            row_number() OVER (
                PARTITION BY kind, agent_class, dataset_id, visitor, hour,
                    resource_id, organization_id
            ) = 1 AS of_resource
        FROM clicks
        -- Of a double click the first is dropped and the second kept.
        WHERE COALESCE(until_next > interval '30 seconds', TRUE)
            OR kind <> ALL(CAST(:clicked AS "char"[]))
            OR (dataset_id = '' AND resource_id = '')
    ), fresh AS (
        SELECT CAST(:day AS date) AS day, kinds.name AS kind,
            classes.name AS agent_class, dataset_id, resource_id, organization_id,
            count(*) AS total,
            count(*) FILTER (WHERE of_dataset) AS uniq,
            count(*) FILTER (WHERE of_resource) AS uniq_resource
        FROM uses
        JOIN unnest(CAST(:kind_codes AS "char"[]), CAST(:kind_names AS text[]))
            AS kinds (code, name) ON kinds.code = uses.kind
        JOIN unnest(CAST(:class_codes AS "char"[]), CAST(:class_names AS text[]))
            AS classes (code, name) ON classes.code = uses.agent_class
        GROUP BY kinds.name, classes.name, dataset_id, resource_id, organization_id
    )
"""
_COUNT = sa.text(
    _FRESH  # noqa: S608 - two constants
    + """
    , gone AS (
        DELETE FROM maroc_usage_daily AS kept
        WHERE day = :day AND NOT EXISTS (
            SELECT FROM fresh
            WHERE (fresh.kind, fresh.agent_class, fresh.dataset_id, fresh.resource_id,
                   fresh.organization_id)
                = (kept.kind, kept.agent_class, kept.dataset_id, kept.resource_id,
                   kept.organization_id))
    )
    INSERT INTO maroc_usage_daily AS kept (day, kind, agent_class, dataset_id,
        resource_id, organization_id, total, uniq, uniq_resource)
    SELECT * FROM fresh
    ON CONFLICT (day, kind, agent_class, dataset_id, resource_id, organization_id)
    DO UPDATE SET total = excluded.total, uniq = excluded.uniq,
        uniq_resource = excluded.uniq_resource
    WHERE (kept.total, kept.uniq, kept.uniq_resource)
        IS DISTINCT FROM (excluded.total, excluded.uniq, excluded.uniq_resource)
    """
)
_DIFFERENT = sa.text(
    _FRESH  # noqa: S608 - two constants
    + """
    , stored AS (
        SELECT day, kind, agent_class, dataset_id, resource_id, organization_id,
            total, uniq, uniq_resource
        FROM maroc_usage_daily WHERE day = :day
    )
    SELECT count(*) FROM (
        (SELECT * FROM fresh EXCEPT SELECT * FROM stored)
        UNION ALL (SELECT * FROM stored EXCEPT SELECT * FROM fresh)
    ) AS different
    """
)
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


def count(*, at_once: bool = True) -> list[dt.date]:
    """Bring the counts of the days that changed up to date; return those days.

    One process counts at a time, whoever starts it.
    """
    done = []
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
            connection.execute(_COUNT, _of_day(day))
            connection.execute(_COUNTED, {"day": day})
            done.append(day)
    return done


def _of_day(day: dt.date) -> dict[str, object]:
    begins, ends = bounds(day)
    return {
        "day": day,
        "begins": begins,
        "ends": ends,
        "clicked": [kind.code for kind in KINDS if kind.double_click],
        "kind_codes": [kind.code for kind in KINDS],
        "kind_names": [kind.name for kind in KINDS],
        "class_codes": list(CLASS_CODES.values()),
        "class_names": list(CLASS_CODES),
    }


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


def verify() -> list[Checked]:
    """Count anew every day whose events are kept and whose counts are complete."""
    found = []
    engine = model.ensure_engine()
    with engine.connect() as connection:
        days = partitions(connection)
    for day in days:
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
            begins, ends = bounds(day)
            events = connection.execute(
                sa.text(
                    "SELECT count(*) FROM maroc_usage_event"
                    " WHERE moment >= :begins AND moment < :ends"
                ),
                {"begins": begins, "ends": ends},
            ).scalar_one()
            different = connection.execute(_DIFFERENT, _of_day(day)).scalar_one()
            found.append(
                Checked(
                    day=day, events=events, expected=row.events, different=different
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
