"""Facets as readers see them: which ones, and in words rather than slugs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_law import vocabulary
from ckanext.maroc_schema import texts

# Fields whose values are slugs of a vocabulary.
VOCABULARIES = {"art10_category": "art10-categories", "license_id": "licences"}

TITLES: Mapping[str, Callable[[], str]] = {
    "organization": lambda: tk._("Institutions"),
    "art10_category": lambda: tk._("Categories"),
    "res_format": lambda: tk._("Formats"),
    "license_id": lambda: tk._("Licences"),
}
"""The facets, in their order, with their titles."""


def facets(*, without: str = "") -> OrderedDict[str, Any]:
    """Return the facets of a page, titled for the reader."""
    return OrderedDict(
        (name, title()) for name, title in TITLES.items() if name != without
    )


def institutions(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the institutions' names in words, by language, for their slugs."""
    wanted = list(names)
    if not wanted:
        return {}
    rows = model.Session.query(
        model.Group.name,
        model.Group.title,
        model.Group.extras,  # pyright: ignore[reportAttributeAccessIssue]
    ).filter(model.Group.name.in_(wanted))
    return {
        name: texts.load((extras or {}).get("title_translated"))
        or texts.load(title or name)
        for name, title, extras in rows
    }


def label(found: Mapping[str, Any], lang: str) -> Mapping[str, Any]:
    """Return a search's result with each facet's values in the reader's words."""
    counted = found.get("search_facets", {})
    titles = institutions(
        item["name"] for item in counted.get("organization", {}).get("items", ())
    )
    for field, facet in counted.items():
        for item in facet["items"]:
            item["display_name"] = (
                value(field, item["name"], lang, titles) or item["display_name"]
            )
    return found


def value(
    field: str, slug: str, lang: str, titles: Mapping[str, Mapping[str, str]]
) -> str:
    """Return a facet's value in words, or nothing where it has none but itself."""
    if field == "organization" and slug in titles:
        return texts.chosen(titles[slug], lang)[0]
    known = VOCABULARIES.get(field)
    if known and vocabulary.find(known, slug):
        return vocabulary.label(known, slug, lang)
    return ""
