"""Official lists of institutions: dated, with their source, and never changed.

They are the denominators that the portal cannot know of itself: how many institutions
there are. A new list is a new row; the latest one of a day's past holds on that day.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import python_calamine as calamine

from ckanext.maroc_law import vocabulary

from .errors import (
    ROSTER_COLUMNS,
    ROSTER_EMPTY,
    ROSTER_KIND,
    ROSTER_UNREADABLE,
    Refused,
)

MOST = 5 * 1024 * 1024
"""Bytes: every commune of the country takes a fiftieth of it."""

_ZIP = b"PK\x03\x04"
_TITLES = {
    "name": ("name", "nom", "institution", "الاسم", "المؤسسة"),
    "kind": ("kind", "nature", "type", "الطبيعة"),
    "region": ("region", "région", "الجهة"),
}


@dataclass(frozen=True, kw_only=True)
class Roster:
    """A list as it was read: who is on it, and the file's hash."""

    sha256: str
    rows: tuple[tuple[str, str, str], ...]
    """Name, kind of body, region."""


def read(data: bytes) -> Roster:
    """Read a list from the bytes of an XLSX or CSV file; its titles come first.

    :raises Refused: where it is none, a title is missing, or a kind is not one of
        those of law 31-13
    """
    table = [[str(cell).strip() for cell in row] for row in _table(data)]
    if not table:
        raise Refused(ROSTER_EMPTY)
    places = _places([title.lower() for title in table[0]])
    kinds = {item.slug for item in vocabulary.get("bodies").choices}
    found: dict[tuple[str, str], tuple[str, str, str]] = {}
    for number, row in enumerate(table[1:], 2):
        name, kind, region = (
            row[at] if at is not None and at < len(row) else "" for at in places
        )
        if not name:
            continue
        if kind not in kinds:
            raise Refused(ROSTER_KIND, row=number, given=kind)
        found[kind, name] = (name, kind, region)
    if not found:
        raise Refused(ROSTER_EMPTY)
    return Roster(sha256=hashlib.sha256(data).hexdigest(), rows=tuple(found.values()))


def _table(data: bytes) -> Iterable[Sequence[object]]:
    if len(data) > MOST:
        raise Refused(ROSTER_UNREADABLE)
    try:
        if data.startswith(_ZIP):
            book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
            return book.get_sheet_by_index(0).to_python()
        text = data.decode("utf-8-sig")
        separator = ";" if ";" in text.partition("\n")[0] else ","
        return list(csv.reader(io.StringIO(text), delimiter=separator, strict=True))
    except (calamine.CalamineError, UnicodeDecodeError, csv.Error) as error:
        raise Refused(ROSTER_UNREADABLE) from error


def _places(titles: list[str]) -> list[int | None]:
    places = [
        next((at for at, title in enumerate(titles) if title in names), None)
        for names in _TITLES.values()
    ]
    if places[0] is None or places[1] is None:
        raise Refused(ROSTER_COLUMNS)
    return places
