"""What Solr is told of a dataset: its words by language, its codes, its place.

Each word goes to the field of its language, and is found from every language; the
language only decides how much it weighs (see :mod:`.question`). Pure: the dict that
CKAN is about to index in, the dict that is indexed out.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from ckanext.maroc_law import territory, vocabulary
from ckanext.maroc_schema import texts

from . import geometry

LANGUAGES = texts.LANGUAGES

LARGEST = 32_766
"""The bytes that a value of Solr's type ``string`` may have; one more refuses the
whole dataset."""

# Fields of CKAN's schema that are not strings, or not indexed: they have no limit.
_UNLIMITED = {
    "author",
    "author_email",
    "data_dict",
    "maintainer",
    "maintainer_email",
    "notes",
    "res_description",
    "res_name",
    "title",
    "validated_data_dict",
}
# Extras with a place of their own in the index; the others are words of the dataset.
_PLACED = {
    "art10_category",
    "classification",
    "collection_frequency",
    "demonstration",
    "geographic_coverage",
    "notes_translated",
    "spatial",
    "title_translated",
}
# What our own fields stand for, under the two names that CKAN gives an extra.
_REPLACED = {
    f"{prefix}{name}"
    for prefix in ("", "extras_")
    for name in (
        "geographic_coverage",
        "notes_translated",
        "spatial",
        "title_translated",
    )
}


class Words:
    """Texts gathered by language, each once, in order."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, None]] = {lang: {} for lang in LANGUAGES}

    def add(self, value: Any) -> None:
        """Add one text, under the language of its script."""
        if isinstance(value, str) and value.strip():
            self._found[texts.language_of(value)][plain(value)] = None

    def translated(self, value: Mapping[str, str]) -> None:
        """Add a text that says its languages."""
        for lang, text in value.items():
            if lang in self._found:
                self._found[lang][plain(text)] = None
            else:
                self.add(text)

    def fields(self, name: str) -> dict[str, list[str]]:
        """Return the index fields, one a language that has words."""
        return {
            f"{name}_{lang}": list(found)
            for lang, found in self._found.items()
            if found
        }


def document(
    dataset: Mapping[str, Any], institution: Mapping[str, str]
) -> dict[str, Any]:
    """Return what to index of a dataset.

    :param dataset: as ``before_dataset_index`` gets it
    :param institution: the names of its institution, by language
    """
    words = Words()
    own = {
        **_line_of("title", dataset, words),
        **_line_of("notes", dataset, words),
        **_codes_of(dataset, words),
    }
    keywords = [plain(tag) for tag in dataset.get("tags") or [] if isinstance(tag, str)]
    words.add(dataset.get("name"))
    words.add(dataset.get("organization"))
    words.translated(institution)
    for name in ("author", "maintainer"):
        words.add(dataset.get(name))
    for resource in _resources(dataset):
        for name in ("name", "description"):
            words.translated(texts.load(resource.get(f"{name}_translated")))
            words.add(resource.get(name))
        words.add(resource.get("format"))
    for name, value in dataset.items():
        if name.startswith("extras_") and name.removeprefix("extras_") not in _PLACED:
            words.add(value)
    kept = {name: value for name, value in dataset.items() if name not in _REPLACED}
    return {
        **{name: _bounded(name, value) for name, value in kept.items()},
        **own,
        **words.fields("text"),
        "keywords": keywords,
        "spatial_geom": geometry.wkt(
            dataset.get("spatial") or dataset.get("extras_spatial")
        ),
    }


def plain(text: str) -> str:
    """Return a text in the one form of each letter that Solr's analysis expects.

    Accents come apart from their letters in file names, letters in the shapes they
    take inside a word in what is copied from a PDF file.
    """
    return unicodedata.normalize("NFKC", text)


def codes(value: Any) -> list[str]:
    """Return a list of codes from a list, or from its JSON text.

    >>> codes('["03", "03.231"]'), codes("MA"), codes(None)
    (['03', '03.231'], ['MA'], [])
    """
    if isinstance(value, str):
        try:
            loaded = json.loads(value) if value.lstrip().startswith("[") else [value]
        except (ValueError, RecursionError):
            loaded = [value]
        value = loaded
    if not isinstance(value, list):
        return []
    return [code for code in value if isinstance(code, str) and code.strip()]


def _line_of(name: str, dataset: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Return ``title_fr``, ``title_ar``…; core's own text stands in where it lacks."""
    found = texts.load(dataset.get(f"{name}_translated"))
    core = dataset.get(name)
    if isinstance(core, str) and core.strip():
        found.setdefault(texts.language_of(core), core)
        if core not in found.values():
            words.add(core)
    known = {lang: text for lang, text in found.items() if lang in LANGUAGES}
    words.translated({k: v for k, v in found.items() if k not in known})
    return {f"{name}_{lang}": plain(text) for lang, text in known.items()}


def _codes_of(dataset: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return the territory's codes; the names behind the codes are words too."""
    category = vocabulary.find("art10-categories", dataset.get("art10_category") or "")
    if category:
        words.translated(category.label)
    covered = codes(dataset.get("geographic_coverage"))
    for place in map(territory.find, covered):
        if place:
            words.translated(place.names)
    return {"geographic_coverage": [_cut(code) for code in covered]}


def _resources(dataset: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Return the resources, which CKAN has by now kept only inside its JSON."""
    whole = json.loads(dataset.get("validated_data_dict") or "{}")
    return whole.get("resources") or ()


def _bounded(name: str, value: Any) -> Any:
    if name in _UNLIMITED or name.startswith(("extras_", "res_extras_")):
        return value
    if isinstance(value, list):
        return [_cut(each) for each in value]
    return _cut(value)


def _cut(value: Any) -> Any:
    if not isinstance(value, str) or len(value) * 4 <= LARGEST:
        return value
    return value.encode("utf-8")[:LARGEST].decode("utf-8", "ignore")
