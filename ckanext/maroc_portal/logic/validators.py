"""Core's validators where they cannot see what the database keeps from the reader."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan.logic import validators as core
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

__all__ = ["package_name_validator"]

TAKEN = "That URL is already in use."
"""Core's own sentence, in core's catalogue."""

# Core gives the name of a deleted dataset to another, where it may read it.
_TAKEN = sa.text(
    "SELECT maroc_portal_name_taken(:name, :id)"
    " AND NOT EXISTS (SELECT FROM package WHERE name = :name)"
)


def package_name_validator(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Hold a dataset's name to core's rules, and to names of which nobody tells whose.

    Without this, the database would refuse the name with an error that is no sentence.
    """
    core.package_name_validator(key, data, errors, context)
    package: Any = context.get("package")
    known = package.id if package else data.get((*key[:-1], "id"))
    taken = context["session"].execute(_TAKEN, {"name": data[key], "id": known or None})
    if not errors[key] and taken.scalar_one():
        errors[key].append(tk._(TAKEN))
