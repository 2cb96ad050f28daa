"""Facets as readers see them: which ones, and in words rather than slugs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_law import vocabulary
from ckanext.maroc_schema import texts

from . import places

# Fields whose values are slugs of a vocabulary.
VOCABULARIES = {
    "theme": "themes",
    "art10_category": "art10-categories",
    "collection_frequency": "frequencies",
    "license_id": "licences",
}
# Fields whose values are codes of places.
TERRITORY = ("region", "province", "commune", "territory", "geographic_coverage")

TITLES: Mapping[str, Callable[[], str]] = {
    "theme": lambda: tk._("Themes"),
    "organization": lambda: tk._("Institutions"),
    "art10_category": lambda: tk._("Categories"),
    "region": lambda: tk._("Regions"),
    "province": lambda: tk._("Prefectures and provinces"),
    "commune": lambda: tk._("Communes"),
    "res_format": lambda: tk._("Formats"),
    "collection_frequency": lambda: tk._("Frequencies"),
    "license_id": lambda: tk._("Licences"),
}
"""The facets, in their order, with their titles."""


def facets(chosen: Collection[str] = (), *, without: str = "") -> OrderedDict[str, Any]:
    """Return the facets of a page, titled for the reader.

    :param chosen: those of which the reader chose a value: provinces are shown once a
        region is chosen, communes once a province is
    """
    return OrderedDict(
        (name, title())
        for name, title in TITLES.items()
        if name != without
        and (
            name not in places.PARENTS
            or name in chosen
            or places.PARENTS[name] in chosen
        )
    )


def inside(
    facet: str, items: Iterable[dict[str, Any]], chosen: Collection[str]
) -> list[dict[str, Any]]:
    """Return the provinces of the chosen regions, the communes of the provinces.

    :param chosen: the codes chosen in the facet above
    """
    if facet not in places.PARENTS or not chosen:
        return list(items)
    return [
        item
        for item in items
        if item.get("active") or set(chosen) & set(places.above(item["name"]))
    ]


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
    if field in TERRITORY:
        return places.translated(slug, lang)
    known = VOCABULARIES.get(field)
    if known and vocabulary.find(known, slug):
        return vocabulary.label(known, slug, lang)
    return ""
