"""Ids are never chosen by callers: one that is known could bring hidden bytes back.

Accounts that ADD has named for harvest or import (none at first) may bring their own,
and never one that was used before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from . import decisions, errors
from .settings import settings

_OWNERS = sa.text(
    "SELECT id, package_id FROM maroc_workflow_resource_id WHERE id = ANY(:ids)"
)
_USED = sa.text(
    "SELECT EXISTS (SELECT FROM maroc_workflow_decision WHERE package_id = :id)"
    " OR EXISTS (SELECT FROM package WHERE id = :id)"
)


def refuse_chosen(context: Context, data: Mapping[str, Any], row: Any | None) -> None:
    """Refuse ids that a caller chose, and an address that was another dataset's.

    :param row: the dataset that is written; None for a new one

    Raises ValidationError, at the place of the id.
    """
    may_bring = (context.get("user") or "") in settings().id_accounts
    package_id, old_name = (row.id, row.name) if row is not None else (None, None)
    found: dict[str, Any] = {}
    if package_id is None:
        chosen = data.get("id")
        if isinstance(chosen, str) and chosen and not (may_bring and not _used(chosen)):
            found["id"] = [errors.say("id_chosen")]
    name = data.get("name")
    is_name = isinstance(name, str) and name != old_name
    if is_name and decisions.is_anothers(str(name), package_id):
        found["name"] = [errors.say("name_gone")]
    if places := _resources(data, package_id, may_bring=may_bring):
        found["resources"] = places
    if found:
        raise tk.ValidationError(found)


def _resources(
    data: Mapping[str, Any], package_id: str | None, *, may_bring: bool
) -> list[dict[str, list[str]]]:
    given = [
        each.get("id") if isinstance(each, Mapping) else None
        for each in data.get("resources") or ()
    ]
    asked = [each for each in given if isinstance(each, str) and each]
    if not asked:
        return []
    rows = model.Session.execute(_OWNERS, {"ids": asked})
    owners: dict[str, str] = {row.id: row.package_id for row in rows}
    wrong = {
        each
        for each in asked
        if owners.get(each) != package_id or package_id is None
        if each in owners or not may_bring
    }
    if not wrong:
        return []
    said = errors.say("id_chosen")
    return [{"id": [said]} if each in wrong else {} for each in given]


def _used(package_id: str) -> bool:
    return bool(model.Session.execute(_USED, {"id": package_id}).scalar_one())
