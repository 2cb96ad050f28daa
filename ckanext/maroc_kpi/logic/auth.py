from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context

__all__ = [
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
