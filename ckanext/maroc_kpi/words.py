"""The words that every figure is told with: families, states, sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Lang = Literal["fr", "ar", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)

Texts: TypeAlias = Mapping[str, str]
"""A sentence in each of the three languages."""

Plurals: TypeAlias = Mapping[str, Mapping[str, str]]
"""By language, then by the plural categories that the language has."""

State = Literal[
    "measured", "partial", "declared", "not_measured", "not_applicable", "suppressed"
]


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word and the sentence that explains it."""

    label: Texts
    meaning: Texts


FAMILIES: Mapping[str, Texts] = {
    "quantity": {
        "fr": "Quantité et diversité",
        "ar": "الكمية والتنوع",
        "en": "Quantity and diversity",
    },
    "quality": {
        "fr": "Qualité",
        "ar": "الجودة",
        "en": "Quality",
    },
    "reuse": {
        "fr": "Utilisation et réutilisation",
        "ar": "الاستعمال وإعادة الاستعمال",
        "en": "Use and reuse",
    },
    "participation": {
        "fr": "Transparence et participation",
        "ar": "الشفافية والمشاركة",
        "en": "Transparency and participation",
    },
    "impact": {
        "fr": "Impact économique et social",
        "ar": "الأثر الاقتصادي والاجتماعي",
        "en": "Economic and social impact",
    },
    "governance": {
        "fr": "Gouvernance",
        "ar": "الحكامة",
        "en": "Governance",
    },
}
"""The six families, in the order in which pages show them."""

STATES: Mapping[State, Word] = {
    "measured": Word(
        label={"fr": "Mesuré", "ar": "مَقيس", "en": "Measured"},
        meaning={
            "fr": "Toute la population concernée a été comptée.",
            "ar": "تم إحصاء كل ما يعنيه المؤشر.",
            "en": "The whole population concerned was counted.",
        },
    ),
    "partial": Word(
        label={
            "fr": "Mesuré en partie",
            "ar": "مَقيس جزئيًا",
            "en": "Measured in part",
        },
        meaning={
            "fr": "Une partie échappe à la mesure : la valeur est un minimum.",
            "ar": "جزء لا يشمله القياس: القيمة حد أدنى.",
            "en": "A part escapes the measure: the value is a minimum.",
        },
    ),
    "declared": Word(
        label={"fr": "Déclaré", "ar": "مُصرَّح به", "en": "Declared"},
        meaning={
            "fr": "Le calcul repose sur ce que les institutions ont déclaré.",
            "ar": "يستند الحساب إلى ما صرحت به المؤسسات.",
            "en": "The figure rests on what the institutions declared.",
        },
    ),
    "not_measured": Word(
        label={"fr": "Non mesuré", "ar": "غير مَقيس", "en": "Not measured"},
        meaning={
            "fr": "Rien ne permet de donner une valeur, ce qui n’est pas zéro.",
            "ar": "لا شيء يسمح بإعطاء قيمة، وهذا لا يعني الصفر.",
            "en": "Nothing allows a value to be given, which is not zero.",
        },
    ),
    "not_applicable": Word(
        label={"fr": "Sans objet", "ar": "لا ينطبق", "en": "Not applicable"},
        meaning={
            "fr": "La question ne se pose pas ici.",
            "ar": "لا يُطرح السؤال هنا.",
            "en": "The question does not arise here.",
        },
    ),
    "suppressed": Word(
        label={"fr": "Masqué", "ar": "محجوب", "en": "Suppressed"},
        meaning={
            "fr": "Trop peu de réponses : le chiffre ne serait pas fiable ou "
            "désignerait des personnes.",
            "ar": "عدد الأجوبة قليل جدًا: الرقم غير موثوق أو قد يكشف عن أشخاص.",
            "en": "Too few answers: the figure would not be reliable or would point "
            "at people.",
        },
    ),
}
"""What may be known of a figure. Zero is a value; an absence is a state."""

SOURCES: Mapping[str, Texts] = {
    "A": {
        "fr": "mesure automatique, faite par le portail",
        "ar": "قياس آلي تنجزه البوابة",
        "en": "automatic, measured by the portal",
    },
    "B": {
        "fr": "déclaration vérifiée",
        "ar": "تصريح تم التحقق منه",
        "en": "declared and verified",
    },
    "C": {
        "fr": "déclaration des institutions, non vérifiée",
        "ar": "تصريح من المؤسسات لم يتم التحقق منه",
        "en": "declared by the institutions, not verified",
    },
    "D": {
        "fr": "enquête par échantillon",
        "ar": "استقصاء بالعينة",
        "en": "sample survey",
    },
    "E": {
        "fr": "source extérieure au portail",
        "ar": "مصدر خارج البوابة",
        "en": "source outside the portal",
    },
}
"""Where a figure comes from. Figures of different letters are never added up."""

NOT_YET: Texts = {
    "fr": "Le premier calcul n’a pas encore eu lieu ; il prend moins d’une minute.",
    "ar": "لم يتم الحساب الأول بعد؛ يتم في أقل من دقيقة.",
    "en": "The first computation has not happened yet; it takes less than a minute.",
}
"""Why an institution or an indicator that was just added has no value."""

NOT_KEPT: Texts = {
    "fr": "Aucune valeur n’a été gardée de cette période.",
    "ar": "لم تُحفظ أي قيمة لهذه الفترة.",
    "en": "No value of this period was kept.",
}
"""Why a day or a month has no value: nothing ran then, or it is still to come."""

DATASET = Word(
    label={
        "fr": "Indicateurs des données ouvertes",
        "ar": "مؤشرات البيانات المفتوحة",
        "en": "Open data indicators",
    },
    meaning={
        "fr": "La dernière valeur de chaque indicateur du portail, pour le pays et "
        "pour chaque institution, avec son état, son numérateur et son dénominateur. "
        "Une valeur absente n’est pas un zéro : l’état et la raison disent pourquoi.",
        "ar": "آخر قيمة لكل مؤشر من مؤشرات البوابة، للبلاد ولكل مؤسسة، مع حالتها "
        "وبسطها ومقامها. والقيمة الغائبة ليست صفرًا: تبين الحالة والسبب لماذا غابت.",
        "en": "The latest value of each of the portal's indicators, for the country "
        "and for each institution, with its state, numerator and denominator. An "
        "absent value is no zero: the state and the reason say why.",
    },
)
"""The indicators as a dataset of the portal."""
