"""The trail: every decision on every dataset, added and never changed.

The database numbers, dates and chains the rows itself (sql/lock.sql).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from ckan import model

OPENING = ("review", "policy", "batch", "feed")
"""The kinds of decision that make content public."""

POLICIES = {"alerts": 1, "all": 1}
"""The review policies that decisions name, with the version of each.

Raise a version when what the policy lets out alone changes."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision, as it is written."""

    package_id: str
    kind: str
    name: str
    """The dataset's address then."""
    author_id: str
    """Who wrote, or submitted, what is decided on; who withdraws."""
    content_hash: str | None = None
    opens_at: dt.datetime | None = None
    owner_org: str | None = None
    authors: Sequence[str] = ()
    approver_id: str | None = None
    stead: str | None = None
    policy: str | None = None
    policy_version: int | None = None
    verdict: dict[str, Any] = field(default_factory=dict)
    article: str | None = None
    reason: str | None = None
    examine_by: dt.date | None = None
    revision_id: str | None = None
    bound: dict[str, Any] | None = None
    until: dt.date | None = None


_FIELDS = tuple(Decision.__dataclass_fields__)
_JSON = ("verdict", "bound")
_INSERT = sa.text(
    f"INSERT INTO maroc_workflow_decision ({', '.join(_FIELDS)}, n, at, previous,"  # noqa: S608 - names of our own
    " row_hash) VALUES ("
    + ", ".join(
        f"CAST(:{name} AS jsonb)" if name in _JSON else f":{name}" for name in _FIELDS
    )
    + ", 0, now(), '', '') RETURNING id"
)
_HASH = sa.text("SELECT maroc_workflow_hash(:id)")
_LAST = sa.text(
    "SELECT * FROM maroc_workflow_decision WHERE package_id = :id"
    " ORDER BY n DESC LIMIT 1"
)
_OF = sa.text("SELECT * FROM maroc_workflow_decision WHERE package_id = :id ORDER BY n")
_SINCE = sa.text(
    """
    SELECT kind FROM maroc_workflow_decision WHERE package_id = :id AND n > (
        SELECT max(n) FROM maroc_workflow_decision
        WHERE package_id = :id AND content_hash = :content) ORDER BY n
    """
)
_EVER = sa.text(
    "SELECT EXISTS (SELECT FROM maroc_workflow_decision"
    " WHERE package_id = :id AND kind <> 'withdraw')"
)
_NAMES = sa.text(
    "SELECT DISTINCT name FROM maroc_workflow_decision"
    " WHERE kind <> 'withdraw' AND starts_with(name, :beginning)"
)
_ANOTHERS = sa.text(
    "SELECT EXISTS (SELECT FROM maroc_workflow_decision WHERE name = :name"
    " AND kind <> 'withdraw' AND package_id IS DISTINCT FROM :id)"
)


def add(decision: Decision) -> None:
    """Write a decision in the session's transaction."""
    row = asdict(decision)
    row["authors"] = list(decision.authors)
    for name in _JSON:
        row[name] = None if row[name] is None else json.dumps(row[name])
    model.Session.execute(_INSERT, row)


def hash_of(package_id: str) -> str:
    """Return the hash of what a dataset says now, in the session's transaction."""
    model.Session.flush()
    return model.Session.execute(_HASH, {"id": package_id}).scalar_one()


def last(package_id: str) -> sa.Row[Any] | None:
    """Return the latest decision on a dataset."""
    return model.Session.execute(_LAST, {"id": package_id}).one_or_none()


def of(package_id: str) -> Sequence[sa.Row[Any]]:
    """Return every decision on a dataset, in their order."""
    return model.Session.execute(_OF, {"id": package_id}).all()


def since(package_id: str, content: str) -> Sequence[str]:
    """Return the kinds of the decisions after the last one on that content."""
    values = {"id": package_id, "content": content}
    return model.Session.execute(_SINCE, values).scalars().all()


def was_opened(package_id: str) -> bool:
    """Whether some decision ever opened the dataset."""
    return bool(model.Session.execute(_EVER, {"id": package_id}).scalar_one())


def names(beginning: str) -> Sequence[str]:
    """Return the addresses, beginning so, under which a decision opened a dataset."""
    return model.Session.execute(_NAMES, {"beginning": beginning}).scalars().all()


def is_anothers(name: str, package_id: str | None) -> bool:
    """Whether some decision opened another dataset under this address."""
    found = model.Session.execute(_ANOTHERS, {"name": name, "id": package_id})
    return bool(found.scalar_one())


def again(row: sa.Row[Any]) -> Decision:
    """Return a decision that was written before, to be repeated on other content."""
    values = {name: row._mapping[name] for name in _FIELDS}
    return Decision(**{**values, "content_hash": None, "opens_at": None})


def rules(verdict: Any) -> dict[str, Any]:
    """Return what a decision keeps of a verdict: the outcome and the rules' ids."""
    return {
        "outcome": str(verdict.outcome),
        "rules": [each.rule for each in verdict.reasons],
    }


def articles(verdict: Any) -> str | None:
    """Return the articles that a verdict names, each once, in its order; or None."""
    named: Iterable[str] = (each.article for each in verdict.reasons if each.article)
    return "; ".join(dict.fromkeys(named)) or None
