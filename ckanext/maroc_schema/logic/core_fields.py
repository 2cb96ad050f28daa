"""CKAN's core fields, filled from ours and the other way round.

Core pages, feeds and readers of the API know ``title``, ``notes``, ``name`` and
``tags``; the portal keeps these in several languages. Whichever a caller sends, both
are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import readers
from ckanext.maroc_portal.interfaces import names_of_old
from ckanext.maroc_schema import addresses, texts

from .answers import Data, Errors, Field, Key, sentence

OTHERWISE = {"dataset": "jeu-de-donnees", "organization": "institution"}
"""The address of what has a title that cannot be written in one."""

TABLES: Mapping[str, Any] = {
    "dataset": model.Package.__table__,  # type: ignore[attr-defined]
    "organization": model.Group.__table__,  # type: ignore[attr-defined]
}


class Stored(NamedTuple):
    """What the database holds of the same thing, before this change."""

    text: texts.Text
    words: str | None


def settle(field: Field, prefix: Key, data: Data, errs: Errors, stored: Stored) -> None:
    """Put the text to keep in its field and its words in the core field."""
    key = (*prefix, field["field_name"])
    core_key = (*prefix, field["core_field"])
    line = field.get("line", False)
    given, words = sent(key, data), data.get(core_key)
    if words is tk.missing:
        words = None
    if words is not None and not isinstance(words, str):
        given, words = (words if given is None else given), None
    value = texts.merged(
        None if given is None else texts.tidy(texts.read(given), line=line),
        words,
        stored=stored.text,
        stored_words=stored.words,
    )
    value = texts.tidy(value, line=line)
    found = [sentence(field, each) for each in texts.problems(value, line=line)]
    if found:
        errs.setdefault(key, []).extend(found)
        data[key], data[core_key] = "", ""
    elif value:
        data[key], data[core_key] = value, texts.core(value)
    else:
        data[key] = tk.missing
        named = prefix and field["core_field"] == "name"
        data[core_key] = _name_of_file(prefix, data) if named else ""


def sent(key: Key, data: Data) -> Any:
    """Return the text that was sent, from a form's inputs or whole; None if neither."""
    extras = data.get((*key[:-1], "__extras")) or {}
    inputs = {lang: f"{key[-1]}-{lang}" for lang in texts.LANGUAGES}
    from_form = {
        lang: extras.pop(name) for lang, name in inputs.items() if name in extras
    }
    if from_form:
        return from_form
    value = data.get(key)
    return None if value is tk.missing else value


def _name_of_file(prefix: Key, data: Data) -> str:
    """Return the name by which to call a file that was given none.

    ``file_name`` is the name of an uploaded file as it came; a link has the end of
    its address.
    """
    given = (data.get((*prefix, "__extras")) or {}).get("file_name")
    url = data.get((*prefix, "url"))
    named = given or (texts.file_name(url) if isinstance(url, str) else "")
    return "" if texts.problem_of(named, line=True) else named


def thing_of(kind: str, data: Data, context: Any) -> Any:
    """Return the dataset or institution that is being changed, None for a new one."""
    thing = context.get("package" if kind == "dataset" else "group")
    # A context used again may still hold what the call before changed.
    same = thing is not None and data.get(("id",)) in (thing.id, thing.name)
    return thing if same else None


def core_words(thing: Any, core_field: str) -> str | None:
    """Return the words that core holds of a dataset, a resource or an institution."""
    return getattr(thing, core_field)


def stored_resource(field: Field, key: Key, data: Data, context: Any) -> Stored:
    """Return what the database holds of a text of a resource."""
    package, resource_id = context.get("package"), data.get((*key[:-1], "id"))
    if package is not None and isinstance(resource_id, str):
        for each in package.resources:
            if each.id == resource_id:
                text = texts.load(each.extras.get(key[-1]))
                return Stored(text, core_words(each, field["core_field"]))
    return Stored({}, None)


def stored_extra(key: Key, data: Data, context: Any) -> Any:
    """Return what the database holds of a resource's own field; empty for a new one."""
    package, resource_id = context.get("package"), data.get((*key[:-1], "id"))
    for each in package.resources if package is not None else ():
        if each.id == resource_id:
            return each.extras.get(key[-1]) or ""
    return ""


def free_address(kind: str, data: Data, broken: bool) -> str:
    """Return a free address made from the title, and hold it until the commit."""
    made = addresses.address(str(data["title",]), otherwise=OTHERWISE[kind])
    if broken:
        return made
    # Two titles alike sent at the same moment wait for each other here.
    model.Session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:made, 0))"),
        {"made": f"maroc_schema {kind} {made}"},
    )
    table = TABLES[kind]
    # An address is taken, too, by a draft that this person may not read.
    with readers.everything():
        taken = model.Session.execute(
            sa.union(
                sa.select(table.c.name).where(table.c.name.startswith(made)),
                sa.select(table.c.id).where(table.c.id.startswith(made)),
            )
        )
        known = set(taken.scalars())
    if kind == "dataset":
        known |= names_of_old(made)
    return addresses.free(made, known)
