"""Who names the Comité and reads every dashboard; core's rules that fall short."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import AuthFunction, AuthResult, Context

from ckanext.maroc_portal import roles


def maroc_portal_comite_list(context: Context, data_dict: Any) -> AuthResult:
    return {"success": False}


def maroc_portal_comite_set(context: Context, data_dict: Any) -> AuthResult:
    return {"success": False}


def maroc_portal_dashboards_read(context: Context, data_dict: Any) -> AuthResult:
    """Let the Comité read what only institutions read of themselves."""
    if roles.is_comite(context.get("user")):
        return {"success": True}
    return {"success": False, "msg": tk._("This is for the Comité de pilotage.")}


# Core's, where they take what is missing to be there, or ask about the wrong thing


@tk.chained_auth_function
def collaborators(
    original: AuthFunction, context: Context, data_dict: Any
) -> AuthResult:
    """Refuse who is nobody, and for what is not there: core takes both to be there."""
    if model.User.get(context.get("user") or "") is None:
        return {"success": False}
    if model.Package.get(data_dict["id"]) is None:
        raise tk.ObjectNotFound
    return original(context, data_dict)


@tk.chained_auth_function
def resource_view_update(
    original: AuthFunction, context: Context, data_dict: Any
) -> AuthResult:
    """Let who may change a view's file change the view, and move it among theirs.

    Core asks about the file that the caller names, and no other: naming one of their
    own, anybody could take the view of another.
    """
    view = model.ResourceView.get(tk.get_or_bust(data_dict, "id"))
    if view is None:
        raise tk.ObjectNotFound
    told: AuthResult = {"success": False}
    named = data_dict.get("resource_id") or view.resource_id
    for resource_id in dict.fromkeys((view.resource_id, named)):
        told = original(context, {**data_dict, "resource_id": resource_id})
        if not told["success"]:
            break
    return told


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def activity_show(
    original: AuthFunction, context: Context, data_dict: Any
) -> AuthResult:
    """Hold every answer to the rule for those with data: none comes without it.

    Core's wants ``include_data`` to be said, and gives the data whatever it says.
    """
    return original(context, {**data_dict, "include_data": True})


def functions() -> dict[str, AuthFunction]:
    """Return the rules by the names of their actions."""
    rules: dict[str, Any] = {
        "maroc_portal_comite_list": maroc_portal_comite_list,
        "maroc_portal_comite_set": maroc_portal_comite_set,
        "maroc_portal_dashboards_read": maroc_portal_dashboards_read,
        "package_collaborator_create": collaborators,
        "package_collaborator_delete": collaborators,
        "resource_view_update": resource_view_update,
    }
    # The streams are a plugin that may be off; a chain needs what it goes on from.
    if p.plugin_loaded("activity"):
        rules["activity_show"] = activity_show
    return rules
