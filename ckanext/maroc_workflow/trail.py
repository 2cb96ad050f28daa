"""The trail read: lists, extracts, and whether the chains hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ckan import model
from ckan.types import Context

from ckanext.maroc_portal import clock

from . import people

MOST = 10_000

_LIST = sa.text(
    """
    SELECT decision.*, maroc_workflow_row_hash(decision) AS computed
    FROM maroc_workflow_decision AS decision
    WHERE (CAST(:package_id AS text) IS NULL OR package_id = :package_id)
      AND (CAST(:owner AS text) IS NULL OR owner_org = :owner)
      AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
      AND (CAST(:until AS timestamptz) IS NULL OR at < :until)
      AND (CAST(:kind AS text) IS NULL OR kind = :kind)
      AND (CAST(:article AS text) IS NULL OR position(:article IN article) > 0)
    ORDER BY id DESC LIMIT :limit OFFSET :offset
    """
)
# A row is sound when its hash is its own and it names the row before it; the first of
# a dataset names none.
_BROKEN = sa.text(
    """
    SELECT package_id, n FROM (
        SELECT package_id, n, previous, row_hash,
               maroc_workflow_row_hash(decision) AS computed,
               lag(row_hash, 1, '') OVER chain AS before,
               row_number() OVER chain AS place
        FROM maroc_workflow_decision AS decision
        WINDOW chain AS (PARTITION BY package_id ORDER BY n)
    ) AS row
    WHERE row_hash <> computed OR previous <> before OR n <> place
    ORDER BY package_id, n
    """
)
_UNCOVERED = sa.text(
    "SELECT id FROM package WHERE state = 'active' AND private IS NOT TRUE"
    " AND NOT maroc_workflow_is_open(id) ORDER BY id"
)
_HEADS = sa.text(
    """
    SELECT count(*) AS heads,
           encode(sha256(convert_to(coalesce(
               string_agg(row_hash, '' ORDER BY package_id), ''), 'UTF8')), 'hex')
               AS digest
    FROM (SELECT DISTINCT ON (package_id) package_id, row_hash
          FROM maroc_workflow_decision ORDER BY package_id, n DESC) AS head
    """
)

# A night's digest is found again from the heads as they stood at its moment.
_DIGESTS = sa.text(
    """
    SELECT night.day, night.digest FROM maroc_workflow_digest AS night
    CROSS JOIN LATERAL (
        SELECT encode(sha256(convert_to(coalesce(
                   string_agg(row_hash, '' ORDER BY package_id), ''), 'UTF8')), 'hex')
                   AS digest
        FROM (SELECT DISTINCT ON (package_id) package_id, row_hash
              FROM maroc_workflow_decision WHERE at <= night.made_at
              ORDER BY package_id, n DESC) AS head
    ) AS again
    WHERE again.digest <> night.digest ORDER BY night.day
    """
)
_KEPT_DIGESTS = sa.text(
    "SELECT day, heads, digest FROM maroc_workflow_digest"
    " ORDER BY day DESC LIMIT :limit OFFSET :offset"
)


def listed(context: Context, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return decisions, the latest first; people by their role unless ADD asks."""
    user = model.User.get(context.get("user") or "")
    by_name = bool(user and user.sysadmin)
    package = model.Package.get(asked["id"]) if asked.get("id") else None
    asked_owner = asked.get("organization")
    owner = model.Group.get(asked_owner) if asked_owner else None
    rows = model.Session.execute(
        _LIST,
        {
            "package_id": (package.id if package else asked.get("id")) or None,
            "owner": owner.id if owner else None,
            "since": start(asked.get("since")),
            "until": start(asked.get("until"), after=1),
            "kind": asked.get("kind") or None,
            "article": asked.get("article") or None,
            "limit": min(asked["limit"], MOST),
            "offset": asked["offset"],
        },
    )
    roles = _Roles(by_name=by_name)
    return [_told(row, roles) for row in rows]


def broken() -> list[tuple[str, int]]:
    """Return the rows whose chain does not hold, by dataset and number."""
    return [tuple(row) for row in model.Session.execute(_BROKEN)]


def uncovered() -> list[str]:
    """Return the public datasets that no decision opens as they stand."""
    return list(model.Session.execute(_UNCOVERED).scalars())


def digest() -> tuple[int, str]:
    """Return how many chains there are, and one digest over all their heads."""
    row = model.Session.execute(_HEADS).one()
    return row.heads, row.digest


def broken_digests() -> list[tuple[dt.date, str]]:
    """Return the nights whose digest the rows of then do not give any more."""
    return [(row.day, row.digest) for row in model.Session.execute(_DIGESTS)]


def digests(*, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """Return the digests that were kept, the latest first, for anyone."""
    rows = model.Session.execute(_KEPT_DIGESTS, {"limit": limit, "offset": offset})
    return [dict(row._mapping) for row in rows]


def start(day: dt.date | None, after: int = 0) -> dt.datetime | None:
    """Return the first moment of a day in Casablanca, or of a later one."""
    if day is None:
        return None
    moment = dt.datetime.combine(day, dt.time(), clock.CASABLANCA)
    return moment + dt.timedelta(days=after)


def _told(row: sa.Row[Any], roles: _Roles) -> dict[str, Any]:
    return {
        "package_id": row.package_id,
        "n": row.n,
        "at": row.at.astimezone(clock.CASABLANCA).isoformat(),
        "kind": row.kind,
        "name": row.name,
        "organization": row.owner_org,
        "author": roles.of(row.author_id, row.owner_org),
        "approver": roles.of(row.approver_id, row.owner_org, row.stead),
        "stead": row.stead,
        "policy": row.policy,
        "policy_version": row.policy_version,
        "verdict": row.verdict,
        "article": row.article,
        "reason": row.reason,
        "opens_at": row.opens_at.isoformat() if row.opens_at else None,
        "examine_by": row.examine_by.isoformat() if row.examine_by else None,
        "revision_id": row.revision_id,
        "resource": (row.bound or {}).get("resource"),
        "until": row.until.isoformat() if row.until else None,
        "content_hash": row.content_hash,
        "previous": row.previous,
        "row_hash": row.row_hash,
    }


class _Roles:
    """What people of the trail are called: by name for ADD, else by what they are."""

    def __init__(self, *, by_name: bool) -> None:
        self._by_name = by_name
        self._rods: dict[str | None, frozenset[str]] = {}
        self._add = frozenset(people.at_turn("add", None))

    def of(
        self, user_id: str | None, owner: str | None, stead: str | None = None
    ) -> str | None:
        """Return somebody's name or role: the one they decided in, or have now."""
        if not user_id:
            return None
        user = model.User.get(user_id) if self._by_name else None
        return user.name if user else stead or self._role(user_id, owner)

    def _role(self, user_id: str, owner: str | None) -> str:
        if owner not in self._rods:
            self._rods[owner] = frozenset(people.rods(owner))
        if user_id in self._rods[owner]:
            return "rod"
        return "add" if user_id in self._add else "gdd"
