"""CKAN's page for many datasets at once: each goes its own lawful way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from . import publishing


def submit(context: Context, data_dict: dict[str, Any]) -> None:
    """Submit each dataset; say of those that cannot be what is in the way."""
    tk.check_access("bulk_update_public", context, data_dict)
    _each(data_dict, lambda each: publishing.submit(context, each))


def withdraw(context: Context, data_dict: dict[str, Any]) -> None:
    """Withdraw each dataset."""
    tk.check_access("bulk_update_private", context, data_dict)
    reason = str(data_dict.get("reason") or "bulk_update_private")
    _each(
        data_dict,
        lambda each: publishing.withdraw(context, each, reason=reason, article=None),
    )


def _each(data_dict: dict[str, Any], do: Callable[[str], object]) -> None:
    problems: dict[str, Any] = {}
    for package_id in data_dict.get("datasets") or ():
        package = tk.get_or_bust({"id": package_id}, "id")
        try:
            do(package)
        except tk.ValidationError as refused:
            words = [str(each) for each in refused.error_summary.values()]
            problems[str(package_id)] = words
        except tk.ObjectNotFound as missing:
            problems[str(package_id)] = [str(missing)]
    if problems:
        raise tk.ValidationError(problems)
