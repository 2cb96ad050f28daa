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

ERRORS = (UNKNOWN_INDICATOR, UNKNOWN_INSTITUTION, NO_PERIOD)


def sentence(error: Error, given: str, lang: str) -> str:
    """Return the sentence and its way out, what was given shortened to 100 letters."""
    short = given if len(given) <= 100 else given[:99] + "…"
    return f"{error.sentence[lang].format(given=short)} {error.way_out[lang]}"


def refuse(error: Error, given: str) -> tk.Invalid:
    """Return what a validator raises, in the reader's language."""
    return tk.Invalid(sentence(error, given, _lang()))


def _lang() -> str:
    lang = str(tk.h.lang() or "fr") if tk.request else "fr"
    return lang if lang in LANGS else "fr"


class Unknown(tk.ObjectNotFound):
    """What was asked for does not exist."""

    def __init__(self, error: Error, given: str) -> None:
        self.error = error
        told = sentence(error, given, _lang())
        super().__init__(f"{error.code}: {told}")
        self.sentence = told
