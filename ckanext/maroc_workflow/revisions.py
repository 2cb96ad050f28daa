"""A revision: the edit of a public dataset that waits for a decision.

It is a private dataset of its own, with its own resource ids and tables, so that
CKAN's forms, uploads, views and previews serve it as any draft; files are shared by
their hash. Approval writes it over the public dataset in one ``package_update``.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.types import Context

from ckanext.maroc_portal import clock, indexing
from ckanext.maroc_portal.interfaces import CARRIED

from . import decisions, errors, gate, states
from .findings import Found
from .machine import Finding, State

log = logging.getLogger(__name__)

LAST: ContextVar[str] = ContextVar("maroc_workflow_last_revision", default="")
"""The id of the revision that the write going on has opened."""

# What belongs to the one dataset or the other, or is made up when it is shown.
_OWN = frozenset(
    {
        "id",
        "name",
        "private",
        "state",
        "metadata_created",
        "metadata_modified",
        "creator_user_id",
        "num_resources",
        "num_tags",
        "organization",
        "isopen",
        "license_title",
        "license_url",
        "relationships_as_object",
        "relationships_as_subject",
        "tags",
        "type",
        "workflow",
        "revision_of",
        "resources",
    }
)
_RESOURCE_OWN = frozenset(
    {"id", "package_id", "created", "metadata_modified", "last_modified", "position"}
    | {"datastore_active", "state"}
)
_OF_FILE = ("hash", "size", "url", "file_name", "mimetype")
"""What of a resource belongs to its bytes."""
_FIRST_STATE = {
    Finding.UNCHECKED: State.CHECKING,
    Finding.ALERT: State.SUBMITTED,
    Finding.POLICY: State.SUBMITTED,
    # Only code that skips the forms gets here with a hole: it stays a draft.
    Finding.STOPPED: State.DRAFT,
}


def link_of(name: str) -> str:
    """Return the address of a revision's page."""
    return tk.url_for("dataset.read", id=name, qualified=True)


def opened(
    context: Context, row: Any, proposed: dict[str, Any], found: Found, actor: str
) -> Any:
    """Keep an edit that may not be public yet; return the revision as it is stored.

    The caller has rolled the edit itself back. Raises ValidationError where a
    revision is open already.
    """
    known = states.revision_of(row.id)
    if known is not None:
        revision = model.Package.get(known.package_id)
        name = revision.name if revision else known.package_id
        said = errors.say("revision_opened", link=link_of(name))
        raise tk.ValidationError({"revision_opened": [said]})
    last = decisions.last(row.id)
    made = _create(context, row, proposed)
    pairs = zip(made["resources"], proposed["resources"], strict=True)
    public = model.Session.query(model.Resource.id, model.Resource.hash).filter(
        model.Resource.package_id == row.id
    )
    states.revises(
        made["id"],
        row.id,
        {
            "hash": last.content_hash if last else None,
            "resources": {mine["id"]: base["id"] for mine, base in pairs},
            "files": {each.id: each.hash for each in public},
            "name": proposed["name"] if proposed["name"] != row.name else None,
        },
    )
    state = _FIRST_STATE[found.finding]
    states.move(made["id"], state)
    if state != State.DRAFT:
        states.put(made["id"], submitted_by=actor, submitted_at=clock.now())
    if not context.get("defer_commit"):
        gate.commit()
        indexing.update(made["id"])
    LAST.set(made["id"])
    if context.get("return_id_only"):
        return made["id"]
    return {**made, **gate.summary(made, found)}


def _create(context: Context, row: Any, proposed: Mapping[str, Any]) -> dict[str, Any]:
    resources = [_carried(each) for each in proposed["resources"]]
    draft = {
        **_fields(proposed),
        "type": proposed["type"],
        "name": f"{row.name[:80]}--revision-{uuid.uuid4().hex[:8]}",
        "state": model.State.ACTIVE,
        "resources": resources,
    }
    with carrying(resources):
        return tk.get_action("package_create")(
            logic.fresh_context(context, ignore_auth=True, defer_commit=True), draft
        )


def apply(
    context: Context, standing: states.Standing, decision: decisions.Decision
) -> dict[str, Any]:
    """Write a revision over its public dataset, in one update; the revision goes.

    Raises ValidationError where the public dataset has moved on: both are kept.
    """
    base_id = standing.revision_of or ""
    row = gate.lock(base_id)
    if row is None or not gate.is_public(row):
        raise tk.ValidationError({"base": [errors.say("base_moved")]})
    moved = decisions.hash_of(base_id) != standing.base.get("hash")
    if moved and not _only_fed(base_id, standing):
        raise tk.ValidationError({"base": [errors.say("base_moved")]})
    revision = tk.get_action("package_show")(
        _inside(context), {"id": standing.package_id}
    )
    base = tk.get_action("package_show")(_inside(context), {"id": base_id})
    ids: Mapping[str, str] = standing.base.get("resources") or {}
    there = {each["id"]: each for each in base["resources"]}
    resources = []
    for each in revision["resources"]:
        carried = _carried(each)
        if ids.get(each["id"]) in there:
            carried["id"] = ids[each["id"]]
            _follow_feed(carried, there[ids[each["id"]]], standing)
        resources.append(carried)
    kept = {name: base[name] for name in _OWN if name in base}
    whole = {**kept, **_fields(revision), "resources": resources}
    whole.pop("metadata_modified", None)
    if standing.base.get("name"):
        whole["name"] = standing.base["name"]
    with carrying(resources):
        # The revision is done in the very transaction that publishes it.
        states.move(standing.package_id, State.PUBLISHED)
        of_base = replace(
            decision, package_id=base_id, name=row.name, revision_id=standing.package_id
        )
        with gate.opening(base_id, of_base):
            public = tk.get_action("package_update")(_inside(context), whole)
    remove(standing.package_id)
    return public


def _only_fed(base_id: str, standing: states.Standing) -> bool:
    """Whether nothing but standing decisions changed the public dataset since."""
    kinds = decisions.since(base_id, standing.base.get("hash") or "")
    return bool(kinds) and set(kinds) == {"feed"}


def _follow_feed(
    mine: dict[str, Any], public: Mapping[str, Any], standing: states.Standing
) -> None:
    """Take the file that a feed brought meanwhile, where the revision left it alone.

    Raises ValidationError where both changed the file.
    """
    began = (standing.base.get("files") or {}).get(public["id"])
    if public["url_type"] != "upload" or public["hash"] in (began, mine.get("hash")):
        return
    if mine.get("hash") != began:
        raise tk.ValidationError({"base": [errors.say("base_moved")]})
    mine |= {name: public.get(name) for name in _OF_FILE}


def remove(package_id: str) -> None:
    """Take a revision away, whose content is public now or not wanted any more."""
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    states.forget(package_id)
    tk.get_action("dataset_purge")(
        {"user": site["name"], "ignore_auth": True}, {"id": package_id}
    )
    indexing.update(package_id)


@contextmanager
def carrying(resources: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    """Let the files of these resources be named by their hash meanwhile."""
    hashes = frozenset(each["hash"] for each in resources if each.get("hash"))
    token = CARRIED.set(CARRIED.get() | hashes)
    try:
        yield
    finally:
        CARRIED.reset(token)


def _inside(context: Context) -> Context:
    return logic.fresh_context(context, ignore_auth=True)


def _fields(dataset: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in dataset.items() if name not in _OWN}


def _carried(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in resource.items() if name not in _RESOURCE_OWN
    }
