"""A front server's log is counted as the portal's own answers are, and only once."""

from __future__ import annotations

import datetime as dt
import gzip
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan.config.environment import update_config
from ckan.tests.helpers import _get_test_app

from ckanext.maroc_usage import cli, logs, plugin, store
from ckanext.maroc_usage.events import PostgresEvents
from ckanext.maroc_usage.logs import Reader, Routes, Told, UnreadableLine

from .conftest import (
    ADDRESS,
    FIREFOX,
    OPTION,
    Portal,
    dataset,
    file,
    institution,
    name_of,
    rows,
)
from .test_hook import tables_with

pytestmark = pytest.mark.usefixtures("portal")

DAY = dt.date(2026, 11, 22)
CLOCK = "22/Nov/2026:10:01:00 +0100"


def line(
    path: str = "/dataset/communes",
    *,
    method: str = "GET",
    status: int = 200,
    clock: str = CLOCK,
    agent: str = FIREFOX,
    address: str = ADDRESS,
    referrer: str = "-",
    rest: str = "",
) -> str:
    return (
        f'{address} - - [{clock}] "{method} {path} HTTP/1.1" {status} 2326'
        f' "{referrer}" "{agent}"{rest}'
    )


MOMENT = int(dt.datetime(2026, 11, 22, 9, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        (line(), {}),
        (line(clock="22/Nov/2026:09:01:00 +0000"), {}),
        (line(address="2001:db8::1"), {"address": "2001:db8::1"}),
        ("data.gov.ma:443 " + line(), {}),
        (line(agent='say \\"curl\\"'), {"agent": 'say \\"curl\\"'}),
        (line(agent="-"), {"agent": ""}),
        (
            line(rest=' "198.51.100.7, 10.0.0.1"'),
            {"forwarded": "198.51.100.7, 10.0.0.1"},
        ),
        (
            line(rest=' "-" "bytes 0-99/2000" rt=0.003'),
            {"content_range": "bytes 0-99/2000"},
        ),
        # The common format has neither referrer nor agent.
        (line().partition(' "-"')[0], {"referrer": "", "agent": ""}),
        (line().replace(" - - ", " - a user "), {}),
    ],
)
def test_a_line_of_each_format_is_read(text: str, differs: dict[str, str]):
    expected = {
        "address": ADDRESS,
        "moment": MOMENT,
        "method": "GET",
        "target": "/dataset/communes",
        "status": 200,
        "referrer": "-",
        "agent": FIREFOX,
        "forwarded": "",
        "content_range": "",
        **differs,
    }
    assert vars(logs.read_line(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a log",
        line(clock="22/Foo/2026:10:01:00 +0100"),
        line(clock="2026-11-22T10:01:00"),
        line().replace(" HTTP/1.1", "").replace("GET /dataset/communes", "\\x16\\x03"),
        '{"time": "2026-11-22"}',
    ],
)
def test_what_is_no_line_of_a_log_is_refused(text: str):
    with pytest.raises(UnreadableLine):
        logs.read_line(text)


@pytest.fixture
def reader(portal: Portal) -> Reader:
    routes = Routes(portal.app.flask_app, ["fr", "ar", "en"])
    return Reader(routes, plugin.settings(), "https://data.gov.ma")


FILE = "/dataset/communes/resource/4f1c/download"
CASES: list[tuple[str, dict[str, Any], tuple[str, str] | None]] = [
    ("/dataset/communes", {}, ("view", "communes")),
    ("/ar/dataset/communes", {}, ("view", "communes")),
    ("/dataset/communes", {"method": "HEAD"}, None),
    ("/dataset/communes", {"status": 404}, None),
    ("/dataset/communes.ttl", {}, ("rdf", "communes")),
    ("/catalog.ttl", {}, ("rdf", "")),
    ("/dataset/", {}, None),
    ("/", {}, None),
    (FILE, {}, ("download", "4f1c")),
    (f"{FILE}/communes%20de%20F%C3%A8s.csv", {}, ("download", "4f1c")),
    (FILE, {"status": 304}, ("download", "4f1c")),
    (FILE, {"status": 302}, ("outlink", "4f1c")),
    (FILE, {"status": 206}, None),
    (FILE, {"status": 206, "rest": ' "bytes 0-99/200"'}, ("download", "4f1c")),
    (FILE, {"status": 206, "rest": ' "bytes 100-199/200"'}, None),
    ("/datastore/dump/4f1c?bom=True", {}, ("download", "4f1c")),
    ("/api/3/action/package_show?id=x", {}, ("api", "")),
    ("/api/3/action/package_show", {"method": "POST"}, ("api", "")),
    (
        "/api/3/action/package_show?id=x",
        {"referrer": "https://data.gov.ma/dataset/"},
        None,
    ),
    ("/api/3/action/datastore_search?resource_id=4f1c", {}, ("datastore", "4f1c")),
    ("/api/3/action/datastore_search", {"method": "POST"}, ("datastore", "")),
    ("/feeds/organization/hcp.atom", {}, ("feed", "hcp")),
    ("/nothing/at/all", {}, None),
    ("/base/images/ckan.ico", {}, None),
]


@pytest.mark.parametrize(("path", "more", "counts"), CASES)
def test_a_line_counts_as_the_answer_would(
    reader: Reader, path: str, more: dict[str, Any], counts: tuple[str, str] | None
):
    record = reader.record(logs.read_line(line(path, **more)))
    found = (name_of(record.kind), record.reference) if record else None
    assert found == counts


def test_visitors_are_told_apart_for_a_day(reader: Reader):
    def visitor(**more: str) -> int:
        record = reader.record(logs.read_line(line(**more)))
        assert record is not None
        return record.visitor

    assert visitor() == visitor()
    assert visitor(address="203.0.113.78") != visitor()
    assert visitor(agent="curl/8.5.0") != visitor()
    assert visitor(clock="23/Nov/2026:10:01:00 +0100") != visitor()


def test_only_our_proxies_are_believed(reader: Reader):
    reader._settings = replace(
        reader._settings, trusted_proxies=(ip_network("10.0.0.0/8"),)
    )
    behind = reader.record(
        logs.read_line(line(address="10.0.0.1", rest=f' "{ADDRESS}"'))
    )
    forged = reader.record(
        logs.read_line(line(address="192.0.2.1", rest=f' "{ADDRESS}"'))
    )
    direct = reader.record(logs.read_line(line()))
    assert behind is not None
    assert forged is not None
    assert direct is not None
    assert behind.visitor == direct.visitor != forged.visitor


@pytest.fixture
def things() -> dict[str, str]:
    package = dataset(institution())
    return {"page": f"/dataset/{package['name']}", "file": file(package)["id"]}


def hour(number: int, path: str, **more: Any) -> str:
    return line(path, clock=f"22/Nov/2026:{number:02}:01:00 +0100", **more)


def write(path: Path, *lines: str, mode: str = "wb") -> Path:
    with path.open(mode) as sink:
        sink.write("".join(f"{each}\n" for each in lines).encode())
    return path


def imported(reader: Reader, *paths: Path, today: dt.date = DAY) -> Told:
    told = Told()
    with logs.one_import():
        for path in paths:
            logs.import_log(path, reader, told, today=today)
    store.count()
    return told


def totals() -> dict[str, int]:
    return {row[0]: row[4] for row in rows()}


def test_a_log_is_read_once_whatever_becomes_of_it(
    tmp_path: Path, reader: Reader, things: dict[str, str]
):
    first = [hour(10, things["page"]), hour(10, "/nothing"), hour(11, things["page"])]
    log = write(tmp_path / "access.log", *first)
    told = imported(reader, log)
    assert (told.lines, told.uses, told.loaded) == (3, 2, 2)
    assert totals() == {"view": 2}
    # The same again; under another name; compressed after its rotation.
    other = write(tmp_path / "access.log.1", *first)
    packed = tmp_path / "access.log.1.gz"
    packed.write_bytes(gzip.compress(other.read_bytes()))
    assert imported(reader, log, other, packed) == Told()
    assert totals() == {"view": 2}
    # It grew; its last line is not finished yet.
    write(log, hour(12, things["page"]), mode="ab")
    with log.open("ab") as sink:
        sink.write(hour(13, things["page"]).encode())
    assert imported(reader, log).lines == 1
    assert totals() == {"view": 3}
    with log.open("ab") as sink:
        sink.write(b"\n")
    packed.write_bytes(gzip.compress(log.read_bytes()))
    assert imported(reader, packed).lines == 1
    assert imported(reader, log) == Told()
    assert totals() == {"view": 4}


def test_two_logs_that_begin_alike_are_two(
    tmp_path: Path, reader: Reader, things: dict[str, str]
):
    probe = hour(9, "/sante")
    one = write(tmp_path / "one.log", probe, hour(10, things["page"]))
    two = write(
        tmp_path / "two.log", probe, hour(10, things["page"], address="203.0.113.99")
    )
    imported(reader, one, two)
    assert totals() == {"view": 2}
    assert imported(reader, two, one) == Told()


def test_an_import_that_broke_off_goes_on_where_it_was(
    tmp_path: Path,
    reader: Reader,
    things: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(store, "BATCH", 3)
    log = write(tmp_path / "access.log", *(hour(n, things["page"]) for n in range(10)))
    real, calls = store.take_in, []

    def breaking(*arguments: Any, **named: Any) -> int:
        calls.append(arguments)
        if len(calls) == 3:
            raise InterruptedError
        return real(*arguments, **named)

    monkeypatch.setattr(store, "take_in", breaking)
    with pytest.raises(InterruptedError):
        imported(reader, log)
    assert imported(reader, log).lines == 4
    assert totals() == {"view": 10}


def test_days_of_long_ago_are_taken_until_they_are_frozen(
    tmp_path: Path, reader: Reader, things: dict[str, str]
):
    old = line(things["page"], clock="02/Jan/2025:10:01:00 +0000")
    log = write(tmp_path / "old.log", old)
    with logs.one_import():
        logs.import_log(log, reader, Told(), today=DAY)
        store.count()
        # The worker, meanwhile: the next file may be of the same day.
        store.keep(DAY)
        more = write(
            tmp_path / "more.log",
            line(things["page"], clock="02/Jan/2025:12:01:00 +0000"),
        )
        logs.import_log(more, reader, Told(), today=DAY)
    store.count()
    store.keep(DAY)
    assert totals() == {"view": 2}
    late = write(
        tmp_path / "late.log", line(things["page"], clock="02/Jan/2025:14:01:00 +0000")
    )
    told = imported(reader, late)
    assert (told.uses, told.loaded) == (1, 0)
    assert totals() == {"view": 2}
    store.keep(DAY)
    assert dt.date(2025, 1, 2) not in PostgresEvents().days()


def test_nothing_of_a_visitor_is_kept(
    tmp_path: Path, reader: Reader, things: dict[str, str]
):
    agent = f"{FIREFOX} distinctive-4f1c"
    log = write(tmp_path / "access.log", hour(10, things["page"], agent=agent))
    imported(reader, log)
    assert totals() == {"view": 1}
    for secret in (ADDRESS, "distinctive-4f1c"):
        assert tables_with(secret) == []


def test_the_command_reads_logs_and_says_what_it_found(
    tmp_path: Path,
    portal: Portal,
    things: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
):
    part = f"{things['page']}/resource/{things['file']}/download"
    log = write(
        tmp_path / "access.log",
        hour(10, things["page"]),
        hour(10, part, status=206),
        "no line of a log",
    )

    def run() -> Any:
        return CliRunner().invoke(
            cli.maroc_usage, ["import-log", str(log)], obj=None, catch_exceptions=False
        )

    monkeypatch.setattr(cli, "_application", lambda context: portal.app.flask_app)
    said = run().output
    assert "3 new lines, 1 uses, 1 loaded, 1 lines unreadable" in said
    assert "1 parts of files left out" in said
    assert "counts twice" in said
    monkeypatch.setitem(tk.config, "ckanext.maroc_usage.count_answers", False)
    said = run().output
    assert "0 new lines, 0 uses" in said
    assert "counts twice" not in said
    assert store.status(portal.spool).damaged == 1


def test_a_portal_whose_logs_tell_all_counts_no_answer(
    portal: Portal, things: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(OPTION.format("COUNT_ANSWERS"), "false")
    update_config()
    before = len(portal.records())
    replace(portal, app=_get_test_app()).ask(things["page"]).close()
    assert len(portal.records()) == before
    portal.ask(things["page"]).close()
    assert len(portal.records()) == before + 1
