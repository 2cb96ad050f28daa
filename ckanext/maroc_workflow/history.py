"""The public history of a dataset: what was opened, when, and the bytes of then."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import current_user
from ckan.types import Context

from ckanext.maroc_portal import asking, clock
from ckanext.maroc_portal.interfaces import file_response

from . import decisions, errors, gate, gone, versions, words

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
    closes = bool(current_user.is_authenticated) and tk.h.check_access(
        "maroc_workflow_version_close", {"id": dataset["id"]}
    )
    return tk.render(
        "maroc_workflow/history.html",
        {
            "pkg_dict": dataset,
            "pkg": dataset,
            "dataset_type": dataset["type"],
            "steps": _steps(decisions.of(dataset["id"])),
            "files": _files(dataset["id"]) if is_public else [],
            "may_close": closes,
        },
    )


@maroc_version_resource.route("/dataset/<id>/resource/<resource_id>/version/<sha256>")
def download(id: str, resource_id: str, sha256: str) -> Any:  # noqa: A002 - as above
    """Give the bytes of a version that a decision opened and nobody closed since."""
    version = _version(id, resource_id, sha256)
    if version.closed_at is not None:
        return gone.of_version(version.closed_at.astimezone(clock.CASABLANCA).date())
    response = file_response(sha256)
    if response is None:
        tk.abort(404, tk._("There is no such version."))
    return response


def close_version(id: str, resource_id: str, sha256: str) -> Any:  # noqa: A002 - as above
    """Ask why a version is to be closed, and whether that is sure; then close it."""
    asking.sign_in()
    with asking.answered():
        tk.check_access("maroc_workflow_version_close", asking.context(), {"id": id})
        dataset = tk.get_action("package_show")(asking.context(), {"id": id})
    version = _version(id, resource_id, sha256)
    form, refused = tk.request.form, {}
    if tk.request.method == "POST":
        try:
            _close(version, form)
        except tk.ValidationError as error:
            model.Session.rollback()
            refused = error.error_dict
        else:
            tk.h.flash_success(tk._("Closed: nobody gets these bytes here any more."))
            return tk.redirect_to("maroc_workflow.history", id=dataset["name"])
    return tk.render(
        "maroc_workflow/close_version.html",
        {
            "pkg_dict": dataset,
            "pkg": dataset,
            "dataset_type": dataset["type"],
            "file": _file(version),
            "form": form,
            "errors": refused,
        },
    )


def _close(version: Any, form: Mapping[str, str]) -> None:
    if not form.get("sure"):
        raise tk.ValidationError({"sure": [errors.say("not_sure")]})
    tk.get_action("maroc_workflow_version_close")(
        asking.context(),
        {
            "id": version.package_id,
            "resource_id": version.resource_id,
            "sha256": version.sha256,
            "reason": form.get("reason", ""),
        },
    )


def _version(name_or_id: str, resource_id: str, sha256: str) -> Any:
    """Return a version of a dataset that is public, or answer that there is none."""
    package = model.Package.get(name_or_id)
    version = package and versions.find(package.id, resource_id, sha256)
    if version is None or not version.is_public:
        tk.abort(404, tk._("There is no such version."))
    return version


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


def _files(package_id: str) -> list[dict[str, Any]]:
    """Return the versions, but for those that a feed replaced the same day."""
    return [
        _file(each)
        for each in versions.of(package_id)
        if each.closed_at is None or each.closed_by is not None
    ]


def _file(row: Any) -> dict[str, Any]:
    """Return what anyone may know of a version of a file."""
    closed = row.closed_at and row.closed_at.astimezone(clock.CASABLANCA).date()
    return {
        # A name may say what the bytes may not any more.
        "name": "" if closed else row.name,
        "opened": words.moment(row.opened_at.isoformat()),
        "sha256": row.sha256,
        "resource_id": row.resource_id,
        "closed": words.day(closed) if closed else "",
        "reason": row.reason,
        "is_served": row.is_served,
    }
