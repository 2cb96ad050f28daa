"""What the search's pages ask for: facets, orders, the question in another language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.maroc_schema import languages

from . import labels, other, places
from .settings import lexicon

__all__ = [
    "get_facet_items_dict",
    "has_more_facets",
    "maroc_other_questions",
    "maroc_sorting",
]

RELEVANCE = "score desc, metadata_modified desc"


@tk.chained_helper
def get_facet_items_dict(
    next_helper: Any, facet: str, search_facets: Any, **options: Any
) -> list[dict[str, Any]]:
    """Return a facet's values; none where the search itself failed.

    CKAN 2.12.0's page of an institution then passes nothing at all, and would answer
    a mistyped question with an error 500. Regions are shown all at once, and below them
    only the places inside those that the reader chose.
    """
    if not search_facets:
        return []
    if facet not in places.LEVELS.values():
        return next_helper(facet, search_facets, **options)
    every = next_helper(facet, search_facets, **{**options, "limit": 0})
    return labels.inside(facet, every, _chosen_above(facet))


@tk.chained_helper
def has_more_facets(
    next_helper: Any, facet: str, search_facets: Any, **options: Any
) -> bool:
    """Return whether a facet has values that are not shown; places have none."""
    if facet in places.LEVELS.values():
        return False
    return next_helper(facet, search_facets, **options)


def maroc_sorting() -> list[tuple[str, str]]:
    """Return the orders in which datasets can be read, with their names."""
    title = f"sort_title_{languages.of_reader()}"
    return [
        (tk._("Relevance"), RELEVANCE),
        (tk._("Last Modified"), "metadata_modified desc"),
        (tk._("Most downloaded"), "downloads_30d desc, metadata_modified desc"),
        (tk._("Name Ascending"), f"{title} asc"),
        (tk._("Name Descending"), f"{title} desc"),
    ]


def maroc_other_questions(q: str) -> list[Mapping[str, Any]]:
    """Return the question in the portal's other languages, where it finds something.

    :returns: its language, its words, how many datasets it finds
    """
    found = []
    for lang, words in other.questions(q, lexicon()).items():
        answer = tk.get_action("package_search")({}, {"q": words, "rows": 0})
        if answer["count"]:
            found.append({"lang": lang, "q": words, "count": answer["count"]})
    return found


def _chosen_above(facet: str) -> list[str]:
    parent = places.PARENTS.get(facet)
    return tk.request.args.getlist(parent) if parent else []
