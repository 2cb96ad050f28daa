"""Who may have keywords proposed: anyone."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context

__all__ = ["maroc_search_keywords"]


@tk.auth_allow_anonymous_access
def maroc_search_keywords(context: Context, data_dict: Any) -> AuthResult:
    return {"success": True}
