"""What the portal does by itself: releases, turns, revisions that are done, digests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import clock

from . import notices, people, publishing, revisions, states, trail

log = logging.getLogger(__name__)

_DUE = sa.text(
    "SELECT package_id FROM maroc_workflow_state"
    " WHERE state = 'scheduled' AND release_at <= now() ORDER BY release_at"
)
_CHECKING = sa.text(
    "SELECT package_id FROM maroc_workflow_state WHERE state = 'checking'"
    " AND (CAST(:id AS text) IS NULL OR package_id = :id) ORDER BY submitted_at"
)
_DONE = sa.text(
    "SELECT package_id FROM maroc_workflow_state"
    " WHERE state = 'published' AND revision_of IS NOT NULL"
)
_WAITING = sa.text(
    """
    SELECT state.package_id, state.turn, state.turn_since, state.submitted_by,
           state.authors, package.owner_org
    FROM maroc_workflow_state AS state JOIN package ON package.id = state.package_id
    WHERE state.state = 'submitted' AND state.turn_since IS NOT NULL
      AND package.state <> 'deleted'
    """
)
_DIGEST = sa.text(
    "INSERT INTO maroc_workflow_digest (day, heads, digest)"
    " VALUES (:day, :heads, :digest) ON CONFLICT DO NOTHING RETURNING day"
)


def release_due() -> None:
    """Make public what was decided for a moment that has come."""
    _each(_DUE, publishing.release)


def due(connection: sa.Connection) -> bool:
    """Whether something waits to be released."""
    return connection.execute(_DUE).first() is not None


def go_on(payload: Mapping[str, Any] | None = None) -> None:
    """Go on with what waited for a report, where the last one is in."""
    _each(_CHECKING, publishing.checked, id=(payload or {}).get("id"))


def tidy() -> None:
    """Take away revisions whose content is public: a kill may have left one."""
    _each(_DONE, revisions.remove)


def next_turns() -> None:
    """Give to the next in turn what nobody decided in time."""
    now = clock.now()
    for row in model.Session.execute(_WAITING).all():
        authors = {*row.authors, row.submitted_by}
        nobody = not set(people.at_turn(row.turn, row.owner_org)) - authors
        if not nobody and not people.is_overdue(row.turn_since, now):
            continue
        turn = people.next_turn(row.turn, row.owner_org, authors)
        if turn is None:
            continue
        states.put(row.package_id, turn=turn, turn_since=now)
        notices.submitted(row.package_id)
        model.repo.commit()


def make_digest() -> None:
    """Keep and mail one digest over the heads of all chains, once a day."""
    heads, digest = trail.digest()
    day = clock.today()
    values = {"day": day, "heads": heads, "digest": digest}
    if model.Session.execute(_DIGEST, values).first():
        notices.digest(day.isoformat(), heads, digest)
    model.repo.commit()


def _each(statement: sa.TextClause, do: Callable[[str], object], **values: Any) -> None:
    """Do it for each dataset; one that fails is told and keeps none of the others."""
    failed = []
    for package_id in model.Session.execute(statement, values).scalars().all():
        try:
            do(package_id)
        except tk.ValidationError as refused:
            model.Session.rollback()
            log.warning("%s: %s", package_id, refused.error_dict)
        except Exception as error:
            model.Session.rollback()
            log.exception("%s could not go on", package_id)
            failed.append(error)
    if failed:
        raise failed[0]
