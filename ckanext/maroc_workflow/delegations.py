"""A ROD's stand-in, between two days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from . import errors, gate

_END = sa.text(
    "UPDATE maroc_workflow_delegation SET ended_at = now()"
    " WHERE organization_id = :organization AND to_user = :user AND ended_at IS NULL"
)
_ADD = sa.text(
    "INSERT INTO maroc_workflow_delegation"
    " (organization_id, from_user, to_user, starts, ends)"
    " VALUES (:organization, :from_user, :user, :starts, :ends)"
)


_STANDING = sa.text(
    "SELECT to_user, from_user, starts, ends FROM maroc_workflow_delegation"
    " WHERE organization_id = :organization AND ended_at IS NULL AND ends >= :day"
    " ORDER BY starts, id"
)


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """Who stands in for whom, between two days."""

    to_user: str
    from_user: str
    starts: dt.date
    ends: dt.date

    def is_on(self, day: dt.date) -> bool:
        return self.starts <= day <= self.ends


def standing(organization_id: str, day: dt.date) -> list[Delegation]:
    """Return an institution's delegations that are in force, or to come."""
    rows = model.Session.execute(
        _STANDING, {"organization": organization_id, "day": day}
    )
    return [Delegation(**row._mapping) for row in rows]


def delegate(
    context: Context, *, organization: str, user: str, starts: dt.date, ends: dt.date
) -> dict[str, Any]:
    """Name who stands in between two days; a later word replaces an earlier one."""
    person, group = model.User.get(user), model.Group.get(organization)
    if person is None or not person.is_active or group is None:
        raise tk.ValidationError({"user": [errors.say("unknown_person")]})
    if ends < starts:
        raise tk.ValidationError({"ends": [errors.say("inverted_dates")]})
    actor = gate.actor_of(context)
    if actor == person.id:
        raise tk.ValidationError({"user": [errors.say("not_yours")]})
    row = {"organization": group.id, "user": person.id}
    model.Session.execute(_END, row)
    model.Session.execute(
        _ADD, {**row, "from_user": actor, "starts": starts, "ends": ends}
    )
    model.repo.commit()
    return {
        "organization": group.name,
        "user": person.name,
        "starts": starts.isoformat(),
        "ends": ends.isoformat(),
    }
