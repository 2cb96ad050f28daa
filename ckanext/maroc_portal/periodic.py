"""Work that returns: one table of rows, run by the worker, remembered in PostgreSQL.

The worker asks every few seconds which rows are due and queues them. When each ran
last stands in the database, and a run that Redis lost or a killed worker left behind
is queued again.
"""

from __future__ import annotations

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model
from ckan.lib import jobs

from .interfaces import IMarocPeriodic, PeriodicJob
from .runs import is_held

_DUE = sa.text(
    """
    INSERT INTO maroc_portal_periodic AS row (name, started_at) VALUES (:name, now())
    ON CONFLICT (name) DO UPDATE SET started_at = now()
    WHERE (row.finished_at >= row.started_at OR :lost)
      AND row.started_at <= now() - CAST(:every AS interval)
    RETURNING name
    """
)
_FINISHED = sa.text(
    "UPDATE maroc_portal_periodic SET finished_at = now(), error = :error"
    " WHERE name = :name"
)


def table() -> dict[str, PeriodicJob]:
    """Return every row, by name, in the order of the plugins."""
    rows: dict[str, PeriodicJob] = {}
    for plugin in p.PluginImplementations(IMarocPeriodic):
        for row in plugin.get_periodic_jobs():
            if row.name in rows:
                raise ValueError(f"two periodic jobs are called {row.name}")
            rows[row.name] = row
    return rows


def queue_due(connection: sa.Connection) -> list[str]:
    """Queue the rows that are due and return their names.

    The claim is one statement a row, so two workers never queue the same run.
    """
    queued = []
    for row in table().values():
        if row.needed and not row.needed(connection):
            continue
        lost = not is_held(_job_id(row.name))
        claimed = connection.execute(
            _DUE, {"name": row.name, "every": row.every, "lost": lost}
        ).scalar_one_or_none()
        connection.commit()
        if claimed:
            jobs.enqueue(
                run,
                [row.name],
                title=f"periodic {row.name}",
                rq_kwargs={"job_id": _job_id(row.name)},
            )
            queued.append(row.name)
    return queued


def _job_id(name: str) -> str:
    return f"periodic-{name.replace('.', '-')}"


def run(name: str) -> None:
    """Run one row now and keep how it ended."""
    error = None
    try:
        table()[name].run()
    except Exception as caught:
        model.Session.rollback()
        error = f"{type(caught).__name__}: {caught}"[:1000]
        raise
    finally:
        model.Session.remove()
        with model.ensure_engine().begin() as connection:
            connection.execute(_FINISHED, {"name": name, "error": error})


def run_all() -> None:
    """Run every row once, in order: for commands and tests."""
    for row in table().values():
        row.run()
