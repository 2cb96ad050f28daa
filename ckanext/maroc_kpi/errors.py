"""What may be refused when figures are asked for, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from .words import LANGS, Texts


@dataclass(frozen=True, kw_only=True)
class Error:
    """A refusal: its code, HTTP status, the field it is about, sentence and way out."""

    code: str
    status: int
    field: str
    sentence: Texts
    way_out: Texts


UNKNOWN_INDICATOR = Error(
    code="unknown_indicator",
    status=404,
    field="name",
    sentence={
        "fr": "Aucun indicateur ne s’appelle « {given} ».",
        "ar": "لا يوجد أي مؤشر باسم «{given}».",
        "en": "There is no indicator called “{given}”.",
    },
    way_out={
        "fr": "L’action maroc_kpi_list les donne tous.",
        "ar": "يعرضها الإجراء maroc_kpi_list كلها.",
        "en": "The action maroc_kpi_list gives them all.",
    },
)

UNKNOWN_INSTITUTION = Error(
    code="unknown_institution",
    status=404,
    field="organization",
    sentence={
        "fr": "Aucune institution ne s’appelle « {given} » sur ce portail.",
        "ar": "لا توجد على هذه البوابة أي مؤسسة باسم «{given}».",
        "en": "There is no institution called “{given}” on this portal.",
    },
    way_out={
        "fr": "La page des indicateurs les donne toutes.",
        "ar": "تعرضها صفحة المؤشرات كلها.",
        "en": "The page of indicators lists them all.",
    },
)

UNKNOWN_DATASET = Error(
    code="unknown_dataset",
    status=404,
    field="id",
    sentence={
        "fr": "Aucun jeu de données ne s’appelle « {given} » sur ce portail.",
        "ar": "لا توجد على هذه البوابة أي مجموعة بيانات باسم «{given}».",
        "en": "There is no dataset called “{given}” on this portal.",
    },
    way_out={
        "fr": "L’action package_search les cherche tous.",
        "ar": "يبحث الإجراء package_search فيها كلها.",
        "en": "The action package_search searches them all.",
    },
)

NO_PERIOD = Error(
    code="no_period",
    status=409,
    field="since",
    sentence={
        "fr": "« {given} » n’est ni un mois ni un jour.",
        "ar": "«{given}» ليس شهرًا ولا يومًا.",
        "en": "“{given}” is neither a month nor a day.",
    },
    way_out={
        "fr": "Écrivez 2026-01 ou 2026-01-31.",
        "ar": "اكتبوا 2026-01 أو 2026-01-31.",
        "en": "Write 2026-01 or 2026-01-31.",
    },
)

NOT_ENTERED = Error(
    code="not_entered",
    status=409,
    field="id",
    sentence={
        "fr": "Le portail mesure lui-même « {given} ».",
        "ar": "البوابة نفسها تقيس «{given}».",
        "en": "The portal itself measures “{given}”.",
    },
    way_out={
        "fr": "Seuls les indicateurs qui attendent une source extérieure en "
        "reçoivent une.",
        "ar": "لا تُسجَّل قيمة إلا لمؤشر ينتظر مصدرًا خارجيًا.",
        "en": "Only indicators that await an outside source are given one.",
    },
)

WRONG_LETTER = Error(
    code="wrong_letter",
    status=409,
    field="letter",
    sentence={
        "fr": "Une source « {given} » ne convient pas à cet indicateur.",
        "ar": "المصدر «{given}» لا يناسب هذا المؤشر.",
        "en": "A source “{given}” does not suit this indicator.",
    },
    way_out={
        "fr": "Lettres admises : {letters}.",
        "ar": "الأحرف المقبولة: {letters}.",
        "en": "Letters allowed: {letters}.",
    },
)

WRONG_NUMBERS = Error(
    code="wrong_numbers",
    status=409,
    field="value",
    sentence={
        "fr": "Ces nombres ne vont pas ensemble.",
        "ar": "هذه الأعداد غير متسقة.",
        "en": "These numbers do not go together.",
    },
    way_out={
        "fr": "Un compte se donne par value, une part par numerator et denominator "
        "; numerator ≤ denominator, low ≤ value ≤ high, n ≤ population ; un "
        "échantillon compte autant de réponses que son dénominateur.",
        "ar": "يُعطى العدد في value والنسبة في numerator وdenominator؛ numerator ≤ "
        "denominator وlow ≤ value ≤ high وn ≤ population؛ وعدد أجوبة العينة "
        "يساوي المقام.",
        "en": "A count is given as value, a share as numerator and denominator; "
        "numerator ≤ denominator, low ≤ value ≤ high, n ≤ population; a "
        "sample has as many answers as its denominator.",
    },
)

IN_THE_FUTURE = Error(
    code="in_the_future",
    status=409,
    field="as_of",
    sentence={
        "fr": "Le {given} n’est pas encore venu.",
        "ar": "لم يحن {given} بعد.",
        "en": "{given} has not come yet.",
    },
    way_out={
        "fr": "Donnez le jour où la valeur était vraie.",
        "ar": "أعط اليوم الذي كانت فيه القيمة صحيحة.",
        "en": "Give the day on which the value was true.",
    },
)

ROSTER_UNREADABLE = Error(
    code="roster_unreadable",
    status=409,
    field="upload",
    sentence={
        "fr": "Ce fichier ne peut pas être lu.",
        "ar": "تعذرت قراءة هذا الملف.",
        "en": "This file cannot be read.",
    },
    way_out={
        "fr": "Envoyez un XLSX, ou un CSV en UTF-8, de 5 Mo au plus.",
        "ar": "أرسل ملف XLSX أو CSV بترميز UTF-8 لا يتجاوز 5 ميغابايت.",
        "en": "Send an XLSX, or a CSV in UTF-8, of 5 MB at most.",
    },
)

ROSTER_EMPTY = Error(
    code="roster_empty",
    status=409,
    field="upload",
    sentence={
        "fr": "Cette liste est vide.",
        "ar": "هذه اللائحة فارغة.",
        "en": "This list is empty.",
    },
    way_out={
        "fr": "La première ligne porte les titres, chaque ligne suivante une "
        "institution.",
        "ar": "السطر الأول للعناوين، وكل سطر بعده لمؤسسة.",
        "en": "The first row has the titles, each following row an institution.",
    },
)

ROSTER_COLUMNS = Error(
    code="roster_columns",
    status=409,
    field="upload",
    sentence={
        "fr": "Il manque une colonne.",
        "ar": "ينقص عمود.",
        "en": "A column is missing.",
    },
    way_out={
        "fr": "Les titres sont « nom », « nature » et, si l’on veut, « région ».",
        "ar": "العناوين هي «nom» و«nature» و«région» عند الاقتضاء.",
        "en": "The titles are “name”, “kind” and, if wanted, “region”.",
    },
)

ROSTER_KIND = Error(
    code="roster_kind",
    status=409,
    field="upload",
    sentence={
        "fr": "Ligne {row} : « {given} » n’est pas une nature d’organisme.",
        "ar": "السطر {row}: «{given}» ليست طبيعة هيئة.",
        "en": "Row {row}: “{given}” is not a kind of body.",
    },
    way_out={
        "fr": "Les natures sont celles de l’article 2 de la loi 31-13 "
        "(maroc_vocabulary_show, bodies).",
        "ar": "الطبائع هي الواردة في المادة 2 من القانون رقم 31.13 "
        "(maroc_vocabulary_show، bodies).",
        "en": "The kinds are those of article 2 of law 31-13 "
        "(maroc_vocabulary_show, bodies).",
    },
)

ERRORS = (
    NO_PERIOD,
    UNKNOWN_INDICATOR,
    UNKNOWN_INSTITUTION,
    UNKNOWN_DATASET,
    NOT_ENTERED,
    WRONG_LETTER,
    WRONG_NUMBERS,
    IN_THE_FUTURE,
    ROSTER_UNREADABLE,
    ROSTER_EMPTY,
    ROSTER_COLUMNS,
    ROSTER_KIND,
)


def sentence(error: Error, given: str, lang: str, **more: object) -> str:
    """Return the sentence and its way out, what was given shortened to 100 letters."""
    short = given if len(given) <= 100 else given[:99] + "…"
    said = f"{error.sentence[lang]} {error.way_out[lang]}"
    return said.format(given=short, **more)


def _lang() -> str:
    lang = str(tk.h.lang() or "fr") if tk.request else "fr"
    return lang if lang in LANGS else "fr"


class Refused(tk.ValidationError):
    """What was sent cannot be taken in, for that reason."""

    def __init__(self, error: Error, given: str = "", **more: object) -> None:
        self.error = error
        told = sentence(error, given, _lang(), **more)
        super().__init__({error.field: [told], "code": [error.code]})


def refuse(error: Error, given: str) -> tk.Invalid:
    """Return what a validator raises, in the reader's language."""
    return tk.Invalid(sentence(error, given, _lang()))


class Unknown(tk.ObjectNotFound):
    """What was asked for does not exist."""

    def __init__(self, error: Error, given: str) -> None:
        self.error = error
        told = sentence(error, given, _lang())
        super().__init__(f"{error.code}: {told}")
        self.sentence = told
