"""Living tables: a ROD decides once, an account adds rows, each push is public at once.

The decision is bound to the table's columns and types, to the dataset's legal block, to
one account and to a last day. Rows that do not fit, or that a required check refuses,
stay outside and are reported. Each push writes a decision of the kind ``feed`` on
exactly what it leaves; the gate lets nothing else through.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.types import Context

from ckanext.maroc_portal import clock, indexing, interfaces
from ckanext.maroc_portal.interfaces import TableShape

from . import decisions, errors, feeds, gate, notices, people, revisions, versions
from .decisions import Decision
from .feeds import Feed
from .findings import Found
from .machine import Finding
from .publishing import Case

MOST = 10_000
"""Rows of one push."""
LONGEST = dt.timedelta(days=366)
"""A standing decision is looked at again every year at the latest."""


class Table(Case):
    """The table of a public dataset, held while something is done with it."""

    def __init__(self, context: Context, resource_id: str) -> None:
        resource = model.Resource.get(resource_id)
        if resource is None or resource.state != model.State.ACTIVE:
            raise tk.ObjectNotFound(errors.say("unknown_file"))
        super().__init__(context, str(resource.package_id))
        model.Session.refresh(resource)
        self.resource = resource

    def look(self) -> Found:
        """Examine the dataset as it stands; it must be public."""
        if not gate.is_public(self.row):
            raise tk.ValidationError({"id": [errors.say("feed_closed")]})
        found = super().look()
        if found.finding == Finding.STOPPED:
            raise tk.ValidationError({"id": [errors.say("feed_stopped")]})
        return found

    def shape(self) -> TableShape:
        """Return the shape of the file that is public now."""
        shape = interfaces.table_shape(self.resource.id)
        if self.resource.url_type != "upload" or not self.resource.hash:
            raise tk.ValidationError({"id": [errors.say("feed_link")]})
        if shape is None or shape.sha256 != self.resource.hash:
            raise tk.ValidationError({"id": [errors.say("feed_not_loaded")]})
        return shape

    def alerts(self) -> list[str]:
        """Return the checks that have an alert on this file."""
        reports = self.found.reports
        mine = (each for each in reports if each.resource_id == self.resource.id)
        return sorted({each.check for each in mine if each.state == "alert"})


def give(
    context: Context,
    resource_id: str,
    *,
    account: str,
    until: dt.date,
    reason: str | None = None,
) -> dict[str, Any]:
    """Let an account add rows to a public table until a day, both included.

    Raises ValidationError where it is not the caller's to decide, and where the table
    cannot be fed: a link, no text table, not loaded yet, a check that sees no rows.
    """
    table = Table(context, resource_id)
    person = model.User.get(account)
    if person is None or not person.is_active:
        raise tk.ValidationError({"account": [errors.say("unknown_person")]})
    stead = people.stead_of(
        table.actor, table.row.owner_org, authors=[person.id], turn="rod"
    )
    if stead is None:
        raise tk.ValidationError({"account": [errors.say("feed_not_yours")]})
    if not clock.today() <= until <= clock.today() + LONGEST:
        raise tk.ValidationError({"until": [errors.say("feed_until")]})
    table.look()
    shape = table.shape()
    interfaces.add_rows(shape, shape.sha256, [])  # Refuses what no rows can enter.
    bound = {
        "resource": table.resource.id,
        "account": person.id,
        "shape": asdict(shape),
        "legal": feeds.block_of(table.dataset),
        "alerts": table.alerts(),
    }
    feeds.give(
        resource_id=table.resource.id,
        package_id=table.id,
        account_id=person.id,
        given_by=table.actor,
        stead=stead,
        until=until,
        bound=bound,
        sha256=shape.sha256,
    )
    feed = _found(table.resource.id)
    content = decisions.hash_of(table.id)
    decisions.add(_decision(table, feed, content=content, reason=reason))
    versions.opened(table.id)
    gate.commit()
    return shown(feed)


def push(
    context: Context,
    resource_id: str,
    records: Sequence[Mapping[str, Any]],
    *,
    method: str = "append",
    push_id: str | None = None,
) -> dict[str, Any]:
    """Add rows to a table, or put them in place of its rows; what fits is public.

    Returns the report: rows received and accepted, and for each refused one its number,
    its column and the reason.
    """
    if len(records) > MOST:
        raise tk.ValidationError({"records": [errors.say("feed_many", most=MOST)]})
    if not records:
        raise tk.ValidationError({"records": [errors.say("feed_empty")]})
    table = Table(context, resource_id)
    feed = feeds.find(table.resource.id)
    if feed is None or feed.account_id != table.actor:
        raise tk.NotAuthorized(errors.say("feed_not_account"))
    if push_id and (known := feeds.pushed(table.resource.id, push_id)):
        model.Session.rollback()
        return known
    if not feed.is_on(clock.today()):
        raise tk.ValidationError({"id": [errors.say("feed_ended")]})
    table.look()
    shape = _still_bound(table, feed)
    base = None if method == "replace" else table.resource.hash
    added = interfaces.add_rows(shape, base, records)
    report = feeds.report(
        table.resource.id,
        push_id=push_id,
        method=method,
        received=len(records),
        of=added,
    )
    if added.refused:
        notices.decided(table.id, "feed_refused", [feed.given_by])
    if added.accepted and added.sha256 != table.resource.hash:
        versions.superseded(table.resource.id, table.resource.hash)
        feeds.left(table.resource.id, added.sha256)
        _write(table, feed, added.sha256, added.size)
    gate.commit()
    return report


def _still_bound(table: Table, feed: Feed) -> TableShape:
    """Return the shape that rows must fit, where all that was decided on stands."""
    if feeds.block_of(table.dataset) != feed.bound["legal"]:
        raise tk.ValidationError({"id": [errors.say("feed_legal_changed")]})
    if set(table.alerts()) - set(feed.bound["alerts"]):
        raise tk.ValidationError({"id": [errors.say("feed_alert")]})
    if table.resource.hash == feed.sha256:
        return feed.shape
    # Somebody replaced the file meanwhile: its columns must be the same.
    now = table.shape()
    if not feeds.same_columns(now, feed.shape):
        raise tk.ValidationError({"id": [errors.say("feed_columns_changed")]})
    return replace(feed.shape, encoding=now.encoding, delimiter=now.delimiter)


def _write(table: Table, feed: Feed, sha256: str, size: int) -> None:
    """Let the public dataset say the new file, under the standing decision."""
    changed = {
        "hash": sha256,
        "size": size,
        "last_modified": dt.datetime.now(dt.UTC).replace(tzinfo=None).isoformat(),
    }
    resources = [
        {**each, **changed} if each["id"] == table.resource.id else each
        for each in table.dataset["resources"]
    ]
    inside: Any = logic.fresh_context(table.context, ignore_auth=True)
    with (
        revisions.carrying([changed]),
        gate.opening(table.id, _decision(table, feed)),
    ):
        tk.get_action("package_update")(
            inside, {**table.dataset, "resources": resources}
        )


def withdraw(
    context: Context,
    resource_id: str,
    *,
    reason: str,
    article: str | None = None,
    keep: bool = False,
) -> dict[str, Any]:
    """Withdraw a standing decision: all that it opened closes, with its dataset.

    :param keep: close nothing: who withdraws decides on what the table says now
    """
    table = Table(context, resource_id)
    feed = _found(table.resource.id)
    if feed.ended_at is not None:
        raise tk.ValidationError({"id": [errors.say("feed_ended")]})
    if keep:
        _keep(table, feed, reason)
    else:
        gate.withdraw(table.row, table.actor, reason=reason, article=article)
        notices.decided(table.id, "withdrawn", [feed.account_id])
    feeds.end(table.id, table.resource.id)
    gate.commit()
    indexing.update(table.id)
    return shown(_found(table.resource.id))


def _keep(table: Table, feed: Feed, reason: str) -> None:
    table.look()
    stead = people.stead_of(
        table.actor, table.row.owner_org, authors=[feed.account_id], turn="rod"
    )
    if stead is None:
        raise tk.ValidationError({"id": [errors.say("feed_not_yours")]})
    decisions.add(
        Decision(
            package_id=table.id,
            kind="review",
            content_hash=decisions.hash_of(table.id),
            name=table.row.name,
            author_id=feed.account_id,
            authors=[feed.account_id],
            approver_id=table.actor,
            stead=stead,
            owner_org=table.row.owner_org,
            policy=table.found.policy,
            policy_version=decisions.POLICIES[table.found.policy],
            verdict=decisions.rules(table.found.verdict),
            reason=reason,
        )
    )


def _decision(
    table: Table, feed: Feed, *, content: str | None = None, reason: str | None = None
) -> Decision:
    """Return the decision that opens what the feed leaves."""
    return Decision(
        package_id=table.id,
        kind="feed",
        content_hash=content,
        name=table.row.name,
        author_id=feed.account_id,
        authors=[feed.account_id],
        approver_id=feed.given_by,
        stead=feed.stead,
        owner_org=table.row.owner_org,
        verdict=decisions.rules(table.found.verdict),
        article=decisions.articles(table.found.verdict),
        reason=reason,
        bound=dict(feed.bound),
        until=feed.until,
    )


def show(resource_id: str) -> dict[str, Any]:
    """Return the standing decision on a table, with its latest pushes."""
    return shown(_found(resource_id))


def listed(name_or_id: str) -> list[dict[str, Any]]:
    """Return a dataset's standing decisions, each with its latest pushes."""
    package = model.Package.get(name_or_id)
    return [shown(each) for each in feeds.of(package.id)] if package else []


def shown(feed: Feed) -> dict[str, Any]:
    """Return what the actions answer of a standing decision."""
    return {
        "id": feed.resource_id,
        "package_id": feed.package_id,
        "account": _name(feed.account_id),
        "given_by": _name(feed.given_by),
        "given_at": feed.given_at.astimezone(clock.CASABLANCA).isoformat(),
        "until": feed.until.isoformat(),
        "is_on": feed.is_on(clock.today()),
        "columns": [{"id": each.id, "type": each.type} for each in feed.shape.columns],
        "pushes": feeds.reports(feed.resource_id),
    }


def _found(resource_id: str) -> Feed:
    feed = feeds.find(resource_id)
    if feed is None:
        raise tk.ObjectNotFound(errors.say("no_feed"))
    return feed


def _name(user_id: str) -> str:
    user = model.User.get(user_id)
    return user.name if user else user_id
