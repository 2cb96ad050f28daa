"""Where each dataset stands: one row, which the gate and the workflow write."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from ckan import model

from .machine import State


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a dataset stands in the workflow."""

    package_id: str
    state: State = State.DRAFT
    since: dt.datetime | None = None
    authors: Sequence[str] = ()
    """Who wrote it since the last decision (user ids)."""
    submitted_at: dt.datetime | None = None
    submitted_by: str | None = None
    release_at: dt.datetime | None = None
    remarks: Mapping[str, str] = field(default_factory=dict)
    """The ROD's words, by field; ``""`` is the dataset as a whole."""
    revision_of: str | None = None
    base: Mapping[str, Any] = field(default_factory=dict)
    """A revision's beginning: ``hash`` of the public content, ``resources`` (its own
    ids to those of the public dataset), ``files`` (the hashes of the public dataset's
    files by resource), ``name`` where another address is proposed."""
    turn: str = "rod"
    turn_since: dt.datetime | None = None


_GET = sa.text("SELECT * FROM maroc_workflow_state WHERE package_id = :id")
_REVISION = sa.text("SELECT * FROM maroc_workflow_state WHERE revision_of = :id")
_WROTE = sa.text(
    """
    INSERT INTO maroc_workflow_state AS row (package_id, authors)
    VALUES (:id, CAST(:authors AS text[]))
    ON CONFLICT (package_id) DO UPDATE
    SET authors = array(SELECT DISTINCT unnest(row.authors || excluded.authors))
    WHERE NOT row.authors @> excluded.authors
    """
)
_MOVE = sa.text(
    """
    INSERT INTO maroc_workflow_state AS row (package_id, state) VALUES (:id, :state)
    ON CONFLICT (package_id) DO UPDATE SET state = excluded.state,
        since = CASE WHEN row.state = excluded.state THEN row.since ELSE now() END
    """
)
_REVISES = sa.text(
    """
    UPDATE maroc_workflow_state
    SET revision_of = :base_id, base = CAST(:base AS jsonb) WHERE package_id = :id
    """
)
_FORGET = sa.text("DELETE FROM maroc_workflow_state WHERE package_id = :id")
_SETTABLE = frozenset(
    {"submitted_at", "submitted_by", "release_at", "remarks", "turn", "turn_since"}
    | {"authors"}
)


def of(package_id: str) -> Standing:
    """Return where a dataset stands; one without a row is a draft that nobody wrote."""
    row = model.Session.execute(_GET, {"id": package_id}).one_or_none()
    return _standing(row) if row else Standing(package_id=package_id)


def revision_of(package_id: str) -> Standing | None:
    """Return the open revision of a public dataset."""
    row = model.Session.execute(_REVISION, {"id": package_id}).one_or_none()
    return _standing(row) if row else None


def wrote(package_id: str, user_id: str) -> None:
    """Remember that someone wrote the dataset: they cannot approve it."""
    authors = [user_id] if user_id else []
    model.Session.execute(_WROTE, {"id": package_id, "authors": authors})


def move(package_id: str, state: State, **more: Any) -> None:
    """Put a dataset into a state, and set what else is named."""
    model.Session.execute(_MOVE, {"id": package_id, "state": str(state)})
    if more:
        put(package_id, **more)


def put(package_id: str, **more: Any) -> None:
    """Set columns of a dataset's row."""
    if unknown := set(more) - _SETTABLE:
        raise TypeError(f"no such columns: {unknown}")
    if "remarks" in more:
        more["remarks"] = json.dumps(more["remarks"], ensure_ascii=False)
    columns = ", ".join(
        f"{name} = CAST(:{name} AS jsonb)" if name == "remarks" else f"{name} = :{name}"
        for name in more
    )
    model.Session.execute(
        sa.text(
            f"UPDATE maroc_workflow_state SET {columns} WHERE package_id = :id"  # noqa: S608 - names checked above
        ),
        {"id": package_id, **more},
    )


def revises(package_id: str, base_id: str, base: Mapping[str, Any]) -> None:
    """Say that a dataset is the revision of a public one, and what it began from."""
    values = {"id": package_id, "base_id": base_id, "base": json.dumps(base)}
    model.Session.execute(_REVISES, values)


def forget(package_id: str) -> None:
    """Let go of the row of a dataset that is gone."""
    model.Session.execute(_FORGET, {"id": package_id})


def _standing(row: sa.Row[Any]) -> Standing:
    values = dict(row._mapping)
    return Standing(**{**values, "state": State(values["state"])})
