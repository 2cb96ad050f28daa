"""What was public and is withdrawn answers "gone", and says nothing more of itself.

An address that people have noted, a program that reads a table, a search engine: they
learn that it is no mistake of theirs, since when, and under which article if one was
given. Who may still see the dataset sees it: only a refusal is looked at.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Request, Response, g, jsonify, make_response, request

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import CKANApp

from ckanext.maroc_portal import asking, clock
from ckanext.maroc_portal.calls import asked_of_action

from . import words

REFUSED = (403, 404)

# The pages and files of datasets: core's, the DataStore's, DCAT's, and our own.
_PAGES = re.compile(
    r"^(dataset|dataset_resource|resource|datastore|datatablesview|dcat"
    r"|maroc_version_resource)\."
)
_ACTIONS = re.compile(r"^(package|dataset|resource|datastore)_")
_ARGUMENTS = ("id", "_id", "resource_id", "package_id", "dataset_id")

# The last word on a dataset is a withdrawal, and an earlier one let it be seen. A file
# is known by the dataset that it belonged to.
_TOMBSTONE = sa.text(
    """
    WITH named AS (
        SELECT package_id FROM maroc_workflow_decision
        WHERE package_id = ANY(:ids) OR name = ANY(:ids)
        UNION
        SELECT package_id FROM maroc_workflow_resource_id WHERE id = ANY(:ids)
    ), last AS (
        SELECT DISTINCT ON (package_id) package_id, n, at, kind, article
        FROM maroc_workflow_decision JOIN named USING (package_id)
        ORDER BY package_id, n DESC
    )
    SELECT last.package_id, last.at, last.article FROM last
    WHERE last.kind = 'withdraw' AND EXISTS (
        SELECT FROM maroc_workflow_decision AS opening
        WHERE opening.package_id = last.package_id AND opening.kind <> 'withdraw'
          AND opening.n < last.n AND coalesce(opening.opens_at, opening.at) <= last.at)
    ORDER BY last.at DESC LIMIT 1
    """
)


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """What remains of a dataset for who asks: since when it is closed, and why."""

    package_id: str
    day: dt.date
    article: str | None


def install(app: CKANApp) -> None:
    """Look at every refusal of the application."""
    app.after_request(answer)


def answer(response: Response) -> Response:
    """Put "gone" in the place of a refusal where something public was withdrawn."""
    if response.status_code not in REFUSED or request.method not in (
        "GET",
        "HEAD",
        "POST",
    ):
        return response
    ids = [each for each in asked(request) if len(each) <= 200 and "\x00" not in each]
    if not ids:
        return response
    model.Session.rollback()
    found = tombstone(ids)
    if found is None or _may_see(found.package_id):
        return response
    return _closed(_json(found) if _is_api(request) else _page(found))


def of_version(closed_on: dt.date) -> Response:
    """Return what the address of a version says that was closed by itself."""
    return _closed(
        _render(
            closed_on,
            title=tk._("This version was closed"),
            lead=tk._("It was public. The institution that published it closed it on:"),
        )
    )


def _closed(response: Response) -> Response:
    response.status_code = 410
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def asked(of: Request) -> Iterator[str]:
    """Yield the names and ids of datasets and files that a request is about."""
    arguments: Mapping[str, Any] = of.view_args or {}
    if _is_api(of):
        name = arguments.get("logic_function", "")
        if not (_ACTIONS.match(name) and _only_reads(name)):
            return
        try:
            arguments = asked_of_action(of)
        except ValueError:
            return
    elif of.method == "POST" or not _PAGES.match(of.endpoint or ""):
        return
    for name in _ARGUMENTS:
        value = arguments.get(name)
        if isinstance(value, str) and value:
            yield value


def tombstone(ids: list[str]) -> Tombstone | None:
    """Return what remains of a dataset that was public, by its names or its files'."""
    row = model.Session.execute(_TOMBSTONE, {"ids": ids}).one_or_none()
    if row is None:
        return None
    return Tombstone(
        package_id=row.package_id,
        day=row.at.astimezone(clock.CASABLANCA).date(),
        article=row.article,
    )


def _is_api(of: Request) -> bool:
    return of.endpoint == "api.action"


def _only_reads(name: str) -> bool:
    try:
        return bool(getattr(tk.get_action(name), "side_effect_free", False))
    except KeyError:
        return False


def _may_see(package_id: str) -> bool:
    """Whether who asks sees the dataset itself, and was refused something else."""
    if not tk.current_user.is_authenticated:
        return False
    try:
        tk.check_access("package_show", asking.context(), {"id": package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


def _json(found: Tombstone) -> Response:
    error = {
        "__type": "Gone",
        "message": tk._("This dataset was withdrawn by the institution."),
        "withdrawn": found.day.isoformat(),
        "article": found.article,
    }
    return jsonify({"success": False, "error": error})


def _page(found: Tombstone) -> Response:
    # The refusal was rendered before: this page needs the style sheets again.
    g.pop("_webassets", None)
    return _render(
        found.day,
        title=tk._("This dataset was withdrawn"),
        lead=tk._("It was public. The institution that published it withdrew it on:"),
        article=found.article,
    )


def _render(day: dt.date, **more: str | None) -> Response:
    shown = {"day": day, "since": words.day(day), **more}
    return make_response(tk.render("maroc_workflow/gone.html", shown))
