"""What a search found, held against the database: the index may lag, Solr may be down.

A search asks the database twice, however many hits it has: before, which changes the
index has not heard of; after, which hits may be read now. Feeds, the DCAT catalogue and
pages all search through the same action.
"""

from __future__ import annotations

from collections.abc import Collection, MutableMapping
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search.query import solr_literal

from . import readers

HIT = "maroc_hit"
"""Under this name we ask Solr for a hit's id, whichever fields a program asks for."""

LATEST = 1_000
"""How many changes a search looks through, so that it stays quick after an outage: a
hit that they do not name falls in ``keep``."""

_OWED = sa.text(
    "SELECT package_id FROM maroc_portal_outbox"
    " WHERE NOT indexed AND package_id IS NOT NULL ORDER BY id DESC LIMIT :latest"
).columns(sa.column("package_id", sa.Text))


def ask(params: MutableMapping[str, Any]) -> None:
    """Leave out what the index does not know to be closed to this reader.

    So it is neither counted nor in any facet.
    """
    owed = _OWED.bindparams(latest=LATEST).subquery()
    public_alone = not tk.asbool(params.get("include_private", False))
    seen = sa.exists().where(
        model.Package.id == owed.c.package_id, _right(public_alone=public_alone)
    )
    closed = model.Session.scalars(sa.select(owed.c.package_id).distinct().where(~seen))
    ids = " OR ".join(solr_literal(each) for each in sorted(closed))
    if ids:
        params["fq_list"] = [*(params.get("fq_list") or ()), f"-id:({ids})"]
    fields = params.get("fl")
    if fields:
        kept = (each for each in fields if HIT not in str(each))
        params["fl"] = [*kept, f"{HIT}:id"]


def keep(found: MutableMapping[str, Any], params: MutableMapping[str, Any]) -> None:
    """Drop the hits that the reader may not read now, and correct the count."""
    hits = found["results"]
    if not hits:
        return
    named = HIT in str(params.get("fl"))
    ids = [each.pop(HIT, None) if named else each.get("id") for each in hits]
    public_alone = "+capacity:public" in str(params.get("fq"))
    right = standing(model.Package.id, ids, public_alone=public_alone)
    kept = [each for each, key in zip(hits, ids, strict=True) if key in right]
    found["count"] -= len(hits) - len(kept)
    found["results"] = kept


def standing(
    column: Any, values: Collection[str], *, public_alone: bool = False
) -> set[str]:
    """Return those of some datasets that may be read now, in one query.

    :param column: what ``values`` are: ids or names
    :param public_alone: whether the reader's own do not count
    """
    found = model.Session.query(column).filter(
        column.in_([each for each in values if each]),
        _right(public_alone=public_alone),
    )
    return {row[0] for row in found}


def _right(*, public_alone: bool) -> Any:
    """Return what holds of a dataset that may be read now, as the policies say it."""
    package: Any = model.Package
    public = sa.and_(package.state == model.State.ACTIVE, package.private.is_not(True))
    reader = readers.reader()
    if public_alone or not reader:
        return public
    if reader == readers.EVERYTHING:
        return sa.true()
    own = reader.split(",")
    without_institution = sa.func.coalesce(package.owner_org, "") == ""
    return sa.or_(
        public,
        package.owner_org.in_(own),
        sa.and_(without_institution, package.creator_user_id.in_(own)),
    )
