"""Rows that a program adds to a table: checked one by one, written as a new file.

A table is public by the bytes of its file, so a row that comes in makes a new file:
what is downloaded, what the DataStore holds and what was decided stay one and the same.
"""

from __future__ import annotations

import csv
import io
import math
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, BinaryIO, cast

import ckan.plugins.toolkit as tk

from ckanext.maroc_law.words import Words
from ckanext.maroc_portal.interfaces import Column, RefusedRow, RowsAdded, TableShape
from ckanext.maroc_schema import languages

from . import checks, ledger, loads
from .errors import CannotStore
from .reading.text import CELL, SAMPLE
from .reading.types import Guess, canonical
from .settings import settings
from .store import the_store
from .wording import NO_FIT

_UTF8 = ("utf-8", "utf-8-sig")
_MARKED = "utf-8-sig"
"""UTF-8 with its mark, by which spreadsheets know it."""


def shape_of(resource_id: str) -> TableShape | None:
    """Return the shape of a table that was loaded from a text file."""
    known = loads.of_resource(resource_id)
    if known is None or not known.sha256 or known.state != "loaded":
        return None
    if "delimiter" not in known.about:
        return None
    return TableShape(
        sha256=known.sha256,
        columns=tuple(
            Column(
                at=each["at"],
                id=each["id"],
                label=each["label"],
                kind=each["kind"],
                type=each["type"],
            )
            for each in known.columns or ()
        ),
        encoding=known.about["encoding"],
        delimiter=known.about["delimiter"],
    )


def add(
    shape: TableShape, base: str | None, rows: Sequence[Mapping[str, Any]]
) -> RowsAdded:
    """Write a file with the rows that fit and that no required check refuses.

    :param base: the file that they are added to; None for these rows alone
    :raises ValidationError: where nothing can be added, in the reader's language
    """
    try:
        return _add(shape, base, rows)
    except CannotStore as problem:
        told = problem.told(languages.of_reader())
        raise tk.ValidationError({"records": [told]}) from problem
    except FileNotFoundError as problem:
        told = CannotStore("missing").told(languages.of_reader())
        raise tk.ValidationError({"records": [told]}) from problem


def _add(
    shape: TableShape, base: str | None, rows: Sequence[Mapping[str, Any]]
) -> RowsAdded:
    fitting: dict[int, list[str]] = {}
    refused: list[RefusedRow] = []
    for number, row in enumerate(rows, start=1):
        cells = _cells(shape, row, number)
        if isinstance(cells, RefusedRow):
            refused.append(cells)
        else:
            fitting[number] = cells
    numbers = list(fitting)
    for each in checks.of_rows(shape, list(fitting.values())):
        number = numbers[each.row - 1]
        refused.append(RefusedRow(row=number, column=each.column, reason=each.reason))
    for number in {each.row for each in refused}:
        fitting.pop(number, None)
    kept = list(fitting.values())
    if kept and base is None and (doubt := _doubtful(shape, kept)):
        kept, refused = [], [*refused, doubt]
    refused.sort(key=lambda each: (each.row, each.column))
    if not kept:
        return RowsAdded(
            sha256=base or shape.sha256, size=0, accepted=0, refused=tuple(refused)
        )
    with tempfile.TemporaryFile() as file:
        if base is None:
            header = [each.label if each else "" for each in shape.places]
            file.write(_lines(shape, [header, *kept], "\n").encode(_MARKED))
        else:
            end = _begin(file, base, shape.encoding)
            file.write(_lines(shape, kept, end).encode())
        file.seek(0)
        stored = the_store().put(file, limit=settings().max_bytes, guard=ledger.put)
    return RowsAdded(
        sha256=stored.sha256,
        size=stored.size,
        accepted=len(kept),
        refused=tuple(refused),
    )


def _begin(file: BinaryIO, base: str, encoding: str) -> str:
    """Copy the file that is there, in UTF-8; return the end of its lines."""
    with the_store().open(base) as there:
        if encoding in _UTF8:
            shutil.copyfileobj(there, file)
        else:
            # Any letter may come in a row: the old code pages have not all of them.
            text = io.TextIOWrapper(there, encoding=encoding, newline="")
            copy = io.TextIOWrapper(cast(Any, file), encoding=_MARKED, newline="")
            shutil.copyfileobj(text, copy)
            copy.flush()
            copy.detach()
    file.seek(0)
    end = "\r\n" if b"\r\n" in file.read(SAMPLE) else "\n"
    file.seek(-1, io.SEEK_END)
    if file.read(1) != b"\n":
        file.write(end.encode())
    return end


def _lines(shape: TableShape, rows: Sequence[Sequence[str]], end: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=shape.delimiter, lineterminator=end).writerows(rows)
    return text.getvalue()


def _cells(shape: TableShape, row: Any, number: int) -> list[str] | RefusedRow:
    """Return a row as it is written in the file, or why it does not fit."""
    if not isinstance(row, Mapping):
        return _no_fit("row", number)
    columns = {each.id: each for each in shape.columns}
    cells = [""] * len(shape.places)
    for name, value in row.items():
        column = columns.get(name)
        if column is None:
            return _no_fit("column", number, str(name)[:100])
        cell = written(value, column.kind)
        if cell is None:
            return _no_fit("value", number, column.id, type=column.type)
        # One kind of line end inside cells: a lone carriage return would end the row.
        cells[column.at] = cell.replace("\r\n", "\n").replace("\r", "\n")
    return cells if any(cells) else _no_fit("empty", number)


def written(value: Any, kind: str) -> str | None:
    """Return a value of JSON as a column of that kind writes it; None if it cannot.

    >>> written(1.5, "decimal_comma"), written("2026-11-30", "date_dmy")
    ('1,5', '30/11/2026')
    >>> written("douze", "int") is None
    True
    """
    cell = _plain(value)
    if cell is None or "\0" in cell or len(cell) > CELL:
        return None
    if kind == "text" or not cell.strip():
        return cell
    if kind == "decimal_comma" and isinstance(value, float):
        cell = cell.replace(".", ",")
    if kind.endswith("_dmy") and cell[4:5] == "-":
        day, _, time = cell.replace("T", " ").partition(" ")
        cell = "/".join(reversed(day.split("-"))) + (f" {time}" if time else "")
    try:
        canonical(cell, kind)
    except ValueError:
        return None
    return cell


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return f"{Decimal(repr(value)):f}"
    return None


def _doubtful(shape: TableShape, rows: Sequence[Sequence[str]]) -> RefusedRow | None:
    """Return the column whose values alone would not be read as was decided."""
    for column in shape.columns:
        guess = Guess()
        for row in rows:
            if row[column.at]:
                guess.see(row[column.at])
        if guess.seen and guess.kind != column.kind:
            return _no_fit("type", 0, column.id, type=column.type)
    return None


def _no_fit(why: str, row: int, column: str = "", **more: str) -> RefusedRow:
    said: Words = NO_FIT[why]
    reason = {lang: text.format_map(more) for lang, text in said.items()}
    return RefusedRow(row=row, column=column, reason=reason)
