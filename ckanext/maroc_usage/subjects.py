"""What an event is about: a resource, its dataset, its institution, as they stand.

A record names one thing, by id or by name, as the request did. Before its event is kept
it becomes a number of ``maroc_usage_subject``, whose row never changes: a dataset that
passes to another institution, or is purged, takes none of its past uses with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from .kinds import SUBJECT_CODES

Reference = tuple[str, str]
"""The letter of the subject's type, and its id or name."""
Subject = tuple[str, str, str]
"""Ids of resource, dataset and institution; an empty text for none."""
NOTHING: Subject = ("", "", "")

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


def numbered(
    connection: sa.Connection, references: Iterable[Reference]
) -> dict[Reference, tuple[int, Subject]]:
    """Return each subject and its number; new ones are kept as they stand now."""
    meant = _resolve(connection, references)
    wanted = set(meant.values())
    known = _known(connection, wanted)
    missing = wanted - known.keys()
    if missing:
        connection.execute(_NEW_SUBJECTS, _columns(missing))
        known |= _known(connection, missing)
    return {
        reference: (known[subject], subject) for reference, subject in meant.items()
    }


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
