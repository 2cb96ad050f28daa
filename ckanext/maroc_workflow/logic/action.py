"""Core's writes, held by the gate; and what people do with a dataset."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.action import create as core_create
from ckan.logic.action import delete as core_delete
from ckan.logic.action import update as core_update
from ckan.types import Context

from ckanext.maroc_workflow import (
    bulk,
    consultations,
    delegations,
    feeding,
    gate,
    publishing,
    queue,
    resources,
)
from ckanext.maroc_workflow import trail as trail_

from . import schema

Data = dict[str, Any]


# Innermost of their chains, whatever the order of ``ckan.plugins``: an action that is
# not chained is what the chain ends on, and CKAN starts with no second one.


def package_create(context: Context, data_dict: Data) -> Any:
    """Create a dataset: a closed draft, whatever ``private`` or ``state`` is sent.

    Takes what core's ``package_create`` takes.

    :returns: core's dictionary, with ``workflow``: ``state``, ``verdict`` and
        ``blocks`` (the reasons why it would not be published alone)
    :rtype: dictionary
    """
    return gate.create(core_create.package_create, context, data_dict)


def package_update(context: Context, data_dict: Data) -> Any:
    """Update a dataset; what is public says only what was decided.

    Takes what core's ``package_update`` takes; ``private`` and ``state`` make nothing
    public.

    :returns: core's dictionary with ``workflow``. An edit of a public dataset that
        needs a decision leaves it as it is and returns the revision that keeps the
        edit: another ``id``, and ``revision_of``
    :rtype: dictionary

    Raises ValidationError ``revision_opened`` where a revision is open already.
    """
    return gate.update(core_update.package_update, context, data_dict)


def package_delete(context: Context, data_dict: Data) -> Any:
    """Delete a dataset; one that is public is withdrawn by it.

    Takes what core's ``package_delete`` takes.
    """
    return gate.delete(core_delete.package_delete, context, data_dict)


def dataset_purge(context: Context, data_dict: Data) -> Any:
    """Purge a dataset; what was decided on it stays in the trail.

    Takes what core's ``dataset_purge`` takes.
    """
    return gate.purge(core_delete.dataset_purge, context, data_dict)


def package_owner_org_update(context: Context, data_dict: Data) -> Any:
    return gate.passed(core_update.package_owner_org_update, context, data_dict)


def package_relationship_create(context: Context, data_dict: Data) -> Any:
    return gate.passed(core_create.package_relationship_create, context, data_dict)


def package_relationship_update(context: Context, data_dict: Data) -> Any:
    return gate.passed(core_update.package_relationship_update, context, data_dict)


def resource_view_create(context: Context, data_dict: Data) -> Any:
    return gate.passed(core_create.resource_view_create, context, data_dict)


def resource_view_update(context: Context, data_dict: Data) -> Any:
    return gate.passed(core_update.resource_view_update, context, data_dict)


def resource_view_delete(context: Context, data_dict: Data) -> Any:
    return gate.passed(core_delete.resource_view_delete, context, data_dict)


def resource_view_reorder(context: Context, data_dict: Data) -> Any:
    return gate.passed(core_update.resource_view_reorder, context, data_dict)


def member_create(context: Context, data_dict: Data) -> Any:
    """Add a member to a group; a dataset only by who may see it.

    Takes what core's ``member_create`` takes.
    """
    if data_dict.get("object_type") == "package":
        tk.check_access("package_show", context, {"id": data_dict.get("object")})
    return gate.passed(core_create.member_create, context, data_dict)


def member_delete(context: Context, data_dict: Data) -> Any:
    return gate.passed(core_delete.member_delete, context, data_dict)


def resource_create(context: Context, data_dict: Data) -> Any:
    return resources.telling(core_create.resource_create, context, data_dict)


def resource_update(context: Context, data_dict: Data) -> Any:
    return resources.telling(core_update.resource_update, context, data_dict)


def resource_delete(context: Context, data_dict: Data) -> Any:
    return resources.refusing(core_delete.resource_delete, context, data_dict)


def package_resource_reorder(context: Context, data_dict: Data) -> Any:
    return resources.refusing(core_update.package_resource_reorder, context, data_dict)


def bulk_update_public(context: Context, data_dict: Data) -> Any:
    """Submit several datasets of an institution, each by the rules for one.

    :param datasets: ids of datasets
    :param org_id: the institution
    """
    return bulk.submit(context, data_dict)


def bulk_update_private(context: Context, data_dict: Data) -> Any:
    """Withdraw several datasets of an institution.

    :param datasets: ids of datasets
    :param org_id: the institution
    """
    return bulk.withdraw(context, data_dict)


# What people do


@tk.validate_action_data(schema.by_id)
def maroc_workflow_submit(context: Context, data_dict: Data) -> Data:
    """Publish a dataset, or send it to the checks or the ROD where the law asks.

    :param id: the name or id of the dataset or of its revision
    :type id: string

    :returns: where it stands now, as ``maroc_workflow_show``
    :rtype: dictionary

    Raises ValidationError at the fields that lack or are closed by the law.
    """
    tk.check_access("maroc_workflow_submit", context, data_dict)
    return publishing.submit(context, data_dict["id"])


@tk.validate_action_data(schema.approve)
def maroc_workflow_approve(context: Context, data_dict: Data) -> Data:
    """Decide that a submitted dataset is public; never who wrote any of it.

    :param id: the name or id of the dataset or of its revision
    :type id: string
    :param hash: what was read (``hash`` of ``maroc_workflow_show``): where the content
        has changed since, nothing is decided (optional)
    :type hash: string
    :param reason: the ROD's words (optional)
    :type reason: string

    :returns: where it stands now, as ``maroc_workflow_show``
    :rtype: dictionary

    Raises ValidationError where it is not the caller's to decide, where the law or a
    check stands in the way, and where the public dataset has moved on.
    """
    tk.check_access("maroc_workflow_approve", context, data_dict)
    return publishing.approve(
        context,
        data_dict["id"],
        content=data_dict.get("hash"),
        reason=data_dict.get("reason"),
    )


@tk.validate_action_data(schema.request_changes)
def maroc_workflow_request_changes(context: Context, data_dict: Data) -> Data:
    """Send a submitted dataset back, with words at its fields.

    :param id: the name or id of the dataset or of its revision
    :type id: string
    :param remarks: words by field; the empty field is the dataset as a whole
    :type remarks: dictionary

    :returns: where it stands now, as ``maroc_workflow_show``
    :rtype: dictionary
    """
    tk.check_access("maroc_workflow_request_changes", context, data_dict)
    return publishing.request_changes(context, data_dict["id"], data_dict["remarks"])


@tk.validate_action_data(schema.withdraw)
def maroc_workflow_withdraw(context: Context, data_dict: Data) -> Data:
    """Close a dataset at once, in whatever state it is.

    :param id: the name or id of the dataset
    :type id: string
    :param reason: why; kept in the trail, shown to the institution and ADD
    :type reason: string
    :param article: the article that asks for it, shown on the page that remains
        (optional)
    :type article: string

    :returns: where it stands now, as ``maroc_workflow_show``
    :rtype: dictionary
    """
    tk.check_access("maroc_workflow_withdraw", context, data_dict)
    return publishing.withdraw(
        context,
        data_dict["id"],
        reason=data_dict["reason"],
        article=data_dict.get("article") or None,
    )


@tk.validate_action_data(schema.version_close)
def maroc_workflow_version_close(context: Context, data_dict: Data) -> Data:
    """Close one version of a file for good; the dataset and its other versions stay.

    :param id: the name or id of the dataset
    :type id: string
    :param resource_id: the file
    :type resource_id: string
    :param sha256: the fingerprint of the bytes
    :type sha256: string
    :param reason: why; kept with the version, shown to the institution and ADD
    :type reason: string

    :returns: ``package_id``, ``resource_id``, ``sha256``, ``closed_at`` and ``reason``
    :rtype: dictionary

    Raises ValidationError where the public dataset has a file of these very bytes:
    replace the file first, or withdraw the dataset.
    """
    tk.check_access("maroc_workflow_version_close", context, data_dict)
    return publishing.close_version(
        context,
        data_dict["id"],
        resource_id=data_dict["resource_id"],
        sha256=data_dict["sha256"],
        reason=data_dict["reason"],
    )


@tk.validate_action_data(schema.schedule)
def maroc_workflow_schedule(context: Context, data_dict: Data) -> Data:
    """Publish from a moment on: what is clear, or what a ROD approves by it.

    :param id: the name or id of the dataset or of its revision
    :type id: string
    :param date: a day (from 00:00) or a moment, Casablanca time: ``2026-12-01T09:00``
    :type date: string

    :returns: where it stands now, as ``maroc_workflow_show``
    :rtype: dictionary
    """
    tk.check_access("maroc_workflow_schedule", context, data_dict)
    return publishing.schedule(context, data_dict["id"], data_dict["date"])


@tk.validate_action_data(schema.by_id)
def maroc_workflow_retract(context: Context, data_dict: Data) -> Data:
    """Take back what was submitted or planned: a draft again.

    :param id: the name or id of the dataset or of its revision
    :type id: string

    :returns: where it stands now, as ``maroc_workflow_show``
    :rtype: dictionary
    """
    tk.check_access("maroc_workflow_retract", context, data_dict)
    return publishing.retract(context, data_dict["id"])


@tk.validate_action_data(schema.by_id)
def maroc_workflow_discard(context: Context, data_dict: Data) -> Data:
    """Give a revision up; the public dataset stays as it is.

    :param id: the name or id of the revision
    :type id: string

    :returns: where the public dataset stands, as ``maroc_workflow_show``
    :rtype: dictionary
    """
    tk.check_access("maroc_workflow_discard", context, data_dict)
    return publishing.discard(context, data_dict["id"])


@tk.validate_action_data(schema.delegate)
def maroc_workflow_delegate(context: Context, data_dict: Data) -> Data:
    """Let somebody decide in a ROD's stead between two days, both included.

    :param organization: the name or id of the institution
    :type organization: string
    :param user: the name or id of the account that stands in
    :type user: string
    :param starts: the first day
    :type starts: string
    :param ends: the last day; one in the past ends the delegation
    :type ends: string

    :returns: ``organization``, ``user``, ``starts``, ``ends``
    :rtype: dictionary
    """
    tk.check_access("maroc_workflow_delegate", context, data_dict)
    return delegations.delegate(context, **data_dict)


@tk.validate_action_data(schema.feed_create)
def maroc_workflow_feed_create(context: Context, data_dict: Data) -> Data:
    """Take a standing decision: an account may add rows to a public table.

    It is bound to the table's columns and types, to the dataset's legal block, to the
    account and to the last day; it takes the place of an earlier one on the table.

    :param id: the id of the file: an uploaded CSV that the portal has read
    :type id: string
    :param account: the name or id of the account that adds rows; never the caller's
    :type account: string
    :param until: the last day, a year from now at most
    :type until: string
    :param reason: the ROD's words (optional)
    :type reason: string

    :returns: ``id``, ``package_id``, ``account``, ``given_by``, ``given_at``,
        ``until``, ``is_on``, ``columns`` (``id`` and ``type``) and ``pushes``
    :rtype: dictionary
    """
    tk.check_access("maroc_workflow_feed_create", context, data_dict)
    return feeding.give(
        context,
        data_dict["id"],
        account=data_dict["account"],
        until=data_dict["until"],
        reason=data_dict.get("reason"),
    )


def maroc_workflow_feed_push(context: Context, data_dict: Data) -> Data:
    """Add rows to a table under a standing decision; what fits is public at once.

    :param id: the id of the file
    :type id: string
    :param records: rows, each a dictionary by column; at most 10000
    :type records: list of dictionaries
    :param method: ``append`` (default) or ``replace``: these rows alone
    :type method: string
    :param push_id: the program's own name for this push: sent again, it changes nothing
        and gets the same answer (optional)
    :type push_id: string

    :returns: ``received``, ``accepted``, ``refused`` (for each refused row its number
        ``row`` from 1, its ``column`` and the ``reason`` by language, never a value),
        ``sha256`` of the file as it is now, ``method``, ``push_id``, ``at``
    :rtype: dictionary

    Raises ValidationError, and takes nothing in, where what was decided on no longer
    stands: the columns, the legal block, the last day, a check of the file.
    """
    rows = schema.records(data_dict)
    data, refused = tk.navl_validate(data_dict, schema.feed_push(), context)
    if refused:
        raise tk.ValidationError(refused)
    tk.check_access("maroc_workflow_feed_push", context, data)
    return feeding.push(
        context,
        data["id"],
        rows,
        method=data["method"],
        push_id=data.get("push_id"),
    )


@tk.validate_action_data(schema.feed_withdraw)
def maroc_workflow_feed_withdraw(context: Context, data_dict: Data) -> Data:
    """Withdraw a standing decision: all that it opened closes, with its dataset.

    :param id: the id of the file
    :type id: string
    :param reason: why; kept in the trail
    :type reason: string
    :param article: the article that asks for it (optional)
    :type article: string
    :param keep: close nothing: the caller decides, by a review, that what the table
        says now stays public (default false)
    :type keep: boolean

    :returns: as ``maroc_workflow_feed_create``
    :rtype: dictionary
    """
    tk.check_access("maroc_workflow_feed_withdraw", context, data_dict)
    return feeding.withdraw(
        context,
        data_dict["id"],
        reason=data_dict["reason"],
        article=data_dict.get("article") or None,
        keep=data_dict["keep"],
    )


@tk.side_effect_free
@tk.validate_action_data(schema.by_id)
def maroc_workflow_feed_show(context: Context, data_dict: Data) -> Data:
    """Show the standing decision on a table, with its latest pushes.

    :param id: the id of the file
    :type id: string

    :returns: as ``maroc_workflow_feed_create``
    :rtype: dictionary
    """
    tk.check_access("maroc_workflow_feed_show", context, data_dict)
    return feeding.show(data_dict["id"])


@tk.side_effect_free
@tk.validate_action_data(schema.by_id)
def maroc_workflow_feed_list(context: Context, data_dict: Data) -> list[Data]:
    """List the standing decisions on a dataset's tables.

    :param id: the name or id of the dataset
    :type id: string

    :returns: each as ``maroc_workflow_feed_create``
    :rtype: list of dictionaries
    """
    tk.check_access("maroc_workflow_feed_list", context, data_dict)
    return feeding.listed(data_dict["id"])


@tk.side_effect_free
@tk.validate_action_data(schema.by_id)
def maroc_workflow_show(context: Context, data_dict: Data) -> Data:
    """Tell where a dataset stands, for those who prepare or decide on it.

    :param id: the name or id of the dataset or of its revision
    :type id: string

    :returns: ``id``, ``name``, ``state``, ``public``, ``since``, ``submitted_at``,
        ``submitted_by``, ``release_at``, ``remarks``, ``turn``, ``may_decide`` (as what
        the caller may decide, or null), ``hash`` of the content, ``revision``,
        ``revision_of``, ``policy``, ``finding`` and ``verdict``
    :rtype: dictionary
    """
    tk.check_access("maroc_workflow_show", context, data_dict)
    return publishing.show(context, data_dict["id"])


@tk.side_effect_free
@tk.validate_action_data(schema.decision_list)
def maroc_workflow_decision_list(context: Context, data_dict: Data) -> list[Data]:
    """List decisions, the latest first: of a dataset, or of an institution.

    :param id: the name or id of a dataset (optional)
    :type id: string
    :param organization: the name or id of an institution (optional)
    :type organization: string
    :param since: the first day (optional)
    :type since: string
    :param until: the last day (optional)
    :type until: string
    :param kind: ``review``, ``policy``, ``batch``, ``feed`` or ``withdraw`` (optional)
    :type kind: string
    :param article: words of an article (optional)
    :type article: string
    :param limit: at most so many (default 100, at most 10000)
    :type limit: integer
    :param offset: after so many (default 0)
    :type offset: integer

    :returns: for each decision ``package_id``, ``n``, ``at``, ``kind``, ``name``,
        ``organization``, ``author``, ``approver`` (roles, not names, unless the caller
        administers), ``stead``, ``policy``, ``verdict``, ``article``, ``reason``,
        ``content_hash``, ``row_hash``
    :rtype: list of dictionaries
    """
    tk.check_access("maroc_workflow_decision_list", context, data_dict)
    return trail_.listed(context, data_dict)


@tk.side_effect_free
@tk.validate_action_data(schema.consultation_list)
def maroc_workflow_consultation_list(context: Context, data_dict: Data) -> list[Data]:
    """List what ADD looked at before it was public, the latest first.

    One row for each person, dataset, way of looking and day.

    :param id: the name or id of a dataset (optional)
    :type id: string
    :param organization: the name or id of an institution (optional)
    :type organization: string
    :param since: the first day (optional)
    :type since: string
    :param until: the last day (optional)
    :type until: string
    :param what: ``page``, ``api``, ``download`` or ``data`` (optional)
    :type what: string
    :param by_role: no names, as a list that leaves the institution (default false)
    :type by_role: boolean
    :param limit: at most so many (default 100, at most 10000)
    :type limit: integer
    :param offset: after so many (default 0)
    :type offset: integer

    :returns: for each ``at``, ``what``, ``user`` (the account's name for the
        institution's RODs and ADD, else ``add``), ``package_id``, ``name``,
        ``organization``
    :rtype: list of dictionaries
    """
    tk.check_access("maroc_workflow_consultation_list", context, data_dict)
    return consultations.listed(context, data_dict)


@tk.side_effect_free
@tk.validate_action_data(schema.queue_list)
def maroc_workflow_queue_list(context: Context, data_dict: Data) -> list[Data]:
    """List what waits: for the caller's decision, or for the caller's corrections.

    :param organization: only this institution's (optional)
    :type organization: string
    :param mine: what the caller must correct, instead of decide on (default false)
    :type mine: boolean

    :returns: for each dataset ``id``, ``name``, ``title``, ``organization``, ``state``,
        ``since``, ``submitted_at``, ``submitted_by``, ``turn``, ``overdue``,
        ``revision_of``, ``remarks`` and ``may_decide``, the oldest first
    :rtype: list of dictionaries
    """
    tk.check_access("maroc_workflow_queue_list", context, data_dict)
    return queue.listed(
        context,
        organization=data_dict.get("organization"),
        mine=data_dict["mine"],
    )
