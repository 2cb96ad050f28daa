"""Template helpers: what the page of a dataset says of its freshness."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from ckanext.maroc_law import vocabulary
from ckanext.maroc_portal import clock
from ckanext.maroc_schema import languages

from . import confirmations, errors, wording
from .freshness import Freshness, obstacle

__all__ = ["maroc_kpi_freshness"]


@dataclass(frozen=True, kw_only=True)
class Told:
    """A dataset's freshness, in sentences."""

    content: str
    """For everyone: when content last came, and whether "nothing new" followed."""
    promise: str
    """For who may edit it, where the frequency promises something: what, until when."""
    is_late: bool
    may_confirm: bool
    why_not: str
    """Why nothing can be confirmed today, and what to do."""


def maroc_kpi_freshness(dataset_id: str) -> Told | None:
    """Return what to say of a dataset's freshness; None where it is not public."""
    found = confirmations.freshness(dataset_id)
    return told(found, clock.today(), languages.of_reader()) if found else None


def told(freshness: Freshness, today: dt.date, lang: str) -> Told:
    """Return a freshness in the reader's language."""
    hindered = obstacle(freshness, today) if freshness.promise else None
    until = freshness.fresh_until
    return Told(
        content=_content(freshness, lang),
        promise=_promise(freshness, today, lang),
        is_late=until is not None and today > until,
        may_confirm=freshness.promise is not None and hindered is None,
        why_not=errors.sentence(hindered.error, "", lang, **hindered.given)
        if hindered
        else "",
    )


def _content(freshness: Freshness, lang: str) -> str:
    if freshness.content is None:
        return ""
    said = [
        tk._("Last new content: {day}.").format(
            day=wording.day(freshness.content, lang)
        )
    ]
    if freshness.confirmed_on is not None:
        day = wording.day(freshness.confirmed_on, lang)
        said.append(tk._("Confirmed without change on {day}.").format(day=day))
    return " ".join(said)


def _promise(freshness: Freshness, today: dt.date, lang: str) -> str:
    if freshness.promise is None:
        return ""
    frequency = vocabulary.label("frequencies", freshness.frequency, lang)
    said = [tk._("Promised frequency: {frequency}.").format(frequency=frequency)]
    if freshness.fresh_until is not None:
        if today > freshness.fresh_until:
            day = freshness.fresh_until + dt.timedelta(days=1)
            words = tk._("Late since {day}.")
        else:
            day, words = freshness.fresh_until, tk._("Up to date until {day}.")
        said.append(words.format(day=wording.day(day, lang)))
    return " ".join(said)
