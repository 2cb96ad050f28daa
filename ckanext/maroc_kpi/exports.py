"""The frozen months as files that anyone can check: see :mod:`.chain`.

Both are written month by month, so that years of them need no room.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from ckanext.maroc_portal.cells import safe

from . import chain
from .freezing import Frozen

ABOUT = (
    "The frozen months of the open data indicators. A row's hash is the SHA-256 of its"
    " cells in the order of columns, joined by U+001F; a month's hash is that of the"
    " month before, the month and the hashes of its rows, a line each. Check them with"
    " /indicateurs/chain.py."
)


def as_json(months: Iterable[Frozen]) -> Iterator[str]:
    """Yield a JSON document with the months and their rows."""
    head = json.dumps({"about": ABOUT, "columns": chain.COLUMNS})
    yield f'{head[:-1]}, "months": ['
    between = "\n"
    for month in months:
        yield between + json.dumps(
            {
                "month": month.month,
                "frozen_at": month.frozen_at.isoformat(),
                "previous_hash": month.previous,
                "month_hash": month.hash,
                "rows": month.rows,
            },
            ensure_ascii=False,
        )
        between = ",\n"
    yield "\n]}\n"


def as_csv(months: Iterable[Frozen]) -> Iterator[str]:
    """Yield a table with a row a value, each with its hash and its month's."""
    # The mark at the start lets a spreadsheet read the Arabic right.
    yield "\ufeff" + _lines([[*chain.COLUMNS, *chain.HASHES]])
    for month in months:
        yield _lines(
            [
                *(_cell(row.get(column)) for column in chain.COLUMNS),
                row["row_hash"],
                month.previous,
                month.hash,
            ]
            for row in month.rows
        )


def _cell(cell: Any) -> Any:
    return cell if isinstance(cell, (int, float)) else safe(chain.text(cell))


def _lines(rows: Iterable[list[Any]]) -> str:
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\r\n").writerows(rows)
    return sink.getvalue()
