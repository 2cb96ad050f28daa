"""Who may decide on a dataset: its ROD, who stands in for them, or ADD.

Never somebody who wrote it. A delegation between two dates makes a deputy; what nobody
decides goes to the ROD of the institution above, then to ADD.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from ckan import authz, model

from ckanext.maroc_portal import clock

from .settings import settings

TURNS = ("rod", "deputy", "parent", "add")
"""Whose turn it is, in this order."""

FIXED_DAYS_OFF = frozenset(
    {"01-01", "01-11", "01-14", "05-01", "07-30", "08-14", "08-20", "08-21", "10-31"}
    | {"11-06", "11-18"}
)
"""National days of fixed date, month and day."""

# Core makes whoever creates an institution one of its administrators: ADD's accounts,
# which create them all, decide as ADD and hold up nobody's turn as a ROD.
_RODS = sa.text(
    """
    SELECT "user".id FROM member JOIN "user" ON "user".id = member.table_id
    WHERE member.table_name = 'user' AND member.group_id = :id
      AND member.capacity = 'admin' AND member.state = 'active'
      AND "user".state = 'active' AND NOT "user".sysadmin
    ORDER BY "user".id
    """
)
_DEPUTIES = sa.text(
    """
    SELECT DISTINCT to_user FROM maroc_workflow_delegation
    WHERE organization_id = :id AND ended_at IS NULL
      AND :day BETWEEN starts AND ends ORDER BY to_user
    """
)
_DELEGATED = sa.text(
    """
    SELECT DISTINCT organization_id FROM maroc_workflow_delegation
    WHERE to_user = :id AND ended_at IS NULL AND :day BETWEEN starts AND ends
    """
)
_BELOW = sa.text("SELECT maroc_workflow_below(:id)")
_ADD = sa.text(
    "SELECT id FROM \"user\" WHERE sysadmin AND state = 'active' ORDER BY id"
)


def rods(organization_id: str | None) -> list[str]:
    """Return the ids of an institution's RODs."""
    return _ids(_RODS, id=organization_id)


def deputies(organization_id: str | None) -> list[str]:
    """Return the ids of those who stand in for an institution's ROD today."""
    return _ids(_DEPUTIES, id=organization_id, day=clock.today())


def delegated_to(user_id: str) -> list[str]:
    """Return the institutions for whose ROD somebody stands in today."""
    return _ids(_DELEGATED, id=user_id, day=clock.today())


def reads_for(user_id: str) -> list[str]:
    """Return the institutions that somebody reads because they may have to decide."""
    return [*delegated_to(user_id), *_ids(_BELOW, id=user_id)]


def parent_of(organization_id: str | None) -> str | None:
    """Return the institution above, where there is one."""
    group = model.Group.get(organization_id) if organization_id else None
    extras: Any = group.extras if group is not None else {}  # pyright: ignore[reportAttributeAccessIssue]
    return extras.get("parent_institution") or None


def at_turn(turn: str, organization_id: str | None) -> list[str]:
    """Return the ids of those whose turn it is."""
    if turn == "rod":
        return rods(organization_id)
    if turn == "deputy":
        return deputies(organization_id)
    if turn == "parent":
        above = parent_of(organization_id)
        return rods(above) if above else []
    return _ids(_ADD)


def stead_of(
    user_id: str, organization_id: str | None, *, authors: Iterable[str], turn: str
) -> str | None:
    """Return as what someone may decide on a dataset, or None where they may not.

    ``rod``: of the institution; ``deputy``, ``parent``, ``add``: in the ROD's stead.
    The ROD above decides once it is their turn; ADD may always.
    """
    if not user_id or user_id in set(authors):
        return None
    if user_id in rods(organization_id):
        return "rod"
    if user_id in deputies(organization_id):
        return "deputy"
    if TURNS.index(turn) >= TURNS.index("parent"):
        above = parent_of(organization_id)
        if above and user_id in rods(above):
            return "parent"
    user = model.User.get(user_id)
    if user is not None and authz.is_sysadmin(user.name):
        return "add"
    return None


def next_turn(
    turn: str, organization_id: str | None, authors: Iterable[str]
) -> str | None:
    """Return whose turn comes next, where there is somebody who wrote none of it."""
    wrote = set(authors)
    for each in TURNS[TURNS.index(turn) + 1 :]:
        if set(at_turn(each, organization_id)) - wrote:
            return each
    return None


def first_turn(organization_id: str | None, authors: Iterable[str]) -> str:
    """Return whose turn it is at the beginning: a ROD's, where one may decide."""
    wrote = set(authors)
    if set(rods(organization_id)) - wrote:
        return "rod"
    return next_turn("rod", organization_id, wrote) or "add"


def is_overdue(since: dt.datetime, now: dt.datetime, days: int | None = None) -> bool:
    """Whether so many working days have gone by between two moments."""
    limit = settings().review_days if days is None else days
    return working_days(since, now) >= limit


def working_days(since: dt.datetime, until: dt.datetime) -> int:
    """Return how many working days ended between two moments, in Casablanca."""
    first, end = (each.astimezone(clock.CASABLANCA).date() for each in (since, until))
    count, day = 0, first
    off = settings().holidays
    while day < end:
        day += dt.timedelta(days=1)
        count += is_working_day(day, off)
    return count


def is_working_day(day: dt.date, off: Iterable[str] = ()) -> bool:
    """Whether offices are open on a day: no week-end, no national day, not told off."""
    return (
        day.weekday() < 5
        and day.strftime("%m-%d") not in FIXED_DAYS_OFF
        and day.isoformat() not in set(off)
    )


def _ids(statement: sa.TextClause, **values: Any) -> list[str]:
    rows: Sequence[str] = model.Session.execute(statement, values).scalars().all()
    return list(rows)
