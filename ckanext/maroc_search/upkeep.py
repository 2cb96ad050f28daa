"""Keeping the index in step with the database, whatever happened to Solr meanwhile.

CKAN indexes a dataset right after its change. If Solr was away just then, or lost its
data, or an institution took another name, nobody would ever know: this does.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What the index lacks or has in an older state, and what it has too much."""

    outdated: frozenset[str]
    extra: frozenset[str]


def compare(known: Mapping[str, str], indexed: Mapping[str, str]) -> Gap:
    """Return the gap between two lists of datasets: their ids, their last changes."""
    return Gap(
        outdated=frozenset(key for key, at in known.items() if indexed.get(key) != at),
        extra=frozenset(indexed.keys() - known.keys()),
    )


def mend() -> Gap:
    """Index what is missing or outdated, remove what no longer exists; return both."""
    settled = _indexed(before="NOW-5MINUTES")
    fresh = _indexed(after="NOW-5MINUTES")
    gap = compare(_known(), settled | fresh)
    # CKAN indexes a dataset just before it commits it: what is fresh may yet come.
    gap = Gap(outdated=gap.outdated, extra=gap.extra & settled.keys())
    for ghost in gap.extra:
        search.clear(ghost)
    _index(gap.outdated)
    if gap.outdated or gap.extra:
        make_connection().commit()
        log.warning(
            "the index was out of step: %d datasets to index, %d to remove",
            len(gap.outdated),
            len(gap.extra),
        )
    return gap


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


def _known() -> dict[str, str]:
    rows = model.Session.query(
        model.Package.id, model.Package.metadata_modified
    ).filter(model.Package.state != model.State.DELETED)
    return {row.id: _instant(row.metadata_modified) for row in rows}


def _indexed(*, after: str = "*", before: str = "*") -> dict[str, str]:
    """Return what was indexed between two moments of Solr's clock, with its state."""
    found: dict[str, str] = {}
    for each in _documents("metadata_modified", f"+indexed_ts:[{after} TO {before}]"):
        at = dt.datetime.fromisoformat(each["metadata_modified"].rstrip("Z"))
        found[each["id"]] = _instant(at)
    return found


def _downloads() -> dict[str, int]:
    """Return the downloads with which each dataset was indexed."""
    return {each["id"]: each.get("downloads", 0) for each in _documents("downloads")}


def _documents(field: str, asked: str = "") -> Iterator[dict[str, Any]]:
    """Yield the ids and one field of the datasets in the index."""
    solr = make_connection(decode_dates=False)
    mark, last = "*", ""
    while mark != last:
        answer = solr.search(
            f'+site_id:"{tk.config["ckan.site_id"]}" +entity_type:package {asked}',
            fl=f"id,{field}",
            sort="index_id asc",
            rows=PAGE,
            cursorMark=mark,
        )
        yield from answer.docs
        mark, last = answer.nextCursorMark, mark


def _instant(at: dt.datetime) -> str:
    """Return a moment to the millisecond, which is as fine as Solr keeps it."""
    return at.isoformat(timespec="milliseconds")
