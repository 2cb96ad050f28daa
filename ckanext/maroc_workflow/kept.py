"""An edit by core's pages that was kept as a revision: said, with the way to it.

Core's pages know nothing of revisions: after they wrote a file they show the public
dataset, and where a file cannot be taken away at once they have no words for it.
"""

from __future__ import annotations

from typing import Any

from flask import request
from jinja2.utils import urlize

import ckan.plugins.toolkit as tk
from ckan.types import CKANApp

REASON = "revision_opened"
"""The place of the sentence in the error of what is kept, or cannot be."""


def install(app: CKANApp) -> None:
    """Answer people whom core's pages would leave with an error of the server."""
    app.register_error_handler(tk.ValidationError, lead_back)


def lead_back(refused: Any) -> Any:
    """Show the dataset with the sentence, which holds the way to the revision."""
    asked = request.view_args or {}
    if not _is_of_files() or REASON not in refused.error_dict or "id" not in asked:
        raise refused
    for sentence in refused.error_dict[REASON]:
        say(sentence)
    return tk.redirect_to("dataset.read", id=asked["id"])


def say(sentence: str) -> None:
    """Say it on the next page, where one of core's pages of files asked."""
    if tk.request and _is_of_files():
        # It escapes all that is no link.
        tk.h.flash_notice(urlize(sentence), allow_html=True)


def _is_of_files() -> bool:
    return request.blueprint in ("dataset_resource", "resource")
