"""What must happen after a change, written in the change's own transaction.

Redis is never the only copy of work to do: a message stands in PostgreSQL until its
handlers are done, so a lost queue, a dead worker or a kill loses nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model

from .interfaces import IMarocOutbox

log = logging.getLogger(__name__)

# A handler that fails is tried again after these many seconds, then each hour.
RETRIES = (10, 60, 600, 3600)
LOCK = 7_311_300_921

_INSERT = sa.text(
    "INSERT INTO maroc_portal_outbox (topic, payload)"
    " VALUES (:topic, CAST(:payload AS jsonb))"
)
_NEXT = sa.text(
    "SELECT id, topic, payload, attempts FROM maroc_portal_outbox"
    " WHERE retry_at <= now() ORDER BY id LIMIT :limit"
)
_DONE = sa.text("DELETE FROM maroc_portal_outbox WHERE id = :id")
_FAILED = sa.text(
    "UPDATE maroc_portal_outbox SET attempts = attempts + 1, error = :error,"
    " retry_at = now() + CAST(:wait AS interval) WHERE id = :id"
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

    A message is deleted only after its handlers returned; a failure keeps it, says
    why in ``error`` and waits longer each time.
    """
    by_topic = handlers()
    engine = model.ensure_engine()
    done = 0
    with engine.connect() as keeper:
        if not keeper.execute(
            sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}
        ).scalar_one():
            return 0
        try:
            rows = keeper.execute(_NEXT, {"limit": limit}).all()
            keeper.commit()
            for row in rows:
                error = _handle(by_topic.get(row.topic, []), row)
                if error:
                    wait = RETRIES[min(row.attempts, len(RETRIES) - 1)]
                    keeper.execute(
                        _FAILED,
                        {
                            "id": row.id,
                            "error": error,
                            "wait": dt.timedelta(seconds=wait),
                        },
                    )
                else:
                    keeper.execute(_DONE, {"id": row.id})
                    done += 1
                keeper.commit()
        finally:
            keeper.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
            keeper.commit()
    return done


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
