"""What the index says of a dataset and what changes without it.

An institution takes another name; files are downloaded. Whatever changes in the dataset
itself is the outbox's work.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.lib.search.common import make_connection

from . import downloads

log = logging.getLogger(__name__)

RENAMED = "search.organization"
"""The outbox's topic: an institution was edited."""

PAGE = 5_000
FIELD = "downloads_30d"
"""The index's field: a number of the last thirty days."""


def recount() -> int:
    """Write the downloads that changed into the index, in place; return how many.

    No dataset is indexed again: Solr changes the one number, and nothing else of it.
    """
    counted = downloads.of()
    changed = {
        each["index_id"]: counted.get(each["id"], 0)
        for each in _documents(f"index_id,{FIELD}")
        if counted.get(each["id"], 0) != each.get(FIELD, 0)
    }
    rows = list(changed.items())
    for first in range(0, len(rows), PAGE):
        _write_in_place(FIELD, rows[first : first + PAGE])
    if changed:
        make_connection().commit()
    return len(changed)


def _write_in_place(field: str, rows: Iterable[tuple[str, int]]) -> None:
    """Write one number of some documents, by their keys, or raise HTTPError.

    Refused where it would mean writing a document anew from its stored fields: most
    are not stored, and the dataset would be found no more. So is a document that left
    the index meanwhile, and those behind it wait for the next run.
    """
    # As XML: with CKAN's schema Solr takes {"set": 3} in JSON for a child document.
    add = Element("add")
    for key, value in rows:
        document = SubElement(add, "doc")
        SubElement(document, "field", name="index_id").text = key
        SubElement(document, "field", name=field, update="set").text = str(value)
    solr = make_connection()
    answer = solr.get_session().post(
        f"{solr.url.rstrip('/')}/update",
        params={"update.partial.requireInPlace": "true"},
        data=tostring(add),
        headers={"Content-Type": "text/xml; charset=utf-8"},
        timeout=solr.timeout,
    )
    answer.raise_for_status()


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


def _documents(fields: str) -> Iterator[dict[str, Any]]:
    """Yield the ids and some fields of the datasets in the index."""
    solr = make_connection(decode_dates=False)
    mark, last = "*", ""
    while mark != last:
        answer = solr.search(
            f'+site_id:"{tk.config["ckan.site_id"]}" +entity_type:package',
            fl=f"id,{fields}",
            sort="index_id asc",
            rows=PAGE,
            cursorMark=mark,
        )
        yield from answer.docs
        mark, last = answer.nextCursorMark, mark
