"""The public history of a dataset: what was opened, when, and the bytes of then."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import current_user
from ckan.types import Context

from ckanext.maroc_portal.interfaces import file_response

from . import decisions, gate, versions, words

# Its endpoint ends as that of core's own downloads does: what holds for a download, its
# headers and its count, holds for an older version.
maroc_version_resource = Blueprint("maroc_version_resource", __name__)


def history(id: str) -> str:  # noqa: A002 - CKAN's pages of a dataset say id
    """Show what was decided to be public, the latest first, with its files."""
    context: Context = {"user": current_user.name, "auth_user_obj": current_user}
    try:
        dataset = tk.get_action("package_show")(context, {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("There is no such dataset."))
        raise
    is_public = gate.is_public(model.Package.get(dataset["id"]))
    return tk.render(
        "maroc_workflow/history.html",
        {
            "pkg_dict": dataset,
            "pkg": dataset,
            "dataset_type": dataset["type"],
            "steps": _steps(decisions.of(dataset["id"])),
            "files": [_file(each) for each in versions.of(dataset["id"])]
            if is_public
            else [],
        },
    )


@maroc_version_resource.route("/dataset/<id>/resource/<resource_id>/version/<sha256>")
def download(id: str, resource_id: str, sha256: str) -> Any:  # noqa: A002 - as above
    """Give the bytes of a version that a decision opened and nobody closed since."""
    version = versions.find(resource_id, sha256)
    package = model.Package.get(id)
    if version is None or package is None or package.id != version.package_id:
        tk.abort(404, tk._("There is no such version."))
    response = file_response(sha256)
    if response is None:
        tk.abort(404, tk._("There is no such version."))
    return response


def _steps(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the decisions, the latest first; the pushes of a feed in one line."""
    told: list[dict[str, Any]] = []
    for kind, group in itertools.groupby(reversed(rows), lambda row: row.kind):
        steps = [_step(each) for each in group]
        if kind == "feed":
            steps = [{**steps[-1], "times": len(steps), "last": steps[0]["at"]}]
        told += steps
    return told


def _step(row: Any) -> dict[str, Any]:
    """Return what anyone may know of a decision: when, of what kind, by which text."""
    return {
        "n": row.n,
        "at": words.moment(row.at.isoformat()),
        "kind": words.kind(row.kind),
        "article": row.article,
        "examine_by": words.day(row.examine_by) if row.examine_by else "",
        "hash": row.content_hash,
    }


def _file(row: Any) -> dict[str, Any]:
    """Return what anyone may know of a version of a file."""
    return {
        "name": row.name,
        "opened": words.moment(row.opened_at.isoformat()),
        "sha256": row.sha256,
        "resource_id": row.resource_id,
        "is_closed": row.closed_at is not None,
        "is_current": row.is_current,
    }
