"""An indicator's page: everything its definition says, the numbers, and its history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from . import cards, drawing, wording
from .definition import Indicator
from .drawing import Line
from .history import Point
from .value import Value
from .words import FAMILIES, STATES, State, Texts


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A number behind the value, with what it is."""

    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Period:
    """A month in the table of the history."""

    name: str
    month: str
    told: str
    state: str
    state_label: str
    reason: str
    version: int
    final: bool


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A month in the drawing."""

    x: float
    y: float
    final: bool
    words: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The history as a drawing."""

    line: Line
    marks: tuple[Mark, ...]
    top: str
    first: str
    last: str


@dataclass(frozen=True, kw_only=True)
class Method:
    """Everything that the page says, in the reader's language."""

    card: cards.Card
    family: str
    facts: tuple[Fact, ...]
    silent: tuple[str, ...]
    """What the figure does not say."""
    periods: tuple[Period, ...]
    """The latest first."""
    chart: Chart | None
    versions: bool
    """Whether the history was computed with more than one formula."""


def method(
    indicator: Indicator,
    value: Value,
    points: Sequence[Point],
    lang: str,
    *,
    more: Sequence[Fact] = (),
) -> Method:
    """Return the page of an indicator in one scope, with ``more`` numbers behind it."""
    periods = tuple(_period(indicator, each, lang) for each in points)
    return Method(
        card=cards.card(indicator, value, lang),
        family=FAMILIES[indicator.family][lang],
        facts=(*_facts(indicator, value, lang), *more),
        silent=tuple(_silent(indicator, lang)),
        periods=periods[::-1],
        chart=_chart(indicator, points, periods, lang),
        versions=len({each.value.version for each in points}) > 1,
    )


def _facts(indicator: Indicator, value: Value, lang: str) -> Iterator[Fact]:
    """Yield the numbers behind a value; what is not known is left out."""
    counted = [(indicator.numerator, value.numerator)]
    if indicator.denominator:
        counted.append((indicator.denominator, value.denominator))
    counted += [
        (each.label, value.components.get(each.name)) for each in indicator.components
    ]
    for label, number in counted:
        if number is not None:
            yield Fact(label=label[lang], text=wording.number(number, lang))
    if value.n and value.covered is not None:
        yield Fact(
            label=tk._("Measured part of what the value speaks of"),
            text=tk._("{covered} of {all}").format(
                covered=wording.number(value.covered, lang),
                all=wording.number(value.n, lang),
            ),
        )


def _silent(indicator: Indicator, lang: str) -> Iterator[str]:
    """Yield what a reader could take the figure for, and it is not."""
    if indicator.limits:
        yield indicator.limits[lang]
    for each in indicator.beside:
        yield tk._("Not in the value, but shown beside it: {what}").format(
            what=each.label[lang]
        )
    reasons = indicator.reasons
    absences: tuple[tuple[State, Texts | None], ...] = (
        ("not_applicable", reasons.not_applicable),
        ("not_measured", reasons.not_measured),
        ("not_measured", indicator.needs.silent if indicator.needs else None),
    )
    for state, reason in absences:
        if reason:
            yield tk._(
                "“{state}” is said, and no number, in this case: {reason}"
            ).format(state=STATES[state].label[lang], reason=reason[lang])


def _period(indicator: Indicator, point: Point, lang: str) -> Period:
    value = point.value
    # What an older formula counted may have other components: the value alone is told.
    told = cards.tell(indicator, value, lang)
    return Period(
        name=point.named("month"),
        month=wording.month(point.period, lang),
        told=told.short,
        state=value.state,
        state_label=STATES[value.state].label[lang],
        reason=value.reason[lang] if value.reason else "",
        version=value.version,
        final=point.final,
    )


def _chart(
    indicator: Indicator,
    points: Sequence[Point],
    periods: Sequence[Period],
    lang: str,
) -> Chart | None:
    share = indicator.measure == "share"
    line = drawing.line(points, share=share)
    if line is None:
        return None
    named = dict(zip((id(each) for each in points), periods, strict=True))
    marks = []
    for dot in line.dots:
        period = named[id(dot.point)]
        marks.append(
            Mark(
                x=dot.x,
                y=dot.y,
                final=period.final,
                words=tk._("{month}: {value}").format(
                    month=period.month, value=period.told
                ),
            )
        )
    top = wording.percent(1, 1, lang) if share else wording.number(line.top, lang)
    return Chart(
        line=line,
        marks=tuple(marks),
        top=top,
        first=periods[0].month,
        last=periods[-1].month,
    )
