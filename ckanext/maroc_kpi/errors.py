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

ERRORS = (UNKNOWN_INDICATOR, UNKNOWN_INSTITUTION)


def sentence(error: Error, given: str, lang: str) -> str:
    """Return the sentence and its way out, what was given shortened to 100 letters."""
    short = given if len(given) <= 100 else given[:99] + "…"
    return f"{error.sentence[lang].format(given=short)} {error.way_out[lang]}"


class Unknown(tk.ObjectNotFound):
    """What was asked for does not exist."""

    def __init__(self, error: Error, given: str) -> None:
        self.error = error
        lang = str(tk.h.lang() or "fr") if tk.request else "fr"
        told = sentence(error, given, lang if lang in LANGS else "fr")
        super().__init__(f"{error.code}: {told}")
        self.sentence = told
