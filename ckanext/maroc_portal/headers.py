"""The security headers of every response: pages, files, data, errors alike."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import g, request, session
from werkzeug.datastructures import Headers

import ckan.plugins.toolkit as tk
from ckan.types import CKANApp, Response

from .settings import settings

View = TypeVar("View", bound=Callable[..., Any])

_FACTS = "maroc_portal.facts"

# What a page of ours may do. Scripts and styles come from files of this portal alone;
# style attributes stay, since core and its libraries write them (widths, positions).
_PAGE: Mapping[str, str] = {
    "default-src": "'self'",
    "script-src": "'self'",
    "script-src-attr": "'none'",
    "style-src": "'self'",
    "style-src-attr": "'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}

# What is not a page runs nothing, whatever it holds.
SANDBOX = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
)
# What was uploaded, whatever it pretends to be.
DOWNLOAD = "sandbox; default-src 'none'"

_ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(),"
        " microphone=(), payment=(), usb=()"
    ),
}

_A_YEAR = 31_536_000

# The names that the view of a resource has: core shows it in a frame of its own page,
# and offers it for the pages of others.
EMBEDDED_VIEWS = re.compile(r"(^|_)resource\.view$")
STATIC_VIEWS = re.compile(r"^webassets\.index$|(^|\.)static$")
DOWNLOAD_VIEWS = re.compile(r"\.(resource_)?(download|dump)$")
UPLOADS = "/uploads/"
# The name of a bundle begins with the hash of its content.
_HASHED = re.compile(r"/[0-9a-f]{8}_[^/]+$")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the application knows of a request, and its headers do not tell."""

    path: str
    private: bool = False
    """Fetched with a session or a token."""
    static: bool = False
    download: bool = False
    embeddable: bool = False
    style: str = ""
    """The style sheet that the administrator typed in, which stands in the page."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """How the site is served."""

    https: bool
    frame_ancestors: tuple[str, ...]
    token_header: str


def site() -> Site:
    """Return it, from the configuration in force."""
    return Site(
        https=tk.config["ckan.site_url"].startswith("https://"),
        frame_ancestors=settings().frame_ancestors,
        token_header=tk.config["apitoken_header_name"],
    )


def embeddable(view: View) -> View:
    """Let the sites of ``ckanext.maroc_portal.frame_ancestors`` frame this view's page.

    Every other page is shown in no frame.
    """

    @functools.wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        g.maroc_embeddable = True
        return view(*args, **kwargs)

    return wrapped  # pyright: ignore[reportReturnType]


def install(app: CKANApp) -> None:
    """Put the headers on everything that the application answers.

    They are added outside of Flask, so that an error in the midst of a request has them
    too.
    """
    app.after_request(_note)
    app.wsgi_app = WithHeaders(app.wsgi_app)


def _note(response: Response) -> Response:
    endpoint = request.endpoint or ""
    request.environ[_FACTS] = Facts(
        path=request.path,
        private=bool(session) or site().token_header in request.headers,
        static=bool(STATIC_VIEWS.search(endpoint)),
        download=bool(DOWNLOAD_VIEWS.search(endpoint)),
        embeddable="maroc_embeddable" in g or bool(EMBEDDED_VIEWS.search(endpoint)),
        style=tk.config.get("ckan.site_custom_css") or "",
    )
    return response


class WithHeaders:
    """A WSGI application with the headers that its answers lack."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer as the application does, its headers completed."""

        def start(
            status: str, given: list[tuple[str, str]], exc_info: Any = None
        ) -> Any:
            facts = environ.get(_FACTS) or Facts(path=environ.get("PATH_INFO", ""))
            headers = Headers(given)
            complete(headers, int(status[:3]), facts, site())
            return start_response(status, headers.to_wsgi_list(), exc_info)

        return self.app(environ, start)


def complete(headers: Headers, status: int, facts: Facts, site: Site) -> None:
    """Add to a response's headers the security headers that it has not set itself."""
    if status >= 400:
        facts = replace(facts, static=False)  # a file that is not there is a page
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    if site.https:
        headers.setdefault("Strict-Transport-Security", f"max-age={_A_YEAR}")
    page = _is_page(headers, facts)
    headers.setdefault(
        "Content-Security-Policy",
        page_policy(facts, site) if page else file_policy(facts),
    )
    closed = page and not facts.embeddable
    if closed:
        headers.setdefault("X-Frame-Options", "DENY")
    # Open data is for other sites' pages too; what a session opened is not.
    guarded = (facts.private or closed) and not facts.static
    headers.setdefault(
        "Cross-Origin-Resource-Policy", "same-origin" if guarded else "cross-origin"
    )
    _cache(headers, status, facts, site)


def _is_page(headers: Headers, facts: Facts) -> bool:
    kind = headers.get("Content-Type", "").partition(";")[0].strip()
    kept = headers.get("Content-Disposition", "").startswith("attachment")
    return kind in ("text/html", "application/xhtml+xml") and not (
        kept or facts.download or facts.path.startswith(UPLOADS)
    )


def file_policy(facts: Facts) -> str:
    """Return the Content-Security-Policy of what is not a page."""
    uploaded = facts.download or facts.path.startswith(UPLOADS)
    return DOWNLOAD if uploaded else SANDBOX


def page_policy(facts: Facts, site: Site) -> str:
    """Return the Content-Security-Policy of a page."""
    policy = dict(_PAGE)
    if facts.style:
        digest = base64.b64encode(hashlib.sha256(facts.style.encode()).digest())
        policy["style-src"] += f" 'sha256-{digest.decode()}'"
    policy["frame-ancestors"] = (
        " ".join(("'self'", *site.frame_ancestors)) if facts.embeddable else "'none'"
    )
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def _cache(headers: Headers, status: int, facts: Facts, site: Site) -> None:
    """Say who may keep a copy: nobody, of what a session or a token opened."""
    if status >= 400 or (facts.private and not facts.static):
        headers["Cache-Control"] = "private, no-store"
    elif not facts.static:
        _vary(headers, add=("Cookie", site.token_header))
    else:
        hashed = _HASHED.search(facts.path)
        headers["Cache-Control"] = (
            f"public, max-age={_A_YEAR}, immutable"
            if hashed
            else "public, max-age=3600"
        )
        _vary(headers, drop="cookie")


def _vary(headers: Headers, *, add: tuple[str, ...] = (), drop: str = "") -> None:
    names = [name.strip() for name in headers.get("Vary", "").split(",")]
    known = {"", drop, *(name.lower() for name in add)}
    kept = [name for name in names if name.lower() not in known]
    headers.pop("Vary", None)
    if kept or add:
        headers["Vary"] = ", ".join((*kept, *add))
