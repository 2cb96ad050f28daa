from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context

__all__ = ["maroc_usage_show"]


@tk.auth_allow_anonymous_access
def maroc_usage_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Allow all to read counts, and a dataset's to whoever may see the dataset."""
    if data_dict.get("dataset"):
        tk.check_access("package_show", context, {"id": data_dict["dataset"]})
    return {"success": True}
