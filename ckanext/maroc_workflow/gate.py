"""The gate: no write makes anything public, and what is public is what was decided.

``package_create`` and ``package_update`` of core run inside one transaction that is
ours: core validates, writes and flushes; the hash of what is stored is taken in SQL;
the law and the checks are asked; the decision is written; all is committed; only then
is it indexed. What a write of a public dataset may not do alone becomes its revision,
and the public dataset stays as it was.

This stands on two things that a test watches over: with ``defer_commit`` and
``return_id_only`` core's two actions flush and return before they index or commit; and
an action that is not chained is the innermost of its chain, whatever the order of
``ckan.plugins``.

Code that commits without coming through here (views, groups, a plugin's own SQL) meets
:func:`before_commit`: what it changes of a public dataset is decided by the same rules
in the same transaction, or refused. And whoever gets past that meets the lock of the
database (sql/lock.sql).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.types import Context

from ckanext.maroc_portal import indexing

from . import decisions, errors, feeds, findings, ids, revisions, states, versions
from .decisions import Decision
from .findings import Found
from .machine import Finding, State

log = logging.getLogger(__name__)

Action = Callable[[Context, dict[str, Any]], Any]
Dataset = dict[str, Any]

_LOCKED = sa.text(
    "SELECT id, name, state, private, owner_org, metadata_modified FROM package"
    " WHERE id = :id OR name = :id FOR UPDATE"
)
# Core reads what it is about to change from the index, unless the moment differs: where
# the index was away, it would find the dataset still public and nothing to change.
_CLOSED = sa.text(
    "UPDATE package SET private = true,"
    " metadata_modified = clock_timestamp() AT TIME ZONE 'UTC' WHERE id = :id"
)
_OURS = ("workflow", "revision_of")
"""What our answers carry and no write takes."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A decision that somebody is entitled to make public, on its way through."""

    package_id: str
    decision: Decision | None
    """None where it was written before, for a moment that has come."""


OPENING: ContextVar[Opening | None] = ContextVar("maroc_workflow_opening", default=None)
"""Set by :func:`opening` alone: no argument of any action reaches it."""

ACTOR: ContextVar[str] = ContextVar("maroc_workflow_actor", default="")
"""The id of who acts, for decisions that are taken at the commit."""


@contextmanager
def opening(package_id: str, decision: Decision | None) -> Iterator[None]:
    """Let the next write of that dataset make it public, under this decision."""
    token = OPENING.set(Opening(package_id=package_id, decision=decision))
    try:
        yield
    finally:
        OPENING.reset(token)


@contextmanager
def acting(context: Context) -> Iterator[str]:
    """Remember who acts, for as long as the action runs."""
    user_id = actor_of(context)
    token = ACTOR.set(user_id)
    try:
        yield user_id
    finally:
        ACTOR.reset(token)


def actor_of(context: Context) -> str:
    """Return the id of who acts; a name that has no account stands for itself."""
    name = context.get("user") or ""
    user = model.User.get(name) if name else None
    return user.id if user else name


# Writes


def create(core: Action, context: Context, data_dict: Dataset) -> Any:
    """Create a dataset: closed, whatever is sent."""
    for name in _OURS:
        data_dict.pop(name, None)
    ids.refuse_chosen(context, data_dict, None)
    data_dict["private"] = True
    with acting(context) as actor:
        package_id = _run(core, context, data_dict)
        states.wrote(package_id, actor)
        seen = indexing.moment()
        both = logic.package_show_default_and_custom_schemas(context, package_id)
        found = findings.examine(both[1])
        return _end(context, package_id, both, found, seen)


def update(core: Action, context: Context, data_dict: Dataset) -> Any:
    """Update a dataset: what is public stays as decided, the rest stays closed."""
    row = lock(data_dict.get("id") or data_dict.get("name"))
    if row is None:
        return core(context, data_dict)  # It says so in its own words.
    for name in (*_OURS, "metadata_modified"):
        # Core takes the moment from whom it trusts: a change could pass for none.
        data_dict.pop(name, None)
    passing = OPENING.get()
    if passing is not None and passing.package_id != row.id:
        passing = None
    was_public = is_public(row)
    if passing is None:
        _hold(context, data_dict, row, is_public=was_public)
    with acting(context) as actor:
        point = model.Session.begin_nested()
        package_id = _run(core, context, data_dict)
        seen = indexing.moment()
        both = logic.package_show_default_and_custom_schemas(context, package_id)
        found = findings.examine(both[1])
        changed = both[1]["metadata_modified"] != row.metadata_modified.isoformat()
        if passing is not None:
            _decide(row.id, passing.decision)
        elif was_public and both[1]["state"] == model.State.ACTIVE:
            if not _decided_alone(both[1], found, actor):
                point.rollback()
                model.Session.expire_all()
                return revisions.opened(context, row, both[1], found, actor)
        else:
            if both[1]["state"] == model.State.DELETED and was_public:
                _close(row, actor, reason=errors.DELETED)
            if changed:
                states.wrote(package_id, actor)
        point.commit()
        return _end(context, package_id, both, found, seen if changed else None)


def delete(core: Action, context: Context, data_dict: Dataset) -> Any:
    """Delete a dataset; one that is public is withdrawn by it."""
    row = lock(data_dict.get("id"))
    if row is not None:
        tk.check_access("package_delete", context, {"id": row.id})
        with acting(context) as actor:
            _close(row, actor, reason=errors.DELETED)
            return core(context, {**data_dict, "id": row.id})
    return core(context, data_dict)


def purge(core: Action, context: Context, data_dict: Dataset) -> Any:
    """Purge a dataset; its decisions stay, and its address says that it is gone."""
    row = lock(data_dict.get("id"))
    if row is not None:
        tk.check_access("dataset_purge", context, {"id": row.id})
        with acting(context) as actor:
            _close(row, actor, reason=errors.PURGED)
            states.forget(row.id)
            return core(context, {**data_dict, "id": row.id})
    return core(context, data_dict)


def passed(core: Action, context: Context, data_dict: Dataset) -> Any:
    """Run an action that commits by itself; the commit asks for the decision."""
    with acting(context):
        return core(context, data_dict)


def is_public(row: Any) -> bool:
    """Whether anyone may see a dataset, by its row."""
    return row.state == model.State.ACTIVE and not row.private


def lock(name_or_id: Any) -> Any:
    """Hold a dataset's row until the transaction ends; None where there is none."""
    if not isinstance(name_or_id, str) or not name_or_id:
        return None
    found = model.Session.execute(_LOCKED, {"id": name_or_id}).all()
    by_id = [each for each in found if each.id == name_or_id]
    row = (by_id or found or [None])[0]
    if row is not None:
        # What the session read before it waited for the lock may be old.
        package = model.Session.get(model.Package, row.id)
        if package is not None:
            model.Session.refresh(package)
    return row


def _hold(context: Context, data_dict: Dataset, row: Any, *, is_public: bool) -> None:
    """Take from a write what no write may say: whether the dataset is public."""
    ids.refuse_chosen(context, data_dict, row)
    if is_public:
        if data_dict.get("private") in (True, "True", "true", "1", 1):
            raise tk.ValidationError({"private": [errors.say("withdraw_instead")]})
        if data_dict.get("state") == "draft":
            raise tk.ValidationError({"state": [errors.say("withdraw_instead")]})
        if _moves(data_dict, row) and not _is_add(context):
            raise tk.ValidationError({"owner_org": [errors.say("owner_kept")]})
    if "private" in data_dict:
        data_dict["private"] = not is_public


def _moves(data_dict: Mapping[str, Any], row: Any) -> bool:
    owner = data_dict.get("owner_org")
    if not owner or owner == row.owner_org:
        return False
    group = model.Group.get(owner) if isinstance(owner, str) else None
    return group is None or group.id != row.owner_org


def _is_add(context: Context) -> bool:
    user = model.User.get(context.get("user") or "")
    return user is not None and bool(user.sysadmin)


def _run(core: Action, context: Context, data_dict: Dataset) -> str:
    """Let core validate, write and flush; the commit stays ours."""
    kept = {name: context.get(name) for name in ("defer_commit", "return_id_only")}
    context["defer_commit"] = context["return_id_only"] = True
    try:
        package_id = core(context, data_dict)
    finally:
        for name, value in kept.items():
            if value is None:
                context.pop(name, None)
            else:
                context[name] = value
    model.Session.flush()
    return package_id


def _end(
    context: Context,
    package_id: str,
    both: tuple[dict[str, Any], dict[str, Any]],
    found: Found,
    seen: indexing.Moment | None,
) -> Any:
    """Commit, index, and answer with what was stored and where it stands.

    :param seen: when the dataset was read, for the index; None where nothing changed
    """
    if not context.get("defer_commit"):
        commit()
    if not context.get("defer_commit") and seen is not None:
        changed: Any = context.setdefault("changed_entities", {})
        changed.setdefault("packages", set()).add(package_id)
        indexing.update(package_id, both, seen)
    if context.get("return_id_only"):
        return package_id
    return {**both[1], **summary(both[1], found)}


def summary(dataset: Mapping[str, Any], found: Found) -> dict[str, Any]:
    """Return what an answer says of where a dataset stands."""
    standing = states.of(dataset["id"])
    told: dict[str, Any] = {
        "workflow": {
            "state": str(standing.state),
            "verdict": str(found.verdict.outcome),
            "blocks": found.blocks,
        }
    }
    if standing.revision_of:
        told["revision_of"] = standing.revision_of
    return told


def commit() -> None:
    """Ask the lock of the database now, then commit."""
    model.Session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
    model.repo.commit()


# Decisions


def _decided_alone(dataset: Mapping[str, Any], found: Found, actor: str) -> bool:
    """Whether a public dataset may say what it says now without another person.

    What machines wrote of themselves changes nothing that was decided on, and makes no
    decision; what is clear is decided under the institution's policy.
    """
    content = decisions.hash_of(dataset["id"])
    last = decisions.last(dataset["id"])
    if last is not None and last.kind != "withdraw" and last.content_hash == content:
        return True
    if found.finding != Finding.CLEAR:
        return False
    _decide(dataset["id"], policy(dataset, found, actor))
    return True


def policy(dataset: Mapping[str, Any], found: Found, actor: str) -> Decision:
    """Return the decision to publish alone, under the institution's policy."""
    return Decision(
        package_id=dataset["id"],
        kind="policy",
        name=dataset["name"],
        author_id=actor,
        owner_org=dataset["owner_org"],
        policy=found.policy,
        policy_version=decisions.POLICIES[found.policy],
        verdict=decisions.rules(found.verdict),
    )


def plan(decision: Decision, opens_at: dt.datetime) -> None:
    """Write a decision that opens what is stored now from a moment on."""
    content = decisions.hash_of(decision.package_id)
    decisions.add(replace(decision, content_hash=content, opens_at=opens_at))
    states.move(decision.package_id, State.SCHEDULED, release_at=opens_at)


def _decide(package_id: str, decision: Decision | None) -> None:
    """Write an opening decision on what is stored now."""
    if decision is not None:
        content = decisions.hash_of(package_id)
        decisions.add(replace(decision, content_hash=content))
    versions.opened(package_id)
    states.move(
        package_id,
        State.PUBLISHED,
        authors=[],
        remarks={},
        release_at=None,
        turn="rod",
        turn_since=None,
    )


def _close(
    row: Any,
    actor: str,
    *,
    reason: str,
    article: str | None = None,
    said: bool = False,
) -> None:
    """Close a dataset: the row first, so that nothing else is needed for it.

    :param said: whether somebody says so, which stands in the trail in any case
    """
    if is_public(row):
        model.Session.execute(_CLOSED, {"id": row.id})
    last = decisions.last(row.id)
    if said or (last is not None and last.kind != "withdraw"):
        decisions.add(
            Decision(
                package_id=row.id,
                kind="withdraw",
                name=row.name,
                author_id=actor,
                owner_org=row.owner_org,
                reason=reason,
                article=article,
            )
        )
    feeds.end(row.id)
    states.move(row.id, State.WITHDRAWN, release_at=None)


def withdraw(row: Any, actor: str, *, reason: str, article: str | None) -> None:
    """Close a dataset at once, whatever its state; the caller commits."""
    _close(row, actor, reason=reason, article=article, said=True)
    package = model.Session.get(model.Package, row.id)
    if package is not None:
        model.Session.refresh(package)


def before_commit(session: Any) -> None:
    """Decide on what this transaction changed of public datasets, or refuse it."""
    if session.in_nested_transaction():
        return
    session.flush()
    undecided = session.execute(sa.text("SELECT maroc_workflow_undecided()")).scalars()
    for package_id in undecided.all():
        if session is not model.Session():
            # A session of its own cannot be asked what it is about to say.
            raise tk.ValidationError({"maroc_workflow": [errors.say("needs_review")]})
        lock(package_id)
        standing = states.of(package_id)
        if standing.state != State.PUBLISHED or standing.revision_of:
            # It was not public before: no code makes it so on its own.
            raise tk.ValidationError({"maroc_workflow": [errors.say("needs_review")]})
        dataset = tk.get_action("package_show")(
            {"ignore_auth": True, "use_cache": False}, {"id": package_id}
        )
        found = findings.examine(dataset)
        if not _decided_alone(dataset, found, ACTOR.get() or _who_asks()):
            raise tk.ValidationError({"maroc_workflow": [errors.say("needs_review")]})


def _who_asks() -> str:
    """Return the name of who makes the request, without asking the database."""
    name = getattr(tk.g, "user", "") if tk.request else ""
    return name or "portal"


def as_sentence(failure: Any) -> None:
    """Give what the database's locks refuse as an error that says so to people."""
    code = getattr(failure.original_exception, "pgcode", None)
    if code in errors.BY_SQLSTATE:
        said = errors.say(errors.BY_SQLSTATE[code])
        raise tk.ValidationError({"maroc_workflow": [said]})


def listen() -> None:
    """Hear every commit of the session and every refusal of the database, once."""
    for session in (model.Session, model.meta.create_local_session):
        if not event.contains(session, "before_commit", before_commit):
            event.listen(session, "before_commit", before_commit)
    engine = model.ensure_engine()
    if not event.contains(engine, "handle_error", as_sentence):
        event.listen(engine, "handle_error", as_sentence)
