"""One of core's template helpers, mended."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

__all__ = ["get_facet_items_dict"]


@tk.chained_helper
def get_facet_items_dict(
    next_helper: Any, facet: str, search_facets: Any, **options: Any
) -> list[dict[str, Any]]:
    """Return a facet's values; none where the search itself failed.

    CKAN 2.12.0's page of an institution then passes nothing at all, and would answer
    a mistyped question with an error 500.
    """
    return next_helper(facet, search_facets, **options) if search_facets else []
