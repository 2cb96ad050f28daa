"""Where the table begins: title lines above, one row of column titles, then rows."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LOOK = 200
"""How many rows tell the table's usual width."""
TITLES = 30
"""How many lines may stand above the header."""

_NUMBER = re.compile(r"\s*[-+]?[0-9][0-9 \u00a0\u202f.,]*%?\s*$")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}$")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table found in rows of cells."""

    title: list[str]
    """What stood above the header, line by line."""
    labels: list[str]
    """The column titles as written; empty where the file gives none."""
    body: Iterator[Sequence[str]]
    """The rows below, blank ones left out, of uneven widths."""


def find_table(rows: Iterable[Sequence[str]]) -> Table | None:
    """Find the header; None where no row holds anything."""
    filled = (row for row in rows if any(cell.strip() for cell in row))
    first = list(itertools.islice(filled, LOOK))
    if not first:
        return None
    at = header_index(first)
    headless = _is_data(first[at])
    return Table(
        title=[
            " ".join(cell.strip() for cell in row if cell.strip()) for row in first[:at]
        ],
        labels=[] if headless else [" ".join(cell.split()) for cell in first[at]],
        body=itertools.chain(first[at if headless else at + 1 :], filled),
    )


def header_index(rows: Sequence[Sequence[str]]) -> int:
    """Return which row holds the column titles.

    It is the first one as wide as the rows below usually are, and mostly filled. A
    header that lacks its last titles is one too, when it is all words.
    """
    width = usual_width(rows)
    if width < 2:
        return 0
    for at, row in enumerate(rows[:TITLES]):
        if _is_full(row, width):
            return at
        below = rows[at + 1] if at + 1 < len(rows) else ()
        if _is_short_header(row, width) and not (
            _is_full(below, width) and _is_wordy(below)
        ):
            return at
    return 0


def usual_width(rows: Iterable[Sequence[str]]) -> int:
    """Return the most common width beyond one cell (the larger of two as common)."""
    widths = Counter(_extent(row) for row in rows)
    wide = [(count, width) for width, count in widths.items() if width > 1]
    return max(wide)[1] if wide else 1


def _extent(row: Sequence[str]) -> int:
    return next(
        (at + 1 for at in range(len(row) - 1, -1, -1) if row[at].strip()),
        0,
    )


def _filled(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row if cell.strip()]


def _is_full(row: Sequence[str], width: int) -> bool:
    return _extent(row) >= width and len(_filled(row)) * 2 >= width


def _is_short_header(row: Sequence[str], width: int) -> bool:
    extent = _extent(row)
    return extent >= 2 and extent * 3 >= width * 2 and _is_wordy(row)


def _is_wordy(row: Sequence[str]) -> bool:
    return not any(_NUMBER.match(cell) for cell in _filled(row))


def _is_data(row: Sequence[str]) -> bool:
    """Whether the row is all numbers, and not a header of years."""
    cells = _filled(row)
    years = len(set(cells)) == len(cells) and all(_YEAR.match(cell) for cell in cells)
    return all(_NUMBER.match(cell) for cell in cells) and not years
