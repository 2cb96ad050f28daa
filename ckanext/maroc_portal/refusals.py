"""What escapes a page as a refusal is answered as one, never as a fault of ours.

Some of core's pages let through what an action refuses, and end in a 500. Here it is
the page of its status, in the reader's language; below ``/api/`` it is JSON, as core's
own actions answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, jsonify, request
from werkzeug.exceptions import default_exceptions

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.navl.dictization_functions import DataError
from ckan.types import CKANApp

from .helpers import maroc_error


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How a refusal is answered."""

    page: int
    """The status of a page."""
    api: int
    """The status that core's API has for it."""
    kind: str
    """What core's API calls it."""


ANSWERS: dict[type[Exception], Answer] = {
    tk.ObjectNotFound: Answer(page=404, api=404, kind="Not Found Error"),
    tk.NotAuthorized: Answer(page=403, api=403, kind="Authorization Error"),
    tk.ValidationError: Answer(page=400, api=409, kind="Validation Error"),
    DataError: Answer(page=400, api=400, kind="Integrity Error"),
}


def install(app: CKANApp) -> None:
    """Answer every refusal that a view lets through."""
    for refusal in ANSWERS:
        app.register_error_handler(refusal, answer)


def answer(refusal: Exception) -> Any:
    """Return the page, or the JSON, of a refusal."""
    # What the view had begun is not flushed by the questions of the page.
    model.Session.rollback()
    told = next(each for kind, each in ANSWERS.items() if isinstance(refusal, kind))
    if request.blueprint == "api":
        return _json(refusal, told)
    return current_app.handle_http_exception(default_exceptions[told.page]())


def _json(refusal: Exception, told: Answer) -> Any:
    error: dict[str, Any] = {"message": maroc_error(told.page).sentence}
    if isinstance(refusal, tk.ValidationError):
        error = dict(refusal.error_dict)
    error["__type"] = told.kind
    return jsonify({"success": False, "error": error}), told.api
