"""Counting costs a visitor nothing: no answer, no statement, no trace of them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.config.environment import update_config
from ckan.lib.redis import connect_to_redis
from ckan.tests.helpers import _get_test_app

from ckanext.maroc_usage import hook, store
from ckanext.maroc_usage.hook import Hook

from .conftest import ADDRESS, CSV, FIREFOX, OPTION, Portal, dataset, file, institution

API = "/api/3/action/organization_list"


@pytest.fixture
def download(portal: Portal) -> str:
    package = dataset(institution())
    return f"/dataset/{package['name']}/resource/{file(package)['id']}/download"


class Watch:
    """What the hook does while it runs: statements, sockets, files opened."""

    def __init__(self) -> None:
        self.on = False
        self.statements: list[str] = []
        self.sockets: list[str] = []
        self.files: list[str] = []

    def hear(self, event: str, arguments: Any) -> None:
        if self.on and event.startswith("socket."):
            self.sockets.append(event)
        if self.on and event == "open":
            self.files.append(str(arguments[0]))

    def statement(self, *arguments: Any) -> None:
        if self.on:
            self.statements.append(arguments[2])


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    seen = Watch()
    real = Hook.__call__

    def watched(self: Hook, response: Any) -> Any:
        seen.on = True
        try:
            return real(self, response)
        finally:
            seen.on = False

    monkeypatch.setattr(Hook, "__call__", watched)
    # An audit hook stays until the process ends; off, it does nothing.
    sys.addaudithook(seen.hear)
    engine = model.ensure_engine()
    sa.event.listen(engine, "before_cursor_execute", seen.statement)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", seen.statement)


def test_a_count_adds_no_statement_and_no_network(
    portal: Portal, download: str, watch: Watch
):
    # The first may open its segment and the key of the day; no other opens anything.
    portal.ask(download).close()
    watch.files.clear()
    for _ in range(2):
        answer = portal.ask(download)
        assert answer.status_code == 200
        assert answer.data == CSV
    assert len(portal.records()) == 3
    assert (watch.statements, watch.sockets, watch.files) == ([], [], [])


@pytest.mark.parametrize("broken", ["_record", "_declined"])
def test_whatever_breaks_the_visitor_is_served(
    portal: Portal,
    download: str,
    broken: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    def fail(*arguments: Any) -> None:
        raise RuntimeError(f"broken for {ADDRESS}")

    monkeypatch.setattr(Hook, broken, fail)
    answer = portal.ask(download)
    assert (answer.status_code, answer.data) == (200, CSV)
    assert portal.records() == []
    (line,) = [each for each in caplog.messages if "was not counted" in each]
    assert "RuntimeError" in line
    assert ADDRESS not in caplog.text


OPTIONS = {
    "trusted_proxies": "10.0.0.0/8 fd00::/8",
    "own_networks": "198.51.100.0/24",
    "respect_do_not_track": "true",
}


def test_options_say_whom_to_believe_and_whom_to_leave_out(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
):
    for name, value in OPTIONS.items():
        monkeypatch.setenv(OPTION.format(name.upper()), value)
    update_config()
    portal = replace(portal, app=_get_test_app())
    asked = [
        # Two visitors behind a proxy of ours, and one who forges the same header.
        {"address": "10.1.2.3", "headers": {"X-Forwarded-For": "203.0.113.1"}},
        {"address": "10.9.9.9", "headers": {"X-Forwarded-For": "x, 203.0.113.1"}},
        {"address": "10.1.2.3", "headers": {"X-Forwarded-For": "203.0.113.2"}},
        {"address": "192.0.2.1", "headers": {"X-Forwarded-For": "203.0.113.1"}},
        # The administration's own office.
        {"address": "198.51.100.9"},
        {"address": "10.1.2.3", "headers": {"X-Forwarded-For": "198.51.100.9"}},
        # Those who asked to be left out.
        {"headers": {"DNT": "1"}},
        {"headers": {"Sec-GPC": "1"}},
        {"headers": {"DNT": "0"}, "address": "192.0.2.1"},
    ]
    for each in asked:
        assert portal.ask(API, **each).status_code == 200
    records = portal.records()
    visitors = [record.visitor for record in records]
    assert len(records) == 7
    assert visitors[0] == visitors[1]
    assert visitors[3] == visitors[6]
    assert len(set(visitors)) == 4
    assert [record.own for record in records] == [False] * 4 + [True] * 2 + [False]
    store.load(portal.spool)
    store.count()
    with model.ensure_engine().connect() as connection:
        found = connection.execute(
            sa.text("SELECT total, uniq FROM maroc_usage_daily")
        ).one()
    assert tuple(found) == (5, 3)


def test_forged_requests_count_nothing(portal: Portal, download: str):
    forged = [
        ("HEAD", download, {}),
        ("GET", download, {"Range": "bytes=5-"}),
        ("GET", "/dataset/" + "x" * 20_000, {}),
        ("GET", "/api/3/action/datastore_search?resource_id=" + "x" * 5000, {}),
        ("POST", "/api/3/action/datastore_search", {"Content-Type": "text/plain"}),
        ("POST", "/_tracking", {}),
        ("GET", "/datastore/dump/' OR 1=1", {}),
        ("PUT", "/api/3/action/package_show", {}),
        ("GET", download.replace("download", "downloads"), {}),
    ]
    # A thousand and eight, of nine sorts.
    for _ in range(112):
        for method, path, headers in forged:
            portal.ask(path, method, headers=headers).close()
    assert portal.records() == []


AGENT = f"{FIREFOX} distinctive-4f1c"


def test_no_address_and_no_agent_is_ever_written(
    portal: Portal,
    download: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.DEBUG)
    for path in (download, "/dataset/", API, "/feeds/dataset.atom", "/dataset/none"):
        portal.ask(path, headers={"User-Agent": AGENT}).close()
    (key,) = portal.keys.glob("key-*")
    secrets = [ADDRESS, "distinctive-4f1c", key.read_bytes().hex()]
    spooled = [path.read_bytes() for path in portal.spool.iterdir()]
    assert len(portal.records()) == 3
    store.load(portal.spool)
    store.count()
    said = caplog.text + "".join(capfd.readouterr())
    assert "maroc" in said
    redis = connect_to_redis()
    kept = [redis.dump(name) or b"" for name in redis.scan_iter()]
    for secret in secrets:
        assert secret not in said
        for data in (*spooled, *kept):
            assert secret.encode() not in data
        assert tables_with(secret) == []
    assert tables_with("download") != []
    assert not any(key.read_bytes() in data for data in spooled)


def tables_with(text: str) -> list[str]:
    """Return the tables of the main database in which a row holds the text."""
    found = []
    with model.ensure_engine().connect() as connection:
        names = connection.execute(
            sa.text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
        ).scalars()
        for name in list(names):
            one = sa.text(
                f"SELECT EXISTS (SELECT FROM {name} AS row"
                " WHERE row::text LIKE '%' || :text || '%')"
            )
            if connection.execute(one, {"text": text}).scalar_one():
                found.append(name)
    return found


def test_the_hook_is_installed_once_for_each_application(portal: Portal):
    functions = portal.app.flask_app.after_request_funcs[None]
    assert len([each for each in functions if isinstance(each, hook.Hook)]) == 1
