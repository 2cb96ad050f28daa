"""What institutions dispute of their figures: said in public, answered in public.

A ROD says what is wrong, ADD answers within fifteen days, and both stand beside the
figure. Nothing is changed afterwards, and who wrote is kept and never shown.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import mailer

from ckanext.maroc_portal import clock, outbox
from ckanext.maroc_portal.settings import settings as portal

from . import store, wording
from .definition import indicators
from .errors import ALREADY_ANSWERED, ALREADY_DISPUTED, UNKNOWN_DISPUTE, Refused
from .errors import Unknown as NotThere
from .store import Institution
from .value import Value
from .words import Texts

DAYS = 15
"""Within how many days ADD answers."""
LONGEST = 4000
"""How many letters a text has at most."""
TOPIC = "kpi.dispute"

Outcome = Literal["corrected", "maintained"]
Status = Literal["open", "late", "answered"]

OUTCOMES: Mapping[Outcome, Texts] = {
    "corrected": {
        "fr": "Chiffre corrigé",
        "ar": "تم تصحيح الرقم",
        "en": "Figure corrected",
    },
    "maintained": {
        "fr": "Chiffre maintenu",
        "ar": "تم الإبقاء على الرقم",
        "en": "Figure maintained",
    },
}

_SAID: Mapping[Status, Texts] = {
    "open": {
        "fr": "Contesté par l’institution le {opened} ; réponse due le {due} au plus "
        "tard.",
        "ar": "طعنت فيه المؤسسة بتاريخ {opened}؛ ويجب الجواب في أجل أقصاه {due}.",
        "en": "Disputed by the institution on {opened}; an answer is due by {due}.",
    },
    "late": {
        "fr": "Contesté par l’institution le {opened} ; la réponse était due le {due}.",
        "ar": "طعنت فيه المؤسسة بتاريخ {opened}؛ وكان الجواب واجبًا في أجل أقصاه {due}.",
        "en": "Disputed by the institution on {opened}; the answer was due by {due}.",
    },
    "answered": {
        "fr": "Contesté par l’institution le {opened}. Réponse du {answered} : "
        "{outcome}.",
        "ar": "طعنت فيه المؤسسة بتاريخ {opened}. الجواب بتاريخ {answered}: {outcome}.",
        "en": "Disputed by the institution on {opened}. Answer of {answered}: "
        "{outcome}.",
    },
}

_SUBJECT = "Indicateur contesté / مؤشر مطعون فيه : {institution}, {label}"
_BODY = """{text}

Réponse due le {due} / يجب الجواب في أجل أقصاه {due}
{url}
"""

_LOG = sa.text(
    """
    SELECT d.id, d.indicator, d.month, d.figure, d.text, d.opened_at, d.due_on,
           a.text AS answer, a.outcome, a.answered_at,
           d.organization_id, g.name, g.title, g.extras->>'title_translated' AS titles
    FROM maroc_kpi_dispute AS d
    LEFT JOIN maroc_kpi_dispute_answer AS a ON a.dispute = d.id
    LEFT JOIN "group" AS g ON g.id = d.organization_id AND g.is_organization
    WHERE (CAST(:id AS bigint) IS NULL OR d.id = :id)
      AND (CAST(:indicator AS text) IS NULL OR d.indicator = :indicator)
      AND (CAST(:institution AS text) IS NULL OR d.organization_id = :institution)
    ORDER BY d.id DESC
    """
)
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:figure, 5))")
_IS_OPEN = sa.text(
    """
    SELECT EXISTS (
        SELECT FROM maroc_kpi_dispute AS d
        WHERE d.indicator = :indicator AND d.organization_id = :institution
          AND d.month IS NOT DISTINCT FROM CAST(:month AS date)
          AND NOT EXISTS (
            SELECT FROM maroc_kpi_dispute_answer AS a WHERE a.dispute = d.id))
    """
)
_OPEN = sa.text(
    """
    INSERT INTO maroc_kpi_dispute (indicator, organization_id, month, figure, text,
        opened_by, opened_at, due_on)
    VALUES (:indicator, :institution, :month, CAST(:figure AS jsonb), :text, :user,
        :at, :due)
    RETURNING id
    """
)
_ANSWER = sa.text(
    """
    INSERT INTO maroc_kpi_dispute_answer (dispute, text, outcome, answered_by,
        answered_at)
    VALUES (:id, :text, :outcome, :user, :at)
    ON CONFLICT DO NOTHING RETURNING dispute
    """
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What ADD answered."""

    text: str
    outcome: Outcome
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """What an institution says is wrong with a figure, and the answer if there is one.

    ``month`` is the first day of the month disputed, None for the current figure;
    ``figure`` what was read: ``version``, ``state``, ``value``, ``as_of``.
    """

    id: int
    indicator: str
    institution: Institution
    month: dt.date | None
    figure: Mapping[str, Any]
    text: str
    opened_at: dt.datetime
    due_on: dt.date
    answer: Answer | None = None

    def status(self, today: dt.date) -> Status:
        """Return whether it is answered, and if not whether it should be."""
        if self.answer:
            return "answered"
        return "late" if today > self.due_on else "open"

    def as_dict(self, today: dt.date) -> dict[str, Any]:
        """Return what the actions give of it: nothing of persons."""
        answer = self.answer
        return {
            "id": self.id,
            "indicator": self.indicator,
            "institution": {
                "id": self.institution.id,
                "name": self.institution.name,
                "title": self.institution.titles,
            },
            "month": self.month.isoformat()[:7] if self.month else None,
            "figure": self.figure,
            "text": self.text,
            "opened_on": self.opened_at.date().isoformat(),
            "due_on": self.due_on.isoformat(),
            "status": self.status(today),
            "answer": {
                "text": answer.text,
                "outcome": answer.outcome,
                "outcome_label": OUTCOMES[answer.outcome],
                "on": answer.at.date().isoformat(),
            }
            if answer
            else None,
        }


def log(
    *,
    number: int | None = None,
    indicator: str | None = None,
    institution: str | None = None,
) -> list[Dispute]:
    """Return disputes, the latest first: of a figure, an institution, or all."""
    rows = model.Session.execute(
        _LOG, {"id": number, "indicator": indicator, "institution": institution}
    )
    return [_dispute(row._mapping) for row in rows]  # pyright: ignore[reportArgumentType]


def beside(
    found: Iterable[Dispute], month: dt.date | None = None
) -> Mapping[str, Dispute]:
    """Return the dispute that stands beside each figure of one institution.

    That of the current figures, or of a month's: the open one, else the latest.
    """
    mine = [each for each in found if each.month == month]
    mine.sort(key=lambda each: (each.answer is None, each.id))
    return {each.indicator: each for each in mine}


def sentence(dispute: Dispute, today: dt.date, lang: str) -> str:
    """Return the line that stands beside the figure."""
    answer = dispute.answer
    return _SAID[dispute.status(today)][lang].format(
        opened=wording.day(dispute.opened_at.date(), lang),
        due=wording.day(dispute.due_on, lang),
        answered=wording.day(answer.at.date(), lang) if answer else "",
        outcome=OUTCOMES[answer.outcome][lang] if answer else "",
    )


def begin(
    *, value: Value, institution: str, month: dt.date | None, text: str, user: str
) -> int:
    """Keep for ever what an institution disputes, and tell ADD; return its number.

    One at a time of each figure: raises Refused while one is open.
    """
    now = clock.now()
    given = {"indicator": value.indicator, "institution": institution, "month": month}
    model.Session.execute(_LOCK, {"figure": json.dumps(given, default=str)})
    if model.Session.execute(_IS_OPEN, given).scalar_one():
        model.Session.rollback()
        raise Refused(ALREADY_DISPUTED)
    figure = {
        "version": value.version,
        "state": value.state,
        "value": value.value,
        "as_of": value.day.isoformat() if value.day else None,
    }
    number = model.Session.execute(
        _OPEN,
        {
            **given,
            "figure": json.dumps(figure),
            "text": text,
            "user": user,
            "at": now,
            "due": now.date() + dt.timedelta(days=DAYS),
        },
    ).scalar_one()
    outbox.put(TOPIC, id=number)
    model.repo.commit()
    return number


def answer(number: int, *, text: str, outcome: Outcome, user: str) -> None:
    """Keep for ever what ADD answers; raises where there is nothing to answer."""
    if not log(number=number):
        raise NotThere(UNKNOWN_DISPUTE, str(number))
    row = {"text": text, "outcome": outcome, "user": user, "at": clock.now()}
    made = model.Session.execute(_ANSWER, {"id": number, **row}).scalar_one_or_none()
    model.repo.commit()
    if made is None:
        raise Refused(ALREADY_ANSWERED)


def tell(payload: Mapping[str, Any]) -> None:
    """Mail ADD what was disputed; raises where a mail server is named and fails."""
    if not tk.config.get("smtp.server"):
        return
    [found] = log(number=payload["id"])
    known = indicators().get(found.indicator)
    label = known.label["fr"] if known else found.indicator
    titles = found.institution.titles
    site = str(tk.config["ckan.site_url"]).rstrip("/")
    mailer.mail_recipient(
        "ADD",
        portal().contact,
        _SUBJECT.format(
            institution=titles.get("fr") or next(iter(titles.values())), label=label
        ),
        _BODY.format(
            text=found.text,
            due=found.due_on.isoformat(),
            url=f"{site}/organization/{found.institution.name}/tableau-de-bord",
        ),
    )


def _dispute(row: Mapping[str, Any]) -> Dispute:
    names = ("id", "indicator", "month", "figure", "text", "due_on")
    # An institution that is gone for good is known by its id.
    institution = store.institution_of(
        {
            "id": row["organization_id"],
            "name": row["name"] or row["organization_id"],
            "title": row["title"],
            "titles": row["titles"],
        }
    )
    said = None
    if row["outcome"]:
        at = row["answered_at"].astimezone(clock.CASABLANCA)
        said = Answer(text=row["answer"], outcome=row["outcome"], at=at)
    return Dispute(
        **{name: row[name] for name in names},
        institution=institution,
        opened_at=row["opened_at"].astimezone(clock.CASABLANCA),
        answer=said,
    )
