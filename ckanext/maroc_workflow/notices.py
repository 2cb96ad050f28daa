"""Who is told what: messages in the outbox, sent by the worker, delaying no decision."""

from __future__ import annotations

from collections.abc import Iterable

from ckanext.maroc_portal import outbox

TOPIC = "workflow.notice"


def submitted(package_id: str) -> None:
    """Tell those whose turn it is that something waits for them."""
    outbox.put(TOPIC, event="submitted", id=package_id)


def decided(package_id: str, event: str, authors: Iterable[str]) -> None:
    """Tell those who wrote a dataset what became of it."""
    outbox.put(TOPIC, event=event, id=package_id, to=sorted(set(authors)))
