"""What the workflow's pages say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal.words import Words

from . import states, words
from .comparison import FileFate

__all__ = [
    "maroc_workflow_article_list",
    "maroc_workflow_fate",
    "maroc_workflow_kind",
    "maroc_workflow_looked_at",
    "maroc_workflow_moment",
    "maroc_workflow_notice",
    "maroc_workflow_reason",
    "maroc_workflow_role",
    "maroc_workflow_state_label",
    "maroc_workflow_texts",
]


def maroc_workflow_state_label(state: str) -> str:
    """Return a state's name in the reader's language."""
    return words.state(state)


def maroc_workflow_kind(kind: str) -> str:
    """Return what a decision was, in the reader's language."""
    return words.kind(kind)


def maroc_workflow_looked_at(what: str) -> str:
    """Return how ADD looked at a dataset, in the reader's language."""
    return words.looked_at(what)


def maroc_workflow_role(role: str | None) -> str:
    """Return a role of the trail in the reader's language; a name stays a name."""
    return words.role(role)


def maroc_workflow_reason(reason: str | None) -> str:
    """Return why a decision was taken."""
    return words.reason(reason)


def maroc_workflow_fate(fate: FileFate) -> str:
    """Return what becomes of a file."""
    return words.fate(fate)


def maroc_workflow_moment(value: str | None) -> str:
    """Return a moment of the API for the reader, Casablanca time."""
    return words.moment(value)


def maroc_workflow_article_list() -> tuple[str, ...]:
    """Return the articles that a withdrawal may name."""
    return words.ARTICLES


def maroc_workflow_texts(
    field: Mapping[str, Any], dataset: Mapping[str, Any]
) -> list[Words]:
    """Return what a field of a dataset says in each language, where it has any."""
    return words.texts_of(field, dataset)


def maroc_workflow_notice(pkg: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return where a dataset stands, for the pages of those who prepare or decide.

    ``state``, ``state_label``, ``revision`` (the address of the revision that waits)
    and ``base`` (that of the public dataset which this one revises), or None for
    anyone else.
    """
    if not tk.current_user.is_authenticated or not tk.h.check_access(
        "maroc_workflow_show", {"id": pkg["id"]}
    ):
        return None
    standing, revision = states.of(pkg["id"]), states.revision_of(pkg["id"])
    return {
        "state": str(standing.state),
        "state_label": words.state(standing.state),
        "revision": _address(revision.package_id) if revision else "",
        "base": _address(standing.revision_of) if standing.revision_of else "",
    }


def _address(package_id: str) -> str:
    package = model.Package.get(package_id)
    return package.name if package else package_id
