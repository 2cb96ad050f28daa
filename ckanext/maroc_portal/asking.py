"""Who asks for a page: their context, what refuses them, the way to sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flask

import ckan.plugins.toolkit as tk
from ckan.common import current_user
from ckan.lib.navl.dictization_functions import DataError
from ckan.types import Context


def context(**more: Any) -> Context:
    """Return the context of an action that this person asks for."""
    return {"user": current_user.name, "auth_user_obj": current_user, **more}  # pyright: ignore[reportReturnType]


@contextmanager
def answered() -> Iterator[None]:
    """Answer in a sentence where there is nothing, or nothing for this person."""
    try:
        yield
    except tk.ObjectNotFound:
        tk.abort(404, tk._("There is no such dataset."))
    except tk.NotAuthorized:
        tk.abort(403, tk._("You may not do this for this institution."))
    except DataError:
        tk.abort(400, tk._("This form could not be read."))


def sign_in(back: str = "") -> None:
    """Send to the sign-in page who has left, and back here afterwards."""
    if current_user.is_authenticated:
        return
    if tk.request.method == "POST":
        tk.h.flash_notice(
            tk._("Sign in to go on: your browser has kept what you typed.")
        )
    here = back or tk.request.full_path.rstrip("?")
    flask.abort(tk.redirect_to("user.login", came_from=here))
