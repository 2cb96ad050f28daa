"""The table of facts: built from the definitions, kept up for what changed.

It is derived. Whenever a definition's facts change, or a plugin comes or goes, and once
a day, it is built anew beside the old one and takes its place; between times only the
datasets that the outbox told of are looked at again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

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
        shape = fingerprint(frame.build(_facts(), tables))
        state = connection.execute(_STATE).one_or_none()
        if anew or state is None or (state.shape, state.day) != (shape, today):
            _rebuild(connection, tables)
            connection.execute(_BUILT, {"shape": shape, "day": today})
        elif changed:
            _recompute(connection, tables, changed)


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


def _rebuild(connection: sa.Connection, tables: Collection[str]) -> None:
    build = frame.build(_facts(), tables)
    new = f"{frame.TABLE}_new"
    for statement in (
        f"DROP TABLE IF EXISTS {new}",
        f"CREATE TABLE {new} AS {build}",
        f"ALTER TABLE {new} ADD CONSTRAINT {new}_pkey PRIMARY KEY (dataset)",
        f"DROP TABLE {frame.TABLE}",
        f"ALTER TABLE {new} RENAME TO {frame.TABLE}",
        f"ALTER INDEX {new}_pkey RENAME TO {frame.TABLE}_pkey",
        f"ANALYZE {frame.TABLE}",
    ):
        connection.execute(sa.text(statement))
    # A new table has the rights that every new table has; the old one's are written
    # down in the plugin's grants.
    role = portal().web_role
    if role and connection.execute(_ROLE, {"role": role}).scalar_one():
        quoted = connection.dialect.identifier_preparer.quote(role)
        connection.execute(sa.text(f"REVOKE ALL ON {frame.TABLE} FROM {quoted}"))
        connection.execute(sa.text(f"GRANT SELECT ON {frame.TABLE} TO {quoted}"))


def _recompute(
    connection: sa.Connection, tables: Collection[str], changed: list[str]
) -> None:
    facts = _facts()
    columns = ", ".join(
        ["dataset", "organization", "created", *(each.name for each in facts)]
    )
    build = frame.build(facts, tables, changed=True)
    connection.execute(
        sa.text(f"DELETE FROM {frame.TABLE} WHERE dataset = ANY(:changed)"),  # noqa: S608
        {"changed": changed},
    )
    connection.execute(
        sa.text(
            f"INSERT INTO {frame.TABLE} ({columns})"  # noqa: S608
            f" SELECT {columns} FROM ({build}) AS built"
        ),
        {"changed": changed},
    )
