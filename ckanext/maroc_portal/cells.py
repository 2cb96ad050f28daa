"""Cells of CSV files that spreadsheets take for what they are."""

from __future__ import annotations

import datetime as dt
import re

Cell = str | float | dt.date | None

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def safe(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula.

    People choose names and write reasons: text that begins as a formula does gets an
    apostrophe before it, which spreadsheets do not show.
    """
    if isinstance(cell, str) and _FORMULA.match(cell):
        return "'" + cell
    return cell
