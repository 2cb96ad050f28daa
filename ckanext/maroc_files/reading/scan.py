"""The process that counts identifiers in one file, with its memory and time limited.

Every cell of every sheet is read, the hidden ones and what stands above the header too.
What it tells is how many cells of a column have the shape of an identifier and how many
hold together; no cell leaves this process.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, BinaryIO, TextIO

from ckanext.maroc_files.errors import CannotLoad
from ckanext.maroc_law import identifiers

from . import header, sheets, text
from .child import Limits, main

EMAIL = "email"
_EMAIL = re.compile(r"[^\s@<>,;:]+@[^\s@<>,;:]+\.[^\W\d_]{2,}")
_DIGIT = re.compile(r"\d")
_OF_LENGTH = tuple(
    tuple(each for each in identifiers.KINDS if length in each.lengths)
    for length in range(identifiers.LONGEST + 1)
)


class Tally:
    """What the cells of one sheet are, column by column."""

    def __init__(self) -> None:
        self.cells: Counter[int] = Counter()
        self.shaped: defaultdict[int, Counter[str]] = defaultdict(Counter)
        self.valid: defaultdict[int, Counter[str]] = defaultdict(Counter)

    def see(self, at: int, cell: str) -> None:
        """Count a cell."""
        self.cells[at] += 1
        for kind, holds in shapes(cell):
            self.shaped[at][kind] += 1
            if holds:
                self.valid[at][kind] += 1

    def told(self, titles: Sequence[str]) -> list[dict[str, Any]]:
        """Return the columns that have a title or a cell."""
        width = max([len(titles), *(at + 1 for at in self.cells)])
        return [
            {
                "title": titles[at] if at < len(titles) else "",
                "number": at + 1,
                "cells": self.cells[at],
                "shaped": dict(self.shaped[at]),
                "valid": dict(self.valid[at]),
            }
            for at in range(width)
            if self.cells[at]
        ]


@lru_cache(maxsize=1 << 16)
def shapes(cell: str) -> tuple[tuple[str, bool], ...]:
    """Return the kinds whose shape a cell has, each with whether it holds together."""
    found: list[tuple[str, bool]] = []
    if "@" in cell and _EMAIL.search(cell):
        found.append((EMAIL, True))
    if len(cell) <= identifiers.LONGEST and _DIGIT.search(cell):
        plain = identifiers.normalise(cell)
        # Some letters become two in capitals: the plain text may be longer.
        found += [
            (kind.id, kind.holds(plain))
            for kind in _OF_LENGTH[min(len(plain), identifiers.LONGEST)]
            if kind.pattern.fullmatch(plain)
        ]
    return tuple(found)


def scan(stream: BinaryIO, _sink: TextIO, limits: Limits) -> dict[str, Any]:
    """Count the identifiers of a file.

    :returns: ``sheets``, each with its ``name``, its ``rows`` and its ``columns``
    """
    head = stream.read(len(sheets.OLE))
    if not head:
        raise CannotLoad("empty")
    if head.startswith((sheets.ZIP, sheets.OLE)):
        tables = sheets.every(stream)
    else:
        tables = iter([("", text.rows(stream, {}))])
    found = [_sheet(name, rows, limits) for name, rows in tables]
    return {"sheets": [each for each in found if each["rows"]]}


def _sheet(name: str, rows: Iterable[Sequence[str]], limits: Limits) -> dict[str, Any]:
    tally, count = Tally(), 0

    def seen() -> Iterator[Sequence[str]]:
        nonlocal count
        for row in rows:
            filled = False
            for at, cell in enumerate(row):
                if cell and not cell.isspace():
                    filled = True
                    tally.see(at, cell)
            if not filled:
                continue
            count += 1
            if count > limits.rows:
                raise CannotLoad("too_many_rows", limit=limits.rows)
            if len(tally.cells) > limits.columns:
                raise CannotLoad(
                    "too_many_columns", columns=len(tally.cells), limit=limits.columns
                )
            yield row

    table = header.find_table(seen())
    for _ in table.body if table else ():
        pass
    titles = table.labels if table else []
    # A first line of data is no line of titles, and is told to nobody.
    if any(_is_value(title) for title in titles):
        titles = []
    name = "" if _is_value(name) else name
    return {"name": name, "rows": count, "columns": tally.told(titles)}


def _is_value(title: str) -> bool:
    return bool(identifiers.find(title) or _EMAIL.search(title))


if __name__ == "__main__":
    main(scan)
