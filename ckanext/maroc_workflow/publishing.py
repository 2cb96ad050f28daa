"""What people do with a dataset in the workflow; each is one transaction.

The rights were asked for by the actions; here the table of :mod:`.machine` says what
leads where, and the gate writes the decision.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.types import Context

from ckanext.maroc_portal import clock, indexing
from ckanext.maroc_schema import legal

from . import (
    decisions,
    errors,
    findings,
    gate,
    notices,
    people,
    revisions,
    states,
    versions,
    words,
)
from .decisions import Decision
from .findings import Found
from .machine import Finding, Refused, Role, State, follow


class Case:
    """A dataset that is held while something is done with it, or only looked at."""

    def __init__(self, context: Context, name_or_id: str, *, held: bool = True) -> None:
        row: Any = gate.lock(name_or_id) if held else model.Package.get(name_or_id)
        if row is None:
            raise tk.ObjectNotFound(errors.say("unknown_dataset"))
        self.row, self.context = row, context
        self.actor = gate.actor_of(context)
        self.standing = states.of(row.id)

    @property
    def id(self) -> str:
        return self.row.id

    def look(self) -> Found:
        """Examine what is stored now."""
        inside: Any = logic.fresh_context(self.context, ignore_auth=True)
        inside["use_cache"] = False
        self.dataset = tk.get_action("package_show")(inside, {"id": self.id})
        self.found = findings.examine(self.dataset)
        return self.found

    @property
    def stead(self) -> str | None:
        """As what the actor may decide; None where they may not."""
        return people.stead_of(
            self.actor,
            self.row.owner_org,
            authors=self.authors,
            turn=self.standing.turn,
        )

    @property
    def authors(self) -> list[str]:
        more = [self.standing.submitted_by] if self.standing.submitted_by else []
        return list(dict.fromkeys([*self.standing.authors, *more]))

    def follow(self, name: str, *roles: Role) -> State:
        """Return where this leads, or say what is in the way."""
        found = self.found.finding if hasattr(self, "found") else Finding.CLEAR
        try:
            return follow(name, self.standing.state, roles=roles, finding=found)
        except Refused as refused:
            raise tk.ValidationError(self._said(refused)) from refused

    def _said(self, refused: Refused) -> dict[str, Any]:
        if refused.why == "role":
            return {"maroc_workflow": [errors.say("not_yours")]}
        if refused.why == "state":
            state = words.state(self.standing.state)
            return {"state": [errors.say("wrong_state", state=state)]}
        if self.found.finding == Finding.STOPPED:
            return lacking(self.found)
        unchecked = self.found.finding == Finding.UNCHECKED
        return {
            "maroc_workflow": [errors.say("unchecked" if unchecked else "alert_stands")]
        }


def _as_portal() -> Context:
    """Return the context of what the portal does by itself."""
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    return {"user": site["name"], "ignore_auth": True}


def lacking(found: Found) -> dict[str, Any]:
    """Return what stops a dataset, at the fields where it is mended."""
    places: dict[str, list[str]] = {}
    stopping = (legal.Outcome.BLOCKED, legal.Outcome.INCOMPLETE)
    for reason in found.verdict.reasons:
        if reason.outcome in stopping:
            places.setdefault(legal.place(reason), []).append(legal.said(reason))
    if found.bare:
        places.setdefault("resources", []).append(errors.say("bare_table"))
    return places


def submit(context: Context, name_or_id: str) -> dict[str, Any]:
    """Publish what is clear; send the rest to the checks or to a ROD."""
    case = Case(context, name_or_id)
    case.look()
    roles = [Role.GDD]
    if case.standing.state in (State.SUBMITTED, State.CHECKING, State.PUBLISHED):
        # Pressed twice, or asked again: it stands where it stood.
        return shown(case)
    target = case.follow("submit", *roles)
    return _go_on(case, target, submitted_by=case.actor)


def checked(package_id: str) -> None:
    """Go on with a dataset whose last report came in, or that was written meanwhile."""
    case = Case(_as_portal(), package_id)
    if case.standing.state != State.CHECKING:
        model.Session.rollback()
        return
    case.look()
    target = case.follow("checked", Role.PORTAL)
    if target == State.CHANGES_REQUESTED:
        states.move(case.id, target, remarks=_joined(lacking(case.found)))
        gate.commit()
        return
    # What comes back after a withdrawal is somebody else's to decide.
    if target == State.PUBLISHED and _was_withdrawn(case):
        target = State.SUBMITTED
    case.actor = case.standing.submitted_by or case.actor
    _go_on(case, target, submitted_by=case.actor)


def _go_on(case: Case, target: State, *, submitted_by: str) -> dict[str, Any]:
    if target == State.PUBLISHED:
        decision = gate.policy(case.dataset, case.found, submitted_by)
        return _publish(case, decision)
    states.move(case.id, target, submitted_by=submitted_by, submitted_at=clock.now())
    if target == State.SUBMITTED:
        authors = {*case.authors, submitted_by}
        turn = people.first_turn(case.row.owner_org, authors)
        states.put(case.id, turn=turn, turn_since=clock.now())
        notices.submitted(case.id)
    gate.commit()
    return shown(case)


def _was_withdrawn(case: Case) -> bool:
    last = decisions.last(case.id)
    return last is not None and last.kind == "withdraw"


def approve(
    context: Context,
    name_or_id: str,
    *,
    content: str | None = None,
    release_at: dt.datetime | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Decide that what is stored now is public, at once or from a moment on.

    :param content: the hash of what the ROD has read; another content is refused
    """
    case = Case(context, name_or_id)
    case.look()
    stead = case.stead
    roles = [Role.DECIDER] if stead else []
    target = case.follow("schedule" if release_at else "approve", *roles)
    now = decisions.hash_of(case.id)
    if content is not None and content != now:
        raise tk.ValidationError({"hash": [errors.say("content_moved")]})
    decision = Decision(
        package_id=case.id,
        kind="review",
        name=case.row.name,
        author_id=case.standing.submitted_by or (case.authors or [""])[0],
        authors=case.authors,
        approver_id=case.actor,
        stead=stead,
        owner_org=case.row.owner_org,
        policy=case.found.policy,
        policy_version=decisions.POLICIES[case.found.policy],
        verdict=decisions.rules(case.found.verdict),
        article=decisions.articles(case.found.verdict),
        reason=reason,
    )
    return _open(case, target, decision, release_at)


def schedule(
    context: Context, name_or_id: str, release_at: dt.datetime
) -> dict[str, Any]:
    """Publish from a moment on: by a ROD, or alone where nothing is in the way."""
    if release_at <= clock.now():
        raise tk.ValidationError({"date": [errors.say("past_date")]})
    case = Case(context, name_or_id)
    if case.standing.state == State.SUBMITTED:
        return approve(context, name_or_id, release_at=release_at)
    case.look()
    target = case.follow("schedule", Role.GDD)
    decision = gate.policy(case.dataset, case.found, case.actor)
    return _open(case, target, decision, release_at)


def _open(
    case: Case, target: State, decision: Decision, release_at: dt.datetime | None
) -> dict[str, Any]:
    if target != State.SCHEDULED or release_at is None:
        return _publish(case, decision)
    gate.plan(decision, release_at)
    gate.commit()
    return shown(case)


def _publish(case: Case, decision: Decision | None) -> dict[str, Any]:
    """Make it public: the dataset itself, or the one that it revises."""
    internal: Any = logic.fresh_context(case.context, ignore_auth=True)
    if case.standing.revision_of and decision is not None:
        public = revisions.apply(internal, case.standing, decision)
        notices.decided(public["id"], "published", case.authors)
        model.repo.commit()
        return show(case.context, public["id"])
    with gate.opening(case.id, decision):
        internal["allow_state_change"] = True
        tk.get_action("package_patch")(
            internal,
            {"id": case.id, "private": False, "state": model.State.ACTIVE},
        )
    notices.decided(case.id, "published", case.authors)
    model.repo.commit()
    return show(case.context, case.id)


def release(package_id: str) -> bool:
    """Make public what was decided for a moment that has come.

    What changed since then is not what was decided: it goes back to be submitted.
    """
    case = Case(_as_portal(), package_id)
    due = case.standing.release_at
    if case.standing.state != State.SCHEDULED or due is None or due > clock.now():
        model.Session.rollback()
        return False
    last = decisions.last(case.id)
    if last is None or last.content_hash != decisions.hash_of(case.id):
        states.move(
            case.id, State.DRAFT, release_at=None, remarks={"": "content_moved"}
        )
        gate.commit()
        return False
    # A revision's own decision is repeated on the dataset that it is written over.
    _publish(case, decisions.again(last) if case.standing.revision_of else None)
    return True


def request_changes(
    context: Context, name_or_id: str, remarks: Mapping[str, str]
) -> dict[str, Any]:
    """Send a dataset back with words at its fields."""
    case = Case(context, name_or_id)
    roles = [Role.DECIDER] if case.stead else []
    target = case.follow("request_changes", *roles)
    states.move(case.id, target, remarks=dict(remarks))
    notices.decided(case.id, "changes_requested", case.authors)
    gate.commit()
    return shown(case)


def retract(context: Context, name_or_id: str) -> dict[str, Any]:
    """Take back what was submitted or planned."""
    case = Case(context, name_or_id)
    target = case.follow("retract", Role.GDD)
    states.move(case.id, target, release_at=None)
    gate.commit()
    return shown(case)


def withdraw(
    context: Context, name_or_id: str, *, reason: str, article: str | None
) -> dict[str, Any]:
    """Close a dataset everywhere, at once; the index follows, at once or soon."""
    case = Case(context, name_or_id)
    gate.withdraw(case.row, case.actor, reason=reason, article=article)
    notices.decided(case.id, "withdrawn", case.authors)
    gate.commit()
    indexing.update(case.id)
    return shown(case)


def close_version(
    context: Context, name_or_id: str, *, resource_id: str, sha256: str, reason: str
) -> dict[str, Any]:
    """Close one version of a file for good; what the dataset says now stays."""
    case = Case(context, name_or_id)
    version = versions.find(case.id, resource_id, sha256)
    if version is None:
        raise tk.ObjectNotFound(errors.say("unknown_version"))
    if version.closed_at is None:
        # The file itself would go on giving them.
        if version.is_public and version.is_served:
            raise tk.ValidationError({"sha256": [errors.say("version_served")]})
        versions.close(resource_id, sha256, by=case.actor, reason=reason)
        gate.commit()
        version = versions.find(case.id, resource_id, sha256) or version
    return {
        "package_id": case.id,
        "resource_id": resource_id,
        "sha256": sha256,
        "closed_at": _moment(version.closed_at),
        "reason": version.reason,
    }


def discard(context: Context, name_or_id: str) -> dict[str, Any]:
    """Give a revision up: the public dataset stays as it is."""
    case = Case(context, name_or_id)
    if not case.standing.revision_of:
        raise tk.ValidationError({"id": [errors.say("not_revision")]})
    base = case.standing.revision_of
    revisions.remove(case.id)
    return show(case.context, base)


def show(context: Context, name_or_id: str) -> dict[str, Any]:
    """Return where a dataset stands, for those who prepare or decide on it."""
    return shown(Case(context, name_or_id, held=False))


def shown(case: Case) -> dict[str, Any]:
    """Return what the actions answer of a dataset."""
    standing = states.of(case.id)
    case.standing = standing
    found = case.look()
    revision = states.revision_of(case.id)
    return {
        "id": case.id,
        "name": case.dataset["name"],
        "state": str(standing.state),
        "public": gate.is_public(model.Package.get(case.id)),
        "since": _moment(standing.since),
        "submitted_at": _moment(standing.submitted_at),
        "submitted_by": standing.submitted_by,
        "release_at": _moment(standing.release_at),
        "remarks": dict(standing.remarks),
        "turn": standing.turn,
        "may_decide": case.stead,
        "hash": decisions.hash_of(case.id),
        "revision": revision.package_id if revision else None,
        "revision_of": standing.revision_of,
        "policy": found.policy,
        "finding": str(found.finding),
        "verdict": found.verdict.as_dict(),
    }


def _joined(places: Mapping[str, Any]) -> dict[str, str]:
    return {field: " ".join(said) for field, said in places.items()}


def _moment(value: dt.datetime | None) -> str | None:
    return value.astimezone(clock.CASABLANCA).isoformat() if value else None
