"""How numbers are written for people: plurals, percentages and dates by language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal

from .words import Plurals

# Morocco writes Arabic with the digits 0 to 9, and its own names of the months.
_LOCALES = {"fr": "fr", "ar": "ar_MA", "en": "en_GB"}

_OF_WHICH = {
    "fr": "{value}, dont {parts}",
    "ar": "{value}: {parts}",
    "en": "{value}, of which {parts}",
}
_AT_LEAST = {
    "fr": "au moins {value}",
    "ar": "{value} على الأقل",
    "en": "at least {value}",
}
_PERCENT = {"fr": "{number}\u00a0%", "ar": "{number}%", "en": "{number}%"}


def number(value: float, lang: str) -> str:
    """Return a number with the language's separators."""
    return format_decimal(value, locale=_LOCALES[lang])


def form(plurals: Plurals, lang: str, n: int, of: int | None = None) -> str:
    """Return the form that the language wants for ``n``, its numbers written in."""
    category = Locale(lang).plural_form(n)
    return plurals[lang][category].format(
        n=number(n, lang), of="" if of is None else number(of, lang)
    )


_BETWEEN = {
    "fr": "Entre {low} et {high}",
    "ar": "بين {low} و{high}",
    "en": "Between {low} and {high}",
}
_LABELLED = {
    "fr": "{label}\u00a0: {number}",
    "ar": "{label}: {number}",
    "en": "{label}: {number}",
}


def between(low: str, high: str, lang: str) -> str:
    """Return between what a value lies."""
    return _BETWEEN[lang].format(low=low, high=high)


def labelled(label: str, n: int, lang: str) -> str:
    """Return a number after what it is."""
    return _LABELLED[lang].format(label=label, number=number(n, lang))


def share(value: float, lang: str) -> str:
    """Return a share in percent, without decimals."""
    return _PERCENT[lang].format(number=number(round(value), lang))


def percent(numerator: int, denominator: int, lang: str, half: float = 0) -> str:
    """Return a share without false decimals: one only where a thousand were counted.

    None where the true value may be more than a point away, ``half``. A share that is
    neither none nor all is never written 0 % or 100 %.
    """
    digits = 1 if denominator >= 1000 and half <= 1 else 0
    step = 10**-digits
    share = round(100 * numerator / denominator, digits)
    if 0 < numerator < denominator:
        share = min(max(share, step), 100 - step)
    text = format_decimal(share, format="#,##0.#", locale=_LOCALES[lang])
    return _PERCENT[lang].format(number=text)


def of_which(value: str, parts: Sequence[str], lang: str) -> str:
    """Return "two downloads, of which one by a person and one by a tool"."""
    if not parts:
        return value
    listed = format_list(list(parts), locale=_LOCALES[lang])
    return _OF_WHICH[lang].format(value=value, parts=listed)


def at_least(value: str, lang: str) -> str:
    return _AT_LEAST[lang].format(value=value)


def day(date: dt.date, lang: str) -> str:
    return format_date(date, format="long", locale=_LOCALES[lang])


def month(date: dt.date, lang: str) -> str:
    return format_date(date, format="MMMM y", locale=_LOCALES[lang])


def moment(when: dt.datetime, lang: str) -> str:
    """Return a date and time, in the zone that ``when`` carries."""
    return format_datetime(
        when, format="d MMMM y, HH:mm", tzinfo=when.tzinfo, locale=_LOCALES[lang]
    )
