"""Template helpers of the files."""

from __future__ import annotations

from typing import Any

from . import preview

__all__ = ["maroc_files_preview", "maroc_files_teaser"]


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
