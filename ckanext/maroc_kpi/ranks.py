"""Where an institution stands among those of its kind: on rates, or not at all.

A count says how large an institution is, a rate of nine things how lucky it was, and a
declaration how it sees itself: none of them gives a rank beside a measure. Pure
functions: the values of the institutions of one kind in, a place or a reason out.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from . import wording
from .definition import Indicator
from .value import Value
from .words import LANGS, Texts

LEAST_DENOMINATOR = 10
"""A rate of fewer things jumps by a tenth with each of them."""
LEAST_PEERS = 3
"""How many others a place is told among, at least."""


@dataclass(frozen=True, kw_only=True)
class Rank:
    """A place, from 1, among institutions of one kind; equals share one."""

    place: int
    of: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an institution stands, or why that is not said.

    ``kind`` is the kind of body of law 31-13 that it was compared within, ``median``
    the group's, in percent.
    """

    kind: str | None = None
    rank: Rank | None = None
    median: float | None = None
    reason: Texts | None = None


COUNT: Texts = {
    "fr": "Seuls les taux donnent un rang : un nombre dit surtout la taille d’une "
    "institution.",
    "ar": "لا ترتَّب إلا النسب: فالعدد يدل أساسًا على حجم المؤسسة.",
    "en": "Only rates are ranked: a count mostly tells how large an institution is.",
}
NO_DIRECTION: Texts = {
    "fr": "Ni plus ni moins n’est mieux : cet indicateur ne donne pas de rang.",
    "ar": "لا الزيادة ولا النقصان أفضل: هذا المؤشر لا يعطي رتبة.",
    "en": "Neither more nor less is better: this indicator gives no rank.",
}
NO_INSTITUTION: Texts = {
    "fr": "Seule une institution a un rang, d’après ses valeurs du jour.",
    "ar": "لا رتبة إلا لمؤسسة واحدة، حسب قيمها لهذا اليوم.",
    "en": "Only an institution has a rank, by its values of today.",
}
NO_KIND: Texts = {
    "fr": "La nature de l’institution n’est pas renseignée.",
    "ar": "طبيعة المؤسسة غير محددة.",
    "en": "The kind of the institution is not filled in.",
}
NO_VALUE: Texts = {
    "fr": "Il n’y a pas ici de valeur à comparer.",
    "ar": "لا توجد هنا قيمة للمقارنة.",
    "en": "There is no value here to compare.",
}
IN_PART: Texts = {
    "fr": "Une partie échappe à la mesure : la vraie valeur peut être plus haute.",
    "ar": "جزء لا يشمله القياس: قد تكون القيمة الحقيقية أعلى.",
    "en": "A part escapes the measure: the true value may be higher.",
}
ENTERED: Texts = {
    "fr": "Une valeur venue de l’extérieur ne se compare pas aux valeurs mesurées.",
    "ar": "لا تُقارن قيمة واردة من الخارج بالقيم المقيسة.",
    "en": "A value from outside is not compared with measured ones.",
}
TOO_FEW_THINGS: Texts = {
    "fr": "Le taux porte sur {n} ; il en faut {least} pour un rang.",
    "ar": "تُحسب النسبة على {n}؛ ويلزم {least} لإعطاء رتبة.",
    "en": "The rate speaks of {n}; it takes {least} for a rank.",
}
TOO_FEW_PEERS: Texts = {
    "fr": "Institutions comparables de même nature : {n} ; il en faut {least} autres "
    "pour un rang.",
    "ar": "المؤسسات المماثلة من الطبيعة نفسها: {n}؛ "
    "ويلزم {least} مؤسسات أخرى لإعطاء رتبة.",
    "en": "Comparable institutions of the same kind: {n}; it takes {least} others for "
    "a rank.",
}

_RANKED: Texts = {
    "fr": "Rang {place} sur {of}, parmi les institutions de même nature ({kind}) ; "
    "médiane : {median}.",
    "ar": "الرتبة {place} من أصل {of} بين المؤسسات من الطبيعة نفسها ({kind})؛ "
    "الوسيط: {median}.",
    "en": "Rank {place} of {of} among institutions of the same kind ({kind}); "
    "median: {median}.",
}
_NOT_RANKED: Texts = {
    "fr": "Sans rang. {reason}",
    "ar": "بدون رتبة. {reason}",
    "en": "No rank. {reason}",
}
_MEDIAN: Texts = {
    "fr": "Médiane des institutions de même nature ({kind}) : {median}.",
    "ar": "وسيط المؤسسات من الطبيعة نفسها ({kind}): {median}.",
    "en": "Median of the institutions of the same kind ({kind}): {median}.",
}


def standing(
    indicator: Indicator,
    institution: str,
    kind: str | None,
    values: Mapping[str, Value],
) -> Standing:
    """Return where an institution stands on an indicator.

    ``values`` are those of all institutions of its kind by their ids, its own too.
    Declared values are compared with declared ones alone, and each formula with itself.
    """
    if indicator.measure != "share":
        return Standing(reason=COUNT)
    if indicator.direction == "none":
        return Standing(reason=NO_DIRECTION)
    if kind is None:
        return Standing(reason=NO_KIND)
    mine = values.get(institution)
    group = {
        each: _rate(value)
        for each, value in values.items()
        if _hindrance(value) is None
        and (mine is None or (value.version, value.state) == (mine.version, mine.state))
    }
    others = len(group.keys() - {institution})
    enough = others >= LEAST_PEERS
    median = (
        round(100 * float(statistics.median(group.values())), 2) if enough else None
    )
    reason = NO_VALUE if mine is None else _hindrance(mine)
    if reason is None and not enough:
        reason = _told(TOO_FEW_PEERS, n=others, least=LEAST_PEERS)
    if reason is not None:
        return Standing(kind=kind, median=median, reason=reason)
    better = sum(
        each > group[institution]
        if indicator.direction == "up"
        else each < group[institution]
        for each in group.values()
    )
    return Standing(
        kind=kind, median=median, rank=Rank(place=better + 1, of=len(group))
    )


def sentence(found: Standing, kind: str, lang: str) -> str:
    """Return a standing as a line of a page; empty where there is nothing to tell.

    ``kind`` is the kind's name in the language.
    """
    median = "" if found.median is None else wording.share(found.median, lang)
    if found.rank:
        return _RANKED[lang].format(
            place=wording.number(found.rank.place, lang),
            of=wording.number(found.rank.of, lang),
            kind=kind,
            median=median,
        )
    if found.reason in (None, COUNT, NO_DIRECTION, NO_INSTITUTION, NO_VALUE):
        # Said already by what the figure is, or by its state.
        told = []
    else:
        told = [_NOT_RANKED[lang].format(reason=found.reason[lang])]
    if median:
        told.append(_MEDIAN[lang].format(kind=kind, median=median))
    return " ".join(told)


def _hindrance(value: Value) -> Texts | None:
    """Return why a value is not compared with others, if it is not."""
    if value.value is None:
        return NO_VALUE
    if value.entry is not None:
        return ENTERED
    if value.state == "partial":
        return IN_PART
    if value.numerator is None or not value.denominator:
        return NO_VALUE
    if value.denominator < LEAST_DENOMINATOR:
        return _told(TOO_FEW_THINGS, n=value.denominator, least=LEAST_DENOMINATOR)
    return None


def _rate(value: Value) -> Fraction:
    """Return the rate itself: what is rounded ties where the rates do not."""
    return Fraction(value.numerator or 0, value.denominator or 1)


def _told(words: Texts, **numbers: int) -> Texts:
    return {
        lang: words[lang].format(
            **{name: wording.number(each, lang) for name, each in numbers.items()}
        )
        for lang in LANGS
    }
