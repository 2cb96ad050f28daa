"""What a dataset must say of itself before anyone can review or reuse it.

Article 6 of law 31-13 lets everyone reuse what states its source and its day of issue:
without these two, a reuse cannot be lawful. The rest is what the portal needs to show,
update and answer for a dataset.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ckanext.maroc_law.answers import Answers, dated
from ckanext.maroc_law.words import Words, words

from .rule import Figures, Outcome, Rule


def _missing(  # noqa: PLR0913 - the columns of a table
    rule_id: str,
    field: str,
    has: Callable[[Answers], object],
    *,
    article: str = "",
    what: Words,
    way_out: Words,
) -> Rule:
    def applies(given: Answers, _: dt.date) -> bool:
        return not has(given)

    return Rule(
        id=rule_id,
        article=article,
        outcome=Outcome.INCOMPLETE,
        fields=(field,),
        does=words(
            fr=f"Veut {what['fr']}.",
            ar=f"تشترط ذكر {what['ar']}.",
            en=f"Wants {what['en']}.",
        ),
        sentence=words(
            fr=f"Il manque {what['fr']}.",
            ar=f"ينقص ذكر {what['ar']}.",
            en=f"Missing: {what['en']}.",
        ),
        way_out=way_out,
        applies=applies,
    )


def _issued_later(given: Answers, on: dt.date) -> bool | Figures:
    day = given.day("issued")
    return {"day": dated(day)} if day and day > on else False


def _inverted(given: Answers, _: dt.date) -> bool | Figures:
    start, end = given.day("temporal_start"), given.day("temporal_end")
    if start and end and end < start:
        return {"start": dated(start), "end": dated(end)}
    return False


RULES = (
    _missing(
        "source-missing",
        "source",
        lambda given: given.text("source"),
        article="Loi 31-13, art. 6",
        what=words(
            fr="la source des données", ar="مصدر المعطيات", en="the source of the data"
        ),
        way_out=words(
            fr="Écrivez qui a produit les données, tel qu'il faudra le citer.",
            ar="اكتب اسم منتج المعطيات كما ينبغي ذكره عند إعادة الاستعمال.",
            en="Write who made the data, as reusers will have to credit it.",
        ),
    ),
    _missing(
        "issued-missing",
        "issued",
        lambda given: given.day("issued"),
        article="Loi 31-13, art. 6",
        what=words(
            fr="la date d'édition des données",
            ar="تاريخ إصدار المعطيات",
            en="the day of issue of the data",
        ),
        way_out=words(
            fr="Indiquez le jour où ces données ont été arrêtées.",
            ar="اذكر اليوم الذي حُصرت فيه هذه المعطيات.",
            en="Give the day on which these data were issued.",
        ),
    ),
    Rule(
        id="issued-in-future",
        article="Loi 31-13, art. 6",
        outcome=Outcome.INCOMPLETE,
        contradiction=True,
        fields=("issued",),
        does=words(
            fr="Relève une date d'édition des données à venir.",
            ar="ترصد كل تاريخ إصدار للمعطيات لم يحل بعد.",
            en="Finds a day of issue that has not come.",
        ),
        sentence=words(
            fr="La date d'édition des données est le {day}, qui n'est pas encore venu.",
            ar="تاريخ إصدار المعطيات هو {day}، وهو يوم لم يحل بعد.",
            en="The data are said to be issued on {day}, which has not come yet.",
        ),
        way_out=words(
            fr="Corrigez la date d'édition des données.",
            ar="صحح تاريخ إصدار المعطيات.",
            en="Correct the day of issue.",
        ),
        applies=_issued_later,
    ),
    _missing(
        "licence-missing",
        "license_id",
        lambda given: given.chosen("license_id", "licences"),
        article="Loi 31-13, art. 6",
        what=words(
            fr="la licence de réutilisation",
            ar="رخصة إعادة الاستعمال",
            en="the reuse licence",
        ),
        way_out=words(
            fr="Choisissez une des licences du portail ; l'ODbL est celle d'usage.",
            ar="اختر إحدى رخص البوابة؛ ورخصة ODbL هي المعتادة.",
            en="Choose one of the portal's licences; ODbL is the usual one.",
        ),
    ),
    _missing(
        "frequency-missing",
        "collection_frequency",
        lambda given: given.chosen("collection_frequency", "frequencies"),
        article="Loi 31-13, art. 11",
        what=words(
            fr="la fréquence de mise à jour",
            ar="وتيرة التحيين",
            en="the update frequency",
        ),
        way_out=words(
            fr="Dites à quel rythme de nouvelles données viendront ici.",
            ar="اذكر الوتيرة التي ستُنشر بها معطيات جديدة هنا.",
            en="Say how often new data will come here.",
        ),
    ),
    _missing(
        "category-missing",
        "art10_category",
        lambda given: given.chosen("art10_category", "art10-categories"),
        article="Loi 31-13, art. 10",
        what=words(
            fr="la catégorie de l'article 10",
            ar="الفئة حسب المادة 10",
            en="the category of article 10",
        ),
        way_out=words(
            fr="Choisissez une des 19 catégories, ou « hors de la liste ».",
            ar="اختر إحدى الفئات التسع عشرة، أو «غير واردة في اللائحة».",
            en="Choose one of the 19 categories, or “outside the list”.",
        ),
    ),
    _missing(
        "territory-missing",
        "geographic_coverage",
        lambda given: given.places("geographic_coverage"),
        what=words(
            fr="le territoire couvert", ar="المجال الترابي المشمول", en="the territory"
        ),
        way_out=words(
            fr="Choisissez le pays entier, ou les lieux que les données décrivent.",
            ar="اختر البلد كله، أو الأماكن التي تصفها المعطيات.",
            en="Choose the whole country, or the places the data describe.",
        ),
    ),
    _missing(
        "title-missing",
        "title_translated",
        lambda given: given.text("title_translated"),
        what=words(fr="le titre", ar="العنوان", en="the title"),
        way_out=words(
            fr="Donnez un titre, en français ou en arabe.",
            ar="ضع عنوانا بالعربية أو بالفرنسية.",
            en="Give a title, in French or in Arabic.",
        ),
    ),
    _missing(
        "description-missing",
        "notes_translated",
        lambda given: given.text("notes_translated"),
        what=words(fr="la description", ar="الوصف", en="the description"),
        way_out=words(
            fr="Décrivez ce que contient chaque ligne, les unités et la méthode.",
            ar="صف محتوى كل سطر والوحدات والمنهجية.",
            en="Describe what each row holds, the units and the method.",
        ),
    ),
    _missing(
        "contact-missing",
        "contact_email",
        lambda given: given.text("contact_email"),
        what=words(
            fr="l'adresse électronique d'un contact",
            ar="البريد الإلكتروني لجهة الاتصال",
            en="the e-mail address of a contact",
        ),
        way_out=words(
            fr="Donnez l'adresse d'un service qui répondra aux questions, plutôt que "
            "celle d'une personne.",
            ar="اذكر بريد مصلحة تجيب عن الأسئلة، لا بريد شخص.",
            en="Give the address of a service that will answer questions, rather than "
            "a person's.",
        ),
    ),
    Rule(
        id="period-inverted",
        article="",
        outcome=Outcome.INCOMPLETE,
        contradiction=True,
        fields=("temporal_start", "temporal_end"),
        does=words(
            fr="Relève une période qui finit avant de commencer.",
            ar="ترصد كل فترة تنتهي قبل أن تبدأ.",
            en="Finds a period that ends before it begins.",
        ),
        sentence=words(
            fr="La période finit le {end}, avant de commencer le {start}.",
            ar="تنتهي الفترة في {end} قبل أن تبدأ في {start}.",
            en="The period ends on {end}, before it begins on {start}.",
        ),
        way_out=words(
            fr="Corrigez le début ou la fin de la période.",
            ar="صحح بداية الفترة أو نهايتها.",
            en="Correct the beginning or the end of the period.",
        ),
        applies=_inverted,
    ),
)
