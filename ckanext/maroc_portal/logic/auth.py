"""Who names the Comité: the portal's administrators; who reads every dashboard: it."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context

from ckanext.maroc_portal import roles

__all__ = [
    "maroc_portal_comite_list",
    "maroc_portal_comite_set",
    "maroc_portal_dashboards_read",
]


def maroc_portal_comite_list(context: Context, data_dict: Any) -> AuthResult:
    return {"success": False}


def maroc_portal_comite_set(context: Context, data_dict: Any) -> AuthResult:
    return {"success": False}


def maroc_portal_dashboards_read(context: Context, data_dict: Any) -> AuthResult:
    """Let the Comité read what only institutions read of themselves."""
    if roles.is_comite(context.get("user")):
        return {"success": True}
    return {"success": False, "msg": tk._("This is for the Comité de pilotage.")}
