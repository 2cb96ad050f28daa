"""What must happen after a change, written in the change's own transaction.

Redis is never the only copy of work to do: a message stands in PostgreSQL until its
handlers are done, so a lost queue, a dead worker or a kill loses nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model

from . import indexing
from .interfaces import IMarocOutbox

log = logging.getLogger(__name__)

CHANGED = "dataset.changed"
"""The topic of every change of a dataset; its messages carry the dataset's ``id``."""

# What fails is tried again after these many seconds, then each hour; what only waits
# for Solr, each minute.
RETRIES = (10, 60, 600, 3600)
RETRIES_OF_INDEX = (10, 60)
SECONDS = 60
"""How long one run lasts at most, the message at hand excepted."""

_INSERT = sa.text(
    "INSERT INTO maroc_portal_outbox (topic, payload)"
    " VALUES (:topic, CAST(:payload AS jsonb))"
)
# The first message of each dataset stands for all of it: who holds that row has the
# dataset to himself. It is due as soon as any of them is.
_CLAIM = sa.text(
    """
    SELECT first.id, first.topic, first.payload, first.package_id
    FROM maroc_portal_outbox AS due JOIN maroc_portal_outbox AS first
      ON first.id = CASE WHEN due.package_id IS NULL THEN due.id ELSE (
        SELECT min(id) FROM maroc_portal_outbox AS each
        WHERE each.package_id = due.package_id) END
    WHERE due.retry_at <= now()
    ORDER BY due.retry_at, due.id LIMIT 1
    FOR UPDATE OF first SKIP LOCKED
    """
)
_ALL_OF_IT = sa.text(
    "SELECT id, attempts, indexed FROM maroc_portal_outbox"
    " WHERE id = :id OR package_id = :package_id ORDER BY id FOR UPDATE"
)
_DONE = sa.text("DELETE FROM maroc_portal_outbox WHERE id = ANY(:ids)")
_FAILED = sa.text(
    "UPDATE maroc_portal_outbox SET attempts = attempts + 1, error = :error,"
    " indexed = :indexed, retry_at = now() + CAST(:wait AS interval)"
    " WHERE id = ANY(:ids)"
)


def put(topic: str, **payload: Any) -> None:
    """Add a message to the current session's transaction; it lives or dies with it."""
    model.Session.execute(_INSERT, {"topic": topic, "payload": json.dumps(payload)})


def waiting(connection: sa.Connection) -> bool:
    """Whether a message is due."""
    found = connection.execute(
        sa.text(
            "SELECT EXISTS (SELECT FROM maroc_portal_outbox WHERE retry_at <= now())"
        )
    )
    return bool(found.scalar_one())


def handlers() -> dict[str, list[Callable[[Mapping[str, Any]], None]]]:
    """Return all plugins' handlers, by topic."""
    found: dict[str, list[Callable[[Mapping[str, Any]], None]]] = {}
    for plugin in p.PluginImplementations(IMarocOutbox):
        for topic, handler in plugin.get_outbox_handlers().items():
            found.setdefault(topic, []).append(handler)
    return found


def dispatch(limit: int = 500) -> int:
    """Handle the messages that are due, oldest first; return how many were done.

    Several workers share them. A dataset's messages are one worker's at a time, and
    handled as one: the dataset is indexed, then the plugins hear of it. A message is
    deleted only after its handlers returned; a failure keeps it, says why in ``error``
    and waits longer each time. A worker that dies lets go of what it held.
    """
    by_topic = handlers()
    end = time.monotonic() + SECONDS
    done, going = 0, True
    while going and done < limit and time.monotonic() < end:
        with model.ensure_engine().begin() as keeper:
            going, handled = _next(keeper, by_topic)
            done += handled
    return done


def _next(
    keeper: sa.Connection,
    by_topic: Mapping[str, list[Callable[[Mapping[str, Any]], None]]],
) -> tuple[bool, int]:
    """Handle the next message that nobody holds, with its dataset's others.

    Return whether there was one, and how many messages are done.
    """
    first = keeper.execute(_CLAIM).one_or_none()
    if first is None:
        return False, 0
    rows = keeper.execute(
        _ALL_OF_IT, {"id": first.id, "package_id": first.package_id}
    ).all()
    ids = [row.id for row in rows]
    attempts = max(row.attempts for row in rows)
    indexed = all(row.indexed for row in rows)
    retries, error = RETRIES_OF_INDEX, None
    if first.topic == CHANGED and not indexed:
        error = _handle([_index], first)
        indexed = error is None
    if error is None:
        retries, error = RETRIES, _handle(by_topic.get(first.topic, []), first)
    if error is None:
        keeper.execute(_DONE, {"ids": ids})
        return True, len(ids)
    wait = dt.timedelta(seconds=retries[min(attempts, len(retries) - 1)])
    keeper.execute(
        _FAILED, {"ids": ids, "error": error, "indexed": indexed, "wait": wait}
    )
    return True, 0


def _index(payload: Mapping[str, Any]) -> None:
    with indexing.patience(indexing.SECONDS):
        indexing.index(payload["id"])


def _handle(
    each: list[Callable[[Mapping[str, Any]], None]], row: sa.Row[Any]
) -> str | None:
    try:
        for handler in each:
            handler(row.payload)
    except Exception as error:
        model.Session.rollback()
        log.exception("outbox message %s (%s) failed", row.id, row.topic)
        return f"{type(error).__name__}: {error}"[:1000]
    finally:
        model.Session.remove()
    return None
