"""What Solr is told of a dataset: its words by language, its codes, its place.

Each word goes to the field of its language, and is found from every language; the
language only decides how much it weighs (see :mod:`.question`). What the portal itself
can say in three languages (theme, category, places, institution, the keywords that the
glossary knows) is indexed in all three. Pure: the dict that CKAN is about to index in,
the dict that is indexed out.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from ckanext.maroc_law import vocabulary
from ckanext.maroc_schema import keywords, texts

from . import geometry, places
from .glossary import Glossary

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
# Extras with a place of their own in the index, or that are answers of a form and say
# nothing of what the data are about; the others are words of the dataset.
_PLACED = {
    "anonymisation_method",
    "art10_category",
    "art7_exceptions",
    "art7_removed",
    "art7_scope",
    "available_languages",
    "classification",
    "classification_date",
    "cndp_act",
    "cndp_number",
    "collection_frequency",
    "contact_email",
    "demonstration",
    "disaggregation_level",
    "geographic_coverage",
    "notes_translated",
    "personal_data",
    "personal_identifiers",
    "sensitive_data",
    "spatial",
    "tags_translated",
    "temporal_end",
    "temporal_start",
    "theme",
    "third_party",
    "third_party_agreement",
    "title_translated",
}
# Codes, and the names of what is around the dataset's own places.
_NOT_SAID = {
    "geographic_coverage",
    "territory",
    "region",
    "province",
    "commune",
    "places_above",
}
# The slugs of which vocabularies are indexed with their labels.
_LABELLED = {"theme": "themes", "art10_category": "art10-categories"}
# What our own fields stand for, under the two names that CKAN gives an extra.
_REPLACED = {
    f"{prefix}{name}"
    for prefix in ("", "extras_")
    for name in (
        "geographic_coverage",
        "notes_translated",
        "spatial",
        "tags_translated",
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
    dataset: Mapping[str, Any],
    institution: Mapping[str, str],
    lexicon: Glossary | None = None,
    downloads: int = 0,
) -> dict[str, Any]:
    """Return what to index of a dataset.

    :param dataset: as ``before_dataset_index`` gets it
    :param institution: the names of its institution, by language
    :param lexicon: what is said for what; none: keywords stay as they were given
    :param downloads: how often its files were downloaded in the last thirty days
    """
    words, tags = Words(), _keywords(dataset)
    titles = _line_of("title", dataset, words)
    own = {**titles, **_line_of("notes", dataset, words), **tags.fields("keywords")}
    words.add(dataset.get("name"))
    words.add(dataset.get("organization"))
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
    said = {
        "labels": _labels(dataset, institution),
        "equivalents": _equivalents(tags, lexicon) if lexicon else [],
        **_places(dataset),
    }
    own |= words.fields("text")
    kept = {name: value for name, value in dataset.items() if name not in _REPLACED}
    return {
        **{name: _bounded(name, value) for name, value in kept.items()},
        **own,
        **said,
        # All of its words once, to know whether it answers at all. What is of Safi does
        # not answer for Marrakech by the name of their region: its code does, for less.
        "all_words": _flat(
            [*own.values(), *(v for k, v in said.items() if k not in _NOT_SAID)]
        ),
        **{f"sort_{name}": _cut(value) for name, value in _sortable(titles).items()},
        "downloads_30d": downloads,
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


def _keywords(dataset: Mapping[str, Any]) -> Words:
    """Return the keywords by language; a tag of core's goes by its script."""
    found = Words()
    known = keywords.load(
        dataset.get("tags_translated") or dataset.get("extras_tags_translated")
    )
    for lang, several in known.items():
        for each in several:
            found.translated({lang: each})
    said = {plain(each) for several in known.values() for each in several}
    said |= {plain(keywords.tag(each)) for each in said}
    for tag in dataset.get("tags") or []:
        if isinstance(tag, str) and plain(tag) not in said:
            found.add(tag)
    return found


def _labels(dataset: Mapping[str, Any], institution: Mapping[str, str]) -> list[str]:
    """Return the labels behind the slugs and the institution's names."""
    found = list(institution.values())
    for name, vocabulary_id in _LABELLED.items():
        slug = dataset.get(name)
        item = vocabulary.find(vocabulary_id, slug) if isinstance(slug, str) else None
        found += item.label.values() if item else ()
    return [plain(each) for each in dict.fromkeys(found)]


def _equivalents(tags: Words, lexicon: Glossary) -> list[str]:
    """Return what else is said for the keywords that the glossary knows whole."""
    found: dict[str, None] = {}
    for keyword in _flat(tags.fields("keyword").values()):
        said = keyword.split()
        for match in lexicon.terms(said):
            if (match.start, match.end) == (0, len(said)):
                found |= dict.fromkeys((*match.fr, *match.ar, *match.en))
    return list(found)


def _places(dataset: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the codes and the names of the places covered, and of those above."""
    covered = [_cut(code) for code in codes(dataset.get("geographic_coverage"))]
    every = places.with_those_above(covered)
    return {
        "geographic_coverage": covered,
        "territory": list(every),
        **places.levels(every),
        "places": places.names(covered),
        "places_above": places.names(code for code in every if code not in covered),
    }


def _sortable(titles: Mapping[str, str]) -> dict[str, str]:
    """Return the title that a reader of each language sees, to sort by."""
    by_lang = {lang: titles.get(f"title_{lang}", "") for lang in LANGUAGES}
    return {
        f"title_{lang}": texts.chosen(by_lang, lang)[0].casefold().lstrip()
        for lang in LANGUAGES
    }


def _flat(values: Iterable[str | list[str]]) -> list[str]:
    """Return texts and lists of texts as one list, each text once."""
    several = ([each] if isinstance(each, str) else each for each in values)
    return list(dict.fromkeys(text for each in several for text in each))


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
