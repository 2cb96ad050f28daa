"""Who may read the vocabularies and ask for a verdict: anyone."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context

__all__ = ["maroc_law_assess", "maroc_vocabulary_list", "maroc_vocabulary_show"]


@tk.auth_allow_anonymous_access
def maroc_law_assess(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    return {"success": True}


@tk.auth_allow_anonymous_access
def maroc_vocabulary_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    return {"success": True}


@tk.auth_allow_anonymous_access
def maroc_vocabulary_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    return {"success": True}
