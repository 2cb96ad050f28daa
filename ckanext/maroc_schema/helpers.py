"""Template helpers of the forms and of what they gathered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date
from flask import g

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.maroc_law import assess, territory, vocabulary
from ckanext.maroc_portal.interfaces import IMarocRemarks

from . import display, errors, keywords, languages, legal, texts

Field = Mapping[str, Any]

__all__ = [
    "maroc_schema_choices",
    "maroc_schema_consequences",
    "maroc_schema_day",
    "maroc_schema_disclaimer",
    "maroc_schema_errors",
    "maroc_schema_holder",
    "maroc_schema_inputs",
    "maroc_schema_institutions",
    "maroc_schema_is_asked",
    "maroc_schema_keywords",
    "maroc_schema_label",
    "maroc_schema_limit",
    "maroc_schema_list",
    "maroc_schema_organization_title",
    "maroc_schema_places",
    "maroc_schema_reached",
    "maroc_schema_remarks",
    "maroc_schema_sections",
    "maroc_schema_territory",
    "maroc_schema_verdict",
    "maroc_schema_words",
]

ASKED = ("fr", "ar")
"""The languages that a form asks for; another one is shown where it was given."""


def maroc_schema_words(thing: Mapping[str, Any], core_field: str) -> display.Words:
    """Return ``title``, ``notes``… for the reader: its text, ``lang`` and ``dir``."""
    return display.words(thing, core_field)


def maroc_schema_organization_title(organization: Mapping[str, Any]) -> display.Words:
    """Return the name of an institution for the reader, from any dict of it."""
    return display.organization_title(organization)


def maroc_schema_holder(resource: Mapping[str, Any]) -> str:
    """Return the host that holds a linked file's bytes; empty for the portal's own."""
    if resource.get("url_type") in ("upload", "datastore"):
        return ""
    try:
        host = urlsplit(_address(resource)).hostname or ""
    except ValueError:
        return ""  # Core takes in addresses that are none.
    return "" if host == urlsplit(tk.config["ckan.site_url"]).hostname else host


def maroc_schema_reached(
    resource: Mapping[str, Any], dataset: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a resource as pages link to it; its own address is then ``held_at``.

    Who follows a link to another site passes by the portal, which leads there at once:
    what nobody asks the portal for is never counted.
    """
    address = _address(resource)
    # Core leads to no other kind of address.
    if not address.startswith(("http://", "https://")):
        return dict(resource)
    if not maroc_schema_holder(resource):
        return dict(resource)
    by_portal = tk.h.url_for(
        f"{dataset['type']}_resource.download",
        id=dataset["name"],
        resource_id=resource["id"],
        qualified=True,
    )
    return {**resource, "url": by_portal, "held_at": address}


def _address(resource: Mapping[str, Any]) -> str:
    return resource.get("held_at") or resource.get("url") or ""


def maroc_schema_label(vocabulary_id: str, slug: str) -> str:
    """Return the label of a slug in the reader's language."""
    return vocabulary.label(vocabulary_id, slug, languages.of_reader())


def maroc_schema_choices(field: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a field's choices as scheming takes them."""
    items = vocabulary.get(field["vocabulary"]).choices
    return [{"value": each.slug, "label": dict(each.label)} for each in items]


def maroc_schema_inputs(
    field: Mapping[str, Any], data: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the inputs of a text: one a language, with what was typed or stored."""
    name = field["field_name"]
    given, typed = data.get(name), _typed(name, data)
    if not given and not typed:
        given = data.get(field["core_field"])
    return _inputs(name, {**texts.load(texts.read(given)), **typed})


def _typed(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed in the inputs of a field, by language."""
    inputs = {lang: f"{name}-{lang}" for lang in texts.LANGUAGES}
    return {lang: data[each] for lang, each in inputs.items() if each in data}


def _inputs(name: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one input a language: those that are asked, then those that were given."""
    reader = languages.of_reader()
    shown = [*ASKED, *(lang for lang in values if lang not in ASKED)]
    if reader == "ar":
        shown = ["ar", *(lang for lang in shown if lang != "ar")]
    return [
        {
            "id": f"field-{name}-{lang}",
            "name": f"{name}-{lang}",
            "lang": lang,
            "dir": texts.direction(lang),
            "label": errors.LANGUAGE_NAMES[lang][reader],
            "value": values.get(lang, ""),
        }
        for lang in shown
    ]


def maroc_schema_sections(fields: list[Field]) -> list[tuple[str, str, list[Field]]]:
    """Return the parts of the form, each with its title and its fields."""
    titles = {
        "essential": tk._("The essentials"),
        "legal": tk._("What the law asks"),
        "improve": tk._("Improve"),
    }
    return [
        (name, title, [field for field in fields if field.get("section") == name])
        for name, title in titles.items()
    ]


def maroc_schema_is_asked(field: Field, data: Mapping[str, Any]) -> bool:
    """Whether the answers given so far make the form ask this."""
    return all(
        data.get(other) in wanted for other, wanted in field.get("shown_if", {}).items()
    )


def maroc_schema_remarks(data: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what others asked to be corrected in a dataset, by field."""
    package_id = "" if "package_id" in data else data.get("id")
    if not package_id:
        return {}
    if not hasattr(g, "maroc_schema_remarks"):
        g.maroc_schema_remarks = {}
    if package_id not in g.maroc_schema_remarks:
        found: dict[str, str] = {}
        for plugin in p.PluginImplementations(IMarocRemarks):
            found |= plugin.get_remarks(package_id)
        g.maroc_schema_remarks[package_id] = found
    return g.maroc_schema_remarks[package_id]


def maroc_schema_consequences(
    field: Field, data: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Return what the law makes of the answer to a question, for the reader.

    That a question is unanswered is no consequence: the form shows it by itself.
    """
    name, lang = field["field_name"], languages.of_reader()
    if not data.get(name):
        return []
    return [
        {
            "outcome": str(reason.outcome),
            "sentence": reason.sentence[lang],
            "way_out": reason.way_out[lang],
            "article": reason.article,
        }
        for reason in legal.verdict(data).reasons
        if reason.fields[0] == name
    ]


def maroc_schema_list(value: Any) -> list[str]:
    """Return the slugs of a stored list, or of a form's answer."""
    return tk.get_validator("maroc_list_output")(value) if value else []  # pyright: ignore[reportCallIssue, reportReturnType]


def maroc_schema_keywords(
    field: Field, data: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the inputs of the keywords: one line a language."""
    name = field["field_name"]
    stored = keywords.load(data.get(name)) or keywords.of_tags(
        tag["name"] for tag in data.get("tags") or () if isinstance(tag, dict)
    )
    commas = {"ar": "، "}
    lines = {lang: commas.get(lang, ", ").join(words) for lang, words in stored.items()}
    return _inputs(name, {**lines, **_typed(name, data)})


def maroc_schema_day(value: Any) -> str:
    """Return a stored day as the reader writes it."""
    try:
        day = dt.date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    lang = languages.of_reader()
    return format_date(day, "long", locale={"en": "en_GB"}.get(lang, f"{lang}_MA"))


def maroc_schema_disclaimer() -> str:
    """Return what the verdicts of the law are not."""
    return assess.DISCLAIMER[languages.of_reader()]


def maroc_schema_verdict(pkg: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the law makes of a dataset, for the reader."""
    lang = languages.of_reader()
    schema = tk.h.scheming_get_dataset_schema(pkg.get("type") or "dataset")
    by_name = {field["field_name"]: field for field in schema["dataset_fields"]}
    verdict = legal.verdict(pkg)
    return {
        "outcome": str(verdict.outcome),
        "label": verdict.outcome.label[lang],
        "reasons": [
            {
                "field": legal.place(reason),
                "label": languages.label(by_name[legal.place(reason)], lang),
                "sentence": legal.said(reason),
            }
            for reason in verdict.reasons
        ],
    }


def maroc_schema_limit(field: Field) -> int:
    """Return how many letters a text may have."""
    return texts.LINE if field.get("line") else texts.PAGE


def maroc_schema_institutions(without: str = "") -> list[dict[str, Any]]:
    """Return all institutions but one, by their name for the reader."""
    found = [
        {"id": org_id, "title": title}
        for org_id, title in display.organization_titles().items()
        if org_id != without
    ]
    return sorted(found, key=lambda each: tk.h.strxfrm(str(each["title"])))


def maroc_schema_errors(
    found: Mapping[str, Any], fields: list[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """Return each error with the place to correct it, in the order of the form."""
    reader = languages.of_reader()
    by_name = {field["field_name"]: field for field in fields}
    order = [*by_name, *(name for name in found if name not in by_name)]
    listed = []
    for name in order:
        field = by_name.get(name, {"field_name": _label(name)})
        shown = field.get("form_snippet") is not None and name in by_name
        listed += [
            {
                "sentence": sentence,
                "label": languages.label(field, reader),
                "anchor": f"field-{name}" if shown else "",
                "field": name,
            }
            for sentence in _sentences(found.get(name))
        ]
    return listed


def maroc_schema_places(codes: list[str]) -> list[dict[str, str]]:
    """Return the names of places, in the reader's language, with where they are."""
    reader = languages.of_reader()
    return [
        {"name": place.names[reader], "inside": _name(place.parent, reader)}
        if (place := territory.find(code))
        else {"name": code, "inside": ""}
        for code in codes
    ]


def maroc_schema_territory(value: Any) -> dict[str, Any]:
    """Return the country with its regions, provinces and communes, the chosen marked.

    ``open`` is true of a place that has chosen places inside.
    """
    sent = frozenset(map(str, maroc_schema_list(value)))
    return _branch(territory.tree(), sent, languages.of_reader())


def _branch(
    branch: territory.Branch, chosen: frozenset[str], reader: str
) -> dict[str, Any]:
    place = branch.place
    inside = [_branch(each, chosen, reader) for each in branch.inside]
    other = "fr" if reader == "ar" else "ar"
    return {
        "code": place.code,
        "kind": place.kind,
        "name": place.names[reader],
        "other": place.names[other],
        "other_lang": other,
        "chosen": place.code in chosen,
        "inside": inside,
        "open": any(each["chosen"] or each["open"] for each in inside),
    }


def _name(code: str, reader: str) -> str:
    place = territory.find(code)
    return place.names[reader] if place else ""


def _label(name: str) -> str:
    """Return the name of what is no field, where it has one for people."""
    if name in ("", "resources"):
        return name and tk._("Files")
    label = tk._(name)
    return "" if label == name and "_" in name else label


def _sentences(found: Any) -> Iterator[str]:
    """Yield the sentences of core's errors, however deep core puts them."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, Mapping):
        for each in found.values():
            yield from _sentences(each)
    elif isinstance(found, list):
        for each in found:
            yield from _sentences(each)
