"""The data dictionary of a table: what its columns are called, and what they mean.

It stands in a field of the resource, as JSON: ``[{"id": "code", "info": {"label": "…",
"notes": "…", "type_override": "text"}}]``. So who may change it, and who must agree, is
decided as for any other field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from . import texts

INFO = ("label", "notes", "type_override")
TYPES = frozenset({"text", "numeric", "timestamp"})
"""The types that core's page offers."""
MOST_COLUMNS = 1_600
LONGEST = {"id": 63, "label": 500, "notes": 5_000, "type_override": 20}
EXAMPLE = '[{"id": "code", "info": {"label": "…", "notes": "…"}}]'


def read(text: str) -> list[dict[str, Any]]:
    """Return the entries of a dictionary; those that say nothing are left out.

    :raises ValueError: where it is not such a list
    """
    return tidy(json.loads(text))


def tidy(entries: object) -> list[dict[str, Any]]:
    """Return the entries that say something, with what they may say alone.

    :raises ValueError: where they are not such a list
    """
    if not isinstance(entries, list) or len(entries) > MOST_COLUMNS:
        raise ValueError("not a list of columns")
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        column, info = _entry(entry)
        if column in found:
            raise ValueError("the same column twice")
        found[column] = info
    return [{"id": column, "info": info} for column, info in found.items() if info]


def write(entries: Iterable[Mapping[str, Any]]) -> str:
    """Return the text that is kept; empty for none."""
    found = list(entries)
    return json.dumps(found, ensure_ascii=False) if found else ""


def _entry(entry: object) -> tuple[str, dict[str, str]]:
    if not isinstance(entry, Mapping) or set(entry) - {"id", "info"}:
        raise ValueError("not a column")
    column, info = _text("id", entry.get("id")), entry.get("info") or {}
    if not column or not isinstance(info, Mapping) or set(info) - set(INFO):
        raise ValueError("not a column")
    said = {name: _text(name, info.get(name)) for name in INFO}
    if said["type_override"] and said["type_override"] not in TYPES:
        raise ValueError("no such type")
    return column, {name: text for name, text in said.items() if text}


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST[name]:
        raise ValueError(f"not a {name}")
    if texts.UNPRINTABLE.search(value):
        raise ValueError("a sign that cannot be kept")
    return value if name == "id" else value.strip()
