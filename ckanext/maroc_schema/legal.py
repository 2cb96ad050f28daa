"""The law's verdict on a dataset, and its reasons in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.maroc_law import assess, vocabulary
from ckanext.maroc_law.rules import RULES
from ckanext.maroc_portal import clock

from . import languages

Verdict = assess.Verdict
Reason = assess.Reason
Outcome = assess.Outcome


LONGEST, MOST = 6_000, 100
"""Letters of a text, and answers of a list, that a verdict reads."""

ASKED = frozenset(name for rule in RULES for name in rule.fields)
"""The fields that some rule looks at."""

BLOCK = tuple(sorted({name for rule in RULES if rule.article for name in rule.fields}))
"""The legal block: the fields that some article of law is asked about."""

OPEN = "non-classifie"
"""The one answer to the question of classification that lets a file in."""

CLOSED = tuple(
    each.slug for each in vocabulary.vocabulary("classification") if each.slug != OPEN
)
"""The four levels at which data cannot be opened (décret 2-21-406, art. 13)."""


def verdict(dataset: Mapping[str, Any]) -> Verdict:
    """Return the verdict on a dataset as it would stand today."""
    return assess.assess(dataset, clock.today())


def whole(
    fields: Iterable[Mapping[str, Any]], data: Mapping[Any, Any]
) -> dict[str, Any]:
    """Return a dataset's answers from the flattened data that a validator sees."""
    found = {field["field_name"]: data.get((field["field_name"],)) for field in fields}
    return {name: value for name, value in found.items() if value is not tk.missing}


def stored(fields: Iterable[Mapping[str, Any]], package: Any) -> dict[str, Any]:
    """Return the answers that the database holds of a dataset."""
    names = [field["field_name"] for field in fields]
    return {
        name: package.extras.get(name, getattr(package, name, None)) for name in names
    }


def bounded(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that the rules look at, cut to what a dataset could hold.

    Whoever asks is anyone, and may send anything.
    """
    return {name: _cut(value) for name, value in data.items() if name in ASKED}


def _cut(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return value[:MOST] if depth else value[:LONGEST]
    if depth > 2:
        return None
    if isinstance(value, list):
        return [_cut(each, depth + 1) for each in value[:MOST]]
    if isinstance(value, Mapping):
        kept = list(value.items())[:MOST]
        return {str(key)[:MOST]: _cut(each, depth + 1) for key, each in kept}
    return value


def place(reason: Reason) -> str:
    """Return the field at which a reason is mended: the answer that lacks, if one."""
    lacking = reason.outcome == Outcome.INCOMPLETE and not reason.contradiction
    return reason.fields[-1] if lacking else reason.fields[0]


def said(reason: Reason) -> str:
    """Return a reason with its way out and its article, for the reader."""
    lang = languages.of_reader()
    article = f" ({reason.article})." if reason.article else ""
    return f"{reason.sentence[lang]} {reason.way_out[lang]}{article}"
