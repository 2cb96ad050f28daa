"""What the workflow's pages say of states, decisions and people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from babel.dates import format_date, format_datetime, format_timedelta

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_law.rules import RULES
from ckanext.maroc_portal import clock
from ckanext.maroc_portal.interfaces import AccountLink
from ckanext.maroc_portal.words import Words
from ckanext.maroc_schema import keywords, languages, texts

from . import errors, queue, states
from .comparison import FileFate
from .machine import State

ARTICLES = tuple(dict.fromkeys(rule.article for rule in RULES if rule.article))
"""The articles that the rules of the law rest on, as a withdrawal may name them."""

_REMARKED = (State.CHANGES_REQUESTED, State.DRAFT)
"""The states in which what was asked is still to be done."""


def account_links() -> list[AccountLink]:
    """Return the queue and the corrections, for those who have any to expect."""
    user: Any = tk.current_user
    counts = queue.counts(user)
    links = {
        ("maroc_workflow.queue", counts.decides): (tk._("Review"), counts.to_decide),
        ("maroc_workflow.corrections", counts.prepares): (
            tk._("To correct"),
            counts.to_correct,
        ),
    }
    return [
        AccountLink(label=label, page=page, count=count)
        for (page, concerns), (label, count) in links.items()
        if concerns
    ]


def remarks(package_id: str) -> Mapping[str, str]:
    """Return what is still to be corrected in a dataset, by field."""
    standing = states.of(package_id)
    return said(standing.remarks) if standing.state in _REMARKED else {}


def said(given: Mapping[str, str]) -> dict[str, str]:
    """Return remarks for the reader: the portal's own are kept as codes."""
    return {
        field: errors.say(words) if words in errors.SENTENCES else words
        for field, words in given.items()
    }


def state(value: str) -> str:
    """Return a state's name in the reader's language."""
    return {
        State.DRAFT: tk._("Draft"),
        State.CHECKING: tk._("Being checked"),
        State.SUBMITTED: tk._("Waiting for the ROD"),
        State.CHANGES_REQUESTED: tk._("To be corrected"),
        State.SCHEDULED: tk._("Planned"),
        State.PUBLISHED: tk._("Published"),
        State.WITHDRAWN: tk._("Withdrawn"),
    }[State(value)]


def meaning(told: Mapping[str, Any]) -> str:
    """Return what a dataset's state means for who prepares it."""
    return {
        State.DRAFT: tk._("Nobody outside the institution sees it."),
        State.CHECKING: tk._("Its files are being checked; what follows is automatic."),
        State.SUBMITTED: tk._(
            "It is public once somebody who did not write it agrees."
        ),
        State.CHANGES_REQUESTED: tk._("Correct what is asked, then publish again."),
        State.SCHEDULED: tk._("It is decided, and public from the day and hour given."),
        State.PUBLISHED: tk._("Everyone sees it, as it was decided on."),
        State.WITHDRAWN: tk._(
            "Nobody sees it any more. It comes back by somebody else's decision alone."
        ),
    }[State(told["state"])]


def turn(value: str) -> str:
    """Return whose turn it is to decide."""
    return {
        "rod": tk._("A ROD of the institution decides."),
        "deputy": tk._("Who stands in for the ROD decides."),
        "parent": tk._("The ROD of the institution above decides."),
        "add": tk._("ADD decides."),
    }[value]


def stead(value: str) -> str:
    """Return as what the reader may decide."""
    return {
        "rod": tk._("You decide as a ROD of the institution."),
        "deputy": tk._("You decide in the stead of the institution's ROD."),
        "parent": tk._("You decide as the ROD of the institution above."),
        "add": tk._("You decide for ADD, in the stead of the institution's ROD."),
    }[value]


def role(value: str | None) -> str:
    """Return the role under which the trail names somebody; a name stays a name."""
    return {
        None: "",
        "gdd": tk._("GdD"),
        "rod": tk._("ROD"),
        "deputy": tk._("ROD's stand-in"),
        "parent": tk._("ROD of the institution above"),
        "add": tk._("ADD"),
    }.get(value, value or "")


KINDS = ("review", "policy", "batch", "feed", "withdraw")


def kind(value: str) -> str:
    """Return what a decision was."""
    return {
        "review": tk._("Approved after review"),
        "policy": tk._("Published under the institution's policy"),
        "batch": tk._("Adopted in a batch"),
        "feed": tk._("Opened as a feed"),
        "withdraw": tk._("Withdrawn"),
    }[value]


def reason(value: str | None) -> str:
    """Return the words of a decision: those of the portal itself are codes."""
    known = {errors.DELETED: tk._("Deleted"), errors.PURGED: tk._("Deleted for good")}
    return known.get(value or "", value or "")


def looked_at(value: str) -> str:
    """Return how ADD looked at a dataset."""
    return {
        "page": tk._("Its page"),
        "api": tk._("Its description, by the API"),
        "download": tk._("A file"),
        "data": tk._("The rows of a table"),
    }[value]


def fate(value: FileFate) -> str:
    """Return what becomes of a file."""
    return {
        FileFate.ADDED: tk._("Added"),
        FileFate.REMOVED: tk._("Removed"),
        FileFate.REPLACED: tk._("Replaced"),
        FileFate.DESCRIBED: tk._("Described otherwise"),
        FileFate.SAME: tk._("Unchanged"),
    }[value]


def moment(value: str | None) -> str:
    """Return a moment of the API as the reader writes it, in Casablanca."""
    if not value:
        return ""
    then = dt.datetime.fromisoformat(value).astimezone(clock.CASABLANCA)
    return format_datetime(then, "d MMMM y, HH:mm", locale=_locale())


def day(value: dt.date) -> str:
    """Return a day as the reader writes it."""
    return format_date(value, "long", locale=_locale())


def age(value: str | None) -> str:
    """Return how long ago a moment of the API was."""
    if not value:
        return ""
    gone_by = dt.datetime.fromisoformat(value) - clock.now()
    return format_timedelta(gone_by, add_direction=True, locale=_locale())


def texts_of(field: Mapping[str, Any], dataset: Mapping[str, Any]) -> list[Words]:
    """Return what a field says in each language; of a field without one, nothing."""
    value, name = dataset.get(field["field_name"]), field["field_name"]
    if field.get("core_field"):
        found = texts.load(value)
    elif name == "tags_translated":
        found = {lang: ", ".join(each) for lang, each in keywords.load(value).items()}
    else:
        return []
    return [Words(text=text, lang=lang) for lang, text in found.items()]


def _locale() -> str:
    lang = languages.of_reader()
    return {"en": "en_GB"}.get(lang, f"{lang}_MA")


def person(user_id: str | None) -> str:
    """Return somebody's name as their institution knows it."""
    user = model.User.get(user_id) if user_id else None
    return user.display_name if user else ""


def frequencies() -> list[dict[str, str]]:
    """Return how often somebody may be written to, the usual first."""
    return [
        {"code": "weekly", "label": tk._("Once a week")},
        {"code": "each", "label": tk._("At once")},
        {"code": "off", "label": tk._("Never")},
    ]
