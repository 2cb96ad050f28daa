"""One text in several languages: how it is read, judged and kept.

A text comes as a dict by language, as that dict in JSON, or as plain words from a
caller who knows only CKAN's core: those go to the language of their script. It is
kept as JSON with its real letters. Everything here is pure: values in, answer out.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

LANGUAGES = ("fr", "ar", "en")
"""The languages a text may have, in the order in which one stands in for another."""

Text = dict[str, str]
"""The words by language; a language without words is absent."""

RIGHT_TO_LEFT = frozenset({"ar"})

ARABIC = re.compile(
    r"[\u0620-\u064A\u066E-\u06D3\u06FA-\u06FF\u0750-\u077F"
    r"\u08A0-\u08C9\uFB50-\uFDFB\uFE70-\uFEFC]"
)
LATIN = re.compile(
    r"[A-Za-z\u00AA\u00BA\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u024F"
    r"\u1E00-\u1EFF\uFB00-\uFB06\uFF21-\uFF3A\uFF41-\uFF5A]"
)
SCRIPTS: Mapping[str, re.Pattern[str]] = {"fr": LATIN, "ar": ARABIC, "en": LATIN}

FORCED_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What makes a reader see another text than the one written. The marks U+200E, U+200F
and U+061C are not among them: mixed French and Arabic needs them."""

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""What neither PostgreSQL nor XML can hold, and no one can read."""

UNWANTED = {"unprintable": UNPRINTABLE, "forced_direction": FORCED_DIRECTION}

MARKUP = re.compile(r"<[A-Za-z/!?]")

LINE, PAGE = 300, 5_000
"""How long a line (a title, a name) and a page (a description) may be, in letters."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with a text: a code of :mod:`.errors` and its figures."""

    code: str
    lang: str = ""
    value: str = ""
    length: int = 0
    limit: int = 0


def read(value: Any) -> Any:
    """Return what was sent as a dict by language, or as it is when it is no text.

    >>> read("Écoles"), read("مدارس"), read('{"fr": "Écoles"}')
    ({'fr': 'Écoles'}, {'ar': 'مدارس'}, {'fr': 'Écoles'})
    """
    if value is None:
        return {}
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("{"):
        try:
            loaded = json.loads(value)
        except (ValueError, RecursionError):
            return {language_of(value): value}
        return loaded
    return {language_of(value): value} if value.strip() else {}


def tidy(value: Any, *, line: bool) -> Any:
    """Trim each text, give it one kind of line end, and drop the empty ones."""
    if not isinstance(value, Mapping):
        return value
    kept = {}
    for lang, text in value.items():
        words = clean(text, line=line) if isinstance(text, str) else text
        if words not in (None, ""):
            kept[lang] = words
    return kept


def clean(text: str, *, line: bool) -> str:
    """Trim a text; a line has no line ends or tabs inside."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return (re.sub(r"[ \t\n\x85\u2028\u2029]+", " ", text) if line else text).strip()


def problems(value: Any, *, line: bool) -> Iterator[Problem]:
    """Say what is wrong with a tidied text, one problem a language."""
    if not isinstance(value, Mapping):
        yield Problem(code="not_text")
        return
    for lang, text in value.items():
        if lang not in LANGUAGES:
            yield Problem(code="unknown_language", value=str(lang))
        elif problem := problem_of(text, line=line, lang=lang):
            yield problem


def problem_of(text: Any, *, line: bool, lang: str = "") -> Problem | None:
    """Return the first thing wrong with one text, in ``lang`` when it is given."""
    limit = LINE if line else PAGE
    if not isinstance(text, str):
        return Problem(code="not_text", lang=lang)
    for code, pattern in UNWANTED.items():
        if found := pattern.search(text):
            return Problem(code=code, lang=lang, value=code_point(found[0]))
    wrong = (
        ("too_long", len(text) > limit),
        ("markup", line and MARKUP.search(text) is not None),
        ("says_nothing", bool(text) and not any(map(str.isalnum, text))),
        ("wrong_script", bool(lang) and _is_foreign(text, lang)),
    )
    code = next((code for code, is_so in wrong if is_so), None)
    if code is None:
        return None
    return Problem(code=code, lang=lang, length=len(text), limit=limit)


def language_of(text: str) -> str:
    """Return the language whose script the text is mostly written in."""
    arabic, latin = len(ARABIC.findall(text)), len(LATIN.findall(text))
    return "ar" if arabic > latin else "fr"


def direction(lang: str) -> str:
    """Return ``rtl`` or ``ltr``."""
    return "rtl" if lang in RIGHT_TO_LEFT else "ltr"


def chosen(text: Mapping[str, str], lang: str) -> tuple[str, str]:
    """Return what a reader of ``lang`` is shown, and the language it is in.

    >>> chosen({"ar": "مدارس"}, "fr")
    ('مدارس', 'ar')
    """
    for each in (lang, *LANGUAGES):
        if text.get(each):
            return text[each], each
    return "", lang


def core(text: Mapping[str, str]) -> str:
    """Return the words that CKAN's core keeps: French, else Arabic, else English."""
    return chosen(text, LANGUAGES[0])[0]


def dump(text: Mapping[str, str]) -> str:
    """Return the text as it is stored, its languages always in the same order."""
    ordered = {lang: text[lang] for lang in LANGUAGES if lang in text}
    return json.dumps(ordered, ensure_ascii=False)


def load(stored: Any) -> Text:
    """Return a stored text by language; what is not one gives an empty text."""
    value = read(stored) if isinstance(stored, str) else stored
    if not isinstance(value, Mapping):
        return {}
    return {k: v for k, v in value.items() if isinstance(v, str) and v}


def merged(given: Any, words: Any, *, stored: Text, stored_words: str | None) -> Any:
    """Return the text to keep, from what a caller sent and what is stored.

    ``given`` is the text by language, None when it was not sent; ``words`` is the
    core field beside it. A caller who knows only core sends back the languages as
    they were, or not at all, and changes the words: the words then win, in the
    language of their script, and the other languages stay. Words taken away take
    the text away.
    """
    text = dict(stored) if given is None else given
    untouched = given is None or given == stored
    if not isinstance(words, str) or not untouched:
        return text
    if words == "" and stored_words:
        return {}
    if words.strip() and words.strip() != (stored_words or "").strip():
        return {**text, language_of(words): words}
    return text


def file_name(url: str) -> str:
    """Return the last words of an address: the file's name, else the site's.

    >>> file_name("https://www.fes.ma/donnees/%C3%A9coles.csv?v=2")
    'écoles.csv'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return clean(unquote(parts.path.rstrip("/").rsplit("/")[-1]), line=True) or (
        parts.hostname or ""
    )


def _is_foreign(text: str, lang: str) -> bool:
    """Tell whether a text has letters and none of them of its language's script."""
    return not SCRIPTS[lang].search(text) and any(
        unicodedata.category(letter).startswith("L") for letter in text
    )


def code_point(letter: str) -> str:
    """Return the name by which a letter that cannot be seen is told."""
    return f"U+{ord(letter):04X}"
