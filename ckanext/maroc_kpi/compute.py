"""The refresh: every definition asked once, for the country and every institution.

The facts of what changed are looked at again first, and added up for the institutions
that they are of. Then one statement asks all definitions, whatever the number of
institutions or datasets.

A refresh reads one snapshot of the database in a transaction that cannot write, then
replaces the current values in one other transaction. Before it does, it copies the
values of days that are over into the history: a closed day's row is its last value,
and nothing changes it afterwards.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal import clock

from . import entries, facts, frame, scopes
from .definition import DefinitionError, Indicator, indicators
from .scopes import Parents
from .settings import settings
from .value import Counted, Value, judge, total
from .words import Texts

log = logging.getLogger(__name__)

# One refresh at a time on a database, whoever starts it.
LOCK = 7_311_300_940

_COUNTS = {"numerator", "denominator", "eligible", "covered"}
_COLUMNS = (
    "indicator, scope_type, scope_id, day, version, state, value, numerator,"
    " denominator, n, covered, components, since, low, high, entry, reason, computed_at"
)

_INSTITUTIONS = sa.text(
    """
    SELECT id, extras->>'parent_institution' AS parent FROM "group"
    WHERE is_organization AND state = 'active'
    """
)
# Institutions rarely change, and no message tells of it; nor of what ADD enters.
_PULSE = sa.text(
    """
    SELECT count(*), max(created), sum(hashtext(coalesce(extras::text, ''))),
           (SELECT count(*) FROM maroc_kpi_entry),
           (SELECT count(*) FROM maroc_kpi_roster)
    FROM "group" WHERE is_organization AND state = 'active'
    """
)

_ASK = sa.text(
    """
    INSERT INTO maroc_kpi_refresh AS row (asked) VALUES (1)
    ON CONFLICT (only_row) DO UPDATE SET asked = row.asked + 1
    """
)
_ASKED = sa.text("SELECT asked FROM maroc_kpi_refresh")
_NEEDED = sa.text(
    """
    SELECT asked > done OR day IS DISTINCT FROM :today OR pulse IS DISTINCT FROM :pulse
    FROM maroc_kpi_refresh
    """
)
_DONE = sa.text(
    """
    INSERT INTO maroc_kpi_refresh AS row (asked, done, day, pulse, computed_at)
    VALUES (:asked, :asked, :today, :pulse, :computed_at)
    ON CONFLICT (only_row) DO UPDATE
    SET done = excluded.done, day = excluded.day, pulse = excluded.pulse,
        computed_at = excluded.computed_at
    """
)

_CLOSE_DAYS = sa.text(
    f"""
    INSERT INTO maroc_kpi_history ({_COLUMNS})
    SELECT {_COLUMNS} FROM maroc_kpi_value WHERE day < :today
    ON CONFLICT DO NOTHING
    """  # noqa: S608 - the columns are named above
)
_EMPTY = sa.text("DELETE FROM maroc_kpi_value")
_FILL = sa.text(
    f"""
    INSERT INTO maroc_kpi_value ({_COLUMNS})
    SELECT {_COLUMNS} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (
        indicator text, scope_type text, scope_id text, day date, version integer,
        state text, value numeric, numerator bigint, denominator bigint, n bigint,
        covered bigint, components jsonb, since date, low numeric, high numeric,
        entry jsonb, reason jsonb,
        computed_at timestamptz
    )
    """  # noqa: S608 - the columns are named above
)


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What a refresh did."""

    indicators: int
    institutions: int
    seconds: float


def changed(dataset: str) -> None:
    """Say that a dataset changed: its facts are looked at again by the next refresh."""
    facts.mark(dataset)
    ask()


def ask() -> None:
    """Say that a figure may have changed: the next refresh is needed."""
    with model.ensure_engine().begin() as connection:
        connection.execute(_ASK)


def needed(connection: sa.Connection) -> bool:
    """Whether something changed since the last refresh, or the day did."""
    today = clock.today()
    found = connection.execute(
        _NEEDED, {"today": today, "pulse": pulse(connection, today)}
    ).scalar_one_or_none()
    return found is None or bool(found)


def refresh(*, anew: bool = False) -> Refreshed:
    """Compute every value now and replace the current ones; close the days before.

    ``anew`` looks at every dataset again, whether or not it is known to have changed.
    Repeatable at any time. Two at once follow one another. Raises what PostgreSQL
    raises when a query fails or is too slow; then all values stay as they were.
    """
    began = clock.now()
    today = began.date()
    with model.ensure_engine().begin() as writer:
        writer.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        # Read before the values are: a change that comes meanwhile is asked for anew.
        asked = writer.execute(_ASKED).scalar_one_or_none() or 0
        facts.keep_up(today, anew=anew)
        with reading() as reader:
            pulse_now = pulse(reader, today)
            institutions = parents(reader)
            values = [
                (scope, value)
                for its in compute_all(reader, today, institutions).values()
                for scope, value in its.items()
            ]
        rows = [_row(scope, value, today, began) for scope, value in values]
        writer.execute(_CLOSE_DAYS, {"today": today})
        writer.execute(_EMPTY)
        writer.execute(_FILL, {"rows": json.dumps(rows)})
        writer.execute(
            _DONE,
            {"asked": asked, "today": today, "pulse": pulse_now, "computed_at": began},
        )
    return Refreshed(
        indicators=len(indicators()),
        institutions=len(institutions),
        seconds=(clock.now() - began).total_seconds(),
    )


def parents(reader: sa.Connection) -> Parents:
    """Return the institutions, each with the one that it belongs to."""
    return {row.id: row.parent for row in reader.execute(_INSTITUTIONS)}


def compute_all(
    reader: sa.Connection, until: dt.date, institutions: Parents
) -> dict[str, dict[str, Value]]:
    """Return every indicator's values by scope, the country's under ``""``.

    From the sums of the facts, in one statement for all of them.
    """
    every = indicators()
    obstacles = _missing(reader, every.values())
    asked = {name: each for name, each in every.items() if not obstacles[name]}
    counted = _together(reader, asked, until, institutions)
    entered = entries.latest(reader, until)
    members = scopes.members(institutions)
    return {
        name: _values(
            each,
            counted.get(name, {}),
            members,
            obstacles[name],
            entered.get(name, {}),
        )
        for name, each in every.items()
    }


def compute(
    reader: sa.Connection,
    indicator: Indicator,
    until: dt.date,
    institutions: Parents,
) -> dict[str, Value]:
    """Return one indicator's values by scope, by its own query, without the facts."""
    obstacle = missing(reader, indicator)
    counted: dict[str | None, Counted] = {}
    if indicator.sql and not obstacle:
        counted = count(reader, indicator, until, institutions=institutions)
    entered = entries.latest(reader, until).get(indicator.name, {})
    members = scopes.members(institutions)
    return _values(indicator, counted, members, obstacle, entered)


def count(
    reader: sa.Connection,
    indicator: Indicator,
    until: dt.date,
    scope: str | None = None,
    institutions: Parents | None = None,
) -> dict[str | None, Counted]:
    """Run the definition's query; return what it counted, by institution or scope."""
    rows = reader.execute(
        sa.text(indicator.sql), given(until, institutions or {}, scope)
    )
    columns = set(rows.keys())
    named = {each.name for each in indicator.components}
    allowed = named | _COUNTS | {key(indicator), "since"}
    if not {key(indicator)} | named <= columns <= allowed:
        raise DefinitionError(
            f"{indicator.name}: the query returns {', '.join(sorted(columns))}"
        )
    found: dict[str | None, Counted] = {}
    for row in rows.mappings():
        _add(found, *_counted(indicator, dict(row)))
    return found


def _together(
    reader: sa.Connection,
    asked: Mapping[str, Indicator],
    until: dt.date,
    institutions: Parents,
) -> dict[str, dict[str | None, Counted]]:
    """Ask all definitions in one statement."""
    found: dict[str, dict[str | None, Counted]] = {}
    query = sa.text(
        frame.together(
            {
                name: (each.counted, each.asked)
                for name, each in asked.items()
                if each.sql
            }
        )
    )
    for row in reader.execute(query, given(until, institutions)):
        key, counted = _counted(asked[row.indicator], row.counted)
        _add(found.setdefault(row.indicator, {}), key, counted)
    return found


def _add(found: dict[str | None, Counted], key: str | None, counted: Counted) -> None:
    """Keep what was counted; what is of no institution may come in several rows.

    An outer join keeps uses of none and datasets of none apart: null equals nothing.
    """
    found[key] = total([found[key], counted]) if key in found else counted


def given(
    until: dt.date, institutions: Parents, scope: str | None = None
) -> dict[str, Any]:
    """Return the parameters that a definition's query may read."""
    rows = [
        {"scope": scope, "organization": each}
        for scope, members in scopes.members(institutions).items()
        for each in members
    ]
    return {"until": until, "scope": scope, "scopes": json.dumps(rows)}


def key(indicator: Indicator) -> str:
    """Return the column that says what a row of the query is of."""
    return "organization" if indicator.sums else "scope"


def _counted(
    indicator: Indicator, row: Mapping[str, Any]
) -> tuple[str | None, Counted]:
    numbers = {key: row[key] for key in _COUNTS if key in row}
    since = row.get("since")
    counted = Counted(
        **{key: None if n is None else int(n) for key, n in numbers.items()},  # pyright: ignore[reportArgumentType]
        since=dt.date.fromisoformat(since) if isinstance(since, str) else since,
        components={
            each.name: int(row[each.name])
            for each in indicator.components
            if row[each.name] is not None
        },
    )
    return row[key(indicator)], counted


def _values(
    indicator: Indicator,
    counted: Mapping[str | None, Counted],
    members: Mapping[str, Sequence[str]],
    obstacle: Texts | None,
    entered: Mapping[str, entries.Entry],
) -> dict[str, Value]:
    """Judge what was counted in every scope; the country and trees are sums."""
    found = {}
    for scope in (scopes.COUNTRY, *members):
        if scope in entered:
            found[scope] = entries.value(indicator, entered[scope])
            continue
        if not indicator.sums:
            mine = counted.get(scope, Counted())
        elif scope == scopes.COUNTRY:
            mine = total(counted.values())
        else:
            mine = total(counted[one] for one in members[scope] if one in counted)
        found[scope] = judge(indicator, mine, obstacle)
    return found


def missing(connection: sa.Connection, indicator: Indicator) -> Texts | None:
    """Return why the indicator cannot be measured on this portal at all."""
    return _missing(connection, [indicator])[indicator.name]


def _missing(
    connection: sa.Connection, every: Iterable[Indicator]
) -> dict[str, Texts | None]:
    each = list(every)
    there = facts.present(
        connection, [one.needs.table for one in each if one.needs is not None]
    )
    return {
        one.name: one.needs.absent
        if one.needs is not None and one.needs.table not in there
        else None
        for one in each
    }


def pulse(connection: sa.Connection, today: dt.date) -> str:
    """Return a text that changes when figures may have, without a message saying so.

    It tells of definitions, of institutions and of what the definitions' own pulses
    look at; dataset changes come by the outbox. Cheap: it is asked every few seconds.
    """
    seen: list[Any] = [list(connection.execute(_PULSE).one())]
    beating = {
        each.needs.table: each.needs.pulse
        for each in indicators().values()
        if each.needs and each.needs.pulse
    }
    seen += [[each.name, each.version] for each in indicators().values()]
    for table in facts.present(connection, beating):
        row = connection.execute(sa.text(beating[table]), {"until": today}).one()
        seen.append([table, *row])
    return json.dumps(seen, default=str)


@contextmanager
def reading() -> Iterator[sa.Connection]:
    """Open a connection that sees one moment, cannot write and soon gives up."""
    engine = model.ensure_engine().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    milliseconds = int(settings().statement_timeout.total_seconds() * 1000)
    with engine.connect() as connection:
        # Wide questions of few rows: to compile them takes longer than to answer.
        connection.execute(
            sa.text(
                "SELECT set_config('statement_timeout', :limit, true),"
                " set_config('jit', 'off', true)"
            ),
            {"limit": str(milliseconds)},
        )
        yield connection


def _row(
    scope: str, value: Value, today: dt.date, computed_at: dt.datetime
) -> Mapping[str, Any]:
    row = dataclasses.asdict(value)
    kind, identifier = scopes.split(scope)
    row |= {
        "scope_type": kind,
        "scope_id": identifier,
        "day": today.isoformat(),
        "since": value.since and value.since.isoformat(),
        "computed_at": computed_at.isoformat(),
    }
    return row
