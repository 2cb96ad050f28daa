"""What ADD looked at before it was public: written after each answer, listed for all.

Nothing keeps an administrator of the portal from the datasets of the institutions; so
each look at one that is not public leaves a row, which nobody changes (sql/lock.sql).
Only answers to their own requests are looked at: what the portal reads by itself, in
the worker, at the keyboard or within a request, writes none.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from flask import Request, Response, g, jsonify, make_response, request
from sqlalchemy.exc import SQLAlchemyError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model import meta
from ckan.types import CKANApp, Context

from ckanext.maroc_portal import clock, readers
from ckanext.maroc_portal.calls import asked_of_action

from . import people, trail

log = logging.getLogger(__name__)

# Where the metadata, the files or the rows of a dataset are shown: the first that fits.
_PAGES: Mapping[str, re.Pattern[str]] = {
    "download": re.compile(r"resource\.download$|^datastore\.dump$"),
    "data": re.compile(r"resource\.view$|^datatablesview\."),
    "page": re.compile(
        r"^(dataset|dataset_resource|resource|datastore|dcat|maroc_schema)\."
        r"|^activity\.(package|resource)_"
        r"|^maroc_workflow\.(publication|history|preview|close_version)$"
    ),
}
_ACTIONS = re.compile(
    r"^(package|dataset|resource|datastore|dcat_dataset|activity|maroc_workflow)_"
)
WHAT = ("page", "api", "download", "data")
"""How a dataset was looked at: ``page`` with the preview that stands on it, ``api`` of
its metadata, ``download`` of a file, ``data`` of a table by itself or by the API."""

_ARGUMENTS = frozenset(
    {
        "id",
        "_id",
        "name_or_id",
        "package_id",
        "dataset_id",
        "resource_id",
        "view_id",
        "activity_id",
        "current_new_id",
        "current_old_id",
        "match__id",
    }
)
"""The arguments that name a dataset, or a file, a view or an activity of it."""

_ADD = sa.text(
    """
    INSERT INTO maroc_workflow_consultation (day, user_id, package_id, owner_org, what)
    SELECT :day, reader.id, package.id, package.owner_org, :what
    FROM package JOIN "user" AS reader ON reader.name = :name
    WHERE package.id IN (
        SELECT id FROM package WHERE id = ANY(:ids) OR name = ANY(:ids)
        UNION SELECT package_id FROM resource WHERE id = ANY(:ids)
        UNION SELECT resource.package_id FROM resource_view AS view
              JOIN resource ON resource.id = view.resource_id WHERE view.id = ANY(:ids)
        UNION SELECT object_id FROM activity WHERE id = ANY(:ids))
      AND (package.state <> 'active' OR package.private)
    ON CONFLICT DO NOTHING
    """
)
_LIST = sa.text(
    """
    SELECT seen.*, reader.name AS reader, package.name
    FROM maroc_workflow_consultation AS seen
    LEFT JOIN "user" AS reader ON reader.id = seen.user_id
    LEFT JOIN package ON package.id = seen.package_id
    WHERE (CAST(:package_id AS text) IS NULL OR seen.package_id = :package_id)
      AND (CAST(:owner AS text) IS NULL OR seen.owner_org = :owner)
      AND (CAST(:since AS timestamptz) IS NULL OR seen.at >= :since)
      AND (CAST(:until AS timestamptz) IS NULL OR seen.at < :until)
      AND (CAST(:what AS text) IS NULL OR seen.what = :what)
    ORDER BY seen.id DESC LIMIT :limit OFFSET :offset
    """
)


# Written


def install(app: CKANApp) -> None:
    """Look at every answer that an administrator of the portal gets."""
    app.after_request(note)


def note(response: Response) -> Response:
    """Write down what an administrator is about to see.

    What cannot be written is not shown, and the log says why: an institution relies on
    this list being whole, and a disk that is full must not open a way around it.
    """
    if response.status_code >= 400 or readers.reader() != readers.EVERYTHING:
        return response
    what, ids = looked_at(request)
    if not ids:
        return response
    try:
        # A session of its own: that of the request may hold what nobody committed.
        with meta.create_local_session.begin() as session:
            values = {"name": g.user, "what": what, "ids": ids, "day": clock.today()}
            session.execute(_ADD, values)
    except SQLAlchemyError:
        log.exception("a consultation could not be written, so nothing was shown")
        response.close()
        return _refusal()
    return response


def looked_at(of: Request) -> tuple[str, list[str]]:
    """Return how a request looks at datasets, and the names and ids that it gives."""
    given: list[tuple[str, Any]] = list((of.view_args or {}).items())
    if of.endpoint == "api.action":
        action = (of.view_args or {}).get("logic_function", "")
        what = "data" if action.startswith("datastore_") else "api"
        given = list(_of_action(of).items()) if _ACTIONS.match(action) else []
    else:
        what = _of_page(of)
        given = [*given, *of.args.items(multi=True)] if what else []
    ids = {
        value
        for name, value in given
        if name in _ARGUMENTS and isinstance(value, str) and _may_be_one(value)
    }
    return what, sorted(ids)


def _of_page(of: Request) -> str:
    # A form that was sent answers with the way to a page, which is asked for next.
    if of.method == "POST" and of.blueprint != "datatablesview":
        return ""
    fits = (what for what, each in _PAGES.items() if each.search(of.endpoint or ""))
    return next(fits, "")


def _of_action(of: Request) -> Mapping[str, Any]:
    try:
        data = asked_of_action(of)
    except ValueError:
        return {}
    match = data.get("match")
    return {**match, **data} if isinstance(match, dict) else data


def _may_be_one(value: str) -> bool:
    return 0 < len(value) <= 200 and "\x00" not in value


def _refusal() -> Response:
    if request.endpoint == "api.action":
        error = {
            "__type": "Service Unavailable",
            "message": tk._(
                "This consultation cannot be written down now, so nothing is shown. "
                "Ask again later."
            ),
        }
        response = jsonify({"success": False, "error": error})
    else:
        # The answer was rendered before: this page needs the style sheets again.
        g.pop("_webassets", None)
        said = {"code": 503, "content": ""}
        response = make_response(tk.render("error_document_template.html", said))
    response.status_code = 503
    return response


# Read


def listed(context: Context, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what was looked at, the latest first.

    By name for ADD and the institution's RODs, by role for others and for a list that
    leaves the institution.
    """
    package = model.Package.get(asked["id"]) if asked.get("id") else None
    group = model.Group.get(asked.get("organization"))
    owner = group.id if group else asked.get("organization")
    rows = model.Session.execute(
        _LIST,
        {
            "package_id": package.id if package else asked.get("id"),
            "owner": owner,
            "since": trail.start(asked.get("since")),
            "until": trail.start(asked.get("until"), after=1),
            "what": asked.get("what"),
            "limit": min(asked["limit"], trail.MOST),
            "offset": asked["offset"],
        },
    )
    owners = [each for each in (owner, package and package.owner_org) if each]
    by_name = not asked["by_role"] and _reads_names(context, owners)
    return [_told(row, by_name=by_name) for row in rows]


def _reads_names(context: Context, owners: Iterable[str]) -> bool:
    user = model.User.get(context.get("user") or "")
    if user is None:
        return False
    return user.sysadmin or any(user.id in people.rods(each) for each in owners)


def _told(row: sa.Row[Any], *, by_name: bool) -> dict[str, Any]:
    return {
        "at": row.at.astimezone(clock.CASABLANCA).isoformat(),
        "what": row.what,
        "user": (by_name and row.reader) or "add",
        "package_id": row.package_id,
        "name": row.name,
        "organization": row.owner_org,
    }
