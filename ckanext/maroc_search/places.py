"""Places that a question names, and the codes that a dataset is found by for them.

A dataset of the commune of Fès is looked for with the name of the commune, of its
prefecture and of its region, in French or in Arabic; a dataset of the whole region
may also answer who asks for the commune. Words in, codes out; nothing needs CKAN.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ckanext.maroc_law import territory

from . import glossary

COUNTRY = territory.COUNTRY

LEVELS: Mapping[str, str] = {
    "country": "region",
    "region": "region",
    "prefecture": "province",
    "province": "province",
    "urban": "commune",
    "rural": "commune",
}
"""The facet in which each kind of place stands; the country is the first region."""

PARENTS: Mapping[str, str] = {"province": "region", "commune": "province"}
"""The facet that is chosen before each of the others is shown."""

# "إقليم تازة" is the province and not the commune of that name.
_KINDS: Mapping[str, tuple[str, ...]] = {
    "region": ("région", "جهة", "region"),
    "province": ("province", "préfecture", "إقليم", "عمالة", "prefecture"),
    "commune": ("commune", "ville", "جماعة", "مدينة", "بلدية", "city", "town"),
}


@dataclass(frozen=True, kw_only=True)
class Named:
    """Words of a question, from ``start`` up to ``end``, and the places they name."""

    start: int
    end: int
    codes: tuple[str, ...]


def named(words: Sequence[str]) -> list[Named]:
    """Return the places that a question names, in its order.

    >>> named(["المستشفيات", "بإقليم", "تازة"])
    [Named(start=2, end=3, codes=('03.561',))]
    """
    names, codes = _names()
    found = []
    for start, end, entries in names.spans(words):
        every = tuple(code for entry in entries for code in codes[entry])
        kind = _kind(words[start - 1]) if start else ""
        hinted = tuple(code for code in every if kind and _level(code) == kind)
        found.append(Named(start=start, end=end, codes=hinted or every))
    return found


def with_those_above(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of places and of all that hold them, the country left out.

    >>> with_those_above(["03.231"]), with_those_above(["MA"])
    (('03.231', '03'), ('MA',))
    """
    found: dict[str, None] = {}
    for code in codes:
        found[code] = None
        found |= dict.fromkeys(above(code))
    return tuple(found)


def above(code: str) -> tuple[str, ...]:
    """Return the codes of the province and region that hold a place."""
    return tuple(each for each in territory.above(code) if each != COUNTRY)


def levels(codes: Iterable[str]) -> dict[str, list[str]]:
    """Return the codes by the facet that each stands in.

    >>> levels(["03.231", "03"])
    {'region': ['03'], 'province': ['03.231'], 'commune': []}
    """
    found: dict[str, list[str]] = {"region": [], "province": [], "commune": []}
    for code in codes:
        level = _level(code)
        if level:
            found[level].append(code)
    return found


def names(codes: Iterable[str]) -> list[str]:
    """Return the names of places in every language, each once."""
    known = filter(None, map(territory.find, codes))
    return list(dict.fromkeys(n for place in known for n in place.names.values()))


def translated(code: str, lang: str) -> str:
    """Return a place's name, empty for a code that is none's."""
    place = territory.find(code)
    return place.names[lang] if place else ""


def _level(code: str) -> str:
    place = territory.find(code)
    return LEVELS.get(place.kind, "") if place else ""


@cache
def _kind(word: str) -> str:
    for kind, said in _KINDS.items():
        if glossary.is_one_of(word, {glossary.folded(each) for each in said}):
            return kind
    return ""


@cache
def _names() -> tuple[glossary.Glossary, Mapping[glossary.Entry, list[str]]]:
    """Return the names of places as a glossary, and the codes of each."""
    codes: dict[glossary.Entry, list[str]] = {}
    for place in _every():
        entry = glossary.Entry(fr=(place.names["fr"],), ar=(place.names["ar"],))
        codes.setdefault(entry, []).append(place.code)
    return glossary.Glossary(entries=tuple(codes)), codes


def _every() -> Iterator[territory.Place]:
    yield from territory.places()
    yield from territory.casablanca()
