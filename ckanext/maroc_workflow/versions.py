"""The bytes that decisions opened: each version keeps an address of its own.

They are closed with the dataset, or one by one. Bytes that no decision opened, and
those of a dataset that is withdrawn or purged, have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal import clock

_OPENED = sa.text(
    """
    INSERT INTO maroc_workflow_version AS version
        (package_id, resource_id, sha256, name, size, decision)
    SELECT resource.package_id, resource.id, resource.hash,
           coalesce(nullif(resource.extras, '')::jsonb ->> 'file_name', resource.url),
           resource.size,
           (SELECT max(n) FROM maroc_workflow_decision WHERE package_id = :id)
    FROM resource
    WHERE resource.package_id = :id AND resource.state = 'active'
      AND resource.url_type = 'upload' AND coalesce(resource.hash, '') <> ''
    ON CONFLICT (resource_id, sha256) DO UPDATE
    SET closed_at = NULL, opened_at = now(), decision = excluded.decision
    WHERE version.closed_at IS NOT NULL AND version.closed_by IS NULL
    """
)
# Of what a feed brought, the last state of each day stays.
_SUPERSEDED = sa.text(
    """
    UPDATE maroc_workflow_version AS version SET closed_at = now()
    FROM maroc_workflow_decision AS decision
    WHERE version.resource_id = :resource AND version.sha256 = :sha256
      AND decision.package_id = version.package_id AND decision.n = version.decision
      AND decision.kind = 'feed' AND version.closed_at IS NULL
      AND (version.opened_at AT TIME ZONE :zone)::date = :day
    """
)
_OF = sa.text(
    """
    SELECT version.*,
           package.state = 'active' AND package.private IS NOT TRUE AS is_public,
           EXISTS (
               SELECT FROM resource
               WHERE package_id = version.package_id AND state = 'active'
                 AND url_type = 'upload' AND hash = version.sha256) AS is_served
    FROM maroc_workflow_version AS version
    JOIN package ON package.id = version.package_id
    WHERE version.package_id = :id
      AND (CAST(:resource AS text) IS NULL OR version.resource_id = :resource)
      AND (CAST(:sha256 AS text) IS NULL OR version.sha256 = :sha256)
    ORDER BY version.opened_at DESC, version.resource_id
    """
)
_CLOSE = sa.text(
    "UPDATE maroc_workflow_version"
    " SET closed_at = now(), closed_by = :by, reason = :reason"
    " WHERE resource_id = :resource AND sha256 = :sha256 AND closed_at IS NULL"
)
_CLOSED = sa.text(
    """
    SELECT DISTINCT resource.id, resource.hash FROM resource
    LEFT JOIN maroc_workflow_state AS state ON state.package_id = resource.package_id
    JOIN maroc_workflow_version AS version
      ON version.package_id = coalesce(state.revision_of, resource.package_id)
     AND version.sha256 = resource.hash
    WHERE resource.package_id = :id AND resource.state = 'active'
      AND version.closed_by IS NOT NULL
    """
)
_KEPT = sa.text(
    """
    SELECT DISTINCT version.sha256 FROM maroc_workflow_version AS version
    WHERE version.closed_at IS NULL
      AND EXISTS (SELECT FROM package WHERE id = version.package_id)
    """
)


def opened(package_id: str) -> None:
    """Remember the bytes that a decision opens now, in the session's transaction."""
    model.Session.execute(_OPENED, {"id": package_id})


def superseded(resource_id: str, sha256: str) -> None:
    """Let go of a state of today that a feed brought and now replaces.

    In the session's transaction. What another decision opened stays.
    """
    values = {"resource": resource_id, "sha256": sha256}
    model.Session.execute(
        _SUPERSEDED, {**values, "zone": clock.CASABLANCA.key, "day": clock.today()}
    )


def of(package_id: str) -> Sequence[sa.Row[Any]]:
    """Return a dataset's versions, the latest first, with what becomes of them.

    ``is_public``: whether the dataset is; ``is_served``: whether these are the bytes of
    a file that it has now.
    """
    values = {"id": package_id, "resource": None, "sha256": None}
    return model.Session.execute(_OF, values).all()


def find(package_id: str, resource_id: str, sha256: str) -> sa.Row[Any] | None:
    """Return one version of a dataset, as :func:`of` does."""
    values = {"id": package_id, "resource": resource_id, "sha256": sha256}
    return model.Session.execute(_OF, values).one_or_none()


def close(resource_id: str, sha256: str, *, by: str, reason: str) -> None:
    """Take one version away from the public; the caller commits."""
    values = {"resource": resource_id, "sha256": sha256, "by": by, "reason": reason}
    model.Session.execute(_CLOSE, values)


def closed_files(package_id: str) -> Sequence[sa.Row[Any]]:
    """Return the files of a dataset whose bytes somebody closed: ``id``, ``hash``.

    Those of a revision too: the versions are the public dataset's.
    """
    return model.Session.execute(_CLOSED, {"id": package_id}).all()


def kept() -> set[str]:
    """Return the hashes of the files that versions hold."""
    return set(model.Session.execute(_KEPT).scalars())
