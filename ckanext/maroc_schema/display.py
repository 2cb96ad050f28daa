"""Datasets and institutions as a page shows them, in the reader's language.

These change a copy that a page is about to show, never what is stored: CKAN writes
back what its ``show`` actions give, so nothing is put in a language there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import g, has_request_context

from ckan import model

from ckanext.maroc_portal.words import Words

from . import languages, texts


def words(thing: Mapping[str, Any], core_field: str, lang: str = "") -> Words:
    """Return a field of a dict of the API for a reader of ``lang``.

    The field's texts by language come first, then core's words, in the language of
    their script.
    """
    by_language = translated(thing, f"{core_field}_translated")
    if not by_language:
        plain = str(thing.get(core_field) or "")
        by_language = {texts.language_of(plain): plain}
    text, shown_in = texts.chosen(by_language, lang or languages.of_reader())
    return Words(text=text, lang=shown_in)


def translated(thing: Mapping[str, Any], field: str) -> texts.Text:
    """Return the texts of a field, from a dict that core has validated or not yet."""
    if field in thing:
        return texts.load(thing[field])
    for extra in thing.get("extras") or ():
        if extra.get("key") == field:
            return texts.load(extra.get("value"))
    return {}


def dataset(pkg: dict[str, Any]) -> dict[str, Any]:
    """Put a dataset's title, description and institution in the reader's language."""
    for field in ("title", "notes"):
        if shown := words(pkg, field):
            pkg[field] = shown.text
    if pkg.get("organization"):
        pkg["organization"] = organization(dict(pkg["organization"]))
    return pkg


def organization(org: dict[str, Any]) -> dict[str, Any]:
    """Put an institution's name in the reader's language."""
    if shown := organization_title(org):
        org["title"] = org["display_name"] = shown.text
    return org


def organization_title(org: Mapping[str, Any]) -> Words:
    """Return the name of an institution, from any of the dicts that core makes of it.

    Most of them hold core's ``title`` alone; the languages are then read once a
    request for all institutions.
    """
    if translated(org, "title_translated"):
        return words(org, "title")
    known = _organization_titles().get(org.get("id") or "", {})
    return words({"title": org.get("title"), "title_translated": known}, "title")


def organization_titles() -> dict[str, Words]:
    """Return the names of all institutions for the reader, by id."""
    return {
        org_id: words({"title_translated": found}, "title")
        for org_id, found in _organization_titles().items()
    }


def _organization_titles() -> Mapping[str, texts.Text]:
    if not has_request_context():
        return _read_organization_titles()
    if not hasattr(g, "maroc_schema_organization_titles"):
        g.maroc_schema_organization_titles = _read_organization_titles()
    return g.maroc_schema_organization_titles


def _read_organization_titles() -> Mapping[str, texts.Text]:
    group = model.Group.__table__  # type: ignore[attr-defined]
    rows = model.Session.execute(
        sa.select(
            group.c.id, group.c.title, group.c.extras["title_translated"].astext
        ).where(group.c.is_organization, group.c.state == model.State.ACTIVE)
    )
    return {
        org_id: texts.load(stored) or texts.load(title)
        for org_id, title, stored in rows
    }
