"""The things that a question names, and every way in which each is looked for.

A thing is a word, a term of the glossary or a place. Its clause is a group: what was
typed, what the glossary says beside it for less, and a bonus that is the same for every
dataset that names the thing at all, so that who answers the whole question comes before
who answers a part of it often. Pure: words in, clauses of Solr's language out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from . import glossary, places

LIKE = {"other": 0.8, "same": 0.5}
"""What an equivalent weighs beside what was typed: in another language, in its own."""
PART = 0.4
"""What one word of a term of several weighs alone."""
GENERAL = 0.1
"""What a word weighs that most datasets could hold."""
NAMED = 20.0
"""The bonus of a dataset that names the thing, beside its words' own weights."""
PLACED = {"inside": 0.6, "very": 0.15, "named": 0.4, "around": 0.4, "country": 0.2}
"""The shares of a place's bonus: for what is inside the place, for what is of the very
place beside, for what says its name beside, for what holds it, for the country."""

MOST = 12
"""How many words of a question are looked for in other ways than as typed."""
EQUIVALENTS = 4
"""How many equivalents of a language are looked for."""

ALWAYS = "entity_type:package"
"""What every dataset answers."""

# Where a place is named, what is of the whole country comes after what is of the place,
# and does not answer for being of the country.
_COUNTRYWIDE = (
    f"(geographic_coverage:{places.COUNTRY}^={NAMED * PLACED['country']:g}"
    f" OR {ALWAYS}^=0)"
)

# What a question says of any subject, and what it asks with.
_GENERAL = """
    annuel annuelle annuels an année chiffre combien comment données donnée effectif
    ensemble état évolution fichier indicateur information jeu liste maroc marocain
    marocaine montant national nationale nombre nouveau nouvelle où part pourcentage
    principal public publique quand quel quelle répartition situation statistique
    statistiques suivi tableau taux total type commune préfecture province région
    ville
    annual count data dataset distribution evolution figure how indicator
    information list many moroccan morocco national number percentage public rate
    share statistic statistics table total what when where which year
    أرقام إحصاء إحصائية إحصائيات احصاء احصائيات أين اين بيان بيانات تطور توزيع جدول
    جداول جهة جماعة إقليم عمالة مدينة جميع حالة حصيلة سنة سنوي سنوية شحال عدد أعداد
    عام عمومي عمومية فين قائمة قوائم كل كم كيف كيفية لائحة لوائح ما ماهي ماهو متى
    مجموع مؤشر مؤشرات مبلغ مستوى معدل معدلات معطيات معلومات مغرب مغربي مغربية ملف
    نسبة نسب نوع هل هو هي وضعية وطني وطنية ديال لدى عند خلال ضمن داخل منذ بها فيها
    لها كانت يوجد توجد هناك حول بخصوص
"""
_GENERAL_KEYS = frozenset(glossary.folded(word) for word in _GENERAL.split()) | {
    glossary.fold(word) for word in _GENERAL.split()
}


@dataclass(frozen=True, kw_only=True)
class Concept:
    """A thing that a question names, as a clause of Solr's language."""

    clause: str
    is_general: bool = False
    """Whether it adds to the order of the answers and no dataset need hold it."""


def of(words: Sequence[str], lexicon: glossary.Glossary) -> Iterator[Concept]:
    """Yield the things that plain words name, in their order.

    :param words: words of a question, none of them an operator or a phrase
    """
    words = [w for w in words if w.casefold() not in glossary.SMALL] or words
    # A question that says nothing in particular is about what it says.
    picky = not all(map(is_general, words[:MOST]))
    for start, end, equivalents, codes in _spans(words, lexicon):
        typed = words[start:end]
        if picky and not codes and all(map(is_general, typed)):
            yield from (_aside(word) for word in typed)
        else:
            alone = [
                _equivalents([word], lexicon) if len(typed) > 1 else ()
                for word in typed
                if not codes and not is_general(word)
            ]
            yield Concept(clause=_clause(typed, equivalents, alone, codes))
            if codes and places.COUNTRY not in codes:
                yield Concept(clause=_COUNTRYWIDE, is_general=True)


def is_general(word: str) -> bool:
    """Whether a word may be said of any subject.

    >>> is_general("العدد"), is_general("nombre"), is_general("hôpital")
    (True, True, False)
    """
    return glossary.is_one_of(word, _GENERAL_KEYS)


_Span = tuple[int, int, Sequence[str], Sequence[str]]


def _spans(words: Sequence[str], lexicon: glossary.Glossary) -> Iterator[_Span]:
    """Yield spans of words, without gaps: their equivalents, the places they name."""
    looked = words[:MOST]
    said = {
        (match.start, match.end): _chosen(looked[match.start : match.end], match)
        for match in lexicon.terms(looked)
    }
    where = {(each.start, each.end): each.codes for each in places.named(looked)}
    found = sorted({*said, *where}, key=lambda span: (span[0] - span[1], span[0]))
    taken: list[tuple[int, int]] = []
    # The longest first; what overlaps it says something else.
    for start, end in found:
        if all(end <= begun or ended <= start for begun, ended in taken):
            taken.append((start, end))
    covered = {at for start, end in taken for at in range(start, end)}
    taken += [(at, at + 1) for at in range(len(words)) if at not in covered]
    for span in sorted(taken):
        codes = where.get(span, ())
        names = _names(words[slice(*span)], codes)
        yield *span, list(dict.fromkeys([*said.get(span, ()), *names])), codes


def _equivalents(words: Sequence[str], lexicon: glossary.Glossary) -> Sequence[str]:
    return [each for match in lexicon.terms(words) for each in _chosen(words, match)]


def _chosen(typed: Sequence[str], match: glossary.Match) -> list[str]:
    """Return the equivalents to look for, each with its weight."""
    arabic = _is_arabic(typed)
    found: dict[tuple[str, ...], str] = {}
    for lang, terms in (("fr", match.fr), ("ar", match.ar), ("en", match.en)):
        weight = LIKE["same" if (lang == "ar") is arabic else "other"]
        for term in terms[:EQUIVALENTS]:
            clause = _together(term)
            if clause:
                found.setdefault(glossary.key(term), f"{clause}^{weight:g}")
    return list(found.values())


def _aside(word: str) -> Concept:
    return Concept(clause=f"({word}^{GENERAL:g} OR {ALWAYS}^=0)", is_general=True)


def _clause(
    typed: Sequence[str],
    equivalents: Sequence[str],
    alone: Sequence[Sequence[str]],
    codes: Sequence[str],
) -> str:
    """Return the group of a thing: its words, its equivalents, its places, bonuses."""
    several = len(typed) > 1
    whole = [f"(+{' +'.join(typed)})" if several else typed[0], *equivalents]
    parts = [] if codes or not several else typed
    parts = [word for word in parts if not is_general(word)]
    others = [other for each in alone for other in each]
    ways = [*whole, *(f"{word}^{PART:g}" for word in parts)]
    ways += [f"({other})^{PART:g}" for other in others]
    if codes:
        ways += _at(codes)
    bonus = NAMED * PLACED["named"] if codes else NAMED
    ways.append(f"all_words:({' OR '.join(map(_bare, whole))})^={bonus:g}")
    if parts or others:
        some = " OR ".join([*parts, *map(_bare, others)])
        ways.append(f"all_words:({some})^={NAMED * PART / 2:g}")
    return f"({' OR '.join(ways)})"


def _at(codes: Sequence[str]) -> Iterator[str]:
    """Yield the clauses of a place: the datasets in it, those of what holds it."""
    yield f"territory:({_any(codes)})^={NAMED * PLACED['inside']:g}"
    yield f"geographic_coverage:({_any(codes)})^={NAMED * PLACED['very']:g}"
    wider = dict.fromkeys(each for code in codes for each in places.above(code))
    if wider:
        yield f"geographic_coverage:({_any(wider)})^={NAMED * PLACED['around']:g}"


def _any(codes: Iterable[str]) -> str:
    return " OR ".join(f'"{code}"' for code in codes)


def _names(typed: Sequence[str], codes: Sequence[str]) -> Iterator[str]:
    """Yield the names of places in the script that was not typed, with their weight."""
    lang = "fr" if _is_arabic(typed) else "ar"
    for name in dict.fromkeys(places.translated(code, lang) for code in codes):
        yield f"{_together(name)}^{LIKE['other']:g}"


def _is_arabic(words: Sequence[str]) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for word in words for letter in word)


def _together(term: str) -> str:
    """Return a term as a clause: all of its words, small ones left out."""
    words = [word for word in split(term.lower()) if word not in glossary.SMALL]
    if len(words) < 2:
        return "".join(words)
    return f"(+{' +'.join(words)})"


def _bare(clause: str) -> str:
    """Return a clause without its weight."""
    return clause.rpartition("^")[0] or clause


# Signs that stand inside a word; a point does in "3.5" and "R.A.M.E.D.".
_INSIDE = "'’ʼ´`."


def split(token: str) -> list[str]:
    """Cut by all but letters, marks, digits, and signs that stand inside a word."""
    kept = (
        letter
        if letter in _INSIDE or unicodedata.category(letter)[0] in "LMN"
        else ("" if unicodedata.category(letter) == "Cf" else " ")
        for letter in token
    )
    parts = "".join(kept).split()
    return [part for part in parts if any(letter.isalnum() for letter in part)]
