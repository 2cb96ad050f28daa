"""The account of what was loaded: one row for each uploaded table.

The worker writes it as the owner of the tables; the web process only reads.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal.interfaces import TableFacts

from .errors import ERRORS, CannotLoad, FileError

ATTEMPTS = 5
"""A load that the worker did not survive so many times is given up."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is known of one uploaded table."""

    resource_id: str
    package_id: str
    state: str
    """``queued``, ``loaded``, ``failed`` or ``skipped`` (no table in the file)."""
    stamp: str
    """The SHA-256 of the file that the row speaks of; ``missing`` for none."""
    sha256: str | None
    """Of the bytes that the DataStore holds; None while it is being filled."""
    rows: int | None
    columns: list[dict[str, Any]] | None
    about: dict[str, Any]
    """Where the table was found: title lines, sheet, encoding, delimiter."""
    error: str | None
    detail: dict[str, Any]
    attempts: int
    job: str | None
    queued_at: dt.datetime
    loaded_at: dt.datetime | None
    dictionary: list[dict[str, Any]]
    """What the DataStore says of the columns over the file's own titles."""

    @property
    def problem(self) -> FileError | None:
        """What went wrong, as data."""
        return ERRORS[self.error] if self.error else None


_FACTS = sa.text(
    "SELECT resource_id, rows, jsonb_array_length(columns) AS columns"
    " FROM maroc_files_load WHERE state = 'loaded' AND resource_id = ANY(:ids)"
)
_ONE = sa.text("SELECT * FROM maroc_files_load WHERE resource_id = :resource_id")
# The same file again changes nothing; another one is queued.
_QUEUE = sa.text(
    """
    INSERT INTO maroc_files_load AS load (resource_id, package_id, state, stamp)
    VALUES (:resource_id, :package_id, 'queued', :stamp)
    ON CONFLICT (resource_id) DO UPDATE
    SET package_id = excluded.package_id, state = 'queued', stamp = excluded.stamp,
        attempts = 0, job = NULL, queued_at = now()
    WHERE load.stamp <> excluded.stamp OR load.error = 'missing'
    RETURNING resource_id
    """
)
_AGAIN = sa.text(
    """
    UPDATE maroc_files_load
    SET state = 'queued', sha256 = NULL, attempts = 0, job = NULL, queued_at = now()
    WHERE resource_id = :resource_id
    RETURNING resource_id
    """
)
_JOB = sa.text(
    "UPDATE maroc_files_load SET job = :job WHERE resource_id = :resource_id"
)
_ATTEMPT = sa.text(
    """
    UPDATE maroc_files_load
    SET attempts = attempts + 1, queued_at = now()
    WHERE resource_id = :resource_id AND state = 'queued'
    RETURNING *
    """
)
_TOUCHED = sa.text(
    "UPDATE maroc_files_load SET sha256 = NULL WHERE resource_id = :resource_id"
)
_HOLDS = sa.text(
    """
    UPDATE maroc_files_load
    SET sha256 = :sha256, rows = :rows, columns = CAST(:columns AS jsonb),
        about = CAST(:about AS jsonb), dictionary = CAST(:dictionary AS jsonb),
        error = NULL, detail = '{}', loaded_at = now()
    WHERE resource_id = :resource_id
    """
)
_DESCRIBED = sa.text(
    "UPDATE maroc_files_load SET dictionary = CAST(:dictionary AS jsonb)"
    " WHERE resource_id = :resource_id"
)
# A newer file that was queued meanwhile stays queued.
_DONE = sa.text(
    """
    UPDATE maroc_files_load
    SET state = 'loaded', attempts = 0, job = NULL
    WHERE resource_id = :resource_id AND stamp = :begun
    """
)
_FAILED = sa.text(
    """
    UPDATE maroc_files_load
    SET state = :state, error = :error, detail = CAST(:detail AS jsonb), sha256 = NULL,
        columns = NULL, about = '{}', loaded_at = NULL, job = NULL
    WHERE resource_id = :resource_id AND stamp = :begun
    """
)
_FORGET = sa.text("DELETE FROM maroc_files_load WHERE resource_id = :resource_id")
_OF_PACKAGE = sa.text(
    "SELECT * FROM maroc_files_load WHERE package_id = :package_id ORDER BY resource_id"
)
# Each attempt that its worker did not end waits four times longer than the one before.
_WAITING = sa.text(
    """
    SELECT * FROM maroc_files_load
    WHERE state = 'queued' AND queued_at
        < now() - CAST(:since AS interval) * power(4, greatest(attempts - 1, 0))
    ORDER BY queued_at
    """
)
_IDS = sa.text(
    "SELECT resource_id FROM maroc_files_load WHERE state = ANY(:states)"
    " ORDER BY queued_at"
)
_STUCK = sa.text(
    "SELECT count(*) FROM maroc_files_load"
    " WHERE state = 'queued' AND queued_at < now() - CAST(:since AS interval)"
)


def facts(resource_ids: Sequence[str]) -> dict[str, TableFacts]:
    """Return how large the loaded tables among some files are, by the resource's id."""
    rows = model.Session.execute(_FACTS, {"ids": list(resource_ids)})
    return {
        row.resource_id: TableFacts(rows=row.rows, columns=row.columns) for row in rows
    }


def _begin() -> AbstractContextManager[sa.Connection]:
    return model.ensure_engine().begin()


def _load(row: sa.Row[Any]) -> Load:
    return Load(**row._mapping)


def of_resource(resource_id: str) -> Load | None:
    """Return what is known of a resource, in the session of the request."""
    row = model.Session.execute(_ONE, {"resource_id": resource_id}).one_or_none()
    return _load(row) if row else None


def of_package(package_id: str) -> list[Load]:
    """Return the rows of a dataset."""
    with _begin() as connection:
        return [
            _load(row)
            for row in connection.execute(_OF_PACKAGE, {"package_id": package_id})
        ]


def queue(resource_id: str, package_id: str, stamp: str) -> bool:
    """Queue the file with that stamp; return whether that is news."""
    with _begin() as connection:
        return bool(
            connection.execute(
                _QUEUE,
                {
                    "resource_id": resource_id,
                    "package_id": package_id,
                    "stamp": stamp,
                },
            ).one_or_none()
        )


def queue_again(resource_id: str) -> bool:
    """Queue a known resource whatever was loaded; return whether it is known."""
    with _begin() as connection:
        return bool(
            connection.execute(_AGAIN, {"resource_id": resource_id}).one_or_none()
        )


def keep_job(resource_id: str, job: str) -> None:
    """Remember which background job has the load."""
    with _begin() as connection:
        connection.execute(_JOB, {"resource_id": resource_id, "job": job})


def attempt(resource_id: str) -> Load | None:
    """Begin a load that is queued and count the attempt; None where there is none."""
    with _begin() as connection:
        row = connection.execute(_ATTEMPT, {"resource_id": resource_id}).one_or_none()
        return _load(row) if row else None


def touched(resource_id: str) -> None:
    """Say that the DataStore no longer holds what it held."""
    with _begin() as connection:
        connection.execute(_TOUCHED, {"resource_id": resource_id})


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the DataStore holds of a file."""

    sha256: str
    rows: int
    columns: list[dict[str, Any]]
    about: dict[str, Any]
    dictionary: list[dict[str, Any]]


def loaded(begun: Load, held: Held) -> None:
    """Say what the DataStore holds now."""
    with _begin() as connection:
        connection.execute(
            _HOLDS,
            {
                "resource_id": begun.resource_id,
                "sha256": held.sha256,
                "rows": held.rows,
                "columns": json.dumps(held.columns, ensure_ascii=False),
                "about": json.dumps(held.about, ensure_ascii=False),
                "dictionary": json.dumps(held.dictionary, ensure_ascii=False),
            },
        )
        connection.execute(_DONE, _file(begun))


def described(resource_id: str, dictionary: list[dict[str, Any]]) -> None:
    """Say what the DataStore says of the columns now."""
    with _begin() as connection:
        connection.execute(
            _DESCRIBED,
            {
                "resource_id": resource_id,
                "dictionary": json.dumps(dictionary, ensure_ascii=False),
            },
        )


def same(begun: Load) -> None:
    """Say that the file holds the bytes that were loaded before."""
    with _begin() as connection:
        connection.execute(_DONE, _file(begun))


def _file(begun: Load) -> dict[str, str]:
    return {"resource_id": begun.resource_id, "begun": begun.stamp}


def failed(begun: Load, problem: CannotLoad) -> None:
    """Keep why the file is no table."""
    with _begin() as connection:
        connection.execute(
            _FAILED,
            {
                "resource_id": begun.resource_id,
                "begun": begun.stamp,
                "state": problem.error.state,
                "error": problem.error.code,
                "detail": json.dumps(problem.detail, ensure_ascii=False),
            },
        )


def forget(resource_id: str) -> None:
    """Drop the row of a resource that is no uploaded table any more."""
    with _begin() as connection:
        connection.execute(_FORGET, {"resource_id": resource_id})


def waiting(since: dt.timedelta) -> list[Load]:
    """Return the loads that have been waiting for longer than that, oldest first."""
    with _begin() as connection:
        return [_load(row) for row in connection.execute(_WAITING, {"since": since})]


def any_waiting(connection: sa.Connection, since: dt.timedelta) -> bool:
    """Whether a load has been waiting for longer than that."""
    return connection.execute(_WAITING, {"since": since}).first() is not None


def stuck(since: dt.timedelta) -> int:
    """Return how many loads were neither begun nor ended for that long."""
    with _begin() as connection:
        return connection.execute(_STUCK, {"since": since}).scalar_one()


def ids(*states: str) -> list[str]:
    """Return the resources in one of these states, the longest waiting first."""
    with _begin() as connection:
        return list(connection.execute(_IDS, {"states": list(states)}).scalars())
