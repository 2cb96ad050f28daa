"""What the index says of a dataset and what changes without it.

An institution takes another name; files are downloaded. Whatever changes in the dataset
itself is the outbox's work.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.lib.search.common import make_connection

from . import downloads

log = logging.getLogger(__name__)

RENAMED = "search.organization"
"""The outbox's topic: an institution was edited."""

PAGE = 5_000


def recount() -> int:
    """Index again what was downloaded since it was indexed; return how many.

    The order by downloads is that of the night before; a dataset that nobody downloads
    is left alone.
    """
    counted = downloads.of()
    changed = [key for key, now in _downloads().items() if counted.get(key, 0) != now]
    _index(changed)
    if changed:
        make_connection().commit()
    return len(changed)


def index_institution(message: Mapping[str, Any]) -> None:
    """Index an institution's datasets again, under its present names."""
    ids = model.Session.query(model.Package.id).filter(
        model.Package.owner_org == message["id"],
        model.Package.state != model.State.DELETED,
    )
    _index([row.id for row in ids])
    make_connection().commit()


def _index(ids: Collection[str]) -> None:
    """Index these datasets; one that cannot be does not hold the others."""
    for each in ids:
        try:
            search.rebuild(package_ids=[each], quiet=True)
        except (search.SearchIndexError, tk.ObjectNotFound):
            log.exception("dataset %s could not be indexed", each)


def _downloads() -> dict[str, int]:
    """Return the downloads with which each dataset was indexed."""
    return {each["id"]: each.get("downloads", 0) for each in _documents("downloads")}


def _documents(field: str) -> Iterator[dict[str, Any]]:
    """Yield the ids and one field of the datasets in the index."""
    solr = make_connection(decode_dates=False)
    mark, last = "*", ""
    while mark != last:
        answer = solr.search(
            f'+site_id:"{tk.config["ckan.site_id"]}" +entity_type:package',
            fl=f"id,{field}",
            sort="index_id asc",
            rows=PAGE,
            cursorMark=mark,
        )
        yield from answer.docs
        mark, last = answer.nextCursorMark, mark
