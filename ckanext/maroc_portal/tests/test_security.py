"""What CKAN 2.12.0 leaves open is closed; each test also tells when core closes it."""

from __future__ import annotations

import datetime as dt
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import freezegun
import pytest
from bs4 import BeautifulSoup
from flask_wtf.csrf import CSRFProtect

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.config.middleware import flask_app
from ckan.lib import api_token, mailer
from ckan.tests import factories, helpers

from ckanext.datastore.backend.postgres import DatastorePostgresqlBackend
from ckanext.maroc_portal import security

FIXED = "CKAN has fixed this itself: remove this patch from security.py."
PASSWORD = "une-phrase-de-passe-2026"  # noqa: S105 - of people made here alone


# A forged request: a foreign page makes it, the browser adds its cookies


def token_of_page(page):
    field = BeautifulSoup(page.body, "html.parser").find(
        "input", {"name": "_csrf_token"}
    )
    return field["value"]


def signed_in(app, user):
    browser = app.test_client()
    form = browser.get("/user/login")
    answer = browser.post(
        "/user/login",
        data={
            "login": user["name"],
            "password": PASSWORD,
            "_csrf_token": token_of_page(form),
        },
        follow_redirects=False,
    )
    assert answer.status_code == 302, answer.body
    return browser


def profile(user, about):
    return {"name": user["name"], "email": user["email"], "about": about, "save": ""}


def edit(client, user, about, **options):
    return client.post(
        f"/user/edit/{user['name']}",
        data=profile(user, about),
        follow_redirects=False,
        **options,
    )


def about_of(user):
    model.Session.expire_all()
    return model.User.get(user["id"]).about


def by_nobody(app, user):
    app.test_client().get(f"/user/edit/{user['name']}")
    edit(app.test_client(), user, "by nobody")


def by_a_wrong_token(app, user):
    edit(app.test_client(), user, "wrong", headers={"Authorization": "not-a-token"})


def by_a_token(app, user):
    made = helpers.call_action("api_token_create", user=user["name"], name="tool")
    answer = edit(
        app.test_client(), user, "by a token", headers={"Authorization": made["token"]}
    )
    assert answer.status_code == 302
    assert about_of(user) == "by a token"


@pytest.mark.parametrize("before", [by_nobody, by_a_wrong_token, by_a_token])
def test_a_forged_request_is_refused_whoever_asked_before(app, before):
    user = factories.User(password=PASSWORD)
    browser = signed_in(app, user)
    before(app, user)
    answer = edit(browser, user, "forged")
    assert answer.status_code == 400
    assert about_of(user) != "forged"


def test_core_still_lets_it_through(app, monkeypatch):
    monkeypatch.setattr(flask_app.csrf, "__class__", CSRFProtect)
    monkeypatch.setattr(flask_app.csrf, "_exempt_views", set())
    user = factories.User(password=PASSWORD)
    browser = signed_in(app, user)
    by_nobody(app, user)
    assert edit(browser, user, "forged").status_code == 302, FIXED


def test_a_form_with_its_token_is_accepted(app):
    user = factories.User(password=PASSWORD)
    browser = signed_in(app, user)
    form = browser.get(f"/user/edit/{user['name']}")
    data = profile(user, "by myself") | {"_csrf_token": token_of_page(form)}
    answer = browser.post(
        f"/user/edit/{user['name']}", data=data, follow_redirects=False
    )
    assert answer.status_code == 302
    assert about_of(user) == "by myself"


def test_an_api_token_writes_without_a_csrf_token(app):
    user = factories.User()
    made = helpers.call_action("api_token_create", user=user["name"], name="tool")
    answer = app.test_client().post(
        "/api/3/action/user_patch",
        json={"id": user["id"], "about": "by the API"},
        headers={"Authorization": made["token"]},
    )
    assert answer.status_code == 200
    assert about_of(user) == "by the API"


def test_the_api_refuses_a_cookie_without_a_csrf_token(app):
    user = factories.User(password=PASSWORD)
    browser = signed_in(app, user)
    answer = browser.post(
        "/api/3/action/user_patch", json={"id": user["id"], "about": "forged"}
    )
    assert answer.status_code == 400
    assert about_of(user) != "forged"


def test_anybody_may_ask_the_api_by_post(app):
    answer = app.test_client().post("/api/3/action/package_search", json={"rows": 0})
    assert answer.status_code == 200


def test_nobody_is_signed_in_by_a_foreign_page(app):
    user = factories.User(password=PASSWORD)
    answer = app.test_client().post(
        "/user/login", data={"login": user["name"], "password": PASSWORD}
    )
    assert answer.status_code == 400


# SQL that reads past its permissions


def functions_allowed(configure):
    backend = DatastorePostgresqlBackend()
    configure(backend, {**tk.config, "ckan.datastore.sqlsearch.enabled": True})
    return backend.allowed_sql_functions


def test_the_sql_search_is_off(app):
    answer = app.test_client().get("/api/3/action/datastore_search_sql?sql=SELECT+1")
    assert answer.status_code == 400
    assert "datastore_search_sql" in answer.body


def test_switched_on_it_refuses_functions_that_run_sql(app):
    allowed = functions_allowed(DatastorePostgresqlBackend.configure)
    assert "ts_rank" in allowed
    assert not security.REFUSED_SQL_FUNCTIONS & allowed


def test_core_still_allows_them(app):
    allowed = functions_allowed(DatastorePostgresqlBackend.configure.__wrapped__)
    assert allowed >= security.REFUSED_SQL_FUNCTIONS, FIXED


# A mail server that is not the one we mean

ANSWERS = {
    "EHLO": b"250-localhost\r\n250 STARTTLS\r\n",
    "STARTTLS": b"220 go on\r\n",
    "DATA": b"354 go on\r\n",
    "QUIT": b"221 bye\r\n",
}
CERTIFICATE = Path(__file__).parent / "data" / "self_signed.pem"


class MailServer(threading.Thread):
    """A small mail server that offers TLS with a certificate nobody vouches for."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        self.address = f"localhost:{self.listener.getsockname()[1]}"
        self.letters: list[bytes] = []

    def run(self):
        link, _ = self.listener.accept()
        try:
            self.converse(link)
        except OSError:
            pass  # the client hung up, as it should
        finally:
            self.listener.close()

    def converse(self, link):
        link.settimeout(20)
        link.sendall(b"220 localhost\r\n")
        lines = link.makefile("rb")
        while line := lines.readline():
            word = line.split()[0].upper().decode()
            link.sendall(ANSWERS.get(word, b"250 ok\r\n"))
            if word == "STARTTLS":
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(CERTIFICATE)
                link = context.wrap_socket(link, server_side=True)
                lines = link.makefile("rb")
            elif word == "DATA":
                letter = b""
                while not letter.endswith(b"\r\n.\r\n"):
                    letter += lines.readline()
                self.letters.append(letter)
                link.sendall(b"250 taken\r\n")
            elif word == "QUIT":
                return


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.join(timeout=20)
    assert not server.is_alive()


@pytest.fixture
def letter(app, mail_server, monkeypatch):
    monkeypatch.setitem(tk.config, "smtp.server", mail_server.address)
    monkeypatch.setitem(tk.config, "smtp.starttls", True)
    monkeypatch.setitem(tk.config, "smtp.mail_from", "portail@example.org")
    return lambda: mailer.mail_recipient("Rod", "rod@example.org", "Sujet", "Texte")


def test_no_letter_is_given_to_a_server_that_nobody_vouches_for(mail_server, letter):
    with pytest.raises(mailer.MailerException, match="certificate"):
        letter()
    assert mail_server.letters == []


def test_a_letter_reaches_a_server_whose_certificate_is_right(
    mail_server, letter, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    letter()
    mail_server.join(timeout=20)
    assert len(mail_server.letters) == 1


def test_core_still_gives_it_to_anybody(mail_server, letter, monkeypatch):
    monkeypatch.setattr(mailer, "smtplib", smtplib)
    letter()
    mail_server.join(timeout=20)
    assert len(mail_server.letters) == 1, FIXED


# API tokens end


def life_of(made):
    claims = api_token.decode(made["token"])
    return dt.timedelta(seconds=claims["exp"] - claims["iat"])


YEAR, DAY = dt.timedelta(days=365), dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("asked", "life"),
    [
        ({}, YEAR),
        ({"expires_in": ""}, YEAR),
        ({"expires_in": "30"}, 30 * DAY),
        ({"expires_in": 12, "unit": 3600}, DAY / 2),
        ({"expires_in": 365}, YEAR),
    ],
)
def test_a_token_ends_when_asked_or_after_a_year(app, asked, life):
    user = factories.User()
    made = helpers.call_action("api_token_create", user=user["name"], name="t", **asked)
    assert abs(life_of(made) - life) < dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    "asked", [{"expires_in": 366}, {"expires_in": 10**12}, {"expires_in": -1}]
)
def test_no_token_outlives_a_year(app, asked):
    user = factories.User()
    with pytest.raises(tk.ValidationError) as refusal:
        helpers.call_action("api_token_create", user=user["name"], name="t", **asked)
    assert list(refusal.value.error_dict) == ["expires_in"]
    owned = model.Session.query(model.ApiToken).filter_by(user_id=user["id"])
    assert owned.count() == 0


def test_a_token_that_has_ended_opens_nothing(app):
    user = factories.User()
    made = helpers.call_action("api_token_create", user=user["name"], name="t")

    def ask():
        return app.test_client().get(
            "/api/3/action/api_token_list",
            query_string={"user": user["name"]},
            headers={"Authorization": made["token"]},
        )

    assert ask().status_code == 200
    # It looks into every module, and this one then imports pandas: with a false clock
    # that ends the process.
    later = dt.datetime.now(dt.UTC) + YEAR + DAY
    with freezegun.freeze_time(later, ignore=["clickhouse_connect"]):
        assert ask().status_code == 403


# Cookies


@pytest.mark.parametrize(
    ("site_url", "secure"),
    [("http://localhost:5000", False), ("https://data.gov.ma", True)],
)
def test_cookies_travel_as_safely_as_the_site_is_served(app, site_url, secure):
    security.secure_cookies(app.flask_app, site_url)
    cookie = app.test_client().get("/user/login").headers["Set-Cookie"]
    assert ("Secure" in cookie) is secure
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


# What the site tells of itself


def test_strangers_do_not_learn_what_runs_here(app):
    told = app.test_client().get("/api/3/action/status_show").json["result"]
    assert not {"extensions", "ckan_version", "error_emails_to"} & told.keys()


def test_the_administrator_does(app):
    told = helpers.call_action(
        "status_show", {"user": factories.Sysadmin()["name"], "ignore_auth": False}
    )
    assert "maroc_portal" in told["extensions"]
    assert told["ckan_version"]


# An address that no store can look up


@pytest.mark.parametrize("path", ["/dataset/%00", "/organization/a%00b", "/api/3/%00"])
@pytest.mark.usefixtures("with_plugins", "non_clean_db")
def test_an_address_with_a_nul_is_not_found(app, path):
    assert app.get(path, status=404)
