"""What waits, for whom: the ROD's decisions and the GdD's corrections."""

from __future__ import annotations

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
