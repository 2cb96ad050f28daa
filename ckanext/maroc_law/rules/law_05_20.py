"""Law 05-20 and decree 2-21-406: none of the four levels may be opened.

The decree has no public level: what is open is what holds none of the four. A level is
reviewed at least every three years, so the answer needs its day.
"""

from __future__ import annotations

import datetime as dt

from ckanext.maroc_law import vocabulary
from ckanext.maroc_law.answers import Answers, dated
from ckanext.maroc_law.words import Words, words

from .rule import Figures, Outcome, Rule

YEARS = 3
"""How long a decision on the level holds (décret 2-21-406, art. 15)."""

_IMPACTS: tuple[tuple[str, Words], ...] = (
    ("tres-secret", words(fr="très grave", ar="خطيرة جدا", en="very serious")),
    ("secret", words(fr="grave", ar="خطيرة", en="serious")),
    ("confidentiel", words(fr="modéré", ar="متوسطة", en="moderate")),
    ("diffusion-restreinte", words(fr="limité", ar="محدودة", en="limited")),
)
"""What an incident on confidentiality would do, by level (décret, art. 13)."""


def _closed(level: str, impact: Words) -> Rule:
    item = vocabulary.find("classification", level)
    if item is None:
        raise LookupError(level)
    fr, ar, en = (item.label[lang] for lang in ("fr", "ar", "en"))

    def applies(given: Answers, _: dt.date) -> bool:
        return given.chosen("classification", "classification") == level

    return Rule(
        id=f"classified-{level}",
        article="Décret 2-21-406, art. 13",
        outcome=Outcome.BLOCKED,
        fields=("classification",),
        does=words(
            fr=f"Ferme ce qui est au niveau « {fr} ».",
            ar=f"تمنع نشر ما صُنف في مستوى «{ar}».",
            en=f"Closes what is at the level “{en}”.",
        ),
        sentence=words(
            fr=f"Ces données sont au niveau « {fr} » : leur divulgation aurait un "
            f"effet {impact['fr']}. Aucun des quatre niveaux ne s'ouvre.",
            ar=f"هذه المعطيات مصنفة في مستوى «{ar}»: تترتب عن إفشائها آثار "
            f"{impact['ar']}. لا يجوز فتح أي من المستويات الأربعة.",
            en=f"These data are at the level “{en}”: their disclosure would have a "
            f"{impact['en']} effect. None of the four levels may be opened.",
        ),
        way_out=words(
            fr="Ne publiez pas. Si ce niveau n'est plus justifié, faites-le réviser "
            "par le RSSI de votre organisme.",
            ar="لا تنشر. إذا لم يعد هذا المستوى مبررا، فاطلب مراجعته من مسؤول أمن نظم "
            "المعلومات (RSSI) بهيئتك.",
            en="Do not publish. If this level is no longer justified, have your body's "
            "RSSI review it.",
        ),
        applies=applies,
    )


def _undated(given: Answers, _: dt.date) -> bool:
    decided = given.chosen("classification", "classification") == "non-classifie"
    return decided and given.day("classification_date") is None


def _expired(given: Answers, on: dt.date) -> bool | Figures:
    day = given.day("classification_date")
    # The anniversary itself is still in time; the day after is not.
    if day and (day.year + YEARS, day.month, day.day) < (on.year, on.month, on.day):
        return {"day": dated(day)}
    return False


def _future(given: Answers, on: dt.date) -> bool | Figures:
    day = given.day("classification_date")
    return {"day": dated(day)} if day and day > on else False


RULES = (
    *(_closed(level, impact) for level, impact in _IMPACTS),
    Rule(
        id="classification-undated",
        article="Décret 2-21-406, art. 15",
        outcome=Outcome.INCOMPLETE,
        fields=("classification", "classification_date"),
        does=words(
            fr="Veut le jour où il a été décidé que les données ne sont pas "
            "classifiées.",
            ar="تشترط ذكر تاريخ القرار القاضي بعدم تصنيف المعطيات.",
            en="Wants the day on which the data were found not to be classified.",
        ),
        sentence=words(
            fr="La réponse sur la classification n'a pas de date ; or elle ne vaut que "
            "trois ans.",
            ar="الجواب بشأن التصنيف غير مؤرخ، وهو لا يسري إلا لمدة ثلاث سنوات.",
            en="The answer on classification has no date, and it holds for three years "
            "only.",
        ),
        way_out=words(
            fr="Indiquez le jour de la dernière décision ou révision.",
            ar="اذكر تاريخ آخر قرار أو مراجعة.",
            en="Give the day of the last decision or review.",
        ),
        applies=_undated,
    ),
    Rule(
        id="classification-expired",
        article="Décret 2-21-406, art. 15",
        outcome=Outcome.REVIEW,
        fields=("classification_date",),
        does=words(
            fr="Fait revoir une classification décidée il y a plus de trois ans.",
            ar="تطلب مراجعة كل تصنيف مضى عليه أكثر من ثلاث سنوات.",
            en="Has a classification of more than three years ago reviewed.",
        ),
        sentence=words(
            fr="La classification date du {day} : plus de trois ans ont passé.",
            ar="يعود التصنيف إلى {day}: مضى عليه أكثر من ثلاث سنوات.",
            en="The classification dates from {day}: more than three years ago.",
        ),
        way_out=words(
            fr="Faites revoir la classification par le RSSI, puis mettez la date à "
            "jour.",
            ar="اطلب مراجعة التصنيف من مسؤول أمن نظم المعلومات (RSSI)، ثم حيّن التاريخ.",
            en="Have the RSSI review the classification, then update the date.",
        ),
        applies=_expired,
    ),
    Rule(
        id="classification-date-future",
        article="Décret 2-21-406, art. 15",
        outcome=Outcome.INCOMPLETE,
        contradiction=True,
        fields=("classification_date",),
        does=words(
            fr="Relève une classification datée d'un jour à venir.",
            ar="ترصد كل تصنيف مؤرخ بيوم لم يحل بعد.",
            en="Finds a classification dated of a day to come.",
        ),
        sentence=words(
            fr="La classification est datée du {day}, qui n'est pas encore venu.",
            ar="يحمل التصنيف تاريخ {day}، وهو يوم لم يحل بعد.",
            en="The classification is dated {day}, which has not come yet.",
        ),
        way_out=words(
            fr="Corrigez la date de la classification.",
            ar="صحح تاريخ التصنيف.",
            en="Correct the date of the classification.",
        ),
        applies=_future,
    ),
)
