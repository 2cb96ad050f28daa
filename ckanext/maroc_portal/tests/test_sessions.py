"""A sign-out ends a session everywhere, and so does a new password."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask_login.utils import encode_cookie

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories, helpers

PASSWORD = "une-phrase-de-passe-2026"  # noqa: S105 - of people made here alone


@pytest.fixture
def user():
    return factories.User(password=PASSWORD)


def sign_in(app, user, browser=None, password=PASSWORD, **more):
    browser = browser or app.test_client()
    form = browser.get("/user/login")
    token = BeautifulSoup(form.body, "html.parser").find(
        "input", {"name": "_csrf_token"}
    )
    answer = browser.post(
        "/user/login",
        data={
            "login": user["name"],
            "password": password,
            "_csrf_token": token["value"],
            **more,
        },
        follow_redirects=False,
    )
    assert answer.status_code == 302
    return browser


def cookie_of(browser):
    found = browser.get_cookie("ckan")
    return found and found.value


def with_cookie(app, value, name="ckan"):
    browser = app.test_client()
    browser.set_cookie(name, value)
    return browser


def is_signed_in(browser):
    return browser.get("/dashboard/datasets", follow_redirects=False).status_code == 200


def keys_of_sessions():
    prefix = tk.config["SESSION_KEY_PREFIX"]
    return set(connect_to_redis().scan_iter(f"{prefix}*"))


def test_visitors_have_no_session(app):
    before = keys_of_sessions()
    browser = app.test_client()
    browser.get("/api/3/action/package_search?rows=0")
    browser.get("/about")
    assert cookie_of(browser) is None
    assert keys_of_sessions() == before


def test_signing_in_gives_a_new_session(app, user):
    browser = app.test_client()
    browser.get("/user/login")
    before = cookie_of(browser)
    sign_in(app, user, browser)
    assert cookie_of(browser) != before
    assert is_signed_in(browser)
    assert not is_signed_in(with_cookie(app, before))


def test_a_session_of_somebody_elses_making_is_not_taken_up(app, user):
    browser = sign_in(app, user, with_cookie(app, "chosen-by-somebody-else"))
    assert cookie_of(browser) != "chosen-by-somebody-else"
    assert not is_signed_in(with_cookie(app, "chosen-by-somebody-else"))


def test_a_copied_cookie_opens_nothing_after_the_sign_out(app, user):
    browser = sign_in(app, user)
    copy = with_cookie(app, cookie_of(browser))
    assert is_signed_in(copy)
    browser.get("/user/_logout")
    assert not is_signed_in(browser)
    assert not is_signed_in(copy)


def test_a_request_that_ends_after_the_sign_out_brings_nothing_back(app, user):
    browser = sign_in(app, user)
    old = cookie_of(browser)
    sessions = app.flask_app.session_interface
    slow = app.flask_app.test_request_context("/", headers={"Cookie": f"ckan={old}"})
    kept = sessions.open_session(app.flask_app, slow.request)
    assert kept["_user_id"]

    browser.get("/user/_logout")
    kept["a word that the slow page leaves"] = True
    sessions.save_session(app.flask_app, kept, app.flask_app.response_class())
    assert not is_signed_in(with_cookie(app, old))


def test_a_new_password_ends_every_session(app, user):
    browser = sign_in(app, user)
    assert is_signed_in(browser)
    new = "une-autre-phrase-de-passe"
    helpers.call_action("user_patch", id=user["id"], password=new)
    assert not is_signed_in(browser)
    assert is_signed_in(sign_in(app, user, password=new))


def test_remembering_is_not_offered_since_no_sign_out_could_end_it(app, user):
    form = app.test_client().get("/user/login")
    assert 'name="remember"' not in form.body
    browser = sign_in(app, user, remember="63072000")
    browser.get("/about")
    assert browser.get_cookie("remember_token") is None
    with app.flask_app.test_request_context():
        forever = encode_cookie(user["id"])
    assert not is_signed_in(with_cookie(app, forever, name="remember_token"))


def test_a_session_ends_eight_hours_after_its_last_request(app, user):
    browser = sign_in(app, user)
    redis = connect_to_redis()
    key = tk.config["SESSION_KEY_PREFIX"] + cookie_of(browser)
    redis.expire(key, 60)
    browser.get("/about")
    assert 8 * 3600 - 60 < redis.ttl(key) <= 8 * 3600
