"""The months that are over: drawn up, left fifteen days to the institutions, frozen.

A month's values are those of its last day, taken from the history of days, which does
not change. They are drawn up as soon as the month's last day is closed, early on the
first day of the next, so that institutions see them before the public does, and frozen
on the sixteenth at the earliest. A frozen row is never written again, and each month's
hash covers its rows and the month before: see :mod:`.chain`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal import clock

from . import chain, store
from .chain import Month
from .definition import indicators

# One freeze at a time on a database, whoever starts it.
LOCK = 7_311_300_941

REVIEW = dt.timedelta(days=15)
"""How long the institutions see a month before the public does, at least."""

_COLUMNS = (
    "month, indicator, version, scope_type, scope_id, scope_name, scope_titles, day,"
    " state, value, numerator, denominator, n, covered, components, since, low, high,"
    " entry, source, reason, computed_at"
)

_AFTER = """
    coalesce((
        SELECT max(month) + interval '1 month' FROM (
            SELECT max(month) AS month FROM maroc_kpi_month
            UNION ALL SELECT max(month) FROM maroc_kpi_draft
        ) AS drawn
    ), '-infinity')
"""
# Days that are over but not closed yet would be missing from their month.
_OPEN = "EXISTS (SELECT FROM maroc_kpi_value WHERE day < :this_month)"
_NEEDED = sa.text(
    f"""
    SELECT EXISTS (SELECT FROM maroc_kpi_draft WHERE drawn_on <= :ripe)
        OR NOT {_OPEN} AND EXISTS (
            SELECT FROM maroc_kpi_history WHERE day < :this_month AND day >= {_AFTER}
        )
    """  # noqa: S608 - our own text, above
)
_TO_DRAW = sa.text(
    f"""
    SELECT CAST(date_trunc('month', day) AS date) AS month, max(day) AS day
    FROM maroc_kpi_history
    WHERE day < :this_month AND day >= {_AFTER} AND NOT {_OPEN}
    GROUP BY 1 ORDER BY 1
    """  # noqa: S608 - our own text, above
)
_LAST_DAY = sa.text("SELECT * FROM maroc_kpi_history WHERE day = :day")
# Deleted ones too: they were there in that month.
_INSTITUTIONS = sa.text(
    """
    SELECT id, name, title, extras->>'title_translated' AS titles
    FROM "group" WHERE is_organization
    """
)
_DRAW = sa.text(
    f"""
    INSERT INTO maroc_kpi_draft ({_COLUMNS}, drawn_on)
    SELECT {_COLUMNS}, :today FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (
        month date, indicator text, version integer, scope_type text, scope_id text,
        scope_name text, scope_titles jsonb, day date, state text, value numeric,
        numerator numeric, denominator numeric, n numeric, covered numeric,
        components jsonb, since date, low numeric, high numeric, entry jsonb,
        source text, reason jsonb, computed_at timestamptz
    )
    """  # noqa: S608 - the columns are named above
)
_RIPE = sa.text(
    "SELECT month, drawn_on FROM maroc_kpi_draft WHERE drawn_on <= :ripe"
    " GROUP BY month, drawn_on ORDER BY month"
)
_DRAFT = sa.text(f"SELECT {_COLUMNS} FROM maroc_kpi_draft WHERE month = :month")  # noqa: S608
_FREEZE = sa.text(
    f"""
    INSERT INTO maroc_kpi_frozen ({_COLUMNS}, row_hash)
    SELECT {_COLUMNS}, row_hash
    FROM maroc_kpi_draft
    JOIN jsonb_to_recordset(CAST(:hashes AS jsonb)) AS hashed (
        indicator text, version integer, scope_type text, scope_id text, row_hash text
    ) USING (indicator, version, scope_type, scope_id)
    WHERE month = :month
    """  # noqa: S608 - the columns are named above
)
_FROZEN_UP = sa.text("DELETE FROM maroc_kpi_draft WHERE month = :month")
_HEAD = sa.text("SELECT hash FROM maroc_kpi_month ORDER BY month DESC LIMIT 1")
_SEAL = sa.text(
    """
    INSERT INTO maroc_kpi_month (month, previous, hash, drawn_on, frozen_at)
    VALUES (:month, :previous, :hash, :drawn_on, :frozen_at)
    """
)
_WAITING = sa.text(
    "SELECT DISTINCT month, drawn_on FROM maroc_kpi_draft ORDER BY month"
)
_MONTHS = sa.text(
    """
    SELECT month, previous, hash, frozen_at FROM maroc_kpi_month
    WHERE (CAST(:since AS date) IS NULL OR month >= :since)
      AND (CAST(:until AS date) IS NULL OR month <= :until)
    ORDER BY month
    """
)
_ROWS = sa.text(
    f"""
    SELECT {_COLUMNS}, row_hash FROM maroc_kpi_frozen WHERE month = :month
    """  # noqa: S608 - the columns are named above
)
_STRAY = sa.text(
    """
    SELECT DISTINCT month FROM maroc_kpi_frozen
    EXCEPT SELECT month FROM maroc_kpi_month ORDER BY month
    """
)


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a freeze did, and what still waits, by the day from which it is frozen."""

    drawn: tuple[dt.date, ...]
    frozen: tuple[dt.date, ...]
    waiting: Mapping[dt.date, dt.date]


@dataclass(frozen=True, kw_only=True)
class Frozen(Month):
    """A frozen month of the database."""

    frozen_at: dt.datetime


def needed(connection: sa.Connection) -> bool:
    """Whether a month is to be drawn up, or frozen."""
    return bool(connection.execute(_NEEDED, _days()).scalar_one())


def freeze(until: dt.date | None = None) -> Done:
    """Draw up the months that are over, and freeze those seen for fifteen days.

    Repeatable at any time; two at once follow one another; all of it or nothing.

    :param until: a day of the last month to look at (default: every month)
    """
    days = _days()
    with model.ensure_engine().begin() as writer:
        writer.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        drawn = [
            _draw(writer, row.month, row.day, days["today"])
            for row in writer.execute(_TO_DRAW, days).all()
            if until is None or row.month <= until
        ]
        frozen = [
            _freeze(writer, row.month, row.drawn_on)
            for row in writer.execute(_RIPE, days).all()
            if until is None or row.month <= until
        ]
        waiting = {row.month: row.drawn_on + REVIEW for row in writer.execute(_WAITING)}
    return Done(drawn=tuple(drawn), frozen=tuple(frozen), waiting=waiting)


def months(
    since: dt.date | None = None, until: dt.date | None = None
) -> Iterator[Frozen]:
    """Yield the frozen months with their rows, the oldest first."""
    with model.ensure_engine().connect() as reader:
        asked = {"since": since and since.replace(day=1), "until": until}
        for row in reader.execute(_MONTHS, asked).all():
            rows = [
                {**exported(each), "row_hash": each["row_hash"]}
                for each in reader.execute(_ROWS, {"month": row.month}).mappings()
            ]
            yield Frozen(
                month=_name(row.month),
                previous=row.previous,
                hash=row.hash,
                rows=sorted(rows, key=chain.in_order),
                frozen_at=row.frozen_at.astimezone(clock.CASABLANCA),
            )


def verify() -> chain.Checked:
    """Check the months of the database: none may lack, be changed or be added."""
    found = chain.check(months())
    faults = [*found.faults]
    if found.months and not found.begins:
        faults.append(
            f"{found.first} is not the first month: what came before is gone."
        )
    with model.ensure_engine().connect() as reader:
        faults += [
            f"{_name(month)} has rows, and was never frozen."
            for month in reader.execute(_STRAY).scalars()
        ]
    return dataclasses.replace(found, faults=tuple(faults))


def exported(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row of the database under the names that the files have."""
    titles, reason = row["scope_titles"], row["reason"] or {}
    return {
        "month": _name(row["month"]),
        "indicator": row["indicator"],
        "version": row["version"],
        "scope": row["scope_type"],
        "institution_id": row["scope_id"],
        "institution": row["scope_name"],
        "institution_fr": titles.get("fr", ""),
        "institution_ar": titles.get("ar", ""),
        "as_of": row["day"].isoformat(),
        "state": row["state"],
        "value": number(row["value"]),
        "numerator": number(row["numerator"]),
        "denominator": number(row["denominator"]),
        "n": number(row["n"]),
        "covered": number(row["covered"]),
        "components": row["components"],
        "since": row["since"].isoformat() if row["since"] else None,
        "low": number(row["low"]),
        "high": number(row["high"]),
        "entry": row["entry"],
        "source": row["source"],
        "reason_fr": reason.get("fr"),
        "reason_ar": reason.get("ar"),
        "reason_en": reason.get("en"),
        "computed_at": row["computed_at"].astimezone(dt.UTC).isoformat(),
    }


def number(value: Decimal | int | None) -> float | None:
    """Return a number of the database as JSON writes it."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def _days() -> dict[str, dt.date]:
    today = clock.today()
    return {
        "today": today,
        "this_month": today.replace(day=1),
        "ripe": today - REVIEW,
    }


def _draw(
    writer: sa.Connection, month: dt.date, day: dt.date, today: dt.date
) -> dt.date:
    """Put the values of a month's last day aside, with the names of then."""
    named = {
        row["id"]: store.institution_of(row)  # pyright: ignore[reportArgumentType]
        for row in writer.execute(_INSTITUTIONS).mappings()
    }
    rows: list[dict[str, Any]] = []
    for row in writer.execute(_LAST_DAY, {"day": day}).mappings():
        known = indicators().get(row["indicator"])
        institution = named.get(row["scope_id"])
        rows.append(
            {
                **row,
                "month": month,
                "scope_name": institution.name if institution else row["scope_id"],
                "scope_titles": institution.titles if institution else {},
                # Of a formula that is no longer in use, the version tells enough.
                "source": known.source
                if known and known.version == row["version"]
                else None,
            }
        )
    writer.execute(_DRAW, {"rows": json.dumps(rows, default=str), "today": today})
    return month


def _freeze(writer: sa.Connection, month: dt.date, drawn_on: dt.date) -> dt.date:
    drafted: Sequence[Any] = writer.execute(_DRAFT, {"month": month}).mappings().all()
    rows = sorted(map(exported, drafted), key=chain.in_order)
    hashes = [chain.row_hash(row) for row in rows]
    previous = writer.execute(_HEAD).scalar_one_or_none() or chain.START
    told = [
        {
            "indicator": row["indicator"],
            "version": row["version"],
            "scope_type": row["scope"],
            "scope_id": row["institution_id"],
            "row_hash": hashed,
        }
        for row, hashed in zip(rows, hashes, strict=True)
    ]
    writer.execute(_FREEZE, {"month": month, "hashes": json.dumps(told)})
    writer.execute(_FROZEN_UP, {"month": month})
    writer.execute(
        _SEAL,
        {
            "month": month,
            "previous": previous,
            "hash": chain.month_hash(previous, _name(month), hashes),
            "drawn_on": drawn_on,
            "frozen_at": clock.now(),
        },
    )
    return month


def _name(month: dt.date) -> str:
    return month.isoformat()[:7]
