"""Who may ask: the institution's people prepare and withdraw, others may decide.

Whether someone may decide on this very content (never one of its authors, in whose
stead, whose turn it is) is the workflow's own question, asked under its lock: here only
strangers are turned away.
"""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import AuthResult, Context

from ckanext.maroc_workflow import errors, feeds, people

__all__ = [
    "maroc_workflow_approve",
    "maroc_workflow_consultation_list",
    "maroc_workflow_decision_list",
    "maroc_workflow_delegate",
    "maroc_workflow_discard",
    "maroc_workflow_feed_create",
    "maroc_workflow_feed_list",
    "maroc_workflow_feed_push",
    "maroc_workflow_feed_show",
    "maroc_workflow_feed_withdraw",
    "maroc_workflow_queue_list",
    "maroc_workflow_request_changes",
    "maroc_workflow_retract",
    "maroc_workflow_schedule",
    "maroc_workflow_show",
    "maroc_workflow_submit",
    "maroc_workflow_version_close",
    "maroc_workflow_withdraw",
]


def _prepares(context: Context, data_dict: Any) -> AuthResult:
    """Let through who may edit the dataset."""
    return authz.is_authorized("package_update", context, {"id": data_dict["id"]})


def _decides(context: Context, data_dict: Any) -> AuthResult:
    """Let through the RODs who may come to decide, and their stand-ins."""
    package = model.Package.get(data_dict["id"])
    user = model.User.get(context.get("user") or "")
    if package is None:
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    if user is None:
        return {"success": False}
    owner = package.owner_org
    above = people.parent_of(owner)
    may = (
        user.id in people.rods(owner)
        or user.id in people.deputies(owner)
        or bool(above and user.id in people.rods(above))
    )
    return {"success": may}


def _concerns(context: Context, data_dict: Any) -> AuthResult:
    prepares = _prepares(context, data_dict)
    return prepares if prepares["success"] else _decides(context, data_dict)


def _member_of(context: Context, data_dict: Any) -> AuthResult:
    user, organization = context.get("user"), data_dict.get("organization")
    permitted = organization and authz.has_user_permission_for_group_or_org(
        organization, user, "update_dataset"
    )
    return {"success": bool(permitted)}


maroc_workflow_submit = _prepares
maroc_workflow_retract = _prepares
maroc_workflow_discard = _prepares
maroc_workflow_schedule = _concerns
maroc_workflow_approve = _decides
maroc_workflow_request_changes = _decides
maroc_workflow_show = _concerns


def _of_file(data_dict: Any) -> dict[str, Any]:
    """Return the dataset of a file, for the questions above."""
    resource = model.Resource.get(data_dict["id"])
    if resource is None:
        raise tk.ObjectNotFound(errors.say("unknown_file"))
    return {"id": resource.package_id}


def maroc_workflow_feed_create(context: Context, data_dict: Any) -> AuthResult:
    """Let those who decide give a standing decision on one of its tables."""
    return _decides(context, _of_file(data_dict))


def maroc_workflow_feed_push(context: Context, data_dict: Any) -> AuthResult:
    """Let the one account add rows that a standing decision names; nobody above it."""
    user, feed = model.User.get(context.get("user") or ""), feeds.find(data_dict["id"])
    may = user is not None and feed is not None and user.id == feed.account_id
    return {"success": may, "msg": errors.say("feed_not_account")}


def maroc_workflow_feed_show(context: Context, data_dict: Any) -> AuthResult:
    """Let the account of a feed, and those whom its dataset concerns, look at it."""
    if maroc_workflow_feed_push(context, data_dict)["success"]:
        return {"success": True}
    return _concerns(context, _of_file(data_dict))


maroc_workflow_feed_list = _concerns


def maroc_workflow_withdraw(context: Context, data_dict: Any) -> AuthResult:
    """Let those who prepare it withdraw, and who stands in for its ROD.

    The ROD above decides on what nobody else decided, and closes nothing.
    """
    prepares = _prepares(context, data_dict)
    package = model.Package.get(data_dict["id"])
    user = model.User.get(context.get("user") or "")
    if prepares["success"] or package is None or user is None:
        return prepares
    return {"success": user.id in people.deputies(package.owner_org)}


maroc_workflow_version_close = maroc_workflow_withdraw


def maroc_workflow_feed_withdraw(context: Context, data_dict: Any) -> AuthResult:
    """Let those who withdraw the dataset withdraw what feeds it."""
    return maroc_workflow_withdraw(context, _of_file(data_dict))


def maroc_workflow_delegate(context: Context, data_dict: Any) -> AuthResult:
    """Let the RODs of the institution name who stands in for them."""
    user = model.User.get(context.get("user") or "")
    group = model.Group.get(data_dict.get("organization") or "")
    may = user is not None and group is not None and user.id in people.rods(group.id)
    return {"success": may}


def maroc_workflow_decision_list(context: Context, data_dict: Any) -> AuthResult:
    """Let an institution read its own trail; all of it is ADD's."""
    if data_dict.get("id"):
        return _concerns(context, data_dict)
    return _member_of(context, data_dict)


maroc_workflow_consultation_list = maroc_workflow_decision_list


def maroc_workflow_queue_list(context: Context, data_dict: Any) -> AuthResult:
    """Let everyone who is signed in read their own queue."""
    return {"success": bool(context.get("user"))}
