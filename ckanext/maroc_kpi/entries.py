"""What ADD enters from outside: declarations, surveys and other sources, dated.

A value that nobody can count here is entered with its source and its day, and the
indicator shows it as what it is. Nothing is changed afterwards: a correction is a new
entry, and the latest holds.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import model

from . import wording
from .definition import Indicator
from .errors import (
    IN_THE_FUTURE,
    NOT_ENTERED,
    WRONG_LETTER,
    WRONG_NUMBERS,
    Refused,
)
from .value import Value
from .words import LANGS, Texts

COUNTS_ALONE = 30
INDICATIVE = 100
"""Below so many answers a sample gives counts, and a rate that is only indicative."""

_LATEST = sa.text(
    """
    SELECT DISTINCT ON (indicator, scope_id) *
    FROM maroc_kpi_entry WHERE as_of <= :until
    ORDER BY indicator, scope_id, as_of DESC, id DESC
    """
)

_TOO_FEW: Texts = {
    "fr": "Trop peu de réponses ({n}) pour donner un chiffre : il en faut {least}.",
    "ar": "عدد الأجوبة ({n}) غير كاف لإعطاء رقم: يلزم {least} على الأقل.",
    "en": "Too few answers ({n}) to give a figure: it takes {least}.",
}
_COUNTS_ALONE: Texts = {
    "fr": "{told} : trop peu de réponses pour un pourcentage, il en faut {least}.",
    "ar": "{told}: عدد الأجوبة غير كاف لحساب نسبة، يلزم {least} على الأقل.",
    "en": "{told}: too few answers for a percentage, it takes {least}.",
}
_INDICATIVE: Texts = {
    "fr": "Indicatif : {n} réponses seulement. Source : {source}, {day}.",
    "ar": "رقم إرشادي: {n} جوابًا فقط. المصدر: {source}، {day}.",
    "en": "Indicative: {n} answers only. Source: {source}, {day}.",
}
_SOURCE: Texts = {
    "fr": "Source : {source}, {day}.",
    "ar": "المصدر: {source}، {day}.",
    "en": "Source: {source}, {day}.",
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A value that was entered: a count, or answers for among all answers."""

    id: int
    letter: str
    as_of: dt.date
    source: str
    n: int
    url: str | None = None
    value: float | None = None
    numerator: int | None = None
    denominator: int | None = None
    low: float | None = None
    high: float | None = None
    population: int | None = None


def latest(connection: sa.Connection, until: dt.date) -> dict[str, dict[str, Entry]]:
    """Return the entries that hold at the end of a day: by indicator, then scope."""
    found: dict[str, dict[str, Entry]] = {}
    names = list(Entry.__dataclass_fields__)
    for row in connection.execute(_LATEST, {"until": until}).mappings():
        data = {name: row[name] for name in names}
        for name in ("value", "low", "high"):
            data[name] = None if data[name] is None else float(data[name])
        found.setdefault(row["indicator"], {})[row["scope_id"]] = Entry(**data)
    return found


_ADD = sa.text(
    """
    INSERT INTO maroc_kpi_entry (indicator, scope_id, as_of, letter, value, numerator,
        denominator, low, high, n, population, source, url, entered_by)
    VALUES (:indicator, :scope_id, :as_of, :letter, :value, :numerator, :denominator,
        :low, :high, :n, :population, :source, :url, :entered_by)
    RETURNING id
    """
)


def checked(indicator: Indicator, given: Mapping[str, Any], today: dt.date) -> Entry:
    """Return what was given as an entry of the indicator, or refuse it."""
    if indicator.entered is None:
        raise Refused(NOT_ENTERED, indicator.name)
    if given["letter"] not in indicator.entered.letters:
        letters = ", ".join(indicator.entered.letters)
        raise Refused(WRONG_LETTER, given["letter"], letters=letters)
    as_of = given["as_of"].date()
    if as_of > today:
        raise Refused(IN_THE_FUTURE, as_of.isoformat())
    names = ("value", "numerator", "denominator", "low", "high", "population", "url")
    entry = Entry(
        id=0,
        letter=given["letter"],
        as_of=as_of,
        source=given["source"],
        n=given["n"],
        **{name: given.get(name) for name in names},
    )
    if not _consistent(indicator, entry):
        raise Refused(WRONG_NUMBERS)
    return entry


def _consistent(indicator: Indicator, entry: Entry) -> bool:
    share = indicator.measure == "share"
    if entry.population is not None and entry.population < entry.n:
        return False
    if not share:
        low = entry.value if entry.low is None else entry.low
        high = entry.value if entry.high is None else entry.high
        both = (entry.low is None) == (entry.high is None)
        alone = entry.numerator is None and entry.denominator is None
        if entry.value is None or low is None or high is None:
            return False
        return both and alone and low <= entry.value <= high
    if entry.numerator is None or not entry.denominator or entry.value is not None:
        return False
    answers = entry.letter != "D" or entry.denominator == entry.n
    ranges = entry.low is None and entry.high is None
    return entry.numerator <= entry.denominator and answers and ranges


def add(indicator: str, scope: str, entry: Entry, user: str) -> int:
    """Keep an entry for ever; return its number."""
    row = dataclasses.asdict(entry)
    row |= {"indicator": indicator, "scope_id": scope, "entered_by": user}
    with model.ensure_engine().begin() as connection:
        return connection.execute(_ADD, row).scalar_one()


def wilson(
    numerator: int, n: int, population: int | None = None
) -> tuple[float, float]:
    """Return between what the share lies that a sample tells, 19 times of 20.

    Wilson's interval, in percent; of a known population the sample counts for more.

    >>> [round(bound, 1) for bound in wilson(0, 30)]
    [0.0, 11.4]
    >>> [round(bound) for bound in wilson(50, 100)]
    [40, 60]
    >>> wilson(5, 10, population=10)
    (50.0, 50.0)
    """
    if population == n:
        share = 100 * numerator / n
        return share, share
    size = n * (population - 1) / (population - n) if population else n
    z, p = 1.959964, numerator / n
    middle = p + z * z / (2 * size)
    half = z * math.sqrt(p * (1 - p) / size + z * z / (4 * size * size))
    scale = 100 / (1 + z * z / size)
    return max(0.0, scale * (middle - half)), min(100.0, scale * (middle + half))


def value(indicator: Indicator, entry: Entry) -> Value:
    """Return what an entry says of an indicator: a value, or why there is none."""
    least = indicator.entered.least if indicator.entered else COUNTS_ALONE
    known: dict[str, Any] = {
        "indicator": indicator.name,
        "version": indicator.version,
        "n": entry.n,
        "entry": {
            "id": entry.id,
            "source": entry.source,
            "url": entry.url,
            "as_of": entry.as_of.isoformat(),
            "letter": entry.letter,
        },
    }
    if entry.n < least:
        # Not even how many: that would point at them.
        del known["n"]
        few = _told(_TOO_FEW, n=f"< {least}", least=least)
        return Value(**known, state="suppressed", reason=few)
    if entry.numerator is None or entry.denominator is None:
        return Value(
            **known,
            state="declared",
            value=entry.value,
            numerator=None,
            low=entry.low,
            high=entry.high,
            reason=_sourced(_SOURCE, entry),
        )
    known |= {"numerator": entry.numerator, "denominator": entry.denominator}
    share = round(100 * entry.numerator / entry.denominator, 2)
    if entry.letter != "D":
        return Value(
            **known, state="declared", value=share, reason=_sourced(_SOURCE, entry)
        )
    if entry.n < COUNTS_ALONE:
        told = {
            lang: wording.form(
                indicator.phrase, lang, entry.numerator, of=entry.denominator
            )
            for lang in LANGS
        }
        few = {
            lang: _COUNTS_ALONE[lang].format(told=told[lang], least=COUNTS_ALONE)
            for lang in LANGS
        }
        return Value(**known, state="suppressed", reason=few)
    low, high = wilson(entry.numerator, entry.denominator, entry.population)
    words = _INDICATIVE if entry.n < INDICATIVE else _SOURCE
    return Value(
        **known,
        state="measured",
        value=share,
        low=round(low, 2),
        high=round(high, 2),
        reason=_sourced(words, entry),
    )


def _sourced(words: Mapping[str, str], entry: Entry) -> Texts:
    return {
        lang: words[lang].format(
            n=entry.n, source=entry.source, day=wording.day(entry.as_of, lang)
        )
        for lang in LANGS
    }


def _told(words: Texts, **figures: object) -> Texts:
    return {lang: words[lang].format(**figures) for lang in LANGS}
