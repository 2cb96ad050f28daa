"""What a dataset answers, whatever shape its answers come in.

A form sends texts, the database gives back lists as JSON, the API anything. A rule asks
here and never has to wonder: an answer that cannot be read is no answer.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from . import territory, vocabulary
from .words import Words

UNSURE = "ne-sais-pas"
"""The answer « je ne sais pas », where a question of law accepts it."""


class Answers:
    """The answers to some fields of a dataset; it has no others to give."""

    def __init__(self, dataset: Mapping[str, Any], fields: tuple[str, ...]) -> None:
        self._values = {field: _read(dataset.get(field)) for field in fields}

    def text(self, field: str) -> str:
        """Return the text, in any of its languages; empty where there is none."""
        return _text(self._values.get(field))

    def slugs(self, field: str) -> tuple[str, ...]:
        """Return the slugs of a list, or of a single answer, in order, each once."""
        value = self._values.get(field)
        every = value if isinstance(value, list | tuple | set) else [value]
        sent = (each.strip() for each in every if isinstance(each, str))
        return tuple(dict.fromkeys(slug for slug in sent if slug))

    def chosen(self, field: str, vocabulary_id: str) -> str:
        """Return the slug chosen in the vocabulary; empty where none of it is."""
        slugs = self.slugs(field)
        known = len(slugs) == 1 and vocabulary.find(vocabulary_id, slugs[0])
        return slugs[0] if known else ""

    def among(self, field: str, vocabulary_id: str) -> tuple[str, ...]:
        """Return the slugs of the list that the vocabulary has."""
        return tuple(
            slug for slug in self.slugs(field) if vocabulary.find(vocabulary_id, slug)
        )

    def places(self, field: str) -> tuple[str, ...]:
        """Return the codes of the list that are places of the Kingdom."""
        return tuple(code for code in self.slugs(field) if territory.find(code))

    def day(self, field: str) -> dt.date | None:
        """Return the day, or None where there is none or it is no day."""
        value = self._values.get(field)
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(self.text(field)[:10])
        except ValueError:
            return None


def named(vocabulary_id: str, slugs: tuple[str, ...]) -> Words:
    """Return the labels of the slugs as a list to read, in each language."""
    return {
        lang: ("، " if lang == "ar" else ", ").join(
            vocabulary.label(vocabulary_id, slug, lang) for slug in slugs
        )
        for lang in vocabulary.LANGUAGES
    }


def dated(day: dt.date) -> Words:
    """Return the day as each language writes it.

    With slashes in Arabic: after Arabic letters, hyphens would turn the day around.
    """
    local = f"{day.day:02}/{day.month:02}/{day.year}"
    return {"fr": local, "ar": local, "en": day.isoformat()}


def _read(value: Any) -> Any:
    """Return what the JSON text of a list or of an object holds; else the value."""
    if isinstance(value, str) and value.strip()[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        texts = (_text(each) for each in value.values() if isinstance(each, str))
        return next((text for text in texts if text), "")
    if isinstance(value, str):
        return value.strip()
    # A number typed without quotes is still the number of an act.
    plain = isinstance(value, int) and not isinstance(value, bool)
    return str(value)[:20] if plain and abs(value) < 10**20 else ""
