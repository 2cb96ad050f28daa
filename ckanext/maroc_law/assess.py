"""Whether a dataset may be published, and every reason why not.

``assess`` takes a dataset as a dictionary and a day; it reads no clock, no database and
no configuration, and it never raises. Every rule that applies gives its reason: whoever
prepares the data sees at once all that is left to do. It helps people to decide and
replaces the opinion of no commission, which :data:`DISCLAIMER` says on every page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .answers import Answers
from .rules import RULES, Outcome, Rule
from .vocabulary import LANGUAGES
from .words import Words, words

__all__ = ["DISCLAIMER", "Outcome", "Reason", "Verdict", "assess"]

DISCLAIMER = words(
    fr="Aide à la décision : ne remplace ni l'avis de la CNDP ni celui de la CDAI, et "
    "n'engage que l'organisme qui publie.",
    ar="أداة للمساعدة على اتخاذ القرار: لا تحل محل رأي اللجنة الوطنية لمراقبة حماية "
    "المعطيات ذات الطابع الشخصي (CNDP) ولا رأي لجنة الحق في الحصول على المعلومات "
    "(CDAI)، وتبقى المسؤولية على عاتق الهيئة الناشرة وحدها.",
    en="An aid to decision: it replaces neither the opinion of the CNDP nor that of "
    "the CDAI, and the publishing body alone answers for it.",
)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a dataset stops: the rule, its article, and what to do."""

    rule: str
    """The id of the rule."""
    outcome: Outcome
    article: str
    """Empty where only the portal asks."""
    fields: tuple[str, ...]
    """The answers that it comes from."""
    sentence: Words
    way_out: Words
    contradiction: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the reason, ready for JSON."""
        return {
            "rule": self.rule,
            "outcome": str(self.outcome),
            "article": self.article,
            "fields": list(self.fields),
            "sentence": dict(self.sentence),
            "way_out": dict(self.way_out),
            "contradiction": self.contradiction,
        }


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What becomes of a dataset, with all the reasons, the gravest first."""

    outcome: Outcome
    reasons: tuple[Reason, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict, ready for JSON."""
        return {
            "outcome": str(self.outcome),
            "label": dict(self.outcome.label),
            "reasons": [each.as_dict() for each in self.reasons],
            "disclaimer": dict(DISCLAIMER),
        }


def assess(dataset: Mapping[str, Any], on: dt.date) -> Verdict:
    """Return the verdict on a dataset as it stands on a day.

    :param dataset: the dataset's fields as a form, the database or the API gives them:
        lists or their JSON text, texts by language or plain, days as text or dates
    :param on: the day on which it would be published
    """
    every = (_reason(rule, dataset, on) for rule in RULES)
    order = tuple(Outcome)
    reasons = tuple(
        # The sort is stable: among equals, the order of the table stays.
        sorted(
            (reason for reason in every if reason),
            key=lambda reason: order.index(reason.outcome),
        )
    )
    outcome = reasons[0].outcome if reasons else Outcome.PUBLISHABLE
    return Verdict(outcome=outcome, reasons=reasons)


def _reason(rule: Rule, dataset: Mapping[str, Any], on: dt.date) -> Reason | None:
    # A rule is given the fields that it names: no reason can hang on another answer.
    found = rule.applies(Answers(dataset, rule.fields), on)
    if not found:
        return None
    figures = {} if found is True else found
    return Reason(
        rule=rule.id,
        outcome=rule.outcome,
        article=rule.article,
        fields=rule.fields,
        sentence={
            lang: rule.sentence[lang].format_map(
                {name: figure[lang] for name, figure in figures.items()}
            )
            for lang in LANGUAGES
        },
        way_out=rule.way_out,
        contradiction=rule.contradiction,
    )
