"""Template helpers of the frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dominate import tags
from dominate.dom_tag import dom_tag
from dominate.util import container
from flask import current_app, request
from markupsafe import Markup
from werkzeug.exceptions import default_exceptions

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.pagination import Page

from . import frontpage, roles, words
from .interfaces import AccountLink, IMarocAccount
from .settings import settings
from .words import Words

__all__ = [
    "maroc_account_links",
    "maroc_contact",
    "maroc_error",
    "maroc_front_page",
    "maroc_in_language",
    "maroc_languages",
    "maroc_navigation",
    "maroc_pager",
    "maroc_roles",
    "maroc_site_names",
    "maroc_url",
    "maroc_words",
]

SITE_NAMES = {
    "fr": "Portail national des données ouvertes",
    "ar": "البوابة الوطنية للبيانات المفتوحة",
    "en": "National open data portal",
}
"""The portal's name. It is a name in each language, so it is no translated string."""

OFFICIAL = ("ar", "fr")


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language that the portal offers, with this same page in it."""

    code: str
    name: str
    """In the language itself."""
    direction: str
    url: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class Place:
    """An entry of the main navigation."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class SiteName:
    """The portal's name in one language."""

    lang: str
    direction: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What an error page says, beside the ways out that it always offers."""

    title: str
    sentence: str
    detail: str = ""
    sign_in: bool = False


def maroc_in_language(texts: dict[str, str] | str | None, lang: str = "") -> str:
    """Return the text in the reader's language, else in French, else any."""
    return maroc_words(texts, lang).text


def maroc_words(texts: dict[str, str] | str | None, lang: str = "") -> Words:
    """Return the same text with the language and direction it is in.

    A text without a language is in the one of its script.
    """
    return words.chosen(texts, lang or str(tk.h.lang()))


def maroc_languages() -> list[Language]:
    """Return the offered languages, in the order of ``ckan.locale_order``."""
    return [
        Language(
            code=locale.short_name,
            name=_capitalised(locale.get_display_name() or locale.short_name),
            direction=locale.text_direction,
            url=tk.h.url_for(tk.h.current_url(), locale=locale.short_name),
            current=locale.short_name == tk.h.lang(),
        )
        for locale in tk.h.get_available_locales()
    ]


def _capitalised(word: str) -> str:
    return word[:1].upper() + word[1:]


def maroc_site_names() -> list[SiteName]:
    """Return the portal's name for the reader, then in the official languages."""
    order = dict.fromkeys((str(tk.h.lang()), *OFFICIAL))
    names = [
        SiteName(
            lang=lang,
            direction=words.direction(lang),
            text=SITE_NAMES[lang],
        )
        for lang in order
        if lang in SITE_NAMES
    ]
    return names[:2]


def maroc_url(endpoint: str, **values: str) -> str:
    """Return a page's address, or nothing where no loaded plugin has that page."""
    if endpoint not in current_app.view_functions:
        return ""
    return tk.h.url_for(endpoint, **values)


# The main navigation: the page, the addresses that lie under it, its label.
_NAVIGATION: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("dataset.search", "/dataset", lambda: tk._("Data")),
    ("organization.index", "/organization", lambda: tk._("Institutions")),
    ("maroc_kpi.index", "/indicateurs", lambda: tk._("Indicators")),
    ("home.about", "/about", lambda: tk._("About")),
)


def maroc_navigation() -> list[Place]:
    """Return the main navigation, without the pages of plugins that are not loaded."""
    return [
        Place(
            label=label(),
            url=maroc_url(page),
            current=request.path.rstrip("/") == under
            or request.path.startswith(f"{under}/"),
        )
        for page, under, label in _NAVIGATION
        if maroc_url(page)
    ]


def maroc_account_links() -> list[AccountLink]:
    """Return the links of the plugins' own pages for who is signed in."""
    if not tk.current_user.is_authenticated:
        return []
    return [
        link
        for plugin in p.PluginImplementations(IMarocAccount)
        for link in plugin.get_account_links()
    ]


def maroc_roles() -> list[roles.Role]:
    """Return the roles of an institution's people, with what each is for."""
    return roles.roles()


def maroc_pager(page: Page, **params: str) -> Markup:
    """Return the links to a list's other pages, the arrows with names of their own."""
    return page.pager(
        symbol_previous=_arrow("left", tk._("Previous page")),
        symbol_next=_arrow("right", tk._("Next page")),
        **params,
    )


def _arrow(side: str, name: str) -> dom_tag:
    # Core's pager is made of dominate's elements, and escapes whatever is not one.
    icon = tags.i(cls=f"fa fa-chevron-{side}", aria_hidden="true")
    arrow: Any = container(icon, tags.span(name, cls="visually-hidden"))
    return arrow


def maroc_contact() -> str:
    """Return the address where people write to the portal's team."""
    return settings().contact


def maroc_front_page() -> frontpage.FrontPage:
    """Return what the front page shows of the catalogue."""
    return frontpage.read(str(tk.h.lang()))


# What each error tells people; any other of its hundred speaks by the first digit.
_TROUBLES: dict[int, tuple[Callable[[], str], Callable[[], str]]] = {
    400: (
        lambda: tk._("This request could not be understood"),
        lambda: tk._(
            "Perhaps the form stayed open for too long. Go back, reload the page, "
            "then send it again."
        ),
    ),
    401: (
        lambda: tk._("Please sign in"),
        lambda: tk._("This page is for people with an account on the portal."),
    ),
    403: (
        lambda: tk._("You may not see this page"),
        lambda: tk._(
            "It is kept for the people of the institution it belongs to, or for the "
            "portal's administration."
        ),
    ),
    404: (
        lambda: tk._("This page does not exist"),
        lambda: tk._(
            "It may have moved, or been withdrawn by the institution that published "
            "it. Check the address, or search the data."
        ),
    ),
    413: (
        lambda: tk._("This file is too large"),
        lambda: tk._("Make it smaller, split it, or publish a link to it instead."),
    ),
    429: (
        lambda: tk._("Too many requests"),
        lambda: tk._("Wait a minute, then try again."),
    ),
    500: (
        lambda: tk._("Something went wrong on our side"),
        lambda: tk._(
            "The error was recorded. Try again in a few minutes; if it comes back, "
            "write to us and say what you were doing."
        ),
    ),
    503: (
        lambda: tk._("The portal is being repaired"),
        lambda: tk._("Try again in a few minutes. Nothing that was saved is lost."),
    ),
}


def maroc_error(code: int | list[int] | None, content: object = "") -> Trouble:
    """Return what to tell people about an error of this status.

    ``content`` is what the code that raised it said; it is repeated where it tells
    more than the protocol's own English sentence.
    """
    status = code[0] if isinstance(code, list) else (code or 500)
    known = status if status in _TROUBLES else (400 if status < 500 else 500)
    title, sentence = _TROUBLES[known]
    said = str(content or "")
    generic = getattr(default_exceptions.get(status), "description", "")
    return Trouble(
        title=title(),
        sentence=sentence(),
        detail="" if status >= 500 or said == generic else said,
        sign_in=status in (401, 403) and not tk.current_user.is_authenticated,
    )
