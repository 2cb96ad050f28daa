"""What is known of an indicator in one scope: pure functions from counts to a value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import wording
from .definition import Awaits, Indicator
from .words import LANGS, State, Texts


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What the query counted in one scope, or the sum of several."""

    numerator: int = 0
    denominator: int | None = 0
    eligible: int | None = None
    covered: int | None = None
    since: dt.date | None = None
    components: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Value:
    """A value with its meaning. ``value`` is None exactly where there is none.

    ``value`` is a count, or a share in percent; ``n`` how many things it speaks of and
    ``covered`` how many of them could be measured; ``since`` the first day counted,
    ``day`` the last; ``reason`` why there is no full value. ``low`` and ``high`` are
    between what the true value lies: where a part escaped the measure, or a sample or
    an estimate was entered, which ``entry`` then names.
    """

    indicator: str
    version: int
    state: State
    value: float | None = None
    numerator: int | None = None
    denominator: int | None = None
    n: int | None = None
    covered: int | None = None
    components: Mapping[str, int] = field(default_factory=dict)
    since: dt.date | None = None
    low: float | None = None
    high: float | None = None
    entry: Mapping[str, Any] | None = None
    reason: Texts | None = None
    day: dt.date | None = None
    computed_at: dt.datetime | None = None

    @property
    def coverage(self) -> float | None:
        """The measured part of what the value speaks of, from 0 to 1."""
        if not self.n or self.covered is None:
            return None
        return round(self.covered / self.n, 4)


def total(counts: Iterable[Counted]) -> Counted:
    """Add up: the country is the sum of its institutions."""
    each = list(counts)
    eligible = [one.eligible for one in each if one.eligible is not None]
    covered = [one.covered for one in each if one.covered is not None]
    denominators = [one.denominator for one in each if one.denominator is not None]
    names = {name for one in each for name in one.components}
    return Counted(
        numerator=sum(one.numerator for one in each),
        denominator=sum(denominators) if denominators or not each else None,
        eligible=sum(eligible) if eligible else None,
        covered=sum(covered) if covered else None,
        since=min((one.since for one in each if one.since), default=None),
        components={
            name: sum(one.components.get(name, 0) for one in each) for name in names
        },
    )


def judge(
    indicator: Indicator, counted: Counted, obstacle: Texts | None = None
) -> Value:
    """Return the value of what was counted, or the state and reason of its absence.

    ``obstacle`` is a reason why nothing could be counted at all.
    """
    state, reason = _state(indicator, counted, obstacle)
    known = {"indicator": indicator.name, "version": indicator.version}
    if state in ("not_measured", "not_applicable", "suppressed"):
        # What was counted stands beside an absence: it is no value, and no zero.
        found = {} if obstacle else dict(counted.components)
        return Value(
            **known, state=state, reason=reason, n=counted.eligible, components=found
        )
    share = indicator.measure == "share"
    value = (
        _percent(counted.numerator, counted.denominator) if share else counted.numerator
    )
    bounds: dict[str, Any] = {}
    if share and state == "partial":
        most = counted.numerator + _missing(counted)
        bounds = {"low": value, "high": _percent(most, counted.denominator)}
    return Value(
        **known,
        **bounds,
        state=state,
        value=value,
        numerator=counted.numerator,
        denominator=counted.denominator if share else None,
        n=counted.denominator if share else counted.eligible,
        covered=counted.covered,
        components={
            each.name: counted.components.get(each.name, 0)
            for each in indicator.components
        },
        since=counted.since,
        reason=reason,
    )


def _percent(numerator: int, denominator: int | None) -> float:
    return round(100 * numerator / (denominator or 1), 2)


def _state(
    indicator: Indicator, counted: Counted, obstacle: Texts | None
) -> tuple[State, Texts | None]:
    """Decide the state of what was counted."""
    absence = _absence(indicator, counted, obstacle)
    if absence:
        return absence
    partial, missing = indicator.reasons.partial, _missing(counted)
    if partial and missing:
        return "partial", {
            lang: wording.form(partial, lang, missing, of=counted.eligible)
            for lang in LANGS
        }
    # A computation on declarations is a declaration, however exact the computation.
    return ("declared", None) if indicator.source in "BC" else ("measured", None)


def _absence(  # noqa: PLR0911 - the first that holds is the answer
    indicator: Indicator, counted: Counted, obstacle: Texts | None
) -> tuple[State, Texts | None] | None:
    """Return the state and reason of a value that cannot be; the first wins."""
    needs, reasons = indicator.needs, indicator.reasons
    nothing = not counted.numerator
    if obstacle:
        return "not_measured", obstacle
    if indicator.awaits:
        return "not_measured", awaited(indicator.awaits)
    if indicator.measure == "share" and counted.denominator is None:
        return "not_measured", reasons.no_denominator
    if indicator.measure == "share" and not counted.denominator:
        return "not_applicable", reasons.not_applicable
    if needs and indicator.measure == "count" and nothing and not counted.eligible:
        return "not_applicable", reasons.not_applicable
    if needs and needs.silent and counted.since is None:
        return "not_measured", needs.silent
    if reasons.partial and nothing and not counted.covered and _missing(counted):
        return "not_measured", reasons.not_measured
    return None


def awaited(awaits: Awaits) -> Texts:
    """Return what would measure an indicator, and who must act."""
    return {lang: f"{awaits.what[lang]} {awaits.who[lang]}" for lang in LANGS}


def _missing(counted: Counted) -> int:
    """Return how many of the things that the value speaks of escaped the measure."""
    return (counted.eligible or 0) - (counted.covered or 0)
