"""What waits, for whom: the ROD's decisions and the GdD's corrections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import model
from ckan.types import Context

from ckanext.maroc_portal import clock
from ckanext.maroc_schema import texts

from . import gate, people, states
from .machine import State

_WAITING = sa.text(
    """
    SELECT state.package_id FROM maroc_workflow_state AS state
    JOIN package ON package.id = state.package_id AND package.state <> 'deleted'
    WHERE state.state = ANY(:states)
      AND (CAST(:owners AS text[]) IS NULL OR package.owner_org = ANY(:owners))
    ORDER BY state.submitted_at NULLS LAST, state.since LIMIT 500
    """
)


_COUNTS = sa.text(
    """
    WITH mine AS (
        SELECT group_id AS id, capacity FROM member
        WHERE table_name = 'user' AND table_id = :id AND state = 'active'
          AND capacity IN ('admin', 'editor')
    ), decides AS (
        SELECT id FROM mine WHERE capacity = 'admin'
        UNION
        SELECT organization_id FROM maroc_workflow_delegation
        WHERE to_user = :id AND ended_at IS NULL AND :day BETWEEN starts AND ends
    ), below AS (
        SELECT id FROM "group" WHERE is_organization AND state = 'active'
          AND extras ->> 'parent_institution'
              IN (SELECT id FROM mine WHERE capacity = 'admin')
    )
    SELECT
        :is_add OR EXISTS (SELECT FROM decides) OR EXISTS (SELECT FROM below)
            AS decides,
        EXISTS (SELECT FROM mine) AS prepares,
        count(*) FILTER (
            WHERE waiting.state IN ('submitted', 'checking')
              AND NOT :id = ANY (waiting.authors)
              AND waiting.submitted_by IS DISTINCT FROM :id
              AND (:is_add AND waiting.turn = 'add'
                OR package.owner_org IN (SELECT id FROM decides)
                OR waiting.turn IN ('parent', 'add')
                    AND package.owner_org IN (SELECT id FROM below))
        ) AS to_decide,
        count(*) FILTER (
            WHERE waiting.state = 'changes_requested'
              AND package.owner_org IN (SELECT id FROM mine)
        ) AS to_correct
    FROM maroc_workflow_state AS waiting
    JOIN package ON package.id = waiting.package_id AND package.state <> 'deleted'
    WHERE waiting.state IN ('submitted', 'checking', 'changes_requested')
    """
)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much waits for somebody, and whether it could ever."""

    decides: bool
    prepares: bool
    to_decide: int
    """Of the country, ADD is told what is ADD's turn alone."""
    to_correct: int


def counts(user: model.User) -> Counts:
    """Return how much waits for somebody: one query, for the top of every page."""
    row = model.Session.execute(
        _COUNTS, {"id": user.id, "day": clock.today(), "is_add": bool(user.sysadmin)}
    ).one()
    return Counts(**row._mapping)


def listed(
    context: Context, *, organization: str | None = None, mine: bool = False
) -> list[dict[str, Any]]:
    """Return what waits for somebody, the oldest first.

    :param mine: what they must correct, instead of what they may decide on
    """
    actor = gate.actor_of(context)
    user = model.User.get(actor)
    if user is None:
        return []
    owners: list[str] | None = None if user.sysadmin else _institutions(user)
    if organization:
        group = model.Group.get(organization)
        asked = group.id if group else organization
        owners = [asked] if owners is None or asked in owners else []
    wanted = (
        (State.CHANGES_REQUESTED, State.DRAFT)
        if mine
        else (State.SUBMITTED, State.CHECKING)
    )
    rows = model.Session.execute(
        _WAITING, {"states": [str(each) for each in wanted], "owners": owners}
    )
    found = [_row(each, actor) for each in rows.scalars().all()]
    if mine:
        return [
            each for each in found if actor in each.pop("authors") or each["remarks"]
        ]
    for each in found:
        each.pop("authors")
    return [each for each in found if each["may_decide"]]


def _institutions(user: model.User) -> list[str]:
    """Return where somebody edits, decides, or stands in for who decides."""
    rows = model.Session.execute(
        sa.text(
            "SELECT group_id FROM member WHERE table_name = 'user'"
            " AND table_id = :id AND state = 'active'"
            " AND capacity IN ('admin', 'editor')"
        ),
        {"id": user.id},
    )
    own = list(rows.scalars())
    return own + people.delegated_to(user.id) + _below(own)


def _below(owners: list[str]) -> list[str]:
    """Return the institutions under these."""
    rows = model.Session.execute(
        sa.text(
            "SELECT id FROM \"group\" WHERE is_organization AND state = 'active'"
            " AND extras ->> 'parent_institution' = ANY(:owners)"
        ),
        {"owners": owners},
    )
    return list(rows.scalars())


def _row(package_id: str, actor: str) -> dict[str, Any]:
    package: Any = model.Session.get(model.Package, package_id)
    standing = states.of(package_id)
    authors = list(standing.authors)
    if standing.submitted_by:
        authors.append(standing.submitted_by)
    owner = model.Group.get(package.owner_org) if package.owner_org else None
    writer = model.User.get(standing.submitted_by) if standing.submitted_by else None
    since = standing.turn_since or standing.submitted_at
    return {
        "id": package_id,
        "name": package.name,
        "title": texts.load(package.extras.get("title_translated")) or package.title,
        "organization": owner.name if owner else None,
        "state": str(standing.state),
        "since": standing.since.isoformat() if standing.since else None,
        "submitted_at": standing.submitted_at.isoformat()
        if standing.submitted_at
        else None,
        "submitted_by": writer.name if writer else None,
        "turn": standing.turn,
        "overdue": bool(since and people.is_overdue(since, clock.now())),
        "revision_of": standing.revision_of,
        "remarks": dict(standing.remarks),
        "may_decide": people.stead_of(
            actor, package.owner_org, authors=authors, turn=standing.turn
        ),
        "authors": authors,
    }
