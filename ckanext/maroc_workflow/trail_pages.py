"""The trail as pages and files: an institution's for its people, all of it for ADD."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import asking, clock
from ckanext.maroc_portal.cells import safe
from ckanext.maroc_schema import display

from . import words

FILTERS = ("since", "until", "kind", "article")

A_PAGE, MOST = 50, 10_000

COLUMNS = (
    "at",
    "kind",
    "name",
    "organization",
    "author",
    "approver",
    "stead",
    "policy",
    "policy_version",
    "outcome",
    "rules",
    "article",
    "reason",
    "opens_at",
    "examine_by",
    "package_id",
    "n",
    "revision_id",
    "content_hash",
    "previous",
    "row_hash",
)
"""The columns of the CSV file. New ones are added at the end."""


def decisions() -> Any:
    """Show the decisions of the country."""
    return _page(None)


def of_organization(id: str) -> Any:  # noqa: A002 - CKAN's pages of an organization say id
    """Show the decisions of an institution."""
    return _page(_organization(id))


def extract(kind_of_file: str) -> Any:
    """Give the decisions of the country as a file."""
    return _file(None, kind_of_file)


def extract_of_organization(id: str, kind_of_file: str) -> Any:  # noqa: A002
    """Give the decisions of an institution as a file."""
    return _file(_organization(id), kind_of_file)


def _organization(name_or_id: str) -> Any:
    group = model.Group.get(name_or_id)
    if group is None or not group.is_organization or group.state != "active":
        return tk.abort(404, tk._("There is no such institution."))
    return group


def _asked(organization: Any) -> dict[str, Any]:
    given = {name: tk.request.args.get(name, "").strip() for name in FILTERS}
    asked = {name: value for name, value in given.items() if value}
    return {**asked, **({"organization": organization.id} if organization else {})}


def _listed(asked: dict[str, Any], **more: int) -> list[dict[str, Any]]:
    with asking.answered():
        return tk.get_action("maroc_workflow_decision_list")(
            asking.context(), {**asked, **more}
        )


def _page(organization: Any) -> Any:
    asking.sign_in()
    asked, refused, rows = _asked(organization), {}, []
    given = tk.request.args.get("page", "")
    place = max(int(given) - 1, 0) if given.isdecimal() and len(given) < 6 else 0
    try:
        rows = _listed(asked, limit=A_PAGE + 1, offset=place * A_PAGE)
    except tk.ValidationError as error:
        refused = error.error_dict
    filters = {name: asked[name] for name in FILTERS if name in asked}
    shared = {
        "asked": tk.request.args,
        "errors": refused,
        "decisions": rows[:A_PAGE],
        "place": place,
        "more": len(rows) > A_PAGE,
        "query": urlencode(filters),
        "kinds": words.KINDS,
        # An institution's own page does not say its name in each row.
        "titles": {} if organization else display.organization_titles(),
    }
    if organization is None:
        return tk.render("maroc_workflow/decisions.html", shared)
    return tk.render(
        "maroc_workflow/organization_decisions.html",
        {**shared, **of_group(organization)},
    )


def of_group(organization: Any) -> dict[str, Any]:
    """Return what the frame of an institution's pages needs."""
    group_dict = tk.get_action("organization_show")(
        asking.context(for_view=True),
        {"id": organization.id, "include_datasets": False, "include_users": False},
    )
    return {"group_dict": group_dict, "group_type": group_dict["type"]}


def _file(organization: Any, kind_of_file: str) -> Any:
    if kind_of_file not in ("csv", "json"):
        return tk.abort(404, tk._("There is no such file."))
    asking.sign_in()
    try:
        rows = _listed(_asked(organization), limit=MOST, offset=0)
    except tk.ValidationError as error:
        return tk.abort(400, " ".join(map(str, error.error_summary.values())))
    answer = jsonify(rows) if kind_of_file == "json" else _csv(rows)
    scope = f"{organization.name}-" if organization else ""
    name = f"decisions-{scope}{clock.today().isoformat()}.{kind_of_file}"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _csv(rows: list[dict[str, Any]]) -> Response:
    names = {
        each.id: each.name
        for each in model.Session.query(model.Group).filter_by(is_organization=True)
    }
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        line = _line(row, names)
        writer.writerow([safe(line[name]) for name in COLUMNS])
    # The mark at the start lets a spreadsheet read the Arabic right.
    return Response("\ufeff" + sink.getvalue(), mimetype="text/csv")


def _line(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    owner = row["organization"]
    return {
        **row,
        "organization": names.get(owner, owner),
        "outcome": row["verdict"].get("outcome"),
        "rules": " ".join(row["verdict"].get("rules", ())),
    }
