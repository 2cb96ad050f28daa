"""What SQL finds of one dataset's description, public or not: two statements.

The conditions are those that the facts are made of, so that the points told of a
dataset are those counted of it. Whoever asks must have been allowed the dataset.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

import sqlalchemy as sa

from . import facts, frame
from .criteria import Criterion, condition, criteria
from .quality import Found, Known

_TABLE = "maroc_files_load"


def examine(connection: sa.Connection, dataset: str) -> Found:
    """Return what is found of the dataset with this id, which must be there."""
    tables = tuple(facts.present(connection))
    asked = {"dataset": dataset}
    told = connection.execute(sa.text(_of_dataset()), asked).mappings().one()
    files: dict[str, Known] = {}
    columns: dict[str, list[str]] = {}
    for row in connection.execute(sa.text(_of_files(tables)), asked).mappings():
        files[row["id"]] = _known(row, "files")
        if row["columns"]:
            columns[row["id"]] = [each["id"] for each in row["columns"]]
    return Found(dataset=_known(told, "dataset"), files=files, columns=columns)


def _known(row: Any, over: str) -> Known:
    return {each.name: row[each.name] for each in criteria().asked(over)}


@cache
def _of_dataset() -> str:
    said = _said(criteria().asked("dataset"))
    return f"SELECT {said} FROM package p WHERE p.id = :dataset"  # noqa: S608


@cache
def _of_files(tables: Collection[str]) -> str:
    rows = frame.rows_of(frame.PLACES["files"], tables, "AND r.id = one.id")
    table = (
        f"SELECT load.columns FROM {_TABLE} AS load"  # noqa: S608
        " WHERE load.resource_id = one.id AND load.state = 'loaded'"
        if _TABLE in tables
        else "SELECT NULL"
    )
    return (
        f"SELECT one.id, {_said(criteria().asked('files'))},"  # noqa: S608
        f" ({table}) AS columns"
        f" FROM resource AS one CROSS JOIN LATERAL ({rows}) AS file"
        " WHERE one.package_id = :dataset AND one.state = 'active' AND file.data"
    )


def _said(asked: Collection[Criterion]) -> str:
    """Return a column a criterion: true, false, or NULL where it cannot be known."""
    return ", ".join(
        f"CASE WHEN {condition(each)} THEN true"
        f" WHEN {each.unmeasured or 'false'} THEN NULL ELSE false END AS {each.name}"
        for each in asked
    )
