"""How a dataset's quality is told: as the API gives it, and as its page says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from . import examining, wording
from .criteria import OF, Criterion, criteria
from .quality import ENOUGH, Item, Quality, judge
from .words import LANGS, STATES, Texts

NO_FILE: Texts = {
    "fr": "Il n’y a pas de fichier de données.",
    "ar": "لا يوجد ملف بيانات.",
    "en": "There is no data file.",
}
"""Why a file's criterion does not arise, where there is none."""


def of(dataset: Mapping[str, Any]) -> Quality:
    """Return what a dataset's description is worth, as the reader's session sees it."""
    found = examining.examine(model.Session.connection(), dataset["id"])
    return judge(dataset, found, criteria())


def dictized(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``maroc_kpi_quality_show`` returns of a dataset."""
    found = of(dataset)
    rating = criteria().rating(found.points)
    index = found.index
    return {
        "id": dataset["id"],
        "name": dataset["name"],
        "mqa": {
            "points": found.points,
            "of": OF,
            "measured_of": found.measured_of,
            "rating": rating.name,
            "rating_label": rating.label,
            "rating_at_most": criteria().rating(found.points + found.unknown).name,
        },
        "index": {
            "value": None if index.value is None else _number(index.value),
            "state": index.state,
            "coverage": _number(index.coverage, 4),
            "low": _number(index.low),
            "high": _number(index.high),
        },
        "criteria": [_criterion(item, dataset) for item in found.items],
    }


def _criterion(item: Item, dataset: Mapping[str, Any]) -> dict[str, Any]:
    each, place = item.criterion, address(item, dataset)
    told = {
        "name": each.name,
        "dimension": each.dimension,
        "label": each.label,
        "own": each.own,
        "points": _number(item.points),
        "got": _number(item.got),
        "state": item.state,
        "reason": reason(item),
        "advice": each.advice,
        "minutes": each.minutes,
        "field": each.field or None,
        "url": tk.config["ckan.site_url"].rstrip("/") + place if place else None,
    }
    if item.file is not None:
        told["file"] = {key: item.file.get(key) for key in ("id", "name", "format")}
    return told


def reason(item: Item) -> Texts | None:
    """Return what would measure it, or why the question does not arise; else None."""
    if item.state == "not_measured":
        return item.criterion.measured_by
    if item.state != "not_applicable":
        return None
    no_file = item.criterion.over == "files" and item.file is None
    return NO_FILE if no_file else item.criterion.why


def address(item: Item, dataset: Mapping[str, Any]) -> str:
    """Return the address of the field that answers it; empty where none does."""
    each, name, kind = item.criterion, dataset["name"], dataset["type"]
    if not each.field:
        return ""
    if each.over == "dataset":
        return tk.h.url_for(f"{kind}.edit", id=name) + f"#field-{each.field}"
    if item.file is None:
        return tk.h.url_for(f"{kind}_resource.new", id=name) + "#field-url"
    where = {"id": name, "resource_id": item.file["id"]}
    if item.column:
        return tk.h.url_for("datastore.dictionary", **where) + f"#field-{item.column}"
    return tk.h.url_for(f"{kind}_resource.edit", **where) + f"#field-{each.field}"


def _number(value: Fraction, digits: int = 2) -> float | int:
    """Return a number for JSON, whole where it is."""
    whole = value.denominator == 1
    return int(value) if whole else round(float(value), digits)


# The page


@dataclass(frozen=True, kw_only=True)
class Line:
    """A dimension in the table: its points won, to be won, and not known."""

    label: str
    got: str
    of: str
    unknown: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is answered: of which file, if of one, and the address."""

    file: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Task:
    """A criterion in a list of the page, once for all the files that it is about."""

    name: str
    label: str
    points: str
    minutes: int
    words: str
    """The advice; of what is not measured or does not arise, why."""
    own: bool
    places: Sequence[Place]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything that a dataset's page of quality says, in the reader's language."""

    rating: str
    rating_name: str
    points: str
    of: str
    unknown: str
    """Empty where everything is known."""
    at_most: str
    index: str
    """The index in words; the state's where it has none."""
    coverage: str
    """Empty where everything is known."""
    lines: Sequence[Line]
    missing: Sequence[Task]
    not_measured: Sequence[Task]
    not_applicable: Sequence[Task]


def page(dataset: Mapping[str, Any], lang: str) -> Page:
    """Return the page of a dataset's quality."""
    found = of(dataset)
    asked = criteria()
    rating = asked.rating(found.points)
    index, unknown = found.index, found.unknown
    return Page(
        rating=rating.label[lang],
        rating_name=rating.name,
        points=wording.number(found.points, lang),
        of=wording.number(OF, lang),
        unknown=wording.number(unknown, lang) if unknown else "",
        at_most=asked.rating(found.points + unknown).label[lang],
        index=_index(found, lang),
        coverage="" if index.coverage == 1 else _percent(index.coverage * 100, lang),
        lines=_lines(found, lang),
        missing=_tasks(found, "missing", dataset, lang),
        not_measured=_tasks(found, "not_measured", dataset, lang),
        not_applicable=_tasks(found, "not_applicable", dataset, lang),
    )


def _index(found: Quality, lang: str) -> str:
    index = found.index
    if index.value is None:
        return STATES["not_measured"].label[lang]
    if index.coverage < ENOUGH:
        low, high = (_percent(each, lang) for each in (index.low, index.high))
        return wording.between(low, high, lang)
    return _percent(index.value, lang)


def _percent(value: Fraction, lang: str) -> str:
    """Return a share without decimals; one that is not all is not written 100 %."""
    whole = round(value)
    if 0 < value < 100:
        whole = min(max(whole, 1), 99)
    return wording.share(whole, lang)


def _lines(found: Quality, lang: str) -> list[Line]:
    lines = []
    for dimension in criteria().dimensions:
        mine = [
            item
            for item in found.items
            if item.criterion.dimension == dimension.name and not item.criterion.own
        ]
        unknown = sum(item.points for item in mine if item.state == "not_measured")
        lines.append(
            Line(
                label=dimension.label[lang],
                got=_points(sum((item.got for item in mine), Fraction(0)), lang),
                of=wording.number(dimension.points, lang),
                unknown=_points(Fraction(unknown), lang) if unknown else "",
            )
        )
    return lines


def _tasks(
    found: Quality, state: str, dataset: Mapping[str, Any], lang: str
) -> list[Task]:
    """Return the criteria in a state, in the order of the items; files together."""
    grouped: dict[str, list[Item]] = {}
    for item in found.items:
        if item.state == state:
            grouped.setdefault(item.criterion.name, []).append(item)
    return [_task(items, dataset, lang) for items in grouped.values()]


def _task(items: Sequence[Item], dataset: Mapping[str, Any], lang: str) -> Task:
    each: Criterion = items[0].criterion
    why = reason(items[0])
    to_win = sum((item.points - item.got for item in items), Fraction(0))
    return Task(
        name=each.name,
        label=each.label[lang],
        points=_points(to_win, lang),
        minutes=each.minutes * len(items),
        words=(why or each.advice)[lang],
        own=each.own,
        places=[
            Place(file=_file(item, lang), url=address(item, dataset)) for item in items
        ],
    )


def _file(item: Item, lang: str) -> str:
    if item.file is None:
        return ""
    names = item.file.get("name_translated") or {}
    named = (names.get(each) for each in (lang, *LANGS))
    return next(filter(None, named), "") or item.file.get("name") or tk._("File")


def _points(value: Fraction, lang: str) -> str:
    """Return points, with a decimal where a file's share is not whole."""
    return wording.number(round(float(value), 1), lang)
