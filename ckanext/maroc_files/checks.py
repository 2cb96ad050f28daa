"""Every uploaded file is looked at by every check, once for each hash, by the worker.

What is to do stands in PostgreSQL. Whatever a check could not do is told as an alert:
who publishes never takes silence for « nothing found ».
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ckan import model
from ckan.lib import jobs

from ckanext.maroc_portal.interfaces import (
    FileCheck,
    FileFacts,
    FileReport,
    RefusedRow,
    Report,
    TableShape,
    file_checks,
)
from ckanext.maroc_portal.runs import is_held

from . import reports
from .errors import ERRORS, CannotStore
from .loading import alone
from .settings import settings
from .store import the_store

log = logging.getLogger(__name__)

WAIT = dt.timedelta(minutes=1)
"""A check that has waited for so long may have been lost with Redis."""
LOCK = 7_311_300_951

_FACTS = sa.text(
    """
    SELECT file.size, file.mimetype, array(
        SELECT DISTINCT nullif(resource.extras, '')::jsonb ->> 'file_name'
        FROM resource
        WHERE resource.hash = file.sha256 AND resource.url_type = 'upload'
          AND resource.extras LIKE '%file_name%') AS names
    FROM maroc_files_file AS file WHERE file.sha256 = :sha256
    """
)


def dataset_changed(payload: Mapping[str, Any]) -> None:
    """Queue the dataset's files that lack a report."""
    for sha256 in reports.want(payload["id"], list(file_checks().values())):
        enqueue(sha256)


def enqueue(sha256: str) -> None:
    """Give the file to the worker."""
    job = jobs.enqueue(
        check,
        [sha256],
        title=f"files.check {sha256}",
        rq_kwargs={"timeout": settings().check_seconds},
    )
    reports.keep_job(sha256, job.id)


def enqueue_lost() -> None:
    """Queue again the files that no queue holds and no living worker is at."""
    for sha256, job in reports.waiting(WAIT):
        if not (job and is_held(job)):
            enqueue(sha256)


def check(sha256: str) -> None:
    """Look at a file by the checks that it waits for."""
    with alone(LOCK, sha256) as mine:
        if not mine:
            return
        every = file_checks()
        for begun in reports.attempt(sha256):
            found = every.get(begun.name)
            if found is None or found.version != begun.version:
                # An older version of the check, or one that is there no more.
                report = _failed("check_failed")
            elif begun.attempts > reports.ATTEMPTS:
                report = _failed("check_failed")
            else:
                report = _run(found, sha256)
            reports.write(sha256, begun, report)


def _run(found: FileCheck, sha256: str) -> Report:
    store, facts = the_store(), _facts(sha256)
    if not store.exists(sha256):
        return _failed("missing")
    source = store.path_or_stream(sha256)
    if isinstance(source, Path):
        return found.run(source, facts)
    source.close()
    # A copy: a check may give it to another program.
    with store.open(sha256) as copy:
        return found.run(copy, facts)


def _facts(sha256: str) -> FileFacts:
    with model.ensure_engine().begin() as connection:
        row = connection.execute(_FACTS, {"sha256": sha256}).one_or_none()
    return FileFacts(
        sha256=sha256,
        size=row.size if row else 0,
        mimetype=row.mimetype if row else "",
        names=tuple(filter(None, row.names)) if row else (),
    )


def _failed(code: str) -> Report:
    return Report(
        verdict="failed", reasons=(ERRORS[code].sentence,), detail={"error": code}
    )


def of_rows(shape: TableShape, cells: Sequence[Sequence[str]]) -> Sequence[RefusedRow]:
    """Return the rows that a required check refuses, before they are in any file.

    :raises CannotStore: where a required check cannot look at rows
    """
    every, found = file_checks(), []
    for name in settings().required_checks:
        check = every.get(name)
        if check is None or check.rows is None:
            raise CannotStore("rows_unchecked", check=name)
        known = reports.detail(shape.sha256, check)
        found += check.rows(shape, cells, known)
    return found


def of_package(package_id: str) -> Sequence[FileReport]:
    """Return what the required checks say of a dataset's files."""
    every, given = file_checks(), settings()
    # A check that no plugin brings never reports: its files wait, and are late.
    required = {
        name: every[name].version if name in every else 0
        for name in given.required_checks
    }
    return reports.of_package(package_id, required, given.check_deadline)
