"""Every answer says what a browser may do with it."""

from __future__ import annotations

import os

import httpx
import pytest
from werkzeug.datastructures import Headers

import ckan.plugins.toolkit as tk

from ckanext.maroc_portal import headers
from ckanext.maroc_portal.headers import Facts, Site

PORTAL = os.environ.get("TEST_PORTAL_URL", "")
needs_portal = pytest.mark.skipif(not PORTAL, reason="./portal test starts the portal")

HTTP = Site(https=False, frame_ancestors=(), token_header="Authorization")  # noqa: S106
HTTPS = Site(
    https=True,
    frame_ancestors=("https://www.fes.ma",),
    token_header="Authorization",  # noqa: S106
)
HTML = {"Content-Type": "text/html; charset=utf-8"}


def completed(given=(), *, status=200, site=HTTP, path="/", **facts):
    found = Headers(given)
    headers.complete(found, status, Facts(path=path, **facts), site)
    return found


def policy(found):
    parts = found["Content-Security-Policy"].split("; ")
    return {name: value for name, _, value in (part.partition(" ") for part in parts)}


def test_a_page_runs_no_script_but_the_files_of_this_portal():
    rules = policy(completed(HTML))
    assert rules["script-src"] == "'self'"
    assert rules["script-src-attr"] == "'none'"
    assert rules["style-src"] == "'self'"
    assert rules["object-src"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"


def test_no_policy_lets_text_become_a_script():
    for facts in ({}, {"embeddable": True}, {"style": "p {}"}, {"download": True}):
        value = completed(HTML, **facts)["Content-Security-Policy"]
        assert "unsafe-eval" not in value
        rules = value.split("; ")
        assert not [r for r in rules if r.startswith("script") and "unsafe" in r]


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        ({"Content-Type": "text/html"}, {"download": True}),
        ({"Content-Type": "text/html"}, {"path": "/uploads/group/a.html"}),
        (HTML | {"Content-Disposition": "attachment; filename=a.html"}, {}),
        ({"Content-Type": "image/svg+xml"}, {}),
        ({"Content-Type": "text/csv"}, {"download": True}),
        ({"Content-Type": "application/json"}, {}),
    ],
)
def test_a_file_runs_nothing_whatever_it_pretends_to_be(given, facts):
    rules = policy(completed(given, **facts))
    assert rules["sandbox"] == ""
    assert rules["default-src"] == "'none'"
    assert "script-src" not in rules


def test_only_a_page_made_for_it_is_framed_and_only_by_the_sites_named():
    open_page = completed(HTML, site=HTTPS, embeddable=True)
    assert policy(open_page)["frame-ancestors"] == "'self' https://www.fes.ma"
    assert "X-Frame-Options" not in open_page
    closed = completed(HTML, site=HTTPS)
    assert policy(closed)["frame-ancestors"] == "'none'"
    assert closed["X-Frame-Options"] == "DENY"


def test_https_is_remembered_where_the_site_is_served_so():
    assert (
        "max-age=31536000" in completed(HTML, site=HTTPS)["Strict-Transport-Security"]
    )
    assert "Strict-Transport-Security" not in completed(HTML)


@pytest.mark.parametrize(
    ("facts", "status", "expected"),
    [
        ({"private": True}, 200, "private, no-store"),
        ({"private": True, "download": True}, 200, "private, no-store"),
        ({}, 404, "private, no-store"),
        ({"static": True}, 404, "private, no-store"),
        ({"static": True, "private": True}, 200, "public, max-age=3600"),
        (
            {"static": True, "path": "/webassets/base/1a2b3c4d_main.js"},
            200,
            "public, max-age=31536000, immutable",
        ),
    ],
)
def test_nobody_keeps_a_copy_of_what_a_session_opened(facts, status, expected):
    given = {"Cache-Control": "public, max-age=0, must-revalidate"}
    assert completed(given, status=status, **facts)["Cache-Control"] == expected


def test_an_open_download_may_be_kept():
    given = {"Cache-Control": "public, max-age=0, must-revalidate", "Vary": "Cookie"}
    found = completed(given, download=True)
    assert found["Cache-Control"].startswith("public")
    assert found["Vary"] == "Cookie, Authorization"
    assert found["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_view_may_say_more_than_the_rule():
    given = HTML | {"Content-Security-Policy": "default-src 'none'"}
    assert completed(given)["Content-Security-Policy"] == "default-src 'none'"


def test_an_answer_from_outside_of_the_application_has_them_too():
    def broken(environ, start_response):
        start_response("500 INTERNAL SERVER ERROR", [("Content-Type", "text/html")])
        return [b"broken"]

    seen = {}
    application = headers.WithHeaders(broken)
    application(
        {"PATH_INFO": "/"}, lambda status, given, exc_info=None: seen.update(given)
    )
    assert seen["X-Content-Type-Options"] == "nosniff"
    assert seen["Cache-Control"] == "private, no-store"
    assert seen["X-Frame-Options"] == "DENY"


def test_the_administrators_style_sheet_passes_by_its_hash():
    rules = policy(completed(HTML, style="body {}"))
    assert rules["style-src"] == (
        "'self' 'sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT+SmwNZWA='"
    )


# The running portal

ADDRESSES = {
    "/": 200,
    "/ar/": 200,
    "/dataset/": 200,
    "/user/login": 200,
    "/user/add-admin": 403,
    "/dataset/nowhere": 404,
    "/nowhere.css": 404,
    "/base/css/main.css": 200,
    "/api/3/action/package_search?rows=0": 200,
    "/api/3/action/nowhere": 400,
    "/feeds/dataset.atom": 200,
    "/catalog.ttl": 200,
    "/sante": 200,
    "/user/logged_out_redirect": 200,
    "/user/me": 302,
}


@needs_portal
@pytest.mark.parametrize(("path", "status"), ADDRESSES.items())
def test_every_answer_of_the_portal_has_them(path, status):
    answer = httpx.get(PORTAL + path, timeout=60)
    found = answer.headers
    assert (
        (answer.status_code in (status, 301, 302))
        if status == 308
        else (answer.status_code == status)
    )
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "strict-origin-when-cross-origin"
    assert found["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in found["permissions-policy"]
    assert "default-src" in found["content-security-policy"]
    assert "set-cookie" not in found or path == "/user/login"


@needs_portal
def test_a_token_gets_answers_that_nobody_keeps():
    header = {tk.config["apitoken_header_name"]: "not-a-token"}
    asked = f"{PORTAL}/api/3/action/package_search?rows=0"
    answer = httpx.get(asked, headers=header, timeout=60)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
