"""A text for a reader: which language of it, and which way that language is written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

RIGHT_TO_LEFT = frozenset(("ar", "fa", "he", "ur"))
FALLBACK = "fr"
_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


@dataclass(frozen=True, kw_only=True)
class Words:
    """A text as a page shows it: ``<span lang= dir=>``."""

    text: str
    lang: str

    @property
    def dir(self) -> str:
        return direction(self.lang)

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


def direction(lang: str) -> str:
    """Return ``rtl`` or ``ltr``."""
    return (
        "rtl"
        if lang.split("_", maxsplit=1)[0].split("-", maxsplit=1)[0] in RIGHT_TO_LEFT
        else "ltr"
    )


def chosen(texts: dict[str, str] | str | None, lang: str) -> Words:
    """Return the text in ``lang``, else in French, else in any language it is in."""
    by_language = texts if isinstance(texts, dict) else _parsed(texts or "")
    for candidate in (lang, FALLBACK, *by_language):
        if by_language.get(candidate):
            return Words(text=by_language[candidate], lang=candidate)
    return Words(text="", lang=lang)


def _parsed(text: str) -> dict[str, Any]:
    """Read a text as CKAN stores it: JSON of its languages, or plain."""
    if text.startswith("{"):
        try:
            stored = json.loads(text)
        except ValueError:
            stored = None
        if isinstance(stored, dict):
            return stored
    return {script_language(text): text}


def script_language(text: str) -> str:
    """Return the language of a text's script: Arabic where most of its letters are."""
    arabic, latin = len(_ARABIC.findall(text)), len(_LATIN.findall(text))
    return "ar" if arabic > latin else FALLBACK
