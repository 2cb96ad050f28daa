"""The trail as pages and files: an institution's for its people, all of it for ADD."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import asking, clock
from ckanext.maroc_portal.cells import safe
from ckanext.maroc_schema import display

from . import consultations as seen
from . import words

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
"""The columns of the decisions' CSV file. New ones are added at the end."""

CONSULTATION_COLUMNS = (
    "at",
    "what",
    "name",
    "organization",
    "user",
    "package_id",
)
"""Those of the consultations'."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A filter that offers what can be chosen."""

    name: str
    label: str
    values: Sequence[tuple[str, str]]
    """What is sent, and what is read."""
    lang: str = ""


@dataclass(frozen=True, kw_only=True)
class Trail:
    """A list of the trail: what gives it, how it is filtered and shown."""

    name: str
    """The file's name, and the snippet that shows the rows."""
    action: str
    title: Callable[[], str]
    country: Callable[[], str]
    """The title of the whole country's."""
    choices: Callable[[], list[Choice]]
    columns: Sequence[str]
    line: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    """What the CSV file says of a row, besides the institution's name."""
    file: Mapping[str, Any]
    """What a file asks for besides."""
    pages: tuple[str, str]
    """The endpoints of the page: the country's, an institution's."""
    files: tuple[str, str]
    """Those of the files."""


def _decision_choices() -> list[Choice]:
    articles = [(each, each) for each in words.ARTICLES]
    return [
        Choice(
            name="kind",
            label=tk._("Decision"),
            values=[(each, words.kind(each)) for each in words.KINDS],
        ),
        Choice(name="article", label=tk._("Article"), values=articles, lang="fr"),
    ]


DECISIONS = Trail(
    name="decisions",
    action="maroc_workflow_decision_list",
    title=lambda: tk._("Decisions"),
    country=lambda: tk._("Decisions of the country"),
    choices=_decision_choices,
    columns=COLUMNS,
    line=lambda row: {
        "outcome": row["verdict"].get("outcome"),
        "rules": " ".join(row["verdict"].get("rules", ())),
    },
    file={},
    pages=("maroc_workflow.decisions", "maroc_workflow.of_organization"),
    files=("maroc_workflow.extract", "maroc_workflow.extract_of_organization"),
)
CONSULTATIONS = Trail(
    name="consultations",
    action="maroc_workflow_consultation_list",
    title=lambda: tk._("Looked at by ADD"),
    country=lambda: tk._("What ADD looked at before it was public"),
    choices=lambda: [
        Choice(
            name="what",
            label=tk._("What was looked at"),
            values=[(each, words.looked_at(each)) for each in seen.WHAT],
        )
    ],
    columns=CONSULTATION_COLUMNS,
    line=lambda _: {},
    # What leaves the institution names roles.
    file={"by_role": True},
    pages=(
        "maroc_workflow.consultations",
        "maroc_workflow.consultations_of_organization",
    ),
    files=(
        "maroc_workflow.consultation_extract",
        "maroc_workflow.consultation_extract_of_organization",
    ),
)
TRAILS = (DECISIONS, CONSULTATIONS)


def decisions() -> Any:
    """Show the decisions of the country."""
    return _page(DECISIONS, None)


def of_organization(id: str) -> Any:  # noqa: A002 - CKAN's pages of an organization say id
    """Show the decisions of an institution."""
    return _page(DECISIONS, _organization(id))


def extract(kind_of_file: str) -> Any:
    """Give the decisions of the country as a file."""
    return _file(DECISIONS, None, kind_of_file)


def extract_of_organization(id: str, kind_of_file: str) -> Any:  # noqa: A002
    """Give the decisions of an institution as a file."""
    return _file(DECISIONS, _organization(id), kind_of_file)


def consultations() -> Any:
    """Show what ADD looked at in the whole country before it was public."""
    return _page(CONSULTATIONS, None)


def consultations_of_organization(id: str) -> Any:  # noqa: A002
    """Show what ADD looked at in an institution."""
    return _page(CONSULTATIONS, _organization(id))


def consultation_extract(kind_of_file: str) -> Any:
    """Give what ADD looked at in the whole country as a file."""
    return _file(CONSULTATIONS, None, kind_of_file)


def consultation_extract_of_organization(id: str, kind_of_file: str) -> Any:  # noqa: A002
    """Give what ADD looked at in an institution as a file."""
    return _file(CONSULTATIONS, _organization(id), kind_of_file)


def _organization(name_or_id: str) -> Any:
    group = model.Group.get(name_or_id)
    if group is None or not group.is_organization or group.state != "active":
        return tk.abort(404, tk._("There is no such institution."))
    return group


def _asked(organization: Any, choices: Iterable[Choice]) -> dict[str, Any]:
    filters = ("since", "until", *(each.name for each in choices))
    given = {name: tk.request.args.get(name, "").strip() for name in filters}
    asked = {name: value for name, value in given.items() if value}
    return {**asked, **({"organization": organization.id} if organization else {})}


def _listed(trail: Trail, asked: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    with asking.answered():
        return tk.get_action(trail.action)(asking.context(), {**asked, **more})


def place() -> int:
    """Return which page of a list is asked for, from 0 on."""
    given = tk.request.args.get("page", "")
    return max(int(given) - 1, 0) if given.isdecimal() and len(given) < 6 else 0


def _page(trail: Trail, organization: Any) -> Any:
    asking.sign_in()
    choices, here = trail.choices(), place()
    asked, refused, rows = _asked(organization, choices), {}, []
    try:
        rows = _listed(trail, asked, limit=A_PAGE + 1, offset=here * A_PAGE)
    except tk.ValidationError as error:
        refused = error.error_dict
    filters = {name: value for name, value in asked.items() if name != "organization"}
    scope = {"id": organization.name} if organization else {}
    which = 1 if organization else 0
    shared = {
        "title": trail.title(),
        "country": trail.country(),
        "page": trail.pages[which],
        "table": f"maroc_workflow/snippets/{trail.name}.html",
        "asked": tk.request.args,
        "errors": refused,
        "rows": rows[:A_PAGE],
        "place": here,
        "more": len(rows) > A_PAGE,
        "query": urlencode(filters),
        "choices": choices,
        "files": {
            kind: tk.url_for(trail.files[which], kind_of_file=kind, **scope)
            for kind in ("csv", "json")
        },
        "others": {
            tk.url_for(each.pages[0]): each.country()
            for each in TRAILS
            if each is not trail
        },
        # An institution's own page does not say its name in each row.
        "titles": {} if organization else display.organization_titles(),
    }
    if organization is None:
        return tk.render("maroc_workflow/trail.html", shared)
    return tk.render(
        "maroc_workflow/organization_trail.html", {**shared, **of_group(organization)}
    )


def of_group(organization: Any) -> dict[str, Any]:
    """Return what the frame of an institution's pages needs."""
    group_dict = tk.get_action("organization_show")(
        asking.context(for_view=True),
        {"id": organization.id, "include_datasets": False, "include_users": False},
    )
    return {"group_dict": group_dict, "group_type": group_dict["type"]}


def _file(trail: Trail, organization: Any, kind_of_file: str) -> Any:
    asking.sign_in()
    asked = {**_asked(organization, trail.choices()), **trail.file}
    try:
        rows = _listed(trail, asked, limit=MOST, offset=0)
    except tk.ValidationError as error:
        return tk.abort(400, " ".join(map(str, error.error_summary.values())))
    scope = f"-{organization.name}" if organization else ""
    names = {
        each.id: each.name
        for each in model.Session.query(model.Group).filter_by(is_organization=True)
    }
    lines = (
        {
            **row,
            **trail.line(row),
            "organization": names.get(row["organization"], row["organization"]),
        }
        for row in rows
    )
    return file_of(kind_of_file, f"{trail.name}{scope}", rows, trail.columns, lines)


def file_of(
    kind_of_file: str,
    name: str,
    rows: list[dict[str, Any]],
    columns: Sequence[str],
    lines: Iterable[Mapping[str, Any]] | None = None,
) -> Response:
    """Give a list as a file: the rows as JSON, or their lines as CSV."""
    if kind_of_file == "json":
        answer = jsonify(rows)
    elif kind_of_file == "csv":
        answer = _csv(columns, rows if lines is None else lines)
    else:
        return tk.abort(404, tk._("There is no such file."))
    full = f"{name}-{clock.today().isoformat()}.{kind_of_file}"
    answer.headers["Content-Disposition"] = f"attachment; filename={full}"
    return answer


def _csv(columns: Sequence[str], lines: Iterable[Mapping[str, Any]]) -> Response:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([safe(line[name]) for name in columns] for line in lines)
    # The mark at the start lets a spreadsheet read the Arabic right.
    return Response("\ufeff" + sink.getvalue(), mimetype="text/csv")
