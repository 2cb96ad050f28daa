"""The check ``personal-data``: identifiers of people in tables, by shape and by title.

It holds, and never clears: what it finds waits for somebody who knows the file, and
what it does not find may still be there. It names columns, kinds and counts, never a
value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from typing import Any, BinaryIO

from ckanext.maroc_law import identifiers
from ckanext.maroc_law.words import Words, fold
from ckanext.maroc_portal.interfaces import (
    FileCheck,
    FileFacts,
    RefusedRow,
    Report,
    TableShape,
)

from .errors import CannotLoad
from .loading import limits
from .reading.reader import scan
from .reading.scan import EMAIL, Tally, shapes
from .wording import (
    EMAIL_LABEL,
    FOUND,
    PERSON,
    PERSON_WORDS,
    ROW,
    TITLE_LABEL,
    WITH_A_PERSON,
)

NAME, VERSION = "personal-data", 1

ENOUGH = 5
"""So many cells of a shape are no chance in any table; in a small one, one in 100."""
SIGMAS = 4
"""How far beyond chance the numbers with right check digits must be."""
MOST_NAMED = 20
"""How many columns a report names."""
LONGEST_TITLE = 100

NOT_TABLES = frozenset({"not_a_table", "markup", "no_table", "empty"})
"""Files that are no tables; whether they speak of people, this check cannot say."""


@dataclass(frozen=True, kw_only=True)
class Find:
    """A column that speaks of people: where, of which kind, and in how many cells."""

    sheet: str
    column: str
    """Its title; empty where the file gives none."""
    number: int
    kind: str
    count: int
    label: Words

    def told(self) -> dict[str, str]:
        """Return the sentence of the report, by language."""
        found = {}
        for lang, (sheet, named, numbered, rest) in FOUND.items():
            place = (sheet if self.sheet else "") + (named if self.column else numbered)
            sentence = (place + rest).format(
                sheet=self.sheet,
                column=self.column,
                number=self.number,
                label=self.label[lang],
                count=self.count,
            )
            found[lang] = sentence[:1].upper() + sentence[1:]
        return found


def check() -> FileCheck:
    """Return the check, for the portal's table of checks."""
    return FileCheck(name=NAME, version=VERSION, run=run, rows=rows)


def run(source: Path | BinaryIO, facts: FileFacts) -> Report:
    """Look through a file."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _run(file)
    return _run(source)


def _run(file: BinaryIO) -> Report:
    try:
        told = scan(file, limits())
    except CannotLoad as problem:
        code = problem.error.code
        if code in NOT_TABLES:
            return Report(verdict="clean", detail={"not_examined": code})
        reason = {
            lang: problem.error.told(lang, problem.detail)
            for lang in ("fr", "ar", "en")
        }
        return Report(verdict="failed", reasons=(reason,), detail={"error": code})
    finds = [each for sheet in told["sheets"] for each in of_sheet(sheet)]
    return Report(
        verdict="alert" if finds else "clean",
        reasons=tuple(each.told() for each in finds[:MOST_NAMED]),
        detail={
            "rows": sum(sheet["rows"] for sheet in told["sheets"]),
            "columns": [
                {
                    "sheet": each.sheet,
                    "column": each.column,
                    "number": each.number,
                    "kind": each.kind,
                    "count": each.count,
                }
                for each in finds
            ],
        },
    )


def rows(
    shape: TableShape, cells: Sequence[Sequence[str]], known: Mapping[str, Any]
) -> list[RefusedRow]:
    """Return the rows that hold an identifier which the file decided on did not.

    The evidence is a column's, as in a file: one number in a hundred has the right
    check digits by chance.
    """
    places = shape.places
    tally = Tally()
    for row in cells:
        for at, cell in enumerate(row):
            if cell and not cell.isspace():
                tally.see(at, cell)
    decided = {(each["number"], each["kind"]) for each in known.get("columns", ())}
    found = []
    for column in tally.told([each.label if each else "" for each in places]):
        kinds = [k for k in kinds_of(column) if (column["number"], k) not in decided]
        at = column["number"] - 1
        place = places[at]
        for number, row in enumerate(cells, start=1):
            held = {kind for kind, holds in shapes(row[at]) if holds}
            here = next((kind for kind in kinds if kind in held), None)
            if here is not None:
                found.append(
                    RefusedRow(
                        row=number,
                        column=place.id if place else "",
                        reason=_said(here),
                    )
                )
    return found


def _said(kind_id: str) -> dict[str, str]:
    label = _label(kind_id)
    return {lang: said.format(label=label[lang]) for lang, said in ROW.items()}


def of_sheet(sheet: Mapping[str, Any]) -> list[Find]:
    """Return the columns of a sheet that speak of people."""
    columns: Sequence[Mapping[str, Any]] = sheet["columns"]
    person = any(speaks_of_a_person(each["title"]) for each in columns)
    found = []
    for column in columns:
        base: dict[str, Any] = {
            "sheet": sheet["name"],
            "column": column["title"][:LONGEST_TITLE],
            "number": column["number"],
        }
        kinds = kinds_of(column)
        found += [
            Find(kind=kind, count=column["valid"][kind], label=_label(kind), **base)
            for kind in kinds
        ]
        if not kinds and (
            speaks_of_a_person(column["title"])
            or (person and identifiers.announced(column["title"]) & WITH_A_PERSON)
        ):
            # The title is a cell itself.
            count = max(0, column["cells"] - 1)
            found.append(Find(kind="title", count=count, label=TITLE_LABEL, **base))
    return found


def kinds_of(column: Mapping[str, Any]) -> list[str]:
    """Return the kinds of identifier that a column holds, more than by chance."""
    announced = identifiers.announced(column["title"])
    found = []
    for kind_id, valid in column["valid"].items():
        if kind_id in announced:
            found.append(kind_id)
        elif kind_id == EMAIL:
            found += [kind_id] * (valid >= _enough(column["cells"]))
        else:
            kind = identifiers.kind(kind_id)
            if kind.cue_needed:
                continue
            if kind.one_in > 1:
                by_chance = column["shaped"][kind_id] / kind.one_in
                beyond = valid > by_chance + SIGMAS * sqrt(by_chance)
            else:
                beyond = valid >= _enough(column["cells"])
            found += [kind_id] * beyond
    return sorted(found)


def _enough(cells: int) -> int:
    return min(ENOUGH, max(1, ceil(cells / 100)))


def speaks_of_a_person(title: str) -> bool:
    """Whether a column's title is one that only people have."""
    folded = fold(title)
    return folded in PERSON or bool(set(folded.split()) & PERSON_WORDS)


def _label(kind_id: str) -> Words:
    return EMAIL_LABEL if kind_id == EMAIL else identifiers.kind(kind_id).label
