"""Uploaded tables go into the DataStore: table in, report out."""

from __future__ import annotations

import csv
import hashlib
import os
import signal
import time
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as tries

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import jobs

from ckanext.datastore.backend import postgres
from ckanext.maroc_files import loading, loads
from ckanext.maroc_files.cli import maroc_files
from ckanext.maroc_files.reading.types import canonical
from ckanext.maroc_files.store import the_store
from ckanext.maroc_files.tests.conftest import act, rows_of, state_of, upload
from ckanext.maroc_files.tests.making import (
    CENSUS,
    FILES,
    census,
    communes,
    csv_bytes,
    ods_bytes,
    xlsx_bytes,
)
from ckanext.maroc_files.tests.reading.test_reader import tables
from ckanext.maroc_portal import periodic

SMALL = b"code,nom\n01,F\xc3\xa8s\n"


def test_the_communes_of_the_census_are_loaded_with_their_codes(institution, work):
    data = csv_bytes(communes())
    resource = institution.deposit(data, "communes.csv")
    work()
    found = state_of(resource)
    assert (found.state, found.rows, found.error) == ("loaded", 1503, None)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.about == {"encoding": "utf-8", "delimiter": ","}
    rows = rows_of(resource)
    assert len(rows) == 1503
    assert rows[0] == ["01.511.01.0", "Tanger", "طنجة", "01", 1275428]
    assert sum(row[4] for row in rows) == sum(row[4] for row in communes()[1:])


def test_an_arabic_workbook_is_loaded_under_its_arabic_titles(institution, work):
    resource = institution.deposit(census(), CENSUS)
    work()
    fields = act("datastore_info", id=resource["id"])["fields"]
    assert [(each["id"], each["type"], each["info"]) for each in fields] == [
        ("رمز_الجهة", "text", {"label": "رمز الجهة"}),
        ("الجهة", "text", {"label": "الجهة"}),
        ("عدد_السكان", "int4", {"label": "عدد السكان"}),
        ("عدد_الأسر", "int4", {"label": "عدد الأسر"}),
    ]
    assert rows_of(resource)[0] == ["01", "طنجة-تطوان-الحسيمة", 4030222, 1048860]
    assert state_of(resource).about["title"] == [
        "السكان القانونيون حسب الجهات، إحصاء 2024"
    ]


def test_types_are_kept_where_nothing_is_lost(institution, work):
    resource = institution.deposit(
        csv_bytes(
            [
                ["ice", "prix", "date", "moment", "ouvert", "code", "vide"],
                ["001234567000089", "1,5", "25/12/2024", "2024-09-01 10:30", "true",
                 "10.041", ""],
                ["001234567000090", "12,75", "03/04/2024", "2024-09-02", "false",
                 "01.041", ""],
            ],
            delimiter=";",
        ),
        "types.csv",
    )  # fmt: skip
    work()
    assert rows_of(resource) == [
        ["001234567000089", 1.5, "2024-12-25", "2024-09-01T10:30:00.000", True,
         "10.041", None],
        ["001234567000090", 12.75, "2024-04-03", "2024-09-02T00:00:00.000", False,
         "01.041", None],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ((FILES / "communes.xls").read_bytes(), "communes.xls"),
        (ods_bytes([["Code", "الجماعة"], ["01.041", "فاس"]]), "communes.ods"),
        ("Code;الجماعة\n01.041;فاس\n".encode("cp1256"), "جماعات.CSV"),
    ],
)
def test_other_formats_are_loaded_too(institution, work, data, name):
    resource = institution.deposit(data, name)
    work()
    assert state_of(resource).state == "loaded"
    assert rows_of(resource)[0][:2] == ["01.041", "فاس"]


@pytest.mark.parametrize(
    ("data", "name", "end"),
    [
        (b",,\n", "vide.csv", ("skipped", "no_table")),
        (xlsx_bytes([]), "vide.xlsx", ("skipped", "no_table")),
        (bytes(range(256)) * 8, "image.csv", ("failed", "not_a_table")),
        (b"<html><body><table>", "export.xls", ("failed", "markup")),
        (census()[:3000], "coupe.xlsx", ("failed", "unreadable")),
        (
            (FILES / "encrypted.xlsx").read_bytes(),
            "clos.xlsx",
            ("failed", "encrypted"),
        ),
        (
            csv_bytes([[f"c{n}" for n in range(300)]]),
            "large.csv",
            ("failed", "too_many_columns"),
        ),
    ],
)
def test_a_file_that_is_no_table_is_a_reason_and_not_an_error(
    institution, work, data, name, end
):
    resource = institution.deposit(data, name)
    work()
    found = state_of(resource)
    assert (found.state, found.error) == end
    assert found.problem is not None
    assert not act("resource_show", id=resource["id"])["datastore_active"]


def test_a_value_that_the_database_refuses_is_a_reason_too(institution, work):
    # More words in one row than PostgreSQL indexes: 1 MiB.
    rows = [["texte"], [" ".join(f"mot{n:07}" for n in range(120_000))]]
    resource = institution.deposit(xlsx_bytes([["a", "b"], ["1", "2"]]), "a.xlsx")
    work()
    institution.replace(resource, csv_bytes(rows), "long.csv")
    work()
    assert state_of(resource).error in ("refused", "cell_too_long")
    assert not loading._is_there(resource["id"])


def test_other_files_are_left_alone(institution, work):
    resource = institution.deposit(b"%PDF-1.7", "rapport.pdf")
    work()
    assert loads.of_resource(resource["id"]) is None


def test_the_default_view_is_there_before_and_after_loading(institution, work):
    resource = institution.deposit(SMALL, "a.csv")

    def views() -> list[str]:
        found = act("resource_view_list", id=resource["id"])
        return [each["view_type"] for each in found]

    assert views() == ["maroc_table"]
    work()
    assert views() == ["maroc_table"]


def test_a_resource_that_lacks_the_view_gets_it_with_its_first_table(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    for view in act("resource_view_list", id=resource["id"]):
        act("resource_view_delete", id=view["id"])
    work()
    views = act("resource_view_list", id=resource["id"])
    assert [view["view_type"] for view in views] == ["maroc_table"]
    # Whoever takes it away later is obeyed.
    act("resource_view_delete", id=views[0]["id"])
    institution.replace(resource, SMALL + b"02,Oujda\n", "a.csv")
    work()
    assert act("resource_view_list", id=resource["id"]) == []


def test_loading_leaves_no_trace_in_the_publisher_s_stream(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    dataset = act("package_show", id=resource["package_id"])
    before = act("package_activity_list", id=dataset["id"])
    work()
    after = act("package_show", id=dataset["id"])
    assert after["resources"][0]["datastore_active"] is True
    assert after["metadata_modified"] == dataset["metadata_modified"]
    assert (
        after["resources"][0]["metadata_modified"]
        == dataset["resources"][0]["metadata_modified"]
    )
    assert act("package_activity_list", id=dataset["id"]) == before
    found = act("package_search", fq=f"id:{dataset['id']}", include_private=True)[
        "results"
    ][0]
    assert found["resources"][0]["datastore_active"] is True


def test_a_replaced_file_replaces_the_table(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    work()
    institution.replace(resource, b"nom;age\nAli;30\nFatima;31\n", "b.csv")
    assert state_of(resource).state == "loaded"
    work()
    assert rows_of(resource) == [["Ali", 30], ["Fatima", 31]]
    assert state_of(resource).rows == 2


def test_the_same_bytes_again_are_not_loaded_again(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    work()
    before = state_of(resource)
    act("resource_patch", id=resource["id"], description="Autre description")
    work()
    assert state_of(resource) == before
    institution.replace(resource, SMALL, "a.csv")
    work()
    assert state_of(resource) == before
    # Nor when the table was asked for by another name.
    institution.replace(resource, SMALL, "b.csv")
    work()
    assert state_of(resource).loaded_at == before.loaded_at


def test_a_broken_file_takes_the_old_table_away(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    work()
    institution.replace(resource, b"%PDF-1.7", "a.csv")
    work()
    assert state_of(resource).error == "not_a_table"
    with pytest.raises(tk.ObjectNotFound):
        act("datastore_search", resource_id=resource["id"])
    assert not act("resource_show", id=resource["id"])["datastore_active"]
    institution.replace(resource, SMALL, "a.csv")
    work()
    assert state_of(resource).state == "loaded"
    assert rows_of(resource) == [["01", "Fès"]]


def test_a_file_replaced_by_a_link_is_no_table_any_more(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    work()
    act(
        "resource_update",
        id=resource["id"],
        package_id=resource["package_id"],
        name="a",
        url="https://www.hcp.ma/a.csv",
        clear_upload="true",
        url_type="",
    )
    work()
    assert loads.of_resource(resource["id"]) is None
    assert not loading._is_there(resource["id"])


def test_a_deleted_resource_leaves_nothing_behind(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    work()
    act("resource_delete", id=resource["id"])
    work()
    assert loads.of_resource(resource["id"]) is None
    assert not loading._is_there(resource["id"])


def test_a_deleted_dataset_leaves_no_table_and_gets_it_back(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    work()
    act("package_delete", id=resource["package_id"])
    work()
    assert not loading._is_there(resource["id"])
    act("package_patch", id=resource["package_id"], state="active")
    work()
    assert rows_of(resource) == [["01", "Fès"]]


def test_an_edit_from_an_old_form_does_not_hide_the_table(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    work()
    act("resource_patch", id=resource["id"], datastore_active=False)
    work()
    assert act("resource_show", id=resource["id"])["datastore_active"] is True


def test_what_redis_lost_is_queued_again_by_the_periodic_work(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    periodic.run("portal.outbox")
    jobs.get_queue().empty()
    row = periodic.table()["files.load"]
    assert row.needed is not None
    with model.ensure_engine().connect() as connection:
        assert not row.needed(connection)
    waited(resource, "2 minutes")
    with model.ensure_engine().connect() as connection:
        assert row.needed(connection)
    periodic.run("files.load")
    assert len(jobs.get_queue().jobs) == 1
    # What is queued is not queued twice.
    waited(resource, "2 minutes")
    periodic.run("files.load")
    assert len(jobs.get_queue().jobs) == 1
    work()
    assert state_of(resource).state == "loaded"


def waited(resource, interval: str) -> None:
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE maroc_files_load SET queued_at = now() - CAST(:i AS interval)"
                " WHERE resource_id = :id"
            ),
            {"i": interval, "id": resource["id"]},
        )


def test_a_load_that_kills_its_worker_is_given_up_in_the_end(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    periodic.run("portal.outbox")
    jobs.get_queue().empty()
    for attempt in range(1, loads.ATTEMPTS + 1):
        begun = loads.attempt(resource["id"])
        assert begun is not None
        assert begun.attempts == attempt
    loading.load(resource["id"])
    assert state_of(resource).error == "gave_up"


def test_each_lost_attempt_waits_longer_than_the_one_before(institution):
    resource = institution.deposit(SMALL, "a.csv")
    periodic.run("portal.outbox")
    for _ in range(3):
        loads.attempt(resource["id"])
    waited(resource, "15 minutes")
    assert loads.waiting(loading.WAIT) == []
    waited(resource, "17 minutes")
    assert [each.resource_id for each in loads.waiting(loading.WAIT)] == [
        resource["id"]
    ]


def test_two_workers_never_load_the_same_table_at_once(institution):
    resource = institution.deposit(SMALL, "a.csv")
    periodic.run("portal.outbox")
    with loading.alone(loading.LOCK, resource["id"]) as first:
        assert first
        loading.load(resource["id"])
        assert state_of(resource).state == "queued"
    loading.load(resource["id"])
    assert state_of(resource).state == "loaded"


def test_a_file_that_lacks_on_the_disk_is_a_reason(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    the_store().delete(resource["hash"])
    work()
    assert state_of(resource).error == "missing"
    institution.replace(resource, SMALL, "a.csv")
    work()
    assert state_of(resource).state == "loaded"


# kill -9

STEPS = (
    (loads, "touched"),
    (loading, "_clear"),
    (loading, "mark"),
    (loading, "_put"),
    (loads, "loaded"),
    (loading, "add_views"),
    (loading, "reindex"),
)


def count_steps(monkeypatch, stop_at: int | None = None) -> list[str]:
    """Note each step of a load; kill this process where told."""
    seen: list[str] = []
    for module, name in STEPS:
        step = getattr(module, name)

        def counted(*args, step=step, name=name, **kwargs):
            if len(seen) == stop_at:
                os.kill(os.getpid(), signal.SIGKILL)
            seen.append(name)
            return step(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)
    return seen


def load_and_die(resource_id: str, monkeypatch, stop_at: int) -> None:
    """Load in a process that is killed before one of its steps."""
    child = os.fork()
    if child == 0:
        try:
            # The sockets of the pools are the parent's.
            model.ensure_engine().dispose(close=False)
            for engine in postgres._engines.values():
                engine.dispose(close=False)
            count_steps(monkeypatch, stop_at)
            loading.load(resource_id)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the load ended before its step"


def test_a_load_killed_before_any_of_its_steps_gives_the_same_table_when_repeated(
    institution, monkeypatch
):
    rows = [["code", "nom"], *([f"0{n}", f"جماعة {n}"] for n in range(25))]
    resource = institution.deposit(csv_bytes(rows), "a.csv")
    periodic.run("portal.outbox")
    monkeypatch.setattr(loading, "BATCH", 10)
    with monkeypatch.context() as patch:
        steps = count_steps(patch)
        loading.load(resource["id"])
    # One creation and three batches, each of them a point to die at.
    assert steps.count("_put") == 4
    for stop_at in range(len(steps) - 1):
        assert loads.queue_again(resource["id"])
        load_and_die(resource["id"], monkeypatch, stop_at)
        until = time.monotonic() + 10
        while state_of(resource).state == "queued" and time.monotonic() < until:
            loading.load(resource["id"])
        assert state_of(resource).state == "loaded", steps[stop_at]
        assert rows_of(resource) == rows[1:], steps[stop_at]


def test_a_reader_who_counts_rows_while_they_come_leaves_no_wrong_number_behind(
    institution, monkeypatch
):
    rows = [["code", "nom"], *([f"0{n}", f"جماعة {n}"] for n in range(25))]
    resource = institution.deposit(csv_bytes(rows), "a.csv")
    periodic.run("portal.outbox")
    monkeypatch.setattr(loading, "BATCH", 10)
    counted, batched = [], loading.batched

    def looked_at(source, size):
        for batch in batched(source, size):
            counted.append(total(resource))
            yield batch

    monkeypatch.setattr(loading, "batched", looked_at)
    loading.load(resource["id"])
    assert counted[0] == 0
    assert total(resource) == 25


def total(resource):
    return act("datastore_search", resource_id=resource["id"], limit=0)["total"]


# Any table


@pytest.fixture
def one_resource(institution):
    return institution.deposit(SMALL, "a.csv")


@tries(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=tables())
def test_any_table_of_texts_comes_back_from_the_datastore_cell_by_cell(
    one_resource, rows
):
    data = csv_bytes(rows, quoting=csv.QUOTE_ALL)
    resource = act(
        "resource_patch", id=one_resource["id"], upload=upload(data, "a.csv"), url="a"
    )
    assert resource["hash"] == hashlib.sha256(data).hexdigest()
    assert loading.queue(one_resource["id"])
    loading.load(one_resource["id"])
    found = state_of(one_resource)
    assert found.state == "loaded"
    assert found.columns is not None
    body = [row for row in rows[1:] if any(cell.strip() for cell in row)]
    for written, stored in zip(body, rows_of(one_resource), strict=True):
        for column, cell, value in zip(found.columns, written, stored, strict=True):
            assert same(cell, value, column["kind"]), (column, cell, value)


def same(cell: str, value: object, kind: str) -> bool:
    """Whether the DataStore's value says all that the cell said."""
    told = canonical(cell, kind)
    if kind == "text" or told is None:
        return value == told
    if kind == "bool":
        return value is (told == "true")
    if kind in ("int", "decimal_point", "decimal_comma"):
        return Decimal(str(value)) == Decimal(told)
    return str(value).startswith(told)


def test_the_web_role_reads_the_account_and_cannot_change_it(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    work()
    engine = sa.create_engine(os.environ["TEST_WEB_ROLE_URL"])
    with engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT state FROM maroc_files_load WHERE resource_id = :id"),
            {"id": resource["id"]},
        ).scalar_one()
        assert found == "loaded"
    for sql in (
        "UPDATE maroc_files_load SET state = 'loaded'",
        "DELETE FROM maroc_files_load",
        "INSERT INTO maroc_files_load (resource_id, package_id, state, stamp)"
        " VALUES ('a', 'b', 'loaded', 'c')",
    ):
        with (
            engine.connect() as connection,
            pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        ):
            connection.execute(sa.text(sql))
    engine.dispose()


def test_a_published_table_can_be_asked_for_by_hand(institution, cli):
    resource = institution.deposit(SMALL, "a.csv")
    told = cli.invoke(maroc_files, ["load", "--all"], catch_exceptions=False).output
    assert f"{resource['id']}: loaded" in told
    assert cli.invoke(maroc_files, ["load", "nothing"]).exit_code == 1


def test_the_size_of_the_upload_does_not_matter_to_the_handler(institution):
    """The outbox only looks at the file; reading it is the job's work."""
    resource = institution.deposit(csv_bytes(communes()), "communes.csv")
    loading.dataset_changed({"id": resource["package_id"]})
    assert state_of(resource).state == "queued"
    assert len(jobs.get_queue().jobs) == 1
    act("resource_patch", id=resource["id"], upload=upload(SMALL, "b.csv"), url="b.csv")
    loading.dataset_changed({"id": resource["package_id"]})
    assert len(jobs.get_queue().jobs) == 2
