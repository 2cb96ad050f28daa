"""Core's actions on one file, told when the edit became a revision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from . import errors, gate, revisions, states

Action = Callable[[Context, dict[str, Any]], Any]


def telling(core: Action, context: Context, data_dict: dict[str, Any]) -> Any:
    """Return the file as it is stored: the public one, or that of the revision.

    A revision's file carries ``revision_of``, the id of the public dataset.
    """
    token = revisions.LAST.set("")
    try:
        with gate.acting(context):
            resource = core(context, data_dict)
        if opened := revisions.LAST.get():
            return {**resource, **_revises(opened)}
        return resource
    finally:
        revisions.LAST.reset(token)


def refusing(core: Action, context: Context, data_dict: dict[str, Any]) -> Any:
    """Say that the edit is kept as a revision where core's answer could not."""
    token = revisions.LAST.set("")
    try:
        with gate.acting(context):
            answer = core(context, data_dict)
        opened = revisions.LAST.get()
    except KeyError as missing:
        # Core's resource_delete looks for "resources" in whatever refuses it.
        if isinstance(missing.__context__, tk.ValidationError):
            raise missing.__context__ from None
        raise
    finally:
        revisions.LAST.reset(token)
    if opened:
        package = model.Package.get(opened)
        link = revisions.link_of(package.name if package else opened)
        said = errors.say("kept_as_revision", link=link)
        raise tk.ValidationError({"revision_opened": [said]})
    return answer


def _revises(revision_id: str) -> dict[str, Any]:
    return {"revision_of": states.of(revision_id).revision_of}
