"""Standing decisions on living tables, and what each push brought: the rows.

What may be done with them is in :mod:`.feeding`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal.interfaces import Column, RefusedRow, RowsAdded, TableShape
from ckanext.maroc_schema import legal

LATEST = 50
"""How many pushes are listed."""
MOST_TOLD = 1_000
"""How many refused rows a report keeps, one by one."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What one account may add to one table, until a day."""

    resource_id: str
    package_id: str
    account_id: str
    given_by: str
    given_at: dt.datetime
    stead: str
    until: dt.date
    bound: Mapping[str, Any]
    """``shape`` of the table, ``legal`` (the hash of the legal block) and ``alerts``
    (the checks whose alert on the file was known)."""
    sha256: str
    """The file as the decision, or the feed, left it."""
    ended_at: dt.datetime | None

    @property
    def shape(self) -> TableShape:
        """The shape of the table that was decided on."""
        told = dict(self.bound["shape"])
        columns = tuple(Column(**each) for each in told.pop("columns"))
        return TableShape(columns=columns, **told)

    def is_on(self, day: dt.date) -> bool:
        """Whether rows may be added on a day."""
        return self.ended_at is None and day <= self.until


_FIND = sa.text("SELECT * FROM maroc_workflow_feed WHERE resource_id = :resource")
_OF = sa.text(
    "SELECT * FROM maroc_workflow_feed WHERE package_id = :id ORDER BY given_at"
)
_GIVE = sa.text(
    """
    INSERT INTO maroc_workflow_feed
        (resource_id, package_id, account_id, given_by, stead, until, bound, sha256)
    VALUES (:resource_id, :package_id, :account_id, :given_by, :stead, :until,
            CAST(:bound AS jsonb), :sha256)
    ON CONFLICT (resource_id) DO UPDATE
    SET account_id = excluded.account_id, given_by = excluded.given_by,
        given_at = now(), stead = excluded.stead, until = excluded.until,
        bound = excluded.bound, sha256 = excluded.sha256, ended_at = NULL
    """
)
_END = sa.text(
    "UPDATE maroc_workflow_feed SET ended_at = now()"
    " WHERE ended_at IS NULL AND package_id = :id"
    " AND (CAST(:resource AS text) IS NULL OR resource_id = :resource)"
)
_LEFT = sa.text(
    "UPDATE maroc_workflow_feed SET sha256 = :sha256 WHERE resource_id = :resource"
)
_REPORT = sa.text(
    """
    INSERT INTO maroc_workflow_feed_report
        (resource_id, push_id, method, received, accepted, refused, sha256)
    VALUES (:resource, :push_id, :method, :received, :accepted,
            CAST(:refused AS jsonb), :sha256)
    RETURNING *
    """
)
_PUSH = sa.text(
    "SELECT * FROM maroc_workflow_feed_report"
    " WHERE resource_id = :resource AND push_id = :push_id"
)
_REPORTS = sa.text(
    "SELECT * FROM maroc_workflow_feed_report WHERE resource_id = :resource"
    " ORDER BY id DESC LIMIT :latest"
)


def find(resource_id: str) -> Feed | None:
    """Return the standing decision on a table, in force or not."""
    row = model.Session.execute(_FIND, {"resource": resource_id}).one_or_none()
    return Feed(**row._mapping) if row else None


def of(package_id: str) -> list[Feed]:
    """Return a dataset's standing decisions, the oldest first."""
    rows = model.Session.execute(_OF, {"id": package_id})
    return [Feed(**row._mapping) for row in rows]


def give(**values: Any) -> None:
    """Write a standing decision; it takes the place of the one before."""
    values["bound"] = json.dumps(values["bound"], ensure_ascii=False)
    model.Session.execute(_GIVE, values)


def end(package_id: str, resource_id: str | None = None) -> None:
    """End a dataset's standing decisions, or the one on a table."""
    model.Session.execute(_END, {"id": package_id, "resource": resource_id})


def left(resource_id: str, sha256: str) -> None:
    """Remember the file that a push leaves."""
    model.Session.execute(_LEFT, {"resource": resource_id, "sha256": sha256})


def report(
    resource_id: str, *, push_id: str | None, method: str, received: int, of: RowsAdded
) -> dict[str, Any]:
    """Write what became of a push, and return it."""
    row = model.Session.execute(
        _REPORT,
        {
            "resource": resource_id,
            "push_id": push_id,
            "method": method,
            "received": received,
            "accepted": of.accepted,
            "refused": json.dumps(_told(of.refused), ensure_ascii=False),
            "sha256": of.sha256,
        },
    ).one()
    return _as_dict(row)


def pushed(resource_id: str, push_id: str) -> dict[str, Any] | None:
    """Return what became of a push that came before under this name."""
    values = {"resource": resource_id, "push_id": push_id}
    row = model.Session.execute(_PUSH, values).one_or_none()
    return _as_dict(row) if row else None


def reports(resource_id: str) -> list[dict[str, Any]]:
    """Return the latest pushes, the last first."""
    values = {"resource": resource_id, "latest": LATEST}
    return [_as_dict(row) for row in model.Session.execute(_REPORTS, values)]


def block_of(dataset: Mapping[str, Any]) -> str:
    """Return the hash of a dataset's legal block."""
    answers = {name: dataset.get(name) or None for name in legal.BLOCK}
    told = json.dumps(answers, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def same_columns(one: TableShape, other: TableShape) -> bool:
    """Whether two tables have the same columns of the same types, in their order."""
    return [_column(each) for each in one.columns] == [
        _column(each) for each in other.columns
    ]


def _column(column: Column) -> tuple[int, str, str]:
    # How large its whole numbers are is no other type.
    return column.at, column.id, column.kind


def _told(refused: Sequence[RefusedRow]) -> list[dict[str, Any]]:
    return [
        {"row": each.row, "column": each.column, "reason": dict(each.reason)}
        for each in refused[:MOST_TOLD]
    ]


def _as_dict(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at.isoformat(),
        "push_id": row.push_id,
        "method": row.method,
        "received": row.received,
        "accepted": row.accepted,
        "refused": row.refused,
        "sha256": row.sha256,
    }
