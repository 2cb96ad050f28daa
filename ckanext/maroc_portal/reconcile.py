"""The index compared with the database, whatever happened to either.

Every change is indexed by the outbox; but Solr may have lost its data or been restored
from a copy, and a row may have been written past everything. Both are read here in the
order of the ids, page by page. What differs is given to the outbox: the worker makes
the index say what the database says, and nothing is published by it.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.lib.plugins import get_permission_labels
from ckan.lib.search.common import make_connection
from ckan.lib.search.query import solr_literal

log = logging.getLogger(__name__)

PAGE = 2_000
SETTLING = dt.timedelta(minutes=1)
"""What was indexed since may not be committed yet: core indexes before it commits."""
LONG = dt.timedelta(minutes=30)
"""How long the two may differ before health says so."""

# In the order in which Solr sorts, by bytes.
_KNOWN = sa.text(
    """
    SELECT id, state, private, owner_org, creator_user_id, metadata_modified
    FROM package WHERE state <> 'deleted' AND id COLLATE "C" > :after
    ORDER BY id COLLATE "C" LIMIT :page
    """
)
_OWED = sa.text("SELECT package_id FROM maroc_portal_outbox WHERE package_id = ANY(:i)")
_TOUCH = sa.text(
    "SELECT maroc_portal_touch(id) FROM unnest(CAST(:ids AS text[])) AS id"
)
_KEEP = sa.text(
    """
    INSERT INTO maroc_portal_reconciled AS last (compared, drift, agreed_at)
    VALUES (:compared, :drift, now())
    ON CONFLICT (sole) DO UPDATE SET at = now(), compared = :compared, drift = :drift,
        agreed_at = CASE WHEN :drift = 0 THEN now() ELSE last.agreed_at END
    """
)
_DRIFT = sa.text(
    "SELECT drift FROM maroc_portal_reconciled WHERE at - agreed_at > :long"
)


def reconcile(settling: dt.timedelta = SETTLING) -> int:
    """Compare all of the index with all of the database and mend what differs.

    Only numbers are kept of it: how many datasets were compared, how many differed, and
    when none last did.

    :param settling: documents younger than this are left alone
    :returns: how many datasets differed and were in nobody's hands yet
    """
    before = dt.datetime.now(dt.UTC) - settling
    compared = drift = 0
    after: str | None = ""
    while after is not None:
        with model.ensure_engine().connect() as connection:
            rows = connection.execute(_KNOWN, {"after": after, "page": PAGE}).all()
        upto = rows[-1].id if len(rows) == PAGE else None
        compared += len(rows)
        for suspects in _differing(rows, _range(after, upto), before):
            drift += _mend(suspects)
        after = upto
    with model.ensure_engine().begin() as connection:
        connection.execute(_KEEP, {"compared": compared, "drift": drift})
    if drift:
        log.warning("the index differed from the database in %d datasets", drift)
    return drift


def in_step() -> None:
    """Fail where index and database have differed for long."""
    with model.ensure_engine().connect() as connection:
        drift = connection.execute(_DRIFT, {"long": LONG}).scalar()
    if drift:
        raise RuntimeError(
            f"{drift} datasets differ between the index and the database"
        )


def _differing(
    rows: Sequence[sa.Row[Any]], ids: str, before: dt.datetime
) -> Iterator[list[str]]:
    """Yield the datasets of one range that differ, in lists of bounded length."""
    missing = {row.id: row for row in rows}
    present: dict[str, sa.Row[Any]] = {}
    settled: set[str] = set()
    for documents in _documents(ids):
        wrong = []
        for each in documents:
            row = missing.pop(each["id"], None)
            is_old = _instant(each["indexed_ts"]) <= before
            if is_old and (row is None or _differs(row, each)):
                wrong.append(each["id"])
            elif row is not None:
                present[row.id] = row
                if is_old:
                    settled.add(row.id)
        yield wrong
    yield list(missing)
    yield [each for each in _mislabelled(present, ids) if each in settled]


def _differs(row: sa.Row[Any], document: dict[str, Any]) -> bool:
    capacity = "private" if row.private else "public"
    modified = row.metadata_modified.replace(tzinfo=dt.UTC)
    # Solr keeps a moment to the millisecond.
    apart = abs(_instant(document["metadata_modified"]) - modified)
    return document["capacity"] != capacity or apart >= dt.timedelta(milliseconds=1)


def _mislabelled(present: dict[str, sa.Row[Any]], ids: str) -> list[str]:
    """Return what other people than the database's would find.

    Solr does not give the labels back; it counts them. Only where the counts of a range
    differ is each dataset asked for.
    """
    labels: Any = get_permission_labels()
    right = {
        key: sorted(labels.get_dataset_labels(row)) for key, row in present.items()
    }
    wanted = Counter(label for each in right.values() for label in each)
    counted = _search(ids, rows=0, **_FACET, **{"facet.field": "permission_labels"})
    flat = counted.facets["facet_fields"]["permission_labels"]
    if dict(zip(flat[::2], flat[1::2], strict=True)) == wanted:
        return []
    asked = "id,permission_labels"
    pivot = _search(ids, rows=0, **_FACET, **{"facet.pivot": asked})
    found = {
        each["value"]: sorted(label["value"] for label in each.get("pivot", ()))
        for each in pivot.facets["facet_pivot"][asked]
    }
    return [key for key, each in right.items() if found.get(key, []) != each]


def _mend(suspects: Sequence[str]) -> int:
    """Give the datasets to the outbox, which does not have them; return how many."""
    if not suspects:
        return 0
    with model.ensure_engine().connect() as connection:
        owed = set(connection.execute(_OWED, {"i": list(suspects)}).scalars())
    ids = [each for each in suspects if each not in owed]
    try:
        _touch(ids)
    except (DBAPIError, tk.ValidationError):
        # One of them is public by no decision: the gate refuses the transaction.
        for each in ids:
            _mend_one(each)
    return len(ids)


def _mend_one(package_id: str) -> None:
    try:
        _touch([package_id])
    except (DBAPIError, tk.ValidationError) as error:
        log.error("%s leaves the index: %s", package_id, error)  # noqa: TRY400
        logic.index_remove_package(package_id)


def _touch(ids: Sequence[str]) -> None:
    with model.ensure_engine().begin() as connection:
        connection.execute(_TOUCH, {"ids": list(ids)})


# Solr

_FACET = {"facet": "true", "facet.limit": -1, "facet.mincount": 1}


def _range(after: str, upto: str | None) -> str:
    begin = "{" + solr_literal(after) if after else "[*"
    return f"id:{begin} TO {solr_literal(upto) + ']' if upto else '*]'}"


def _documents(ids: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the documents of a range, in pages."""
    mark, last = "*", ""
    while mark != last:
        answer = _search(
            ids,
            fl="id,capacity,metadata_modified,indexed_ts",
            sort="index_id asc",
            rows=PAGE,
            cursorMark=mark,
        )
        yield answer.docs
        mark, last = answer.nextCursorMark, mark


def _search(ids: str, **asked: Any) -> Any:
    site = solr_literal(tk.config["ckan.site_id"])
    return make_connection(decode_dates=False).search(
        f"+site_id:{site} +entity_type:package", fq=ids, **asked
    )


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=dt.UTC)
