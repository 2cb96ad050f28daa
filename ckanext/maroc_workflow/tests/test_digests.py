"""The digest of each night: public, mailed where a mail server is, and then done."""

from __future__ import annotations

import csv
import io
import json
import logging

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import mailer

from ckanext.maroc_portal import outbox
from ckanext.maroc_workflow import notices, trail, upkeep

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

_NIGHTS = sa.text(
    "INSERT INTO maroc_workflow_digest (day, heads, digest, made_at)"
    " SELECT CAST('2026-01-01' AS date) + n, 0, :digest, '2026-01-01'"
    " FROM generate_series(1, :count) AS n"
)


@pytest.fixture
def nights():
    """Keep sixty nights of a time without decisions."""
    _, digest = trail.digest()
    model.Session.execute(_NIGHTS, {"digest": digest, "count": 60})
    model.repo.commit()
    return digest


def days_of(body):
    page = BeautifulSoup(body, "html.parser")
    return [each["datetime"] for each in page.select(".workflow-table time")]


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_anyone_reads_every_digest_the_latest_first(app, nights, lang):
    first = app.get(f"/{lang}/empreintes")
    days = days_of(first.body)
    assert (days[0], len(days)) == ("2026-03-02", 50)
    assert nights in first.body
    assert "ckan maroc-workflow verify" in first.body
    rest = days_of(app.get(f"/{lang}/empreintes?page=2").body)
    assert (rest[-1], len(rest)) == ("2026-01-02", 10)


def test_the_files_hold_all_of_them(app, nights):
    text = app.get("/empreintes.csv").body
    table = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    data = json.loads(app.get("/empreintes.json").body)
    for rows in (table, data):
        assert len(rows) == 60
        assert rows[0]["day"] == "2026-03-02"
        assert rows[0]["digest"] == nights
    assert app.get("/empreintes.xls").status_code == 404


def test_the_page_is_found_from_every_page_and_from_the_history(app, fes):
    made = fes.public()
    for path in ("/fr", f"/fr/dataset/{made['name']}/historique"):
        page = BeautifulSoup(app.get(path).body, "html.parser")
        assert page.select("footer a[href='/fr/empreintes']")
    assert page.select(
        "main a[href='/fr/empreintes'], .primary a[href='/fr/empreintes']"
    )


def waiting() -> list[tuple[str, str]]:
    rows = model.Session.execute(
        sa.text(
            "SELECT topic, coalesce(error, '') FROM maroc_portal_outbox"
            " WHERE topic = :topic"
        ),
        {"topic": notices.DIGEST},
    )
    return [tuple(row) for row in rows]


def test_without_a_mail_server_the_digest_is_kept_and_no_mail_is_tried(
    monkeypatch, caplog
):
    assert tk.config["smtp.server"] == ""
    monkeypatch.setattr(
        mailer, "mail_recipient", lambda *_: pytest.fail("a mail was tried")
    )
    notices._say_once.cache_clear()
    upkeep.make_digest()
    assert waiting() == [(notices.DIGEST, "")]
    with caplog.at_level(logging.WARNING):
        outbox.dispatch()
        notices.digest("2026-01-01", 0, "")
        model.repo.commit()
        outbox.dispatch()
    assert waiting() == []
    assert caplog.text.count("there is no mail server") == 1
    assert trail.digests(limit=1)


def test_a_mail_server_that_is_away_is_asked_again(monkeypatch):
    # A port where nothing listens.
    monkeypatch.setitem(tk.config, "smtp.server", "127.0.0.1:9")
    upkeep.make_digest()
    outbox.dispatch()
    (told,) = waiting()
    assert "MailerException" in told[1]
