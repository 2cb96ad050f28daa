"""The front page's figures and lists: real counts, or nothing where none can be had."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError
from ckan.lib.search.common import SolrConnectionError

log = logging.getLogger(__name__)

CATEGORY = "art10_category"
# The index's number of downloads, which stays 0 where nothing counts them.
DOWNLOADS = "downloads_30d"
RECENT = 4
INSTITUTIONS = 6


@dataclass(frozen=True, kw_only=True)
class Category:
    """A category of article 10 of law 31-13, with what the catalogue has of it."""

    label: str
    count: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Institution:
    """An institution that publishes."""

    title: dict[str, str] | str
    image: str
    count: int
    url: str


@dataclass(frozen=True, kw_only=True)
class FrontPage:
    """What the front page shows."""

    datasets: int | None = None
    institutions: int | None = None
    categories: tuple[Category, ...] = ()
    recent: tuple[dict[str, Any], ...] = ()
    downloaded: tuple[dict[str, Any], ...] = ()
    """What was downloaded most in the last thirty days."""
    publishers: tuple[Institution, ...] = ()


def read(lang: str) -> FrontPage:
    """Read the front page's content; without search it is empty, not wrong."""
    try:
        found = tk.get_action("package_search")(
            tk.fresh_context({}),
            {
                "fq": "capacity:public",
                "rows": RECENT,
                "sort": "metadata_created desc",
                "facet.field": [CATEGORY, "organization"],
                "facet.limit": -1,
            },
        )
        downloaded = tk.get_action("package_search")(
            tk.fresh_context({}),
            {
                "fq": f"capacity:public {DOWNLOADS}:[1 TO *]",
                "rows": RECENT,
                "sort": f"{DOWNLOADS} desc",
            },
        )
    except (SearchError, SolrConnectionError) as error:
        log.warning("the front page has no figures: %s", error)
        return FrontPage()
    counts = found["facets"]
    names = tk.get_action("organization_list")({}, {})
    return FrontPage(
        datasets=found["count"],
        institutions=len(names),
        categories=categories(choices(), counts.get(CATEGORY, {}), lang),
        recent=tuple(found["results"]),
        downloaded=tuple(downloaded["results"]),
        publishers=publishers(names, counts.get("organization", {})),
    )


def choices() -> list[dict[str, Any]]:
    """Return the categories that the dataset's form offers; none without that form."""
    if not tk.h.plugin_loaded("scheming_datasets"):
        return []
    schema = tk.h.scheming_get_dataset_schema("dataset") or {"dataset_fields": []}
    field = tk.h.scheming_field_by_name(schema["dataset_fields"], CATEGORY)
    return list(tk.h.scheming_field_choices(field) or []) if field else []


def categories(
    known: list[dict[str, Any]], counts: dict[str, int], lang: str
) -> tuple[Category, ...]:
    """Return the categories in the law's order, labelled for the reader."""
    return tuple(
        Category(
            label=in_language(choice["label"], lang),
            count=counts.get(choice["value"], 0),
            url=tk.h.url_for("dataset.search", **{CATEGORY: choice["value"]}),
        )
        for choice in known
    )


def publishers(names: list[str], counts: dict[str, int]) -> tuple[Institution, ...]:
    """Return the institutions that publish most, then by name."""
    first = sorted(names, key=lambda name: (-counts.get(name, 0), name))[:INSTITUTIONS]
    if not first:
        return ()
    found = tk.get_action("organization_list")(
        tk.fresh_context({}),
        {
            "organizations": first,
            "all_fields": True,
            "include_extras": True,
            "include_dataset_count": False,
        },
    )
    by_name = {each["name"]: each for each in found}
    return tuple(
        Institution(
            title=title(by_name[name]),
            image=by_name[name].get("image_display_url") or "",
            count=counts.get(name, 0),
            url=tk.h.url_for("organization.read", id=name),
        )
        for name in first
        if name in by_name
    )


def title(organization: dict[str, Any]) -> dict[str, str] | str:
    """Return an institution's names; a list has them among the extras."""
    extras = {each["key"]: each["value"] for each in organization.get("extras") or ()}
    return (
        organization.get("title_translated")
        or extras.get("title_translated")
        or organization["display_name"]
    )


def in_language(label: dict[str, str] | str, lang: str) -> str:
    """Return a label for the reader; labels have French at least."""
    return label if isinstance(label, str) else label.get(lang) or label["fr"]
