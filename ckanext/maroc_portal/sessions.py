"""Who is signed in: kept by the server alone, so that a sign-out ends it everywhere.

A copied cookie is worth nothing after the sign-out, after a new password, or eight
hours without a request. Visitors who sign in nowhere get no cookie at all.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from flask import current_app, request, session
from flask_login.signals import user_logged_in, user_logged_out
from flask_session.redis.redis import RedisSession

from ckan import model
from ckan.config.middleware.common_middleware import CKANRedisSessionInterface
from ckan.config.middleware.flask_app import CKANJsonSessionSerializer
from ckan.types import CKANApp, Request, Response

PASSWORD = "maroc_password"  # noqa: S105 - the name of a field of the session
"""The session keeps the print of the password that it was opened with."""


class StoredSession(RedisSession):
    """A session that knows whether Redis held it when the request began."""

    stored = False


class Sessions(CKANRedisSessionInterface):
    """CKAN's sessions in Redis, written only when they change.

    Flask-Session writes each of them back at the end of every request: a slow upload
    that ends after the sign-out would bring the ended session back to life.
    """

    session_class = StoredSession

    def open_session(self, app: CKANApp, request: Request) -> StoredSession:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the session of the request's cookie, or an empty one."""
        opened = super().open_session(app, request)
        opened.stored = request.cookies.get(self.get_cookie_name(app)) == opened.sid  # pyright: ignore[reportAttributeAccessIssue]
        return opened  # pyright: ignore[reportReturnType]

    def regenerate(self, session: StoredSession) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Give the session another identifier; the old one opens nothing any more."""
        super().regenerate(session)
        session.stored = False

    def save_session(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, app: CKANApp, session: StoredSession, response: Response
    ) -> None:
        """Write a session that changed; let the clock of the others start again."""
        if not session and self.get_cookie_name(app) not in request.cookies:
            return  # what came and went within the request leaves no trace
        if session.modified or not session:
            super().save_session(app, session, response)
            return
        response.vary.add("Cookie")
        self.client.expire(
            self._get_store_id(str(session.sid)), app.permanent_session_lifetime
        )

    def _upsert_session(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, session_lifetime: timedelta, session: StoredSession, store_id: str
    ) -> None:
        self.client.set(
            store_id,
            self.serializer.encode(session),  # pyright: ignore[reportOptionalMemberAccess]
            ex=session_lifetime,
            # What was read from Redis and is there no more has ended meanwhile.
            xx=session.stored,
        )


def install(app: CKANApp) -> None:
    """Keep the application's sessions so."""
    if app.config["SESSION_TYPE"] != "redis":
        raise RuntimeError("The portal needs SESSION_TYPE = redis: see ops/ckan.ini.")
    sessions = Sessions(app)
    sessions.serializer = CKANJsonSessionSerializer()  # pyright: ignore[reportAttributeAccessIssue]
    app.session_interface = sessions
    # Before CKAN's own, which asks who the visitor is.
    app.before_request_funcs.setdefault(None, []).insert(0, _end_what_is_over)
    user_logged_in.connect(_remember_password)
    user_logged_out.connect(_leave_no_way_back)


def _end_what_is_over() -> None:
    """Drop what must not open an account: an old password, a cookie "remember me".

    The latter holds a signed name, valid for ever, and no sign-out can take it back.
    """
    if current_app.config["REMEMBER_COOKIE_NAME"] in request.cookies:
        session["_remember"] = "clear"
    known, owner = session.get(PASSWORD), session.get("_user_id")
    if known and owner:
        user = model.User.get(owner)
        if user is None or fingerprint(user) != known:
            _leave_no_way_back()
            for key in list(session):
                session.pop(key)


def fingerprint(user: model.User) -> str:
    """Return a print of the user's password that tells nothing of it."""
    return hashlib.sha256((user.password or "").encode()).hexdigest()


def _remember_password(sender: Any, user: model.User, **_: Any) -> None:
    session[PASSWORD] = fingerprint(user)


def _leave_no_way_back(sender: Any = None, **_: Any) -> None:
    current_app.session_interface.regenerate(session)  # pyright: ignore[reportAttributeAccessIssue]
