"""Which resources are tables, by what they say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import unquote, urlsplit

FORMATS = frozenset({"csv", "tsv", "xlsx", "xls", "ods"})
# How formats are also written in the form.
_ALSO = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "excel": "xlsx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}


def is_table(resource: Mapping[str, Any]) -> bool:
    """Whether the resource is an uploaded file that should hold a table.

    Its declared format says so, or the extension of its name; what the bytes are is
    found out when they are read.
    """
    if resource.get("url_type") != "upload":
        return False
    declared = str(resource.get("format") or "").strip().lower().lstrip(".")
    path = unquote(urlsplit(str(resource.get("url") or "")).path)
    told = {
        _ALSO.get(declared, declared),
        *(
            PurePath(name).suffix.lower().lstrip(".")
            for name in (str(resource.get("file_name") or ""), path)
        ),
    }
    return bool(told & FORMATS)
