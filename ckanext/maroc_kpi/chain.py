"""The frozen months of the indicators, checked with Python's standard library alone.

``python3 chain.py FILE`` reads what ``/indicateurs/historique.json`` or
``/indicateurs/historique.csv`` gives, with no database and nothing to install, and says
whether the months are as they were frozen, or which month and row are not.

A row's hash is the SHA-256 of its cells, in the order of ``COLUMNS``, each as the CSV
file writes it, joined by U+001F. A month's hash is the SHA-256 of the hash of the month
before, the month, and the hashes of its rows in their order, a line each. So nobody
changes a row of a past month without changing the hash of every month since; who kept
the hash of one month can check all that came before it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import itertools
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

COLUMNS = (
    "month",
    "indicator",
    "version",
    "scope",
    "institution_id",
    "institution",
    "institution_fr",
    "institution_ar",
    "as_of",
    "state",
    "value",
    "numerator",
    "denominator",
    "n",
    "covered",
    "components",
    "since",
    "low",
    "high",
    "entry",
    "source",
    "reason_fr",
    "reason_ar",
    "reason_en",
    "computed_at",
)
"""What a row says, and what its hash covers."""

HASHES = ("row_hash", "previous_hash", "month_hash")
"""What the CSV file adds to each row."""

START = "0" * 64
"""What stands in the place of the month before, in the first month."""

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Month:
    """A frozen month as it is kept or was downloaded."""

    month: str
    previous: str
    hash: str
    rows: Sequence[Row]
    """Each with the columns above and its ``row_hash``."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check found: how far it looked, and what does not hold, in sentences."""

    months: int
    rows: int
    first: str
    last: str
    head: str
    """The hash of the last month: what stands for all of them."""
    begins: bool
    """Whether the first month is the first that was ever frozen."""
    faults: tuple[str, ...]


def text(cell: Any) -> str:
    """Return a cell as it is hashed: the same from JSON and from CSV.

    >>> text(3.0), text(Decimal("66.70")), text({"tool": 1, "person": 2}), text(None)
    ('3', '66.7', 'person=2;tool=1', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, Mapping):
        return ";".join(f"{name}={text(cell[name])}" for name in sorted(cell))
    if isinstance(cell, (int, float, Decimal)):
        return f"{Decimal(str(cell)).normalize():f}"
    # The apostrophe keeps a spreadsheet from taking a name for a formula.
    return str(cell).lstrip("'")


def row_hash(row: Row) -> str:
    """Return the hash of what a row says."""
    return _sha256("\x1f".join(text(row.get(column)) for column in COLUMNS))


def month_hash(previous: str, month: str, hashes: Iterable[str]) -> str:
    """Return the hash of a month: of all its rows, and of all months before."""
    return _sha256("\n".join((previous, month, *hashes)))


def in_order(row: Row) -> tuple[str, ...]:
    """Return what rows are sorted by within their month."""
    return tuple(
        text(row.get(column))
        for column in ("indicator", "version", "scope", "institution_id")
    )


def check(months: Iterable[Month]) -> Checked:
    """Check months in their order, the oldest first."""
    faults: list[str] = []
    count = rows = 0
    first = last = head = begins = ""
    for month in months:
        if not count:
            first, begins = month.month, month.previous
        faults += _month_faults(month, last, head)
        count, rows = count + 1, rows + len(month.rows)
        last, head = month.month, month.hash
    return Checked(
        months=count,
        rows=rows,
        first=first,
        last=last,
        head=head,
        begins=begins == START,
        faults=tuple(faults),
    )


def _month_faults(month: Month, last: str, head: str) -> Iterator[str]:
    if last and month.month <= last:
        yield f"{month.month} comes after {last}: the months are not in their order."
    if last and month.previous != head:
        yield (
            f"{month.month} does not follow {last}: it names another hash for the"
            " month before. A month was changed, taken out or put in."
        )
    for number, row in enumerate(month.rows, start=1):
        if row_hash(row) != row.get("row_hash"):
            where = text(row.get("institution")) or "the country"
            yield (
                f"{month.month}, row {number} ({text(row.get('indicator'))},"
                f" {where}): the row is not what was frozen."
            )
    kept = [text(row.get("row_hash")) for row in month.rows]
    if month_hash(month.previous, month.month, kept) != month.hash:
        yield (
            f"{month.month}: the hashes of its rows do not give the month's own. A row"
            " was changed together with its hash, taken out, put in or moved."
        )


def told(found: Checked) -> str:
    """Return what was found, in sentences."""
    if found.faults:
        return "\n".join(("The history is broken.", *found.faults))
    if not found.months:
        return "There is no frozen month."
    before = (
        "" if found.begins else f" What came before {found.first} is not looked at."
    )
    return (
        f"The history holds from {found.first} to {found.last}: months {found.months},"
        f" rows {found.rows}.{before}\nHash of {found.last}: {found.head}"
    )


def read(path: Path) -> Iterator[Month]:
    """Read an exported file; raise ValueError where it is no such file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        raw = file.read()
    if raw.lstrip().startswith("{"):
        return _of_json(json.loads(raw, parse_float=Decimal))
    return _of_csv(raw)


def _of_json(data: Any) -> Iterator[Month]:
    for each in data["months"]:
        yield Month(
            month=each["month"],
            previous=each["previous_hash"],
            hash=each["month_hash"],
            rows=each["rows"],
        )


def _of_csv(raw: str) -> Iterator[Month]:
    rows = csv.DictReader(io.StringIO(raw, newline=""))
    missing = {*COLUMNS, *HASHES} - {*(rows.fieldnames or ())}
    if missing:
        raise ValueError(f"the file has no column {', '.join(sorted(missing))}")
    key = ("month", "previous_hash", "month_hash")
    for names, group in itertools.groupby(
        rows, lambda row: [row[each] for each in key]
    ):
        month, previous, seal = names
        yield Month(month=month, previous=previous, hash=seal, rows=list(group))


def _sha256(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8")).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a file; return 0 where it holds."""
    parser = argparse.ArgumentParser(
        description="Check frozen months of the indicators, without a network."
    )
    parser.add_argument("file", type=Path, help="historique.json or historique.csv")
    given = parser.parse_args(arguments)
    try:
        found = check(read(given.file))
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"This file cannot be read: {error}\n")
        return 2
    sys.stdout.write(told(found) + "\n")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
