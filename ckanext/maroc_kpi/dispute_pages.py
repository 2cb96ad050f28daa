"""What pages show of disputes, and what they take: every sentence ready."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import current_user

from ckanext.maroc_portal import clock

from . import disputes, wording
from .definition import indicators
from .disputes import Dispute
from .words import STATES


@dataclass(frozen=True, kw_only=True)
class Line:
    """A dispute in the log, in the reader's language."""

    id: int
    indicator: str
    label: str
    month: str
    institution: Any
    """The name, with its language and direction."""
    status: str
    told: str
    figure: str
    text: str
    answer: str


def lines(found: Iterable[Dispute], lang: str, named: Callable[..., Any]) -> list[Line]:
    """Return the log of disputes; ``named`` gives an institution's name."""
    today, known = clock.today(), indicators()
    return [
        Line(
            id=each.id,
            indicator=each.indicator,
            label=(
                known[each.indicator].label[lang]
                if each.indicator in known
                else each.indicator
            ),
            month=wording.month(each.month, lang) if each.month else "",
            institution=named(each.institution, lang),
            status=each.status(today),
            told=disputes.sentence(each, today, lang),
            figure=_figure(each, lang),
            text=each.text,
            answer=each.answer.text if each.answer else "",
        )
        for each in found
    ]


def _figure(dispute: Dispute, lang: str) -> str:
    """Return the figure as it was read when it was disputed."""
    figure = dispute.figure
    known = indicators().get(dispute.indicator)
    if figure["value"] is None:
        told = STATES[figure["state"]].label[lang]
    else:
        unit = known.unit[lang] if known else ""
        told = f"{wording.number(figure['value'], lang)} {unit}".strip()
    if figure["as_of"]:
        day = wording.day(dt.date.fromisoformat(figure["as_of"]), lang)
        return tk._("The figure was then: {value} ({day}).").format(value=told, day=day)
    return tk._("The figure was then: {value}.").format(value=told)


def send(action: str, given: Mapping[str, Any]) -> list[str]:
    """Do what a form asks; return why it was refused, in sentences, else none.

    Raises NotAuthorized and ObjectNotFound as the action does.
    """
    context: Any = {"user": current_user.name, "auth_user_obj": current_user}
    try:
        tk.get_action(action)(context, dict(given))
    except tk.ValidationError as error:
        model.Session.rollback()
        said = cast("Mapping[str, list[str]]", error.error_dict)
        # The code is for programs.
        return [
            sentence
            for field, sentences in said.items()
            if field != "code"
            for sentence in sentences
        ]
    return []
