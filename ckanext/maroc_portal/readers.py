"""Who reads: what the database and the index let each person see.

Everybody reads what is public. A person also reads the datasets of the institutions
that core's permissions open to them, or a plugin by IMarocReaders, and those without
any institution that are their own. Administrators of the portal, and whatever runs
outside a request, read everything.

The database holds to it by itself (``sql/rows.sql``): the reader is told to each
transaction, so that no code has to think of it and none can forget.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from flask import g, has_request_context
from sqlalchemy import event

import ckan.plugins as p
from ckan import authz, model
from ckan.lib.plugins import DefaultPermissionLabels
from ckan.model import meta
from ckan.types import CKANApp

from .interfaces import IMarocReaders

EVERYTHING = "*"

# As organization_list_for_user with the permission "read", in one query.
_INSTITUTIONS = sa.text(
    """
    WITH RECURSIVE own AS (
        SELECT group_id AS id, capacity FROM member
        WHERE table_name = 'user' AND table_id = :user AND state = 'active'
          AND capacity = ANY(:roles)
    ), below (id) AS (
        SELECT id FROM own WHERE capacity = ANY(:cascading)
        UNION
        SELECT child.group_id FROM below JOIN member AS child
          ON child.table_id = below.id AND child.table_name = 'group'
         AND child.state = 'active'
    )
    SELECT id FROM "group"
    WHERE is_organization AND state = 'active'
      AND (id IN (SELECT id FROM own) OR id IN (SELECT id FROM below))
    """
)
_TELL = sa.text("SELECT set_config('maroc.reader', :reader, true)")

_everything: ContextVar[bool] = ContextVar("maroc_everything", default=False)


def institutions(user_id: str) -> frozenset[str]:
    """Return the institutions all of whose datasets a person may read, by their ids."""
    known: dict[str, frozenset[str]] = {}
    if has_request_context():
        known = g.setdefault("maroc_institutions", known)
    if user_id not in known:
        known[user_id] = _institutions(user_id)
    return known[user_id]


def _institutions(user_id: str) -> frozenset[str]:
    found = model.Session.execute(
        _INSTITUTIONS,
        {
            "user": user_id,
            "roles": authz.get_roles_with_permission("read"),
            "cascading": authz.check_config_permission(
                "roles_that_cascade_to_sub_groups"
            ),
        },
    )
    more = (
        plugin.get_institutions(user_id)
        for plugin in p.PluginImplementations(IMarocReaders)
    )
    return frozenset(found.scalars()).union(*more)


class Labels(DefaultPermissionLabels):
    """Core's permission labels, with the institutions that plugins add."""

    def get_user_dataset_labels(self, user_obj: model.User) -> list[str]:
        """Return what a dataset must carry one of, to be read by this person."""
        if not user_obj or user_obj.is_anonymous:
            return ["public"]
        members = (f"member-{each}" for each in sorted(institutions(user_obj.id)))
        return ["public", f"creator-{user_obj.id}", *members]


# The reader of a transaction


def reader() -> str:
    """Return who reads here, as the database is told."""
    if _everything.get() or not has_request_context():
        return EVERYTHING
    return g.get("maroc_reader", "")


@contextmanager
def everything() -> Iterator[None]:
    """Let what runs herein read everything: the index is not made for one reader."""
    token = _everything.set(True)
    try:
        _tell_now()
        yield
    except BaseException:
        model.Session.rollback()  # and with it what was told
        raise
    finally:
        _everything.reset(token)
    _tell_now()


def install(app: CKANApp) -> None:
    """Ask once a request who reads, after CKAN knows who is signed in."""
    app.before_request(_ask)


def listen() -> None:
    """Tell each of the sessions' transactions; repeating it changes nothing."""
    for sessions in (meta.Session, meta.create_local_session):
        if not event.contains(sessions, "after_begin", _tell):
            event.listen(sessions, "after_begin", _tell)


def _ask() -> None:
    user = g.get("userobj")
    if not user:
        return
    if user.sysadmin:
        g.maroc_reader = EVERYTHING
    else:
        g.maroc_reader = ",".join([user.id, *sorted(institutions(user.id))])
    _tell_now()


def _tell(session: Any, transaction: Any, connection: sa.Connection) -> None:
    # A connection that was told nothing reads what is public.
    if not transaction.nested and (who := reader()):
        connection.execute(_TELL, {"reader": who})


def _tell_now() -> None:
    if model.Session().in_transaction():
        model.Session.execute(_TELL, {"reader": reader()})
