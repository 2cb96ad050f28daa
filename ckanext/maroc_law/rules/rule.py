"""What a rule is: an article, what it leads to, and the sentence that says why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ckanext.maroc_law.answers import Answers
from ckanext.maroc_law.words import Words, words

Figures = Mapping[str, Words]
"""What a sentence is completed with: its placeholders, in each language."""


class Outcome(StrEnum):
    """What becomes of a dataset, the gravest first.

    What the law closes stays closed. A file with a hole cannot be reviewed yet, so that
    incomplete comes before review.
    """

    BLOCKED = "blocked"
    INCOMPLETE = "incomplete"
    REVIEW = "review"
    PUBLISHABLE = "publishable"

    @property
    def label(self) -> Words:
        """The outcome's name on a page."""
        return _LABELS[self]


_LABELS: Mapping[Outcome, Words] = {
    Outcome.BLOCKED: words(fr="Bloqué", ar="ممنوع النشر", en="Blocked"),
    Outcome.INCOMPLETE: words(fr="Incomplet", ar="غير مكتمل", en="Incomplete"),
    Outcome.REVIEW: words(fr="À examiner", ar="يتطلب الدراسة", en="To be reviewed"),
    Outcome.PUBLISHABLE: words(fr="Publiable", ar="قابل للنشر", en="Publishable"),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that the law, or the portal, asks of a dataset."""

    id: str
    """Stable: reviews and logs keep it."""
    article: str
    """Where it is written; empty where only the portal asks."""
    outcome: Outcome
    fields: tuple[str, ...]
    """The fields that it looks at; it is given no others."""
    does: Words
    """What it checks, in a line, for the public list of rules."""
    sentence: Words
    """Why the dataset stops here; placeholders are the figures of ``applies``."""
    way_out: Words
    """What to do about it."""
    applies: Callable[[Answers, dt.date], bool | Figures] = field(repr=False)
    """Whether it stops the dataset on that day, or the figures of its sentence."""
    contradiction: bool = False
    """Whether it finds two answers that cannot both be true."""

    def as_dict(self) -> dict[str, Any]:
        """Return the rule for the public list, ready for JSON."""
        return {
            "id": self.id,
            "article": self.article,
            "outcome": str(self.outcome),
            "fields": list(self.fields),
            "does": dict(self.does),
            "sentence": dict(self.sentence),
            "way_out": dict(self.way_out),
            "contradiction": self.contradiction,
        }
