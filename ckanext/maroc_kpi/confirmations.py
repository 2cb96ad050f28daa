"""What was confirmed: that a period brought nothing new, by whom, on what day.

Rows are only added. Which of them count is decided where the facts are built
(:mod:`.frame`), for the indicators and for the page of a dataset alike.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal import outbox

from . import facts, frame
from .definition import all_facts, indicators
from .freshness import Freshness

CONFIRMED = "kpi.confirmed"
"""The topic of every confirmation; its messages carry the dataset's ``id``."""

# What the indicators do not count; the days are facts of theirs.
_FACTS = (
    frame.Fact(
        name="frequency_slug",
        type="text",
        over="dataset",
        sql="coalesce(p.extras->>'collection_frequency', '')",
    ),
    frame.Fact(
        name="confirmations",
        type="bigint",
        over="versions",
        sql="(array_agg(version.nth ORDER BY version.day DESC))[1]",
    ),
)

_ADD = sa.text(
    """
    INSERT INTO maroc_kpi_confirmation (dataset, organization, user_id, at, day)
    VALUES (:dataset, :organization, :user, :at, :day)
    ON CONFLICT (dataset, day) DO NOTHING RETURNING id
    """
)
_OF = sa.text(
    """
    SELECT said.day, said.at, person.name
    FROM maroc_kpi_confirmation AS said
    LEFT JOIN "user" AS person ON person.id = said.user_id
    WHERE said.dataset = :dataset ORDER BY said.day DESC
    """
)


def freshness(dataset: str) -> Freshness | None:
    """Return where a dataset stands; None where it is not public."""
    connection = model.Session.connection()
    counted = all_facts(indicators().values())
    asked = [*_FACTS, counted["content_new"], counted["content_last"]]
    build = frame.build(asked, facts.present(connection), changed=True)
    row = connection.execute(sa.text(build), {"changed": [dataset]}).one_or_none()
    if row is None:
        return None
    return Freshness(
        frequency=row.frequency_slug,
        content=row.content_new,
        last=row.content_last,
        confirmations=row.confirmations,
    )


def add(dataset: str, organization: str | None, user: str, at: dt.datetime) -> None:
    """Keep a confirmation for ever, and have the figures follow, in one transaction.

    A day counts once: who says it twice has said it once.

    :param user: the id of the person
    :param at: the moment, in Africa/Casablanca
    """
    given = {"dataset": dataset, "organization": organization, "user": user}
    made = model.Session.execute(_ADD, {**given, "at": at, "day": at.date()}).first()
    if made is not None:
        outbox.put(CONFIRMED, id=dataset)
    model.repo.commit()


def of(dataset: str) -> list[dict[str, Any]]:
    """Return a dataset's confirmations, the latest first: ``day``, ``at``, ``name``."""
    return [
        dict(row) for row in model.Session.execute(_OF, {"dataset": dataset}).mappings()
    ]
