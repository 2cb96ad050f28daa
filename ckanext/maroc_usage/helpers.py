"""Template helpers: the counts of one dataset, for its page."""

from __future__ import annotations

from dataclasses import dataclass

import ckan.plugins.toolkit as tk
from ckan.lib.formatters import localised_number

from . import counts
from .counts import Count

__all__ = ["maroc_usage_downloads"]


@dataclass(frozen=True, kw_only=True)
class Downloads:
    """How often a dataset was downloaded, and how a page says it."""

    count: Count
    sentence: str


def maroc_usage_downloads(dataset_id: str) -> Downloads:
    """Return the downloads of a dataset since the portal counts; one query."""
    periods = counts.by_period(dataset=dataset_id, by="year")
    count = counts.together(periods)["downloads"]
    return Downloads(count=count, sentence=_sentence(count))


def _sentence(count: Count) -> str:
    if not count.total:
        return tk._("No download counted yet")
    return tk._("{total}: {people}, {tools}").format(
        total=tk.ungettext("{n} download", "{n} downloads", count.total).format(
            n=localised_number(count.total)
        ),
        people=tk.ungettext("{n} by a person", "{n} by people", count.regular).format(
            n=localised_number(count.regular)
        ),
        tools=tk.ungettext("{n} by a tool", "{n} by tools", count.machine).format(
            n=localised_number(count.machine)
        ),
    )
