"""A dataset's document in the index, made from what is committed and from nothing else.

Whoever changed a dataset indexes it at once, after the commit; what fails or comes too
late stays in the outbox, and the worker does it. The document says what the database
says even where several changes and several processes cross: see ``index``.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import pysolr
import sqlalchemy as sa

from ckan import logic, model
from ckan.lib.search import index as core_index
from ckan.types import Context

from . import readers

log = logging.getLogger(__name__)

Dicts = tuple[dict[str, Any], dict[str, Any]]
"""A dataset as core indexes it: by the default schema, and by the type's own."""

SECONDS = 3
"""How long a page waits for Solr, or for another process that indexes the dataset."""
LOCK = 7_311_301

_ALONE = sa.text("SELECT pg_advisory_xact_lock(:space, hashtext(:id))")
_NOW = sa.text(
    "SELECT CAST(pg_current_snapshot() AS text) AS snapshot,"
    " CAST(pg_current_xact_id_if_assigned() AS text) AS own"
)
_CHANGES = sa.text(
    "SELECT coalesce(bool_or(NOT indexed), false) AS owed,"
    " count(*) FILTER (WHERE txid IS DISTINCT FROM CAST(:own AS xid8)"
    "   AND NOT pg_visible_in_snapshot(txid, CAST(:snapshot AS pg_snapshot)))"
    " AS unseen, count(*) AS all"
    " FROM maroc_portal_outbox WHERE package_id = :id"
)
_INDEXED = sa.text(
    "SELECT maroc_portal_indexed(:id, CAST(:snapshot AS pg_snapshot),"
    " CAST(:own AS xid8))"
)
_STATE = sa.text("SELECT state FROM package WHERE id = :id")


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What a reader saw of the database: all of a snapshot, and its own changes."""

    snapshot: str
    own: str | None


def moment() -> Moment:
    """Return the session's moment: to be taken just before a dataset is read."""
    return _moment(model.Session)


def _moment(asked: Any) -> Moment:
    row = asked.execute(_NOW).one()
    return Moment(snapshot=row.snapshot, own=row.own)


def update(
    package_id: str, dicts: Dicts | None = None, seen: Moment | None = None
) -> bool:
    """Index at once what was committed of a dataset, or remove it where it is gone.

    To be called after the commit. Whatever fails is logged and left to the worker.

    :param dicts: core's pair, where the transaction that has just been committed
        read it after its last change; else it is read here
    :param seen: the ``moment()`` just before the pair was read: without it, the pair
        serves only where no other change waits in the outbox
    :returns: whether the index is in step
    """
    try:
        with patience(SECONDS):
            index(package_id, dicts, seen)
    except Exception:
        model.Session.rollback()
        log.exception("dataset %s will be indexed by the worker", package_id)
        return False
    return True


def index(
    package_id: str, dicts: Dicts | None = None, seen: Moment | None = None
) -> None:
    """Do what ``update`` says, or raise.

    One process at a time works on a dataset's document, and only what it saw is marked
    as indexed. So a pair read before another change was committed is never the last
    word: either that change is still in the outbox, unseen, and the dataset is read
    anew; or nothing of ours is owed any more, because somebody indexed the dataset
    since our commit, from a later reading than ours.
    """
    with model.ensure_engine().begin() as keeper:
        keeper.execute(sa.text(f"SET LOCAL lock_timeout = '{SECONDS}s'"))
        keeper.execute(_ALONE, {"space": LOCK, "id": package_id})
        if dicts is not None:
            known = seen or _moment(keeper)
            row = keeper.execute(_CHANGES, {"id": package_id, **vars(known)}).one()
            if not row.owed:
                return
            alone = row.unseen == 0 if seen else row.all == 1
            dicts, seen = (dicts, known) if alone else (None, None)
        with readers.everything():
            if dicts is None or seen is None:
                seen = _moment(keeper)
                dicts = _read(package_id)
            if dicts is None:
                logic.index_remove_package(package_id)
            else:
                logic.index_update_package_dicts(dicts)
        keeper.execute(_INDEXED, {"id": package_id, **vars(seen)})


def _read(package_id: str) -> Dicts | None:
    """Return the dataset as it is committed, or None where there is none to find."""
    model.Session.expire_all()
    state = model.Session.execute(_STATE, {"id": package_id}).scalar()
    if state is None or state == model.State.DELETED:
        return None
    context: Context = {"ignore_auth": True}
    return logic.package_show_default_and_custom_schemas(context, package_id)


def refuse_undecided() -> None:
    """Let the database check now what it checks at the commit.

    Core sends a dataset to Solr before it commits: what the commit will refuse must
    not be found meanwhile, whoever writes.
    """
    model.Session.execute(
        sa.text("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    )


# How long Solr may take

_patience: ContextVar[int | None] = ContextVar("maroc_patience", default=None)


@contextmanager
def patience(seconds: int) -> Iterator[None]:
    """Let what is indexed herein wait for Solr no longer than so many seconds."""
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


def install() -> None:
    """Let core's index know of the patience; repeating it changes nothing."""
    if not hasattr(core_index.make_connection, "__wrapped__"):
        core_index.make_connection = _impatient(core_index.make_connection)


def _impatient(connect: Callable[..., pysolr.Solr]) -> Callable[..., pysolr.Solr]:
    @functools.wraps(connect)
    def wrapped(*args: Any, **kwargs: Any) -> pysolr.Solr:
        connection = connect(*args, **kwargs)
        limit = _patience.get()
        if limit is not None:
            connection.timeout = min(limit, connection.timeout)
        return connection

    return wrapped
