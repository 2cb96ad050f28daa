"""What a dataset's description is judged by: ``criteria.yaml``, read and checked.

The same file gives the facts of indicator 6 their SQL, the API its list and the page
its advice, so that the points of one dataset are those that the country's figure
counts. Pure: nothing here reads a database.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from ckanext.maroc_law import vocabulary

from .reading import DefinitionError, build, complete, mapping
from .words import Texts

FILE = Path(__file__).parent / "criteria.yaml"
OF = 405
"""The points of data.europa.eu's assessment."""


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """What several criteria are about, and how many of the 405 points it has."""

    name: str
    points: int
    label: Texts


@dataclass(frozen=True, kw_only=True)
class Rating:
    """A word for the points, from ``least`` of them on."""

    name: str
    least: int
    label: Texts


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One question put to a description; the head of the file says what each key is."""

    name: str
    dimension: str
    points: int
    over: Literal["dataset", "files"]
    label: Texts
    advice: Texts
    minutes: int
    field: str = ""
    own: bool = False
    sql: str = ""
    implied_by: str = ""
    unmeasured: str = ""
    measured_by: Texts | None = None
    absent_when: Mapping[str, Collection[str]] = dataclasses.field(default_factory=dict)
    why: Texts | None = None
    """Why the question does not arise, where it does not."""
    no_file: Literal["missing", "not_applicable"] = "not_applicable"

    @property
    def never(self) -> bool:
        """Whether nothing measures it at all yet."""
        return not self.own and not self.sql


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """All of them, in the order of the file."""

    dimensions: Sequence[Dimension]
    ratings: Sequence[Rating]
    """The best first."""
    criteria: Sequence[Criterion]

    def asked(self, over: str) -> list[Criterion]:
        """Return those that SQL answers, of a dataset or of its files."""
        return [each for each in self.criteria if each.sql and each.over == over]

    def rating(self, points: int) -> Rating:
        return next(each for each in self.ratings if points >= each.least)


@cache
def criteria() -> Criteria:
    """Return the portal's criteria."""
    return load(FILE)


def load(path: Path) -> Criteria:
    """Read a file of criteria; raise :class:`DefinitionError` if anything is wrong."""
    try:
        raw = dict(mapping(yaml.safe_load(path.read_text(encoding="utf-8")), "it"))
        for key, kind in (
            ("dimensions", Dimension),
            ("ratings", Rating),
            ("criteria", Criterion),
        ):
            raw[key] = [build(kind, each, key) for each in raw.get(key, ())]
        found = build(Criteria, raw, "it")
    except (yaml.YAMLError, DefinitionError) as error:
        raise DefinitionError(f"{path.name}: {error}") from error
    wrong = list(faults(found))
    if wrong:
        raise DefinitionError(f"{path.name}: {'; '.join(wrong)}")
    return found


def faults(found: Criteria) -> Iterable[str]:
    """Yield what is wrong with the criteria, in sentences."""
    for dimension in found.dimensions:
        points = sum(
            each.points
            for each in found.criteria
            if each.dimension == dimension.name and not each.own
        )
        if points != dimension.points:
            yield f"{dimension.name} has {points} points, not {dimension.points}"
    if sum(each.points for each in found.dimensions) != OF:
        yield f"the dimensions do not add up to {OF} points"
    least = [each.least for each in found.ratings]
    if not least or least != sorted(least, reverse=True) or least[-1] != 0:
        yield "ratings go down to 0"
    for labelled in (*found.dimensions, *found.ratings):
        if not complete(labelled.label):
            yield f"{labelled.name}.label is not in all languages"
    names = [each.name for each in found.criteria]
    if len(set(names)) < len(names):
        yield "two criteria have the same name"
    dimensions = {each.name for each in found.dimensions}
    for each in found.criteria:
        yield from _faults_of(each, dimensions)
    yield from _implied_faults(found)


def _implied_faults(found: Criteria) -> Iterable[str]:
    implied = [each for each in found.criteria if each.implied_by]
    by_name = {each.name: each for each in found.criteria}
    for each in implied:
        by = by_name.get(each.implied_by)
        if by is None or not by.sql or by.over != each.over or by.implied_by:
            yield f"{each.name}: nothing can imply it that is called {each.implied_by}"
    if len({each.implied_by for each in implied}) < len(implied):
        yield "two criteria are implied by one"


def _faults_of(each: Criterion, dimensions: Collection[str]) -> Iterable[str]:
    for sentence, kept in _rules(each, dimensions).items():
        if not kept:
            yield f"{each.name}: {sentence}"


def _rules(each: Criterion, dimensions: Collection[str]) -> Mapping[str, bool]:
    texts = {"label": each.label, "advice": each.advice}
    texts |= {"measured_by": each.measured_by} if each.measured_by else {}
    texts |= {"why": each.why} if each.why else {}
    lacking = ", ".join(key for key, text in texts.items() if not complete(text))
    return {
        f"{lacking}: a text in each language": not lacking,
        "its dimension is none of them": each.dimension in dimensions,
        "it is over a dataset or files": each.over in {"dataset", "files"},
        "points and minutes are whole numbers from 1": (
            type(each.points) is int
            and each.points > 0
            and type(each.minutes) is int
            and each.minutes > 0
        ),
        "an own criterion has no sql": not (each.own and (each.sql or each.unmeasured)),
        "what cannot be measured says what would measure it, and no other": (
            bool(each.unmeasured or each.never) == bool(each.measured_by)
        ),
        "what may be absent says why": bool(each.why) or not each.absent_when,
        "only a file's criterion speaks of no file": (
            each.no_file == "not_applicable"
            or (each.no_file == "missing" and each.over == "files")
        ),
    }


def condition(each: Criterion) -> str:
    """Return the SQL that is true where a criterion is met."""
    if not each.implied_by:
        return _with_lists(each.sql)
    by = next(it for it in criteria().criteria if it.name == each.implied_by)
    return f"({_with_lists(by.sql)}) OR ({_with_lists(each.sql)})"


def _with_lists(text: str) -> str:
    """Return SQL with the portal's lists written in."""
    slugs = ", ".join(f"'{item.slug}'" for item in vocabulary.get("licences").items)
    return text.replace("{licences}", slugs)


@cache
def _facts() -> Mapping[str, str]:
    """Return what a definition may say instead of the SQL that the criteria give."""
    known = criteria()
    dataset, files = known.asked("dataset"), known.asked("files")
    never = sum(each.points for each in known.criteria if each.never)
    unknown = [
        dataclasses.replace(each, sql=each.unmeasured)
        for each in files
        if each.unmeasured
    ]
    return {
        "{criteria.dataset}": _sum(dataset),
        "{criteria.files}": _mean(_sum(files)),
        "{criteria.unknown}": _mean(_sum(unknown)),
        "{criteria.never}": str(never),
    }


def filled(text: str) -> str:
    """Return a definition's SQL with what the criteria give written in."""
    for name, given in _facts().items():
        text = text.replace(name, given)
    return text


def _sum(asked: Collection[Criterion]) -> str:
    """Return the points of what is met. No condition is asked twice of a row."""
    conditions = {each.name: each.sql for each in asked}
    worth: dict[str, int] = {}
    otherwise: dict[str, str] = {}
    for each in asked:
        first = conditions.get(each.implied_by, each.sql)
        worth[first] = worth.get(first, 0) + each.points
        if each.implied_by:
            otherwise[first] = f" WHEN {_with_lists(each.sql)} THEN {each.points}"
    return "\n+ ".join(
        str(points)
        if sql == "true"
        else f"CASE WHEN {_with_lists(sql)} THEN {points}"
        f"{otherwise.get(sql, '')} ELSE 0 END"
        for sql, points in worth.items()
    )


def _mean(expression: str) -> str:
    return f"round(avg(\n{expression}\n) FILTER (WHERE file.data))"


def absent(each: Criterion, dataset: Mapping[str, Any]) -> bool:
    """Return whether what the dataset says of itself leaves the question out."""
    return any(dataset.get(key) in words for key, words in each.absent_when.items())
