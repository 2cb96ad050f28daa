"""What a column holds: text, unless every value says otherwise and nothing is lost.

A leading zero (an ICE, a territorial code) keeps the column as text. So does a value
that two people could read in two ways: ``1.234`` and ``1,234`` where nothing else in
the column tells thousands from decimals, ``03/04/2024`` where no day exceeds twelve.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

SAFE = 2**53 - 1
"""The largest whole number that every JSON reader keeps exact."""
INT4 = 2**31 - 1
DIGITS = 30
"""More digits than this is no measure."""

# Thousands as typography writes them; an ordinary space may be a phone number.
_GROUPS = re.compile(r"-?[1-9][0-9]{0,2}(?:[\u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?$")
_GROUP_MARKS = re.compile("[\u00a0\u202f]")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,15})$")
_DECIMAL = {
    mark: re.compile(rf"-?(?:0|[1-9][0-9]*)?(?:\{mark}([0-9]+))?$") for mark in ".,"
}
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_ISO_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?))?$"
)
_DMY = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})$")
_DMY_TIME = re.compile(
    r"([0-9]{1,2}([/.-])[0-9]{1,2}\2[0-9]{4})(?: ([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?$"
)
_BOOLEAN = {"true": "true", "false": "false"}


class Certain(str):
    """A cell whose file says that it is a number: no reading of it is doubtful."""

    __slots__ = ()


class Guess:
    """What one column can still be, after the values seen so far."""

    def __init__(self) -> None:
        self.kinds: tuple[str, ...] = tuple(_READ)
        self._largest = 0
        self._clear: set[str] = set()
        self.seen = False
        """Whether any cell held something."""

    def see(self, cell: str) -> None:
        """Take one value into account; empty ones say nothing."""
        self.seen = self.seen or bool(cell)
        value = _plain(cell)
        if not self.kinds or not value:
            return
        left = []
        for kind in self.kinds:
            read = _READ[kind](value)
            if read is not None:
                left.append(kind)
                if kind == "int":
                    self._largest = max(self._largest, abs(int(read)))
                known = isinstance(cell, Certain) and "." in value
                if known or _CLEAR[kind](value):
                    self._clear.add(kind)
        self.kinds = tuple(left)

    @property
    def kind(self) -> str:
        """The kind of the column: one of the table below, or ``text``."""
        for kind in self.kinds:
            if kind in self._clear:
                return kind
        return "text"

    @property
    def type(self) -> str:
        """The column's type in PostgreSQL."""
        if self.kind == "int":
            return "int4" if self._largest <= INT4 else "int8"
        return TYPES[self.kind]


def canonical(cell: str, kind: str) -> str | None:
    """Return the value as PostgreSQL reads it; None where the cell is empty."""
    if kind == "text":
        return cell or None
    value = _plain(cell)
    if not value:
        return None
    read = _READ[kind](value)
    if read is None:
        raise ValueError(f"{cell!r} is no {kind}")
    return read


def _plain(cell: str) -> str:
    value = cell.strip()
    if ("\u00a0" in value or "\u202f" in value) and _GROUPS.match(value):
        return _GROUP_MARKS.sub("", value)
    return value


def _whole(value: str) -> str | None:
    if not _WHOLE.match(value) or value == "-0" or abs(int(value)) > SAFE:
        return None
    return value


def _decimal(mark: str) -> Callable[[str], str | None]:
    pattern = _DECIMAL[mark]

    def read(value: str) -> str | None:
        if not pattern.match(value) or len(value) > DIGITS:
            return None
        if not any(each in "123456789" for each in value) and value.startswith("-"):
            return None
        plain = value.replace(mark, ".")
        if plain.startswith((".", "-.")):
            plain = plain.replace(".", "0.", 1)
        # Whole numbers beside decimals obey the rule of whole numbers.
        if "." not in plain and _whole(plain) is None:
            return None
        return plain if plain not in ("", "-") else None

    return read


def _decimal_is_clear(mark: str) -> Callable[[str], bool]:
    def clear(value: str) -> bool:
        whole, found, fraction = value.lstrip("-").partition(mark)
        # Three digits behind up to three others may be thousands.
        return bool(found) and (
            len(fraction) != 3 or whole in ("", "0") or len(whole) > 3
        )

    return clear


def _iso_date(value: str) -> str | None:
    return value if _ISO_DATE.match(value) and _is_date(value) else None


def _iso_time(value: str) -> str | None:
    found = _ISO_TIME.match(value)
    if not found or not _is_date(found[1]) or not _is_time(found[2] or "00:00"):
        return None
    return f"{found[1]}T{found[2] or '00:00'}"


def _dmy(value: str) -> str | None:
    found = _DMY.match(value)
    if not found:
        return None
    iso = f"{found[4]}-{int(found[3]):02}-{int(found[1]):02}"
    return iso if _is_date(iso) else None


def _dmy_time(value: str) -> str | None:
    found = _DMY_TIME.match(value)
    day = _dmy(found[1]) if found else None
    if not found or not day or not _is_time(found[3] or "00:00"):
        return None
    return f"{day}T{found[3] or '00:00'}"


def _is_date(value: str) -> bool:
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_time(value: str) -> bool:
    try:
        dt.time.fromisoformat(value)
    except ValueError:
        return False
    return True


def _day_beyond_twelve(value: str) -> bool:
    found = _DMY.match(value.partition(" ")[0])
    return bool(found) and int(found[1]) > 12


def _always(value: str) -> bool:
    return bool(value)


# In the order of preference: the first kind that every value allows, and that at
# least one value makes clear, is the column's.
_READ: dict[str, Callable[[str], str | None]] = {
    "int": _whole,
    "decimal_point": _decimal("."),
    "decimal_comma": _decimal(","),
    "bool": lambda value: _BOOLEAN.get(value.lower()),
    "date": _iso_date,
    "date_dmy": _dmy,
    "timestamp": _iso_time,
    "timestamp_dmy": _dmy_time,
}
_CLEAR: dict[str, Callable[[str], bool]] = {
    "int": _always,
    "decimal_point": _decimal_is_clear("."),
    "decimal_comma": _decimal_is_clear(","),
    "bool": _always,
    "date": _always,
    "date_dmy": _day_beyond_twelve,
    "timestamp": _always,
    "timestamp_dmy": _day_beyond_twelve,
}
TYPES = {
    "text": "text",
    "int": "int8",
    "decimal_point": "numeric",
    "decimal_comma": "numeric",
    "bool": "bool",
    "date": "date",
    "date_dmy": "date",
    "timestamp": "timestamp",
    "timestamp_dmy": "timestamp",
}
