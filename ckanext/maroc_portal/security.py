"""The flaws that CKAN 2.12.0 ships with, patched; a test for each tells when to stop.

Three fixes of April 2026 are in CKAN 2.10.10 and 2.11.5 and not in 2.12.0: the CSRF
exemption (CVE-2026-41255), ``datastore_search_sql`` (CVE-2026-42031 and 42032) and the
certificate of the mail server (CVE-2026-41132).
"""

from __future__ import annotations

import functools
import smtplib
import ssl
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

from flask import Blueprint, abort, g, has_request_context, request
from flask_wtf.csrf import CSRFProtect

import ckan.plugins.toolkit as tk
from ckan.config.middleware import flask_app
from ckan.lib import mailer
from ckan.types import CKANApp

from ckanext.datastore.backend.postgres import DatastorePostgresqlBackend

View = TypeVar("View", bound="str | Blueprint | Callable[..., Any]")

REFUSED_SQL_FUNCTIONS = frozenset({"ts_rewrite"})
"""They run the text of their arguments as SQL, past the check of the tables read."""

MAIL_TIMEOUT = 20
"""Seconds that a page or a job waits for the mail server."""

DAY = 86_400


def patch() -> None:
    """Apply every patch; repeating it changes nothing."""
    flask_app.csrf.__class__ = CSRFOfThisRequest
    mailer.smtplib = _smtplib
    if not hasattr(DatastorePostgresqlBackend.configure, "__wrapped__"):
        DatastorePostgresqlBackend.configure = _without_refused_functions(
            DatastorePostgresqlBackend.configure
        )


# A forged request


class CSRFOfThisRequest(CSRFProtect):
    """An exemption from the CSRF check that ends with the request it was made for.

    CKAN exempts the *view* whenever a caller has no session, for the life of the
    process: one anonymous request to a form, and the next forged one by a browser
    that is signed in goes through.
    """

    def exempt(self, view: View) -> View:
        """Exempt a view of ours for ever; what CKAN asks for, for this request."""
        if has_request_context():
            g.maroc_csrf_exempt = _needs_no_token()
            return view
        return super().exempt(view)  # pyright: ignore[reportReturnType]

    def _is_exempt(self) -> bool:
        return bool(g.get("maroc_csrf_exempt")) or super()._is_exempt()


def _needs_no_token() -> bool:
    """Whether the request carries nothing that a browser adds by itself.

    An API token is added by its owner's own program. Without one, only the API is
    exempt, where an anonymous caller changes nothing; a form keeps its token, so that
    nobody is signed in to somebody else's account by a foreign page.
    """
    user = g.get("_login_user")
    by_token = user is not None and user.is_authenticated
    return by_token or request.blueprint == "api"


# SQL that reads past its permissions


def _without_refused_functions(configure: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(configure)
    def wrapped(self: DatastorePostgresqlBackend, config: Any) -> None:
        configure(self, config)
        allowed = getattr(self, "allowed_sql_functions", set())
        self.allowed_sql_functions = set(allowed) - REFUSED_SQL_FUNCTIONS

    return wrapped


# A mail server that is not the one we mean


class VerifyingSMTP(smtplib.SMTP):
    """A connection that goes on only with a mail server whose certificate is right."""

    def __init__(self, host: str = "", port: int = 0, **options: Any) -> None:
        options.setdefault("timeout", MAIL_TIMEOUT)
        super().__init__(host, port, **options)

    def starttls(self, *, context: ssl.SSLContext | None = None) -> tuple[int, bytes]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Switch to TLS, or raise the SMTPException that CKAN's mailer expects."""
        try:
            return super().starttls(context=context or ssl.create_default_context())
        except ssl.SSLError as error:
            self.close()
            raise smtplib.SMTPException(
                f"The mail server's certificate was refused: {error}"
            ) from error

    def quit(self) -> tuple[int, bytes]:
        """End the session, also one that was refused and closed above."""
        return super().quit() if self.sock else (221, b"closed")


_smtplib = SimpleNamespace(
    SMTP=VerifyingSMTP,
    SMTPException=smtplib.SMTPException,
    SMTPConnectError=smtplib.SMTPConnectError,
)


# Not flaws, but settings that CKAN cannot take from its configuration


def secure_cookies(app: CKANApp, site_url: str) -> None:
    """Let cookies travel over https alone, where the site is served so."""
    secure = site_url.startswith("https://")
    app.config["SESSION_COOKIE_SECURE"] = secure
    app.config["REMEMBER_COOKIE_SECURE"] = secure


def limit_bodies(app: CKANApp, largest: str) -> None:
    """Refuse a larger request before it is read.

    CKAN declares Flask's MAX_CONTENT_LENGTH as internal and passes it to nobody; its
    own limit counts the bytes once they are all on the disk.
    """
    app.config["MAX_CONTENT_LENGTH"] = int(largest)


def refuse_nul(app: CKANApp) -> None:
    """Answer 404 to an address with a NUL, which PostgreSQL cannot even look up."""

    def refuse() -> None:
        if "\0" in request.path:
            abort(404)

    # After CKAN's own, whose clock its last words on a request need.
    app.before_request(refuse)


def token_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Let a token that says nothing of its life end after the configured time.

    ``expires_in`` counts units of ``unit`` seconds, a day where none is said. No token
    outlives the configured time.
    """
    optional, whole = (
        tk.get_validator("ignore_empty"),
        tk.get_validator("is_positive_integer"),
    )
    schema["unit"] = [tk.get_validator("default")(DAY), whole]  # pyright: ignore[reportCallIssue]
    schema["expires_in"] = [optional, whole]
    schema["__after"] = [*schema.get("__after", []), _no_longer_than_allowed]
    return schema


def _no_longer_than_allowed(
    key: Any, data: dict[Any, Any], errors: dict[Any, Any], context: Any
) -> None:
    count, unit = data.get(("expires_in",)), data.get(("unit",))
    longest: int = tk.config["expire_api_token.default_lifetime"]
    if isinstance(count, int) and isinstance(unit, int) and count * unit > longest:
        errors.setdefault(("expires_in",), []).append(
            tk._("A token lives {days} days at most.").format(days=longest // DAY)
        )
