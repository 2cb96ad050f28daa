"""Where the counts are read: on the dataset's page, by the API, by the commands."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from bs4 import BeautifulSoup
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_auth

from ckanext.maroc_portal import grants, health, periodic
from ckanext.maroc_usage import cli, helpers, plugin, store, views
from ckanext.maroc_usage.events import PostgresEvents

from .conftest import Portal, act, dataset, file, institution, link, name_of

pytestmark = pytest.mark.usefixtures("portal")

PYTHON = {"User-Agent": "python-requests/2.32.3"}
ROBOT = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}


def sentence(portal: Portal, name: str, language: str = "en") -> Any:
    page = portal.ask(f"/{language}/dataset/{name}").text
    (found,) = BeautifulSoup(page, "html.parser").select(".maroc-usage-downloads")
    return found


def test_a_download_by_a_person_and_one_by_a_tool_are_told_on_the_page(portal: Portal):
    package = dataset(institution())
    path = f"/dataset/{package['name']}/resource/{file(package)['id']}/download"
    before = sentence(portal, package["name"])
    assert before.text == "No download counted yet"
    for headers in ({}, PYTHON, ROBOT):
        portal.ask(path, headers=headers).close()
    with model.ensure_engine().connect() as connection:
        rows = {row.name: row for row in plugin.MarocUsagePlugin().get_periodic_jobs()}
        for name in ("usage.load", "usage.rollup"):
            needed = rows[name].needed
            assert needed is not None
            assert needed(connection)
            rows[name].run()
            connection.rollback()
            assert not needed(connection)
    after = sentence(portal, package["name"])
    assert after.text == "2 downloads: 1 by a person, 1 by a tool"
    assert (after["data-total"], after["data-regular"], after["data-machine"]) == (
        "2",
        "1",
        "1",
    )


@pytest.mark.parametrize("page", ["/fr/dataset/{0}", "/ar/dataset/{0}/resource/{1}"])
def test_a_link_to_another_site_passes_by_the_portal_and_is_counted(
    portal: Portal, page: str
):
    package = dataset(institution())
    linked = link(package)
    shown = BeautifulSoup(
        portal.ask(page.format(package["name"], linked["id"])).text, "html.parser"
    )
    links = {each["href"] for each in shown.select("a.resource-url-analytics")}
    assert len(links) == 1
    assert not [a for a in shown.select("a[href]") if "donnees.example" in a["href"]]
    before = len(portal.records())
    answer = portal.ask(links.pop().replace(tk.config["ckan.site_url"], ""))
    assert (answer.status_code, answer.location) == (302, linked["url"])
    (record,) = portal.records()[before:]
    assert (name_of(record.kind), record.reference) == ("outlink", linked["id"])
    # The reader is told where the link leads, and the API gives its own address.
    assert "donnees.example" in shown.get_text()
    (held,) = shown.select(".maroc-help")
    assert "donnees.example" in held.get_text()
    assert act("resource_show", id=linked["id"])["url"] == linked["url"]


def count(total: int, unique: int, regular: int, machine: int) -> dict[str, int]:
    return {"total": total, "unique": unique, "regular": regular, "machine": machine}


@pytest.fixture
def used() -> dict[str, Any]:
    """Give counts of two institutions' datasets, on three days, robots among them."""
    fes, hcp = institution(), institution()
    things = {"fes": fes, "hcp": hcp, "a": dataset(fes), "b": dataset(hcp)}
    things["private"] = dataset(hcp, private=True)
    a, b = things["a"]["id"], things["b"]["id"]
    rows = [
        ("2025-12-31", "download", "regular", a, fes["id"], 5, 4, 4),
        ("2026-11-21", "download", "regular", a, fes["id"], 3, 2, 2),
        ("2026-11-22", "download", "machine", a, fes["id"], 4, 1, 1),
        ("2026-11-22", "download", "robot", a, fes["id"], 100, 50, 50),
        ("2026-11-22", "view", "regular", b, hcp["id"], 7, 6, 4),
        ("2026-11-22", "datastore", "machine", b, hcp["id"], 2, 1, 0),
        ("2026-11-22", "api", "machine", "", "", 9, 3, 0),
    ]
    with model.ensure_engine().begin() as connection:
        for row in rows:
            connection.execute(
                sa.text(
                    "INSERT INTO maroc_usage_daily (day, kind, agent_class, dataset_id,"
                    " organization_id, total, uniq, uniq_resource, uniq_investigation)"
                    " VALUES (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p5, :p7)"
                ),
                {f"p{number}": value for number, value in enumerate(row)},
            )
    return things


def test_a_dataset_s_counts_add_up_without_robots(used: dict[str, Any]):
    for reference in (used["a"]["id"], used["a"]["name"]):
        shown = act("maroc_usage_show", dataset=reference, by="day")
        assert shown["totals"]["downloads"] == count(12, 7, 8, 4)
        assert shown["totals"]["views"] == count(0, 0, 0, 0)
        assert [(row["period"], row["downloads"]) for row in shown["by"]] == [
            ("2025-12-31", count(5, 4, 5, 0)),
            ("2026-11-21", count(3, 2, 3, 0)),
            ("2026-11-22", count(4, 1, 0, 4)),
        ]


@pytest.mark.parametrize(
    ("asked", "periods", "downloads"),
    [
        ({}, ["2025-12", "2026-11"], 12),
        ({"by": "year"}, ["2025", "2026"], 12),
        ({"since": "2026-01-01"}, ["2026-11"], 7),
        ({"until": "2026-11-21"}, ["2025-12", "2026-11"], 8),
        ({"since": "2026-11-21", "until": "2026-11-21"}, ["2026-11"], 3),
        ({"since": "2027-01-01"}, [], 0),
    ],
)
def test_the_country_s_counts_by_period(
    used: dict[str, Any], asked: dict[str, str], periods: list[str], downloads: int
):
    shown = act("maroc_usage_show", **asked)
    assert [row["period"] for row in shown["by"]] == periods
    assert shown["totals"]["downloads"]["total"] == downloads


def test_an_institution_s_counts_are_those_of_its_datasets(used: dict[str, Any]):
    totals = act("maroc_usage_show", institution=used["hcp"]["name"])["totals"]
    assert totals["views"] == count(7, 6, 7, 0)
    assert totals["queries"] == totals["api_calls"] == count(2, 1, 0, 2)
    assert totals["downloads"] == count(0, 0, 0, 0)
    country = act("maroc_usage_show")["totals"]
    assert country["api_calls"] == count(11, 4, 0, 11)
    assert country["queries"] == count(2, 1, 0, 2)


METRICS = (
    "Total_Dataset_Investigations",
    "Unique_Dataset_Investigations",
    "Total_Dataset_Requests",
    "Unique_Dataset_Requests",
)


@pytest.mark.parametrize(
    ("asked", "regular", "machine"),
    [
        # Downloads are investigations too; an API call about no dataset is neither.
        ({}, (15, 10, 8, 6), (4, 1, 4, 1)),
        ({"since": "2026-11-22"}, (7, 4, 0, 0), (4, 1, 4, 1)),
        ({"dataset": "a"}, (8, 6, 8, 6), (4, 1, 4, 1)),
        ({"institution": "hcp"}, (7, 4, 0, 0), (0, 0, 0, 0)),
    ],
)
def test_counts_have_counter_s_names_too(
    used: dict[str, Any],
    asked: dict[str, str],
    regular: tuple[int, ...],
    machine: tuple[int, ...],
):
    asked = {key: used.get(value, {"id": value})["id"] for key, value in asked.items()}
    shown = act("maroc_usage_show", names="counter", **asked)["totals"]
    assert tuple(shown) == METRICS
    assert tuple(shown[name]["Regular"] for name in METRICS) == regular
    assert tuple(shown[name]["Machine"] for name in METRICS) == machine


def test_a_day_counted_before_investigations_were_has_no_number_of_them(
    used: dict[str, Any],
):
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE maroc_usage_daily SET uniq_investigation = NULL"
                " WHERE day = '2025-12-31'"
            )
        )
    told = act("maroc_usage_show", names="counter", by="year", dataset=used["a"]["id"])
    unique = "Unique_Dataset_Investigations"
    assert [row[unique]["Regular"] for row in told["by"]] == [None, 2]
    assert told["totals"][unique]["Regular"] is None
    assert told["totals"]["Total_Dataset_Investigations"]["Regular"] == 8


def table(portal: Portal, question: str) -> list[list[str]]:
    answer = portal.ask(f"/statistiques-de-frequentation.csv{question}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    text = answer.data.decode("utf-8-sig")
    return list(csv.reader(text.splitlines()))


def test_the_same_counts_are_a_csv_file(portal: Portal, used: dict[str, Any]):
    head, *lines = table(portal, f"?dataset={used['a']['name']}&by=year")
    assert head[:5] == [
        "period",
        "downloads_total",
        "downloads_unique",
        "downloads_regular",
        "downloads_machine",
    ]
    assert [line[:5] for line in lines] == [
        ["2025", "5", "4", "5", "0"],
        ["2026", "7", "3", "3", "4"],
    ]
    head, *lines = table(portal, "?names=counter&by=day&since=2026-11-22")
    assert head == ["Period", "Access_Method", *METRICS]
    assert lines == [
        ["2026-11-22", "Regular", "7", "4", "0", "0"],
        ["2026-11-22", "Machine", "4", "1", "4", "1"],
    ]
    path = "/statistiques-de-frequentation.csv"
    assert portal.ask(f"{path}?by=hour").status_code == 400
    for name in (used["private"]["name"], "nothing"):
        assert portal.ask(f"{path}?dataset={name}").status_code == 404


def test_the_last_twelve_months_end_with_this_one():
    months = helpers.last_months(dt.date(2026, 2, 28))
    assert (len(months), months[0], months[-1]) == (
        12,
        dt.date(2025, 3, 1),
        dt.date(2026, 2, 1),
    )


@pytest.mark.parametrize(
    ("language", "month"), [("fr", "novembre"), ("ar", "نونبر"), ("en", "November")]
)
def test_twelve_months_of_downloads_are_drawn_on_both_pages(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, language: str, month: str
):
    package = dataset(institution())
    linked = link(package)
    with model.ensure_engine().begin() as connection:
        for day, resource, total in (
            ("2025-11-30", "", 50),
            ("2025-12-01", "", 4),
            ("2026-11-22", linked["id"], 8),
        ):
            connection.execute(
                sa.text(
                    "INSERT INTO maroc_usage_daily (day, kind, agent_class, dataset_id,"
                    " resource_id, total, uniq, uniq_resource) VALUES"
                    " (:day, 'download', 'regular', :dataset, :resource, :total, 1, 1)"
                ),
                {
                    "day": day,
                    "dataset": package["id"],
                    "resource": resource,
                    "total": total,
                },
            )
    monkeypatch.setattr(helpers.clock, "today", lambda: dt.date(2026, 11, 22))
    page = f"/{language}/dataset/{package['name']}"
    for path, total, heights in (
        (page, "62", ["12.0", *["1"] * 10, "24.0"]),
        (f"{page}/resource/{linked['id']}", "8", [*["1"] * 11, "24.0"]),
    ):
        shown = BeautifulSoup(portal.ask(path).text, "html.parser")
        (told,) = shown.select(".maroc-usage-downloads")
        assert told["data-total"] == total
        bars = shown.select(".maroc-usage-months rect")
        assert [bar["height"] for bar in bars] == heights
        places = [int(bar["x"]) for bar in bars]
        assert places == sorted(places, reverse=language == "ar")
        assert month in bars[-1].get_text()
        assert "8" in bars[-1].get_text()


def test_a_dataset_s_counts_are_for_whoever_may_see_the_dataset(
    portal: Portal, used: dict[str, Any]
):
    path = "/api/3/action/maroc_usage_show?dataset="
    assert portal.ask(path + used["a"]["name"]).status_code == 200
    assert portal.ask(path + used["private"]["name"]).status_code in (403, 404)
    assert portal.ask(path + "nothing").status_code == 404
    assert portal.ask("/api/3/action/maroc_usage_show?institution=x").status_code == 404
    assert portal.ask("/api/3/action/maroc_usage_show?by=hour").status_code == 409
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
        call_auth(
            "maroc_usage_show",
            {"user": "", "model": model},
            dataset=used["private"]["id"],
        )


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_page_tells_visitors_what_is_counted(portal: Portal, language: str):
    page = BeautifulSoup(
        portal.ask(f"/{language}/statistiques-de-frequentation").text, "html.parser"
    )
    texts = views.page()
    assert page.h1 is not None
    assert page.h1.text == texts["title"][language]
    body = " ".join(page.get_text(" ").split())
    for section in texts["sections"]:
        assert section["heading"][language] in body
    assert f" {store.KEPT_DAYS} " in body
    assert "{" not in " ".join(each.text for each in page.select("article"))
    assert "counter-robots" in body
    assert texts["do_not_track"]["heading"][language] not in body


def test_every_text_of_the_page_is_there_in_three_languages():
    def languages(node: Any) -> list[set[str]]:
        if isinstance(node, list):
            return [found for each in node for found in languages(each)]
        if all(isinstance(each, str) for each in node.values()):
            return [set(node)]
        return [found for each in node.values() for found in languages(each)]

    found = languages(views.page())
    assert len(found) == 13
    assert all(each == {"fr", "ar", "en"} for each in found)


TABLES = ("event", "subject", "segment", "day", "daily")


@pytest.fixture
def web() -> Iterator[sa.Engine]:
    """Give the connections of the web processes."""
    with model.ensure_engine().begin() as connection:
        grants.apply(connection, tk.config["ckanext.maroc_portal.web_role"])
    engine = sa.create_engine(os.environ["TEST_WEB_ROLE_URL"])
    yield engine
    engine.dispose()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO {0} DEFAULT VALUES",
        "UPDATE {0} SET {1} = {1}",
        "DELETE FROM {0}",
        "TRUNCATE {0}",
        "DROP TABLE {0}",
    ],
)
def test_the_web_s_role_changes_no_count(web: sa.Engine, table: str, statement: str):
    column = {"event": "own", "subject": "dataset_id", "segment": "name"}.get(
        table, "day"
    )
    with (
        pytest.raises(
            sa.exc.ProgrammingError, match=r"permission denied|must be owner"
        ),
        web.begin() as connection,
    ):
        connection.execute(sa.text(statement.format(f"maroc_usage_{table}", column)))


def test_the_web_s_role_reads_counts_and_no_event(web: sa.Engine, portal: Portal):
    portal.ask("/feeds/dataset.atom").close()
    store.load(portal.spool)
    with web.connect() as connection:
        for table in TABLES[1:]:
            connection.execute(sa.text(f"SELECT * FROM maroc_usage_{table}"))
    (day, *_) = PostgresEvents().days()
    for name in ("maroc_usage_event", f"maroc_usage_days.day_{day:%Y%m%d}"):
        with (
            pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
            web.connect() as connection,
        ):
            connection.execute(sa.text(f"SELECT * FROM {name}"))


def run(*words: str) -> Any:
    return CliRunner().invoke(cli.maroc_usage, words)


def test_the_commands_do_by_hand_what_the_worker_does(portal: Portal):
    assert run("rollup").output == "Nothing new to count\n"
    assert "none yet" in run("status").output
    portal.ask("/feeds/dataset.atom").close()
    assert "records to load       1\n" in run("status").output
    assert run("load").output == "1 records loaded\n"
    assert run("load").output == "0 records loaded\n"
    assert "days to count         1\n" in run("status").output
    assert run("rollup").output.startswith("Counted: 20")
    told = run("status").output
    assert "lag of that count" in told
    assert "counter-robots" in told
    assert "0 dropped, 0 damaged, 0 late" in told
    checked = run("verify")
    assert (checked.exit_code, checked.output[0]) == (0, "✓")
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text("DELETE FROM maroc_usage_daily"))
    checked = run("verify")
    assert checked.exit_code == 1
    assert checked.output.startswith("✗")


def test_the_work_that_returns_is_in_the_table(portal: Portal):
    names = [name for name in periodic.table() if name.startswith("usage.")]
    assert names == ["usage.load", "usage.rollup", "usage.keep"]
    for name in names:
        periodic.run(name)
    assert len(PostgresEvents().days()) >= 2


def test_a_spool_that_cannot_be_written_is_no_good_health(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
):
    assert health.results()["usage_spool"] is None
    portal.spool.mkdir(exist_ok=True)
    # Root may write everywhere: the answer of the system is given here.
    monkeypatch.setattr(os, "access", lambda *arguments: False)
    assert health.results()["usage_spool"] == "PermissionError"


def test_each_option_says_what_it_is_for():
    declared = yaml.safe_load(
        (views.files("ckanext.maroc_usage") / "config_declaration.yaml").read_text()
    )
    options = declared["groups"][0]["options"]
    assert all(option["description"] for option in options)
    assert {option["key"].rpartition(".")[2] for option in options} == set(
        plugin.settings().__dataclass_fields__
    )
