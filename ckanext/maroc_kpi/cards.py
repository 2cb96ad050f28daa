"""An indicator's value as a page shows it: every sentence ready, nothing to decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from . import wording
from .definition import Indicator
from .value import Value
from .words import FAMILIES, SOURCES, STATES


@dataclass(frozen=True, kw_only=True)
class Told:
    """A value in words: as a headline, in a table's cell, in one line."""

    headline: str
    short: str
    sentence: str
    detail: str = ""
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Card:
    """One indicator in one scope, in the reader's language."""

    name: str
    number: int
    label: str
    description: str
    told: Told
    state: str
    state_label: str
    state_meaning: str
    reason: str
    source: str
    source_label: str
    value: float | None
    day: str
    since: str
    computed_at: str
    formula: str
    numerator: str
    denominator: str
    reference: str
    reference_url: str | None
    refresh: str
    version: int
    sql: str
    standing: str = ""
    """Where the institution stands among those of its kind."""
    disputed: str = ""
    """What the institution disputes of the figure, and whether it was answered."""


@dataclass(frozen=True, kw_only=True)
class Band:
    """A family with its cards."""

    name: str
    label: str
    cards: tuple[Card, ...]


def tell(indicator: Indicator, value: Value, lang: str) -> Told:
    """Return the value in words; where there is none, its state and the reason."""
    beside = tuple(
        wording.labelled(each.label[lang], value.components[each.name], lang)
        if each.phrase is None
        else wording.form(each.phrase, lang, value.components[each.name])
        for each in indicator.beside
        if value.components.get(each.name)
    )
    if value.value is None:
        label = STATES[value.state].label[lang]
        reason = value.reason[lang] if value.reason else ""
        return Told(
            headline=label,
            short=label,
            sentence=f"{label}. {reason}" if reason else label,
            detail=reason,
            beside=beside,
        )
    if value.low is not None and value.high is not None:
        beside = (_between(indicator, value, lang), *beside)
    if indicator.measure == "share" and value.numerator is None:
        share = wording.share(value.value, lang)
        return Told(headline=share, short=share, sentence=share, beside=beside)
    # An entered count has no numerator: nobody counted it here.
    numerator = value.numerator if value.numerator is not None else int(value.value)
    if indicator.measure == "share":
        share = wording.percent(numerator, value.denominator or 1, lang, _half(value))
        detail = wording.form(indicator.phrase, lang, numerator, of=value.denominator)
        return Told(
            headline=share,
            short=share,
            sentence=f"{share} ({detail})",
            detail=detail,
            beside=beside,
        )
    short = wording.form(indicator.phrase, lang, numerator)
    if value.state == "partial":
        short = wording.at_least(short, lang)
    parts = [
        wording.form(each.phrase, lang, value.components.get(each.name, 0))
        for each in indicator.parts
        if each.phrase is not None
    ]
    headline = wording.of_which(short, parts, lang) if numerator else short
    return Told(headline=headline, short=short, sentence=headline, beside=beside)


def _half(value: Value) -> float:
    """Return how far the true value may be from the one that is told."""
    if value.low is None or value.high is None:
        return 0
    return (value.high - value.low) / 2


def _between(indicator: Indicator, value: Value, lang: str) -> str:
    low, high = value.low or 0, value.high or 0
    if indicator.measure == "share":
        return wording.between(
            wording.share(low, lang), wording.share(high, lang), lang
        )
    return wording.between(wording.number(low, lang), wording.number(high, lang), lang)


def card(
    indicator: Indicator,
    value: Value,
    lang: str,
    standing: str = "",
    disputed: str = "",
) -> Card:
    """Return everything that a card says."""
    word = STATES[value.state]
    return Card(
        name=indicator.name,
        number=indicator.number,
        label=indicator.label[lang],
        description=indicator.description[lang],
        told=tell(indicator, value, lang),
        state=value.state,
        state_label=word.label[lang],
        state_meaning=word.meaning[lang],
        reason=value.reason[lang] if value.reason and value.value is not None else "",
        source=indicator.source,
        source_label=SOURCES[indicator.source][lang],
        value=value.value,
        day=wording.day(value.day, lang) if value.day else "",
        since=wording.day(value.since, lang) if value.since else "",
        computed_at=(
            wording.moment(value.computed_at, lang) if value.computed_at else ""
        ),
        formula=indicator.formula[lang],
        numerator=indicator.numerator[lang],
        denominator=indicator.denominator[lang] if indicator.denominator else "",
        reference=indicator.reference.text[lang],
        reference_url=indicator.reference.url,
        refresh=indicator.refresh[lang],
        version=indicator.version,
        sql=indicator.sql,
        standing=standing,
        disputed=disputed,
    )


def bands(
    indicators: Iterable[Indicator],
    values: Mapping[str, Value],
    lang: str,
    standings: Mapping[str, str] | None = None,
    disputed: Mapping[str, str] | None = None,
) -> list[Band]:
    """Return the six families in their order, each with its cards."""
    standings, disputed = standings or {}, disputed or {}
    each = list(indicators)
    found = []
    for family, label in FAMILIES.items():
        cards = tuple(
            card(
                one,
                values[one.name],
                lang,
                standings.get(one.name, ""),
                disputed.get(one.name, ""),
            )
            for one in each
            if one.family == family
        )
        found.append(Band(name=family, label=label[lang], cards=cards))
    return found
