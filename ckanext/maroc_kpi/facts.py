"""The tables of facts and of their sums: built from the definitions, and kept up.

They are derived. Whenever a definition's facts change, or a plugin comes or goes, and
once a day, they are built anew beside the old ones and take their place; between times
only the datasets that the outbox told of are looked at again, and only the institutions
that have or had them are added up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model

from ckanext.maroc_portal.settings import settings as portal

from . import frame
from .definition import all_facts, fingerprint, indicators

_MARK = sa.text(
    "INSERT INTO maroc_kpi_dirty (dataset) VALUES (:dataset) ON CONFLICT DO NOTHING"
)
_TAKE = sa.text("DELETE FROM maroc_kpi_dirty RETURNING dataset")
_STATE = sa.text("SELECT shape, day FROM maroc_kpi_facts_state")
_BUILT = sa.text(
    """
    INSERT INTO maroc_kpi_facts_state (shape, day) VALUES (:shape, :day)
    ON CONFLICT (only_row) DO UPDATE SET shape = excluded.shape, day = excluded.day
    """
)
_THERE = sa.text(
    "SELECT name FROM unnest(CAST(:tables AS text[])) AS name"
    " WHERE to_regclass(name) IS NOT NULL"
)
# Millions of files are joined and grouped: in memory, and without compiling, which
# takes longer here than what it saves.
_SETTINGS = sa.text(
    "SELECT set_config('work_mem', '256MB', true), set_config('jit', 'off', true)"
)
_ROLE = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")


def mark(dataset: str) -> None:
    """Remember that a dataset changed: its facts are looked at again."""
    with model.ensure_engine().begin() as connection:
        connection.execute(_MARK, {"dataset": dataset})


def keep_up(today: dt.date, *, anew: bool = False) -> None:
    """Bring the table up to date: anew where it must be, else what changed alone.

    One at a time; the caller holds the refresh's lock. A dataset that changes
    meanwhile is marked again after its mark was taken, so it is looked at again.
    """
    with model.ensure_engine().begin() as connection:
        changed = list(connection.execute(_TAKE).scalars())
        tables = present(connection)
        queries = built(tables)
        shape = fingerprint(" ".join(queries.values()))
        state = connection.execute(_STATE).one_or_none()
        if anew or state is None or (state.shape, state.day) != (shape, today):
            _rebuild(connection, queries, today)
            connection.execute(_BUILT, {"shape": shape, "day": today})
        elif changed:
            _recompute(connection, tables, changed, today)


def present(
    connection: sa.Connection, tables: Iterable[str] = frame.TABLES
) -> list[str]:
    """Return those of some plugins' tables that are there, in one statement."""
    loaded = [
        table for table in tables if p.plugin_loaded("_".join(table.split("_")[:2]))
    ]
    there = set(connection.execute(_THERE, {"tables": loaded}).scalars())
    return [table for table in loaded if table in there]


def _facts() -> list[frame.Fact]:
    return list(all_facts(indicators().values()).values())


def built(tables: Collection[str] = frame.TABLES) -> dict[str, str]:
    """Return the queries that the derived tables are made of, by table, in order."""
    return {
        frame.TABLE: frame.build(_facts(), tables),
        frame.SUMS: frame.sums(_counts()),
    }


def _counts() -> dict[str, frame.Counts]:
    return {each.name: each.counted for each in indicators().values() if each.counts}


def _rebuild(
    connection: sa.Connection, queries: Mapping[str, str], today: dt.date
) -> None:
    _swap(connection, frame.TABLE, queries[frame.TABLE], "dataset")
    connection.execute(sa.text(f"CREATE INDEX ON {frame.TABLE} (organization)"))
    connection.execute(sa.text(f"ANALYZE {frame.TABLE} (dataset, organization)"))
    sum_up(connection, today)


def sum_up(connection: sa.Connection, today: dt.date) -> None:
    """Add up all facts as they stand today."""
    _swap(connection, frame.SUMS, frame.sums(_counts()), until=today)
    connection.execute(sa.text(f"CREATE INDEX ON {frame.SUMS} (organization)"))
    connection.execute(sa.text(f"ANALYZE {frame.SUMS} (grain, organization)"))


def _swap(
    connection: sa.Connection,
    table: str,
    query: str,
    key: str = "",
    **given: Any,
) -> None:
    """Make a table of a query's rows, and put it in the place of the one there is."""
    new = f"{table}_new"
    connection.execute(_SETTINGS)
    connection.execute(sa.text(f"DROP TABLE IF EXISTS {new}"))
    connection.execute(sa.text(f"CREATE TABLE {new} AS {query}"), given)
    if key:
        connection.execute(sa.text(f"ALTER TABLE {new} ADD PRIMARY KEY ({key})"))
    connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    connection.execute(sa.text(f"ALTER TABLE {new} RENAME TO {table}"))
    if key:
        connection.execute(sa.text(f"ALTER INDEX {new}_pkey RENAME TO {table}_pkey"))
    # A new table has the rights that every new table has; the old one's are written
    # down in the plugin's grants.
    role = portal().web_role
    if role and connection.execute(_ROLE, {"role": role}).scalar_one():
        quoted = connection.dialect.identifier_preparer.quote(role)
        connection.execute(sa.text(f"REVOKE ALL ON {table} FROM {quoted}"))
        connection.execute(sa.text(f"GRANT SELECT ON {table} TO {quoted}"))


def _recompute(
    connection: sa.Connection,
    tables: Collection[str],
    changed: list[str],
    today: dt.date,
) -> None:
    """Look at some datasets again; add up the institutions that have or had them."""
    facts = _facts()
    columns = ", ".join(
        ["dataset", "organization", "created", *(each.name for each in facts)]
    )
    build = frame.build(facts, tables, changed=True)
    connection.execute(_SETTINGS)
    had = connection.execute(
        sa.text(
            f"DELETE FROM {frame.TABLE} WHERE dataset = ANY(:changed)"  # noqa: S608
            " RETURNING coalesce(organization, '')"
        ),
        {"changed": changed},
    )
    have = connection.execute(
        sa.text(
            f"INSERT INTO {frame.TABLE} ({columns})"  # noqa: S608
            f" SELECT {columns} FROM ({build}) AS built"
            " RETURNING coalesce(organization, '')"
        ),
        {"changed": changed},
    )
    _sum_again(connection, sorted({*had.scalars(), *have.scalars()}), today)


def _sum_again(connection: sa.Connection, touched: list[str], today: dt.date) -> None:
    """Add up the facts of some institutions again; ``""`` is of none."""
    given = {"touched": touched, "until": today}
    connection.execute(
        sa.text(
            f"DELETE FROM {frame.SUMS} WHERE organization = ANY(:touched)"  # noqa: S608
            " OR organization IS NULL AND '' = ANY(:touched)"
        ),
        given,
    )
    sums = frame.sums(_counts(), only=True)
    connection.execute(sa.text(f"INSERT INTO {frame.SUMS} {sums}"), given)
