"""The account of the checks: what was found in each file, and which files still wait.

A report is written once for a hash, a check and its version. The worker writes; the web
process only reads.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal import outbox
from ckanext.maroc_portal.interfaces import FileCheck, FileReport, Report

from .errors import ERRORS

ATTEMPTS = 3
"""A check that its worker did not survive so many times has failed."""

# The files of a dataset that lack a report of a check, as it is today.
_WANT = sa.text(
    """
    INSERT INTO maroc_files_check_wait (sha256, check_name, version)
    SELECT DISTINCT resource.hash, asked.name, asked.version
    FROM resource JOIN package ON package.id = resource.package_id,
         unnest(CAST(:names AS text[]), CAST(:versions AS integer[]))
             AS asked (name, version)
    WHERE (resource.package_id = :package_id OR CAST(:package_id AS text) IS NULL)
      AND package.state <> 'deleted'
      AND resource.state = 'active' AND resource.url_type = 'upload'
      AND resource.hash ~ '^[0-9a-f]{64}$'
      AND NOT EXISTS (
        SELECT FROM maroc_files_check_report AS report
        WHERE report.sha256 = resource.hash AND report.check_name = asked.name
          AND report.version = asked.version)
    ON CONFLICT DO NOTHING
    RETURNING sha256
    """
)
_JOB = sa.text("UPDATE maroc_files_check_wait SET job = :job WHERE sha256 = :sha256")
_ATTEMPT = sa.text(
    """
    UPDATE maroc_files_check_wait SET attempts = attempts + 1, queued_at = now()
    WHERE sha256 = :sha256
    RETURNING check_name, version, attempts
    """
)
# Each attempt that its worker did not end waits four times longer than the one before.
_WAITING = sa.text(
    """
    SELECT DISTINCT sha256, job FROM maroc_files_check_wait
    WHERE queued_at
        < now() - CAST(:since AS interval) * power(4, greatest(attempts - 1, 0))
    """
)
_WRITE = sa.text(
    """
    INSERT INTO maroc_files_check_report (sha256, check_name, version, verdict, detail)
    VALUES (:sha256, :name, :version, :verdict, CAST(:detail AS jsonb))
    ON CONFLICT DO NOTHING
    """
)
_DETAIL = sa.text(
    "SELECT detail FROM maroc_files_check_report"
    " WHERE sha256 = :sha256 AND check_name = :name AND version = :version"
)
_DONE = sa.text(
    "DELETE FROM maroc_files_check_wait"
    " WHERE sha256 = :sha256 AND check_name = :name AND version = :version"
)
_FORGET_FAILED = sa.text(
    "DELETE FROM maroc_files_check_report WHERE verdict = 'failed'"
)
# One row for each file and required check, whatever is known of it.
_OF_PACKAGE = sa.text(
    """
    SELECT resource.id AS resource_id, coalesce(resource.hash, '') AS sha256,
           asked.name AS check_name, report.verdict, report.detail,
           coalesce(wait.since < now() - CAST(:deadline AS interval), false) AS late
    FROM resource CROSS JOIN
         unnest(CAST(:names AS text[]), CAST(:versions AS integer[])) WITH ORDINALITY
             AS asked (name, version, number)
    LEFT JOIN maroc_files_check_report AS report
        ON report.sha256 = resource.hash AND report.check_name = asked.name
        AND report.version = asked.version
    LEFT JOIN maroc_files_check_wait AS wait
        ON wait.sha256 = resource.hash AND wait.check_name = asked.name
        AND wait.version = asked.version
    WHERE resource.package_id = :package_id AND resource.state = 'active'
      AND resource.url_type = 'upload'
    ORDER BY resource.position, resource.id, asked.number
    """
)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A check that was begun on a file."""

    name: str
    version: int
    attempts: int


def want(package_id: str | None, checks: Sequence[FileCheck]) -> list[str]:
    """Ask for the reports that a dataset's files lack; return those files' hashes.

    :param package_id: None for every dataset
    """
    with model.ensure_engine().begin() as connection:
        found = connection.execute(
            _WANT,
            {
                "package_id": package_id,
                "names": [each.name for each in checks],
                "versions": [each.version for each in checks],
            },
        )
        return sorted(set(found.scalars()))


def keep_job(sha256: str, job: str) -> None:
    """Remember which background job looks at the file."""
    with model.ensure_engine().begin() as connection:
        connection.execute(_JOB, {"sha256": sha256, "job": job})


def attempt(sha256: str) -> list[Waiting]:
    """Begin the checks that a file waits for, and count the attempt."""
    with model.ensure_engine().begin() as connection:
        return [
            Waiting(name=row.check_name, version=row.version, attempts=row.attempts)
            for row in connection.execute(_ATTEMPT, {"sha256": sha256})
        ]


def waiting(since: dt.timedelta) -> list[tuple[str, str | None]]:
    """Return the files that have waited for longer than that, each with its job."""
    with model.ensure_engine().begin() as connection:
        return [
            (row.sha256, row.job)
            for row in connection.execute(_WAITING, {"since": since})
        ]


def any_waiting(connection: sa.Connection, since: dt.timedelta) -> bool:
    """Whether a file has waited for longer than that."""
    return connection.execute(_WAITING, {"since": since}).first() is not None


def write(sha256: str, done: Waiting, report: Report) -> None:
    """Write a report, and the message that says so, in one transaction."""
    detail = {**report.detail, "reasons": [dict(each) for each in report.reasons]}
    key = {"sha256": sha256, "name": done.name, "version": done.version}
    model.Session.execute(
        _WRITE,
        {
            **key,
            "verdict": report.verdict,
            "detail": json.dumps(detail, ensure_ascii=False),
        },
    )
    model.Session.execute(_DONE, key)
    outbox.put("file.checked", sha256=sha256)
    model.Session.commit()


def detail(sha256: str, check: FileCheck) -> dict[str, Any]:
    """Return what a check told programs of a file; nothing where it did not report."""
    key = {"sha256": sha256, "name": check.name, "version": check.version}
    return model.Session.execute(_DETAIL, key).scalar_one_or_none() or {}


def forget_failed() -> None:
    """Drop the reports of the checks that failed, so that they are done again."""
    with model.ensure_engine().begin() as connection:
        connection.execute(_FORGET_FAILED)


def of_package(
    package_id: str, required: Mapping[str, int], deadline: dt.timedelta
) -> list[FileReport]:
    """Return what the required checks say of a dataset's files, in one question.

    Asked in the session's own transaction: files that are just being added are seen.

    :param required: the checks' names with their versions of today
    """
    rows = model.Session.execute(
        _OF_PACKAGE,
        {
            "package_id": package_id,
            "names": list(required),
            "versions": list(required.values()),
            "deadline": deadline,
        },
    )
    return [_report(row) for row in rows]


def _report(row: sa.Row[Any]) -> FileReport:
    state, reasons = "clean", ()
    if row.verdict in ("alert", "failed"):
        state, reasons = "alert", tuple((row.detail or {}).get("reasons", ()))
        reasons = reasons or (ERRORS["check_failed"].sentence,)
    elif row.verdict is None and not row.sha256:
        state, reasons = "alert", (ERRORS["missing"].sentence,)
    elif row.verdict is None and row.late:
        state, reasons = "alert", (ERRORS["check_late"].sentence,)
    elif row.verdict is None:
        state = "waiting"
    return FileReport(
        resource_id=row.resource_id,
        sha256=row.sha256,
        check=row.check_name,
        state=state,
        reasons=reasons,
    )
