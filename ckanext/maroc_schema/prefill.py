"""What a file's name and its institution already say of a new dataset.

Whoever deposits a file is not asked for what can be read: each of these answers is
shown in the form, to be corrected. Pure: a name and an institution in, answers out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from ckanext.maroc_law import territory
from ckanext.maroc_law.words import fold

from . import texts

EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}$")
YEAR = re.compile(r"(?<!\d)(19[5-9]\d|20[0-4]\d)(?!\d)")
BETWEEN = re.compile(r"[_\s]+")
KINDS = ("region", "province", "prefecture", "urban", "rural")
"""Where two places share a name, the larger one is meant; the country is no word of a
file's name, for nearly every file would say it."""


def answers(file_name: str, institution: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers to propose for a file of an institution.

    :param file_name: the name of the file, or the address of a link
    :param institution: its ``title_translated``, ``territory``, ``contact_email`` and
        ``license_id``, as far as it has them
    """
    title = title_of(file_name)
    lang = texts.language_of(title)
    name = texts.load(institution.get("title_translated"))
    found: dict[str, Any] = {
        "title_translated": {lang: title} if title else {},
        "available_languages": [lang] if title else [],
        "geographic_coverage": places_in(title) or institution.get("territory") or [],
        "license_id": institution.get("license_id") or "odc-odbl",
        "contact_email": institution.get("contact_email") or "",
        "source": texts.chosen(name, lang)[0],
        **period_in(title),
    }
    return {field: value for field, value in found.items() if value}


def title_of(file_name: str) -> str:
    """Return a file's name as a title.

    >>> title_of("population_fes_2024.xlsx"), title_of("إحصاء-السكان.xlsx")
    ('Population fes 2024', 'إحصاء السكان')
    """
    bare = EXTENSION.sub("", texts.file_name(file_name) or file_name)
    words = BETWEEN.sub(" ", bare.replace("-", " ")).strip()
    if not any(map(str.isalpha, words)):
        return ""
    return texts.clean(words[:1].upper() + words[1:], line=True)[: texts.LINE]


def period_in(title: str) -> dict[str, str]:
    """Return the years that a title names, from the first of one to the last of one.

    >>> period_in("Budget 2023-2024")
    {'temporal_start': '2023-01-01', 'temporal_end': '2024-12-31'}
    """
    years = sorted(YEAR.findall(title))
    if not years:
        return {}
    return {"temporal_start": f"{years[0]}-01-01", "temporal_end": f"{years[-1]}-12-31"}


def places_in(title: str) -> list[str]:
    """Return the codes of the places that a title names, the longest names first.

    >>> places_in("Population de la région Fès-Meknès")
    ['03']
    """
    words = _words(title)
    names, longest = _names()
    found: list[str] = []
    at = 0
    while at < len(words):
        for size in range(min(longest, len(words) - at), 0, -1):
            code = names.get(" ".join(words[at : at + size]))
            if code:
                found.append(code)
                at += size
                break
        else:
            at += 1
    return list(dict.fromkeys(found))


@cache
def _names() -> tuple[Mapping[str, str], int]:
    """Return the codes by name in either script, and the words of the longest name."""
    order = {kind: number for number, kind in enumerate(KINDS)}
    names: dict[str, str] = {}
    for place in sorted(territory.places(), key=lambda each: order.get(each.kind, 99)):
        if place.kind in order:
            for lang in ("fr", "ar"):
                said = " ".join(_words(place.names[lang]))
                # A village of three letters is more often another word; Fès is not.
                if len(said) > 3 or place.kind != "rural":
                    names.setdefault(said, place.code)
    return names, max(len(name.split()) for name in names)


def _words(text: str) -> list[str]:
    return fold(text).split()
