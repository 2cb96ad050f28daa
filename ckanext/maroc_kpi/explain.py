"""How a figure came about, for who runs the portal: formula, query, rows, value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckanext.maroc_portal import clock

from . import cards, compute, store
from .definition import Indicator
from .store import Institution

SHOWN = 50
"""How many rows are printed."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What the query gives now: its first rows, and how many there are."""

    columns: Sequence[str]
    first: Sequence[Sequence[Any]]
    count: int


def rows(indicator: Indicator, scope: str | None) -> Rows:
    """Run the indicator's query for an institution, or for the country and all."""
    with compute.reading() as reader:
        asked = compute.given(clock.today(), compute.parents(reader), scope)
        found = reader.execute(
            # The text of a definition: one SELECT, checked when it was read.
            sa.text(
                "SELECT behind.*, count(*) OVER () AS number_of_rows"  # noqa: S608
                f" FROM ({indicator.sql}) AS behind"
                f" ORDER BY {compute.key(indicator)} NULLS FIRST LIMIT :shown"
            ),
            {**asked, "shown": SHOWN},
        )
        columns, first = list(found.keys())[:-1], found.all()
    return Rows(
        columns=columns,
        first=[row[:-1] for row in first],
        count=first[0][-1] if first else 0,
    )


def explain(
    indicator: Indicator, institution: Institution | None, lang: str
) -> Iterator[str]:
    """Yield lines that say how the figure came about."""
    scope = institution.id if institution else ""
    value = store.of(store.values(scope), indicator)
    card = cards.card(indicator, value, lang)
    of = f"{institution.name} ({scope})" if institution else "the country"
    yield f"{indicator.number}. {card.label}: {of}"
    yield f"formula (version {indicator.version}): {card.formula}"
    yield f"numerator: {card.numerator}"
    if card.denominator:
        yield f"denominator: {card.denominator}"
    yield f"source: {card.source}, {card.source_label}"
    yield from _computed(indicator, scope, lang)
    yield f"state: {value.state} ({card.state_label}). {card.state_meaning}"
    yield f"value: {_told(value.value)}: {card.told.sentence}"
    if card.reason:
        yield f"reason: {card.reason}"
    yield (
        f"numerator {_told(value.numerator)}, denominator {_told(value.denominator)},"
        f" n {_told(value.n)}, covered {_told(value.covered)}"
    )
    yield f"computed: {card.computed_at or 'not yet'}"


def _computed(indicator: Indicator, scope: str, lang: str) -> Iterator[str]:
    if not indicator.sql:
        yield "query: none. The figure comes from outside, and is entered."
        return
    yield f"parameters: until = {clock.today()}, scope = {scope or 'NULL'}"
    yield f"query:\n{indicator.sql.rstrip()}"
    with compute.reading() as reader:
        obstacle = compute.missing(reader, indicator)
    if obstacle:
        yield f"rows: the query is not run. {obstacle[lang]}"
    else:
        yield from _table(rows(indicator, scope or None))


def _table(found: Rows) -> Iterator[str]:
    yield f"rows: {found.count}, of which the first {len(found.first)} are shown"
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter="\t", lineterminator="\n")
    writer.writerow(found.columns)
    writer.writerows(found.first)
    yield sink.getvalue().rstrip("\n")


def _told(number: float | None) -> str:
    return "none" if number is None else str(number)
