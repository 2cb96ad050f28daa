"""Template helpers of the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from . import preview

__all__ = ["maroc_files_preview", "maroc_files_teaser", "maroc_files_view_title"]

VIEW_TITLE = "Table"
"""The title of the view that the portal itself gives to every table."""


def maroc_files_preview(
    resource: dict[str, Any],
    package: dict[str, Any],
    view: dict[str, Any] | None = None,
) -> preview.Preview:
    """Return the page of the resource's table that the address asks for."""
    return preview.preview_of(resource, package, view)


def maroc_files_teaser(package: dict[str, Any]) -> dict[str, preview.Preview]:
    """Return the first rows of the dataset's first table, by the resource's id."""
    return preview.teaser_of(package)


def maroc_files_view_title(view: Mapping[str, Any]) -> str:
    """Return a view's title; one that nobody named has it in the page's language."""
    if view.get("view_type") == "maroc_table" and view.get("title") == VIEW_TITLE:
        return tk._("Table")
    return str(view.get("title") or "")
