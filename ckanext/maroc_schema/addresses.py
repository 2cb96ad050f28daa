"""Web addresses made from titles, in French or in Arabic.

CKAN's core turns « الجماعة » into ``__`` and the budgets of two communes into the same
``2025``. Here an Arabic title is transliterated, as names are written in Morocco, and
an address is never empty nor a bare number. Only letters that are written are rendered:
Arabic does not write its short vowels.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

LONGEST = 90
"""Room is left below CKAN's 100 for a number."""

RESERVED = frozenset({"new", "edit", "search"})
"""Addresses that CKAN keeps for its own pages."""

ARABIC = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ب": "b", "ت": "t", "ث": "th",
    "ج": "j", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s",
    "ش": "ch", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f",
    "ق": "q", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "ou", "ي": "i",
    "ى": "a", "ة": "a", "ؤ": "ou", "ئ": "i", "ء": "", "ـ": "",
    # Letters added in Morocco for g, and for the p and v of borrowed words.
    "ڭ": "g", "گ": "g", "ݣ": "g", "پ": "p", "ڤ": "v", "ڥ": "v", "چ": "tch", "ژ": "j",
    "ک": "k", "ی": "i",
}  # fmt: skip

LATIN = {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d"}


def address(title: str, *, otherwise: str) -> str:
    """Return the title as lowercase ASCII words joined by hyphens.

    >>> address("الجماعة", otherwise="jeu-de-donnees")
    'aljmaaa'
    >>> address("؟", otherwise="jeu-de-donnees")
    'jeu-de-donnees'
    """
    letters = unicodedata.normalize("NFKD", _transliterated(title.lower()))
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    words = re.findall("[a-z0-9]+", plain)
    made = ""
    for word in words:
        longer = f"{made}-{word}" if made else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        made = longer
    says_something = len(made) > 1 and not made.replace("-", "").isdigit()
    return made if says_something else "-".join(filter(None, (otherwise, made)))


def candidates(made: str) -> Iterator[str]:
    """Yield the address, then the address with numbers."""
    if made not in RESERVED:
        yield made
    number = 2
    while True:
        yield f"{made}-{number}"
        number += 1


def free(made: str, taken: Collection[str]) -> str:
    """Return the first address that is not taken."""
    return next(each for each in candidates(made) if each not in taken)


def _transliterated(text: str) -> str:
    # Presentation forms and ligatures of old files become letters first.
    text = unicodedata.normalize("NFKC", text)
    return "".join(
        str(unicodedata.digit(letter))
        if letter.isdigit() and not letter.isascii()
        else ARABIC.get(letter, LATIN.get(letter, letter))
        for letter in text
    )
