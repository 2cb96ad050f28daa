"""The law's verdict on a dataset, and its reasons in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.maroc_law import assess, vocabulary
from ckanext.maroc_portal import clock

from . import languages

Verdict = assess.Verdict
Reason = assess.Reason
Outcome = assess.Outcome


CLOSED = tuple(
    each.slug
    for each in vocabulary.vocabulary("classification")
    if each.slug != "non-classifie"
)
"""The four levels at which data cannot be opened (décret 2-21-406, art. 13)."""


def verdict(dataset: Mapping[str, Any]) -> Verdict:
    """Return the verdict on a dataset as it would stand today."""
    return assess.assess(dataset, clock.today())


def whole(
    fields: Iterable[Mapping[str, Any]], data: Mapping[Any, Any], package: Any
) -> dict[str, Any]:
    """Return a dataset from the flattened data that a validator sees.

    Core hands on changed resources only: the others are read from the package.
    """
    found: dict[str, Any] = {}
    for field in fields:
        value = data.get((field["field_name"],))
        if value not in (None, tk.missing, ""):
            found[field["field_name"]] = value
    resources: dict[Any, dict[str, Any]] = {
        each.id: {"id": each.id, "url": each.url}
        for each in (package.resources if package is not None else ())
        if each.state == "active"
    }
    for key, value in data.items():
        if key[0] == "resources" and len(key) == 3 and value is not tk.missing:
            identity = data.get((*key[:2], "id"))
            place = identity if isinstance(identity, str) and identity else key[1]
            resources.setdefault(place, {})[key[2]] = value
    return {**found, "resources": list(resources.values())}


def said(reason: Reason) -> str:
    """Return a reason with its way out and its article, for the reader."""
    lang = languages.of_reader()
    article = f" ({reason.article})." if reason.article else ""
    return f"{reason.sentence[lang]} {reason.way_out[lang]}{article}"
