"""Spreadsheets of any maker: the first visible sheet that holds a table."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import python_calamine as calamine

from ckanext.maroc_files.errors import CannotLoad

from .types import Certain

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

ENTRIES = 2_000
UNPACKED = 1 << 30
# A small archive may be squeezed hard: empty cells repeat. A large one may not.
RATIO, RATIO_FROM = 100, 100 << 20
SHEETS = 50

# Office puts a workbook with a password into this stream of an OLE file.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")


def check_archive(stream: BinaryIO) -> None:
    """Refuse an archive that is no spreadsheet, is locked, or would fill the memory."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise CannotLoad("unreadable") from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise CannotLoad("encrypted")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > ENTRIES or unpacked > UNPACKED:
        raise CannotLoad("too_large")
    if unpacked > RATIO_FROM and unpacked > RATIO * max(packed, 1):
        raise CannotLoad("too_large")
    if not any(entry.filename in _PARTS for entry in entries):
        raise CannotLoad("not_a_table")


def check_ole(stream: BinaryIO) -> None:
    """Refuse an Office file that is locked with a password."""
    stream.seek(0)
    before = b""
    while chunk := stream.read(1 << 20):
        if _ENCRYPTED in before + chunk:
            raise CannotLoad("encrypted")
        before = chunk[-len(_ENCRYPTED) :]


def rows(stream: BinaryIO, about: dict[str, object]) -> Iterator[list[str]]:
    """Yield the rows of the first visible sheet that looks like a table.

    A cover page of one column gives way to a later sheet with two columns or more.
    ``about`` learns the sheet's name where there are several.
    """
    sheet = _choose(_workbook(stream), about)
    for row in sheet.iter_rows():
        yield [text_of(cell) for cell in row]


def every(stream: BinaryIO) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """Yield every sheet, hidden or not: its name (if there are two) and its rows."""
    book = _workbook(stream)
    names = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    if len(names) > SHEETS:
        raise CannotLoad("too_large")
    for name in names:
        try:
            sheet = book.get_sheet_by_name(name)
        except (calamine.CalamineError, OSError, ValueError) as error:
            raise CannotLoad("unreadable") from error
        told = name if len(names) > 1 else ""
        yield told, ([text_of(cell) for cell in row] for row in sheet.iter_rows())


def _workbook(stream: BinaryIO) -> calamine.CalamineWorkbook:
    stream.seek(0)
    head = stream.read(len(OLE))
    if head.startswith(ZIP):
        check_archive(stream)
    else:
        check_ole(stream)
    stream.seek(0)
    try:
        return calamine.CalamineWorkbook.from_filelike(stream)
    except calamine.PasswordError as error:
        raise CannotLoad("encrypted") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise CannotLoad("unreadable") from error


def _choose(
    book: calamine.CalamineWorkbook, about: dict[str, object]
) -> calamine.CalamineSheet:
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == calamine.SheetVisibleEnum.Visible
        and sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    chosen = None
    for name in visible[:SHEETS]:
        try:
            sheet = book.get_sheet_by_name(name)
        except (calamine.CalamineError, OSError, ValueError) as error:
            raise CannotLoad("unreadable") from error
        if not sheet.height:
            continue
        if sheet.width > 1 and sheet.height > 1:
            chosen = sheet
            break
        chosen = chosen or sheet
    if chosen is None:
        raise CannotLoad("no_table")
    if len(visible) > 1:
        about |= {"sheet": chosen.name, "sheets": len(visible)}
    return chosen


def text_of(cell: Any) -> str:
    """Return a cell as text, without losing anything of its value."""
    for kind, write in _WRITE:
        if isinstance(cell, kind):
            return write(cell)
    return str(cell)


def _number(cell: float) -> str:
    if cell.is_integer() and abs(cell) < 1e16:
        return Certain(int(cell))
    text = repr(cell)
    if "e" in text:
        text = format(Decimal(text), "f")
    return Certain(text)


def _moment(cell: dt.datetime) -> str:
    return cell.isoformat(timespec="milliseconds" if cell.microsecond else "seconds")


# In this order: a truth value is a whole number to Python, a moment is a date.
_WRITE: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (str, str),
    (bool, lambda cell: "true" if cell else "false"),
    (int, Certain),
    (float, _number),
    (dt.datetime, _moment),
    (dt.date, dt.date.isoformat),
    (dt.time, dt.time.isoformat),
)
