"""Core's actions on one file, told when the edit became a revision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from . import errors, gate, kept, revisions, states

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
            kept.say(_said(opened))
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
    except KeyError as lost:
        # Core looks for the file's own error in one that is about the dataset.
        if isinstance(lost.__context__, tk.ValidationError):
            raise lost.__context__ from None
        raise
    finally:
        revisions.LAST.reset(token)
    if opened:
        raise tk.ValidationError({kept.REASON: [_said(opened)]})
    return answer


def _said(revision_id: str) -> str:
    package = model.Package.get(revision_id)
    link = revisions.link_of(package.name if package else revision_id)
    return errors.say("kept_as_revision", link=link)


def _revises(revision_id: str) -> dict[str, Any]:
    return {"revision_of": states.of(revision_id).revision_of}
