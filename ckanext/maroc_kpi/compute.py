"""The refresh: every definition's query once, for the country and every institution.

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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model

from ckanext.maroc_portal import clock

from .definition import DefinitionError, Indicator, indicators
from .settings import settings
from .value import Counted, Value, judge, total
from .words import Texts

log = logging.getLogger(__name__)

# One refresh at a time on a database, whoever starts it.
LOCK = 7_311_300_940

_COUNTS = {"numerator", "denominator", "eligible", "covered"}
_COLUMNS = (
    "indicator, scope_type, scope_id, day, version, state, value, numerator,"
    " denominator, n, covered, components, since, reason, computed_at"
)

_INSTITUTIONS = sa.text(
    """SELECT id FROM "group" WHERE is_organization AND state = 'active'"""
)
# Institutions are rarely added, and no message tells of it.
_INSTITUTIONS_PULSE = sa.text(
    """
    SELECT count(*), max(created) FROM "group"
    WHERE is_organization AND state = 'active'
    """
)
_EXISTS = sa.text("SELECT to_regclass(:table) IS NOT NULL")

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
        covered bigint, components jsonb, since date, reason jsonb,
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


def refresh() -> Refreshed:
    """Compute every value now and replace the current ones; close the days before.

    Repeatable at any time. Two at once follow one another. Raises what PostgreSQL
    raises when a query fails or is too slow; then all values stay as they were.
    """
    began = clock.now()
    today = began.date()
    with model.ensure_engine().begin() as writer:
        writer.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        # Read before the values are: a change that comes meanwhile is asked for anew.
        asked = writer.execute(_ASKED).scalar_one_or_none() or 0
        with reading() as reader:
            pulse_now = pulse(reader, today)
            institutions = list(reader.execute(_INSTITUTIONS).scalars())
            values = [
                (scope, value)
                for indicator in indicators().values()
                for scope, value in compute(
                    reader, indicator, today, institutions
                ).items()
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


def compute(
    reader: sa.Connection,
    indicator: Indicator,
    until: dt.date,
    institutions: list[str],
) -> dict[str, Value]:
    """Return an indicator's values by institution, the country's under ``""``."""
    obstacle = missing(reader, indicator)
    counted: dict[str | None, Counted] = {}
    if not obstacle:
        counted = count(reader, indicator, until)
    values = {"": judge(indicator, total(counted.values()), obstacle)}
    for scope in institutions:
        values[scope] = judge(indicator, counted.get(scope, Counted()), obstacle)
    return values


def count(
    reader: sa.Connection,
    indicator: Indicator,
    until: dt.date,
    scope: str | None = None,
) -> dict[str | None, Counted]:
    """Run the definition's query; return what it counted, by institution."""
    rows = reader.execute(sa.text(indicator.sql), {"until": until, "scope": scope})
    named = {each.name for each in indicator.components}
    required = {"organization", "numerator", *named}
    if indicator.measure == "share":
        required.add("denominator")
    columns = set(rows.keys())
    if not required <= columns <= required | _COUNTS | {"since"}:
        raise DefinitionError(
            f"{indicator.name}: the query returns {', '.join(sorted(columns))}"
        )
    return {
        row["organization"]: Counted(
            **{key: int(row[key]) for key in _COUNTS & columns},
            since=row.get("since"),
            components={name: int(row[name]) for name in named},
        )
        for row in rows.mappings()
    }


def missing(connection: sa.Connection, indicator: Indicator) -> Texts | None:
    """Return why the indicator cannot be measured on this portal at all."""
    needs = indicator.needs
    if needs is None or _there(connection, needs.plugin, needs.table):
        return None
    return needs.absent


def pulse(connection: sa.Connection, today: dt.date) -> str:
    """Return a text that changes when figures may have, without a message saying so.

    It tells of definitions, of institutions and of what the definitions' own pulses
    look at; dataset changes come by the outbox. Cheap: it is asked every few seconds.
    """
    seen: list[Any] = [list(connection.execute(_INSTITUTIONS_PULSE).one())]
    for each in indicators().values():
        seen.append([each.name, each.version])
        if each.needs and _there(connection, each.needs.plugin, each.needs.table):
            row = connection.execute(sa.text(each.needs.pulse), {"until": today}).one()
            seen.append(list(row))
    return json.dumps(seen, default=str)


def _there(connection: sa.Connection, plugin: str, table: str) -> bool:
    return p.plugin_loaded(plugin) and bool(
        connection.execute(_EXISTS, {"table": table}).scalar_one()
    )


@contextmanager
def reading() -> Iterator[sa.Connection]:
    """Open a connection that sees one moment, cannot write and soon gives up."""
    engine = model.ensure_engine().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    milliseconds = int(settings().statement_timeout.total_seconds() * 1000)
    with engine.connect() as connection:
        connection.execute(
            sa.text("SELECT set_config('statement_timeout', :limit, true)"),
            {"limit": str(milliseconds)},
        )
        yield connection


def _row(
    scope: str, value: Value, today: dt.date, computed_at: dt.datetime
) -> Mapping[str, Any]:
    row = dataclasses.asdict(value)
    row |= {
        "scope_type": "organization" if scope else "country",
        "scope_id": scope,
        "day": today.isoformat(),
        "since": value.since and value.since.isoformat(),
        "computed_at": computed_at.isoformat(),
    }
    return row
