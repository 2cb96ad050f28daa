"""Who is told what: messages in the outbox, delivered by the worker.

Delaying no decision: a dead mail server leaves the mail for later, and the pages say
the same. Each person has notices on their page, and by mail a weekly digest unless
they chose each one, or none.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import mailer

from ckanext.maroc_portal import outbox
from ckanext.maroc_portal.settings import settings as portal

from . import letters, people, states

log = logging.getLogger(__name__)

TOPIC = "workflow.notice"
DIGEST = "workflow.digest"
MAIL = "workflow.mail"

FREQUENCIES = ("weekly", "each", "off")
"""How often someone is written to, the usual first."""

EXTRAS = "maroc_workflow"
"""The key of ours in what CKAN keeps of an account for extensions."""

_ADD = sa.text(
    "INSERT INTO maroc_workflow_notice (user_id, event, package_id, message)"
    " VALUES (:user, :event, :id, :message) ON CONFLICT DO NOTHING RETURNING id"
)
# Who has something that was not mailed, the oldest of it a week old.
_OWED = sa.text(
    """
    SELECT user_id, array_agg(id ORDER BY id) AS ids FROM maroc_workflow_notice
    WHERE mailed_at IS NULL AND at > :now - interval '60 days'
    GROUP BY user_id HAVING min(at) <= :now - interval '7 days'
    """
)
_OF = sa.text(
    "SELECT * FROM maroc_workflow_notice WHERE user_id = :user"
    " AND (NOT :unread OR read_at IS NULL) ORDER BY id DESC LIMIT 200"
)
_BY_IDS = sa.text(
    "SELECT * FROM maroc_workflow_notice WHERE id = ANY(:ids) ORDER BY id"
)
_MAILED = sa.text(
    "UPDATE maroc_workflow_notice SET mailed_at = now() WHERE id = ANY(:ids)"
)
_READ = sa.text(
    "UPDATE maroc_workflow_notice SET read_at = now()"
    " WHERE user_id = :user AND read_at IS NULL"
)


# Told in the transaction of what happened


def submitted(package_id: str) -> None:
    """Tell those whose turn it is that something waits for them."""
    outbox.put(TOPIC, event="submitted", id=package_id, message=_number())


def decided(package_id: str, event: str, authors: Iterable[str]) -> None:
    """Tell those who wrote a dataset what became of it."""
    to = sorted(set(authors))
    outbox.put(TOPIC, event=event, id=package_id, to=to, message=_number())


def digest(day: str, heads: int, value: str) -> None:
    """Mail a night's digest to ADD."""
    outbox.put(DIGEST, day=day, heads=heads, digest=value)


def _number() -> int:
    """Return a number that tells one message from the next, delivered twice or not."""
    found = model.Session.execute(
        sa.text("SELECT nextval(pg_get_serial_sequence('maroc_workflow_notice', 'id'))")
    )
    return found.scalar_one()


# Delivered by the worker


def deliver(payload: Mapping[str, Any]) -> None:
    """Put a notice on the page of each person that it concerns; owe them the mail."""
    package = model.Package.get(payload["id"])
    if package is None:
        return
    standing = states.of(package.id)
    to = payload.get("to") or people.at_turn(standing.turn, package.owner_org)
    for user_id in to:
        user = model.User.get(user_id)
        if user is None or not user.is_active:
            continue
        row = {
            "user": user.id,
            "event": payload["event"],
            "id": package.id,
            "message": payload["message"],
        }
        made = model.Session.execute(_ADD, row).scalar_one_or_none()
        if made and frequency(user) == "each":
            outbox.put(MAIL, user=user.id, ids=[made])
    model.repo.commit()


def send(payload: Mapping[str, Any]) -> None:
    """Mail notices to a person, in their language; raises where no mail gets out."""
    user = model.User.get(payload["user"])
    if user is None or not user.email:
        return
    rows = model.Session.execute(_BY_IDS, {"ids": payload["ids"]}).all()
    lines = [
        (row.event, package)
        for row in rows
        if row.mailed_at is None and (package := model.Package.get(row.package_id))
    ]
    if lines:
        subject, body = letters.mail(lines, language(user))
        _mail(user.display_name, user.email, subject, body)
    model.Session.execute(_MAILED, {"ids": payload["ids"]})
    model.repo.commit()


def send_digest(payload: Mapping[str, Any]) -> None:
    """Mail the night's digest to ADD's address."""
    subject, body = letters.digest(payload["day"], payload["heads"], payload["digest"])
    _mail("ADD", portal().contact, subject, body)


def weekly(now: dt.datetime) -> None:
    """Owe each person who has week-old notices one mail with all of them."""
    for row in model.Session.execute(_OWED, {"now": now}).all():
        user = model.User.get(row.user_id)
        if user is not None and frequency(user) == "weekly":
            outbox.put(MAIL, user=user.id, ids=row.ids)
    model.repo.commit()


def _mail(name: str, address: str, subject: str, body: str) -> None:
    if not tk.config.get("smtp.server"):
        _say_once()
        return
    mailer.mail_recipient(name, address, subject, body)


@functools.cache
def _say_once() -> None:
    log.warning("there is no mail server (smtp.server): no mail is sent")


# Read and chosen by people


def of(user_id: str, *, unread: bool = False) -> Sequence[sa.Row[Any]]:
    """Return someone's notices, the latest first."""
    return model.Session.execute(_OF, {"user": user_id, "unread": unread}).all()


def read(user_id: str) -> None:
    """Remember that someone has seen their notices; the caller commits."""
    model.Session.execute(_READ, {"user": user_id})


def frequency(user: model.User) -> str:
    """Return how often someone is written to."""
    chosen = _chosen(user).get("mail")
    return next((each for each in FREQUENCIES if each == chosen), FREQUENCIES[0])


def language(user: model.User) -> str:
    """Return the language that someone is written to in."""
    chosen = _chosen(user).get("lang")
    return chosen if chosen in letters.LANGUAGES else letters.LANGUAGES[0]


def choose(
    user: model.User, *, mail: str | None = None, lang: str | None = None
) -> None:
    """Keep how often, and in what language, someone is written to."""
    chosen = {**_chosen(user), **({"mail": mail} if mail else {})}
    chosen |= {"lang": lang} if lang else {}
    if chosen != _chosen(user):
        user.plugin_extras = {**(user.plugin_extras or {}), EXTRAS: chosen}


def _chosen(user: model.User) -> dict[str, Any]:
    return dict((user.plugin_extras or {}).get(EXTRAS, {}))
