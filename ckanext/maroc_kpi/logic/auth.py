from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz
from ckan.types import AuthResult, Context

__all__ = [
    "maroc_kpi_confirm_unchanged",
    "maroc_kpi_confirmation_list",
    "maroc_kpi_dispute_answer",
    "maroc_kpi_dispute_create",
    "maroc_kpi_dispute_list",
    "maroc_kpi_entry_create",
    "maroc_kpi_history",
    "maroc_kpi_list",
    "maroc_kpi_quality_show",
    "maroc_kpi_roster_create",
    "maroc_kpi_roster_list",
    "maroc_kpi_show",
]


@tk.auth_allow_anonymous_access
def maroc_kpi_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Figures are public: they count what is public."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def maroc_kpi_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Figures are public: they count what is public."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def maroc_kpi_quality_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Allow it to whoever may read the dataset that it is about."""
    tk.check_access("package_show", context, {"id": data_dict["id"]})
    return {"success": True}


@tk.auth_allow_anonymous_access
def maroc_kpi_history(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Figures are public: they count what is public."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def maroc_kpi_roster_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Official lists are public: rates are divided by them."""
    return {"success": True}


def maroc_kpi_roster_create(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """ADD alone loads official lists."""
    return {"success": False}


def maroc_kpi_entry_create(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """ADD alone enters values."""
    return {"success": False}


@tk.auth_allow_anonymous_access
def maroc_kpi_dispute_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Disputes of public figures are public, and so are the answers."""
    return {"success": True}


def maroc_kpi_dispute_create(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Let an institution's RODs alone speak for it."""
    institution = data_dict.get("institution")
    may = bool(institution) and authz.has_user_permission_for_group_or_org(
        institution, context.get("user"), "admin"
    )
    return {"success": may}


def maroc_kpi_dispute_answer(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """ADD alone answers."""
    return {"success": False}


def maroc_kpi_confirm_unchanged(
    context: Context, data_dict: dict[str, Any]
) -> AuthResult:
    """Who may edit the dataset may say that there is nothing new in it."""
    tk.check_access("package_update", context, {"id": data_dict["id"]})
    return {"success": True}


@tk.auth_allow_anonymous_access
def maroc_kpi_confirmation_list(
    context: Context, data_dict: dict[str, Any]
) -> AuthResult:
    """Who sees the dataset sees when it was confirmed to be without change."""
    tk.check_access("package_show", context, {"id": data_dict["id"]})
    return {"success": True}
