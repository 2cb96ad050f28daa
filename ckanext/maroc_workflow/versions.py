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
    WHERE version.closed_at IS NOT NULL
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
    SELECT version.*, resource.hash = version.sha256 AND resource.state = 'active'
               AS is_current
    FROM maroc_workflow_version AS version
    JOIN resource ON resource.id = version.resource_id
    WHERE version.package_id = :id
    ORDER BY version.opened_at DESC, version.resource_id
    """
)
_ONE = sa.text(
    """
    SELECT version.* FROM maroc_workflow_version AS version
    JOIN package ON package.id = version.package_id
    WHERE version.resource_id = :resource AND version.sha256 = :sha256
      AND version.closed_at IS NULL
      AND package.state = 'active' AND package.private IS NOT TRUE
    """
)
_CLOSE = sa.text(
    "UPDATE maroc_workflow_version SET closed_at = now()"
    " WHERE resource_id = :resource AND sha256 = :sha256 AND closed_at IS NULL"
    " RETURNING package_id"
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
    """Return a dataset's versions, the latest first."""
    return model.Session.execute(_OF, {"id": package_id}).all()


def find(resource_id: str, sha256: str) -> sa.Row[Any] | None:
    """Return a version that anyone may have now."""
    values = {"resource": resource_id, "sha256": sha256}
    return model.Session.execute(_ONE, values).one_or_none()


def close(resource_id: str, sha256: str) -> bool:
    """Take one version away from the public; the caller commits."""
    values = {"resource": resource_id, "sha256": sha256}
    return model.Session.execute(_CLOSE, values).first() is not None


def kept() -> set[str]:
    """Return the hashes of the files that versions hold."""
    return set(model.Session.execute(_KEPT).scalars())
