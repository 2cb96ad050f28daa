"""Template helpers: the counts of a dataset or of one file, for its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from babel.dates import format_date

import ckan.plugins.toolkit as tk
from ckan.lib.formatters import localised_number

from ckanext.maroc_portal import clock
from ckanext.maroc_schema import languages

from . import counts
from .counts import Asked, Count

__all__ = ["maroc_usage_downloads"]

MONTHS = 12
HEIGHT = 24
"""The units of a drawing's height; a month is ten wide."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A month of the drawing, in its units."""

    x: int
    y: float
    height: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Downloads:
    """How often something was downloaded, and how a page says it."""

    count: Count
    sentence: str
    bars: tuple[Bar, ...]
    """The last twelve months, this one included; none where nothing was downloaded."""
    caption: str
    table: str
    """The address of the same counts as a CSV file."""


def maroc_usage_downloads(dataset_id: str, resource_id: str | None = None) -> Downloads:
    """Return the downloads of a dataset, or of one file of it; one query."""
    periods = counts.by_period(Asked(dataset=dataset_id, resource=resource_id))
    count = counts.together(periods)["downloads"]
    months = {
        month: _total(periods.get(month.isoformat()[:7]))
        for month in last_months(clock.today())
    }
    return Downloads(
        count=count,
        sentence=_sentence(count),
        bars=tuple(_bars(months)) if any(months.values()) else (),
        caption=tk._("Downloads by month, from {first} to {last}").format(
            first=_month(min(months)), last=_month(max(months))
        ),
        table=tk.h.url_for("maroc_usage.table", dataset=dataset_id),
    )


def last_months(today: dt.date) -> list[dt.date]:
    """Return the first days of the last twelve months, this one the last."""
    number = today.year * 12 + today.month - 1
    return [
        dt.date(each // 12, each % 12 + 1, 1)
        for each in range(number - MONTHS + 1, number + 1)
    ]


def _total(period: Mapping[str, Count] | None) -> int:
    return period["downloads"].total if period else 0


def _bars(months: Mapping[dt.date, int]) -> Iterator[Bar]:
    most = max(months.values())
    backwards = tk.h.is_rtl_language()
    for number, (month, total) in enumerate(months.items()):
        # A month without any is a thin line, so that the drawing keeps its length.
        height = max(round(HEIGHT * total / most, 1), 1)
        yield Bar(
            # Time runs as the reader reads.
            x=10 * (MONTHS - 1 - number if backwards else number),
            y=HEIGHT - height,
            height=height,
            words=tk._("{month}: {downloads}").format(
                month=_month(month), downloads=_downloads(total)
            ),
        )


def _month(month: dt.date) -> str:
    lang = languages.of_reader()
    locale = {"en": "en_GB"}.get(lang, f"{lang}_MA")
    return format_date(month, "MMMM y", locale=locale)


def _downloads(number: int) -> str:
    return tk.ungettext("{n} download", "{n} downloads", number).format(
        n=localised_number(number)
    )


def _sentence(count: Count) -> str:
    if not count.total:
        return tk._("No download counted yet")
    return tk._("{total}: {people}, {tools}").format(
        total=_downloads(count.total),
        people=tk.ungettext("{n} by a person", "{n} by people", count.regular).format(
            n=localised_number(count.regular)
        ),
        tools=tk.ungettext("{n} by a tool", "{n} by tools", count.machine).format(
            n=localised_number(count.machine)
        ),
    )
