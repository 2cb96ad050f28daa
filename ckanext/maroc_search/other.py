"""A question said in the portal's other languages, for who found nothing with it.

Pure: words in, words out. What neither the glossary nor the territory knows is left
out, for it is what found nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from ckanext.maroc_schema import texts

from . import places, question
from .glossary import Glossary

OFFERED = ("fr", "ar")
"""The languages that datasets are described in."""


def questions(asked: str, lexicon: Glossary) -> dict[str, str]:
    """Return the question in each other language that can say a part of it.

    >>> from . import glossary
    >>> questions('"المستشفيات" تازة', glossary.load())
    {'fr': 'hôpital Taza'}
    """
    if not question.is_plain(asked):
        return {}
    words = [
        word
        for part in question.signed(asked)
        if part.sign != "-"
        for word in part.words.strip('"').split()
    ]
    typed = texts.language_of(" ".join(words))
    found = {lang: _said(words, lang, lexicon) for lang in OFFERED if lang != typed}
    return {lang: said for lang, said in found.items() if said}


def _said(words: Sequence[str], lang: str, lexicon: Glossary) -> str:
    said: dict[int, str] = {}
    for place in places.named(words):
        said[place.start] = places.translated(place.codes[0], lang)
    for match in lexicon.terms(words):
        terms = getattr(match, lang)
        if terms:
            said[match.start] = terms[0]
    if not said:
        return ""
    said |= {at: word for at, word in enumerate(words) if word.isdigit()}
    return " ".join(said[at] for at in sorted(said))
