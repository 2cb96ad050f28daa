"""Words in the three languages of the portal, and how their spellings compare."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

Words = Mapping[str, str]
"""The same words by language: ``fr``, ``ar`` and ``en``."""


def words(*, fr: str, ar: str, en: str) -> Words:
    """Return the words in three languages; none can be forgotten."""
    return MappingProxyType({"fr": fr, "ar": ar, "en": en})


_CAMEL = re.compile("(?<=[a-z])(?=[A-Z])")
_NOT_WORDS = re.compile(r"[\W_]+")
_ARABIC = str.maketrans("أإآٱةى", "ااااهي", "\u0640")


def fold(title: str) -> str:
    """Return the title's words without case, accents or variants of Arabic letters."""
    spread = _CAMEL.sub(" ", title).translate(_ARABIC).casefold()
    letters = unicodedata.normalize("NFKD", spread)
    bare = "".join(each for each in letters if not unicodedata.combining(each))
    return _NOT_WORDS.sub(" ", bare).strip()


_SEPARATORS = " \t\r\n.-|_\u00a0\u2007\u2009\u200e\u200f\u2010\u2011\u2013\u202f\u0640"
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c"
_TABLE = {ord(each): None for each in _SEPARATORS + _BIDI} | {
    # Moroccan tables use Western digits; reading the other Arabic ones costs nothing.
    first + digit: ord("0") + digit
    for first in (0x0660, 0x06F0)
    for digit in range(10)
}


_DECIMAL = re.compile(r"[+-]?[0-9]+\.[0-9]+")


def normalise(text: str) -> str:
    """Return the text without its separators, in capitals, with Western digits.

    A decimal number keeps its point, and so is none of these: 0.612345678 is no phone.
    A whole number that a spreadsheet gave one decimal loses it.
    """
    if text.count(".") == 1 and _DECIMAL.fullmatch(text):
        return text.removesuffix(".0")
    return text.translate(_TABLE).upper()
