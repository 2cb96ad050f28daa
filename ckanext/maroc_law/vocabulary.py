"""The words that the law and the portal choose from, in French, Arabic and English.

A vocabulary is a dated YAML file of ``vocabularies/``: stable slugs, labels, and the
article that the list or the item comes from. Labels are short wordings of the portal,
not the text of the law. The territory is not a file of ours: :mod:`.territory` reads
it from the census. Nothing here needs CKAN.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from . import territory

HERE = Path(__file__).parent / "vocabularies"

LANGUAGES = ("fr", "ar", "en")
"""The languages of every label, the default first."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One word of a vocabulary: its slug is stored, its label is read."""

    slug: str
    label: Mapping[str, str]
    article: str = ""
    parent: str = ""
    """The slug of the item above, in a vocabulary that is a tree."""
    uri: str = ""
    """The address by which the rest of the world knows it."""
    days: int | None = None
    """For a frequency, the longest wait between two updates that keeps it."""
    tier: str = ""
    """For an exception of article 7, how the law words it: A, B or C."""
    liftable: bool = False
    """For an exception of article 7, whether an authority's permission lifts it."""
    note: Mapping[str, str] = field(default_factory=dict[str, str])
    """What helps to choose it, in the three languages, where something does."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """A list of items, with the text it comes from and the day it holds from."""

    id: str
    label: Mapping[str, str]
    article: str
    since: dt.date
    items: tuple[Item, ...]
    also: tuple[Item, ...] = ()
    """What may be answered beside the list, where the list is not exhaustive."""

    @property
    def choices(self) -> tuple[Item, ...]:
        """What a form offers: the list, then what stands beside it."""
        return self.items + self.also


def ids() -> tuple[str, ...]:
    """Return the ids of all vocabularies, sorted."""
    return tuple(sorted([*(file.stem for file in HERE.glob("*.yaml")), *_TERRITORY]))


@cache
def get(vocabulary_id: str) -> Vocabulary:
    """Return the vocabulary; an unknown id raises LookupError."""
    if vocabulary_id in _TERRITORY:
        return _territory(vocabulary_id)
    file = HERE / f"{vocabulary_id}.yaml"
    if vocabulary_id not in ids():
        raise LookupError(vocabulary_id)
    raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Vocabulary(
        id=raw["id"],
        label=MappingProxyType(raw["label"]),
        article=raw["article"],
        since=raw["since"],
        items=tuple(_item(each) for each in raw["items"]),
        also=tuple(_item(each) for each in raw.get("also", ())),
    )


def vocabulary(vocabulary_id: str) -> tuple[Item, ...]:
    """Return the items of a vocabulary, in its order."""
    return get(vocabulary_id).items


def find(vocabulary_id: str, slug: str) -> Item | None:
    """Return the item that has this slug, or None."""
    return _by_slug(vocabulary_id).get(slug)


def label(vocabulary_id: str, slug: str, lang: str) -> str:
    """Return the item's label in ``lang``, else in French; an unknown slug itself.

    A dataset may keep a slug that a vocabulary has since lost: a page still shows it.
    """
    item = find(vocabulary_id, slug)
    return slug if item is None else item.label.get(lang, item.label[LANGUAGES[0]])


@cache
def _by_slug(vocabulary_id: str) -> Mapping[str, Item]:
    return MappingProxyType({each.slug: each for each in get(vocabulary_id).choices})


def _item(raw: Mapping[str, Any]) -> Item:
    words = {key: MappingProxyType(raw.get(key, {})) for key in ("label", "note")}
    return Item(**{**raw, **words})


_TERRITORY: Mapping[str, tuple[str, ...]] = {
    "regions": ("region",),
    "provinces": territory.PROVINCES,
    "communes": ("urban", "rural"),
    "arrondissements": ("arrondissement",),
    "prefectures-arrondissements": ("prefecture_of_arrondissements",),
    "territory": (
        "country",
        "region",
        *territory.PROVINCES,
        "urban",
        "rural",
        "arrondissement",
    ),
}
"""The vocabularies made of the territory, with the kinds of place each one holds."""

_TERRITORY_LABELS: Mapping[str, Mapping[str, str]] = {
    "regions": {"fr": "Régions", "ar": "الجهات", "en": "Regions"},
    "provinces": {
        "fr": "Préfectures et provinces",
        "ar": "العمالات والأقاليم",
        "en": "Prefectures and provinces",
    },
    "communes": {"fr": "Communes", "ar": "الجماعات", "en": "Communes"},
    "arrondissements": {
        "fr": "Arrondissements",
        "ar": "المقاطعات",
        "en": "Arrondissements",
    },
    "prefectures-arrondissements": {
        "fr": "Préfectures d'arrondissements de Casablanca",
        "ar": "عمالات مقاطعات الدار البيضاء",
        "en": "Prefectures of arrondissements of Casablanca",
    },
    "territory": {"fr": "Territoire", "ar": "التراب الوطني", "en": "Territory"},
}


def _territory(vocabulary_id: str) -> Vocabulary:
    kinds = _TERRITORY[vocabulary_id]
    return Vocabulary(
        id=vocabulary_id,
        label=MappingProxyType(_TERRITORY_LABELS[vocabulary_id]),
        article=territory.CREDIT,
        since=territory.SINCE,
        items=tuple(
            Item(slug=place.code, label=place.names, parent=place.parent)
            for place in (*territory.places(), *territory.casablanca())
            if place.kind in kinds
        ),
    )
