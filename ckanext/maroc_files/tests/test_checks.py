"""Every file is looked at once, whatever dies; silence is never consent."""

from __future__ import annotations

import datetime as dt
import os
import signal
from typing import ClassVar

import pytest
import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import jobs

from ckanext.maroc_files import checks, reports
from ckanext.maroc_files.cli import maroc_files
from ckanext.maroc_files.store import the_store
from ckanext.maroc_files.tests.conftest import act
from ckanext.maroc_portal import interfaces, outbox, periodic
from ckanext.maroc_portal.interfaces import FileCheck, FileFacts, Report

CLEAN = b"code,nom\n01,F\xc3\xa8s\n"
PEOPLE = b"nom,cin\n" + b"".join(b"x,AB12345%d\n" % n for n in range(9))
SENTENCE = {"fr": "Un essai.", "ar": "تجربة.", "en": "A trial."}


class Trial(p.SingletonPlugin):
    """A check that does what a test tells it."""

    p.implements(interfaces.IMarocFileChecks, inherit=True)
    p.implements(interfaces.IMarocOutbox, inherit=True)
    seen: ClassVar[list[FileFacts]] = []
    told: ClassVar[list[str]] = []
    version = 1

    def get_file_checks(self):
        return (FileCheck(name="trial", version=Trial.version, run=self.run),)

    def get_outbox_handlers(self):
        return {"file.checked": lambda payload: Trial.told.append(payload["sha256"])}

    def run(self, source, facts: FileFacts) -> Report:
        Trial.seen.append(facts)
        if source.read_bytes() == b"casse":
            raise RuntimeError("the check is broken")
        return Report(verdict="alert", reasons=(SENTENCE,), detail={"n": 1})


@pytest.fixture
def trial(provide_plugin, monkeypatch):
    provide_plugin("trial", Trial)
    Trial.seen, Trial.told, Trial.version = [], [], 1
    monkeypatch.setitem(
        tk.config, "ckanext.maroc_files.required_checks", ["personal-data", "trial"]
    )
    with p.use_plugin("trial"):
        yield Trial


def states(package_id: str) -> list[tuple[str, str]]:
    return [(each.check, each.state) for each in interfaces.file_reports(package_id)]


def rows(table: str) -> int:
    with model.ensure_engine().connect() as connection:
        return connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()


def waited(interval: str) -> None:
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE maroc_files_check_wait SET queued_at = now() - CAST(:i AS"
                " interval), since = now() - CAST(:i AS interval)"
            ),
            {"i": interval},
        )


def test_a_file_waits_and_is_then_clean_or_held(institution, work):
    resource = institution.deposit(CLEAN, "a.csv")
    held = institution.add(resource["package_id"], PEOPLE, "b.csv")
    assert states(resource["package_id"]) == [("personal-data", "waiting")] * 2
    work()
    first, second = interfaces.file_reports(resource["package_id"])
    assert (first.resource_id, first.state) == (resource["id"], "clean")
    assert (second.resource_id, second.state) == (held["id"], "alert")
    assert second.sha256 == held["hash"]
    assert second.reasons[0]["fr"].startswith("Colonne « cin »")
    assert rows("maroc_files_check_wait") == 0


def test_the_same_bytes_are_looked_at_once(trial, institution, work):
    first = institution.deposit(CLEAN, "a.csv")
    second = institution.deposit(CLEAN, "autre nom.csv")
    work()
    third = institution.deposit(CLEAN, "a.csv")
    work()
    assert [each.names for each in trial.seen] == [("a.csv", "autre nom.csv")]
    assert trial.seen[0].size == len(CLEAN)
    for each in (first, second, third):
        assert states(each["package_id"]) == [
            ("personal-data", "clean"),
            ("trial", "alert"),
        ]
    # Told once for each report.
    work()
    assert trial.told == [first["hash"]] * 2


def test_a_new_version_of_a_check_asks_every_file_again(trial, institution, work, cli):
    resource = institution.deposit(CLEAN, "a.csv")
    work()
    Trial.version = 2
    assert ("trial", "waiting") in states(resource["package_id"])
    cli.invoke(maroc_files, ["check"], catch_exceptions=False)
    assert ("trial", "alert") in states(resource["package_id"])
    assert len(trial.seen) == 2


def test_what_redis_lost_is_queued_again(institution, work):
    resource = institution.deposit(CLEAN, "a.csv")
    outbox.dispatch()
    jobs.get_queue().empty()
    row = periodic.table()["files.check"]
    assert row.needed is not None
    with model.ensure_engine().connect() as connection:
        assert not row.needed(connection)
    waited("2 minutes")
    with model.ensure_engine().connect() as connection:
        assert row.needed(connection)
    periodic.run("files.check")
    waited("2 minutes")
    periodic.run("files.check")
    assert len(jobs.get_queue().jobs) == 1
    work()
    assert states(resource["package_id"]) == [("personal-data", "clean")]


@pytest.mark.parametrize("step", ["attempt", "write"])
def test_a_worker_that_is_killed_loses_no_check(institution, monkeypatch, step):
    resource = institution.deposit(CLEAN, "a.csv")
    outbox.dispatch()
    child = os.fork()
    if child == 0:
        try:
            model.ensure_engine().dispose(close=False)
            monkeypatch.setattr(
                reports, step, lambda *_: os.kill(os.getpid(), signal.SIGKILL)
            )
            checks.check(resource["hash"])
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert states(resource["package_id"]) == [("personal-data", "waiting")]
    waited("2 minutes")
    jobs.get_queue().empty()
    periodic.run("files.check")
    checks.check(resource["hash"])
    assert states(resource["package_id"]) == [("personal-data", "clean")]


def test_a_check_that_never_ends_well_has_failed_in_the_end(trial, institution):
    resource = institution.deposit(b"casse", "a.txt")
    outbox.dispatch()
    for _ in range(reports.ATTEMPTS):
        with pytest.raises(RuntimeError, match="is broken"):
            checks.check(resource["hash"])
        model.Session.rollback()
        assert ("trial", "waiting") in states(resource["package_id"])
    checks.check(resource["hash"])
    found = interfaces.file_reports(resource["package_id"])[-1]
    assert (found.check, found.state) == ("trial", "alert")
    assert "n'a pas pu aller à son terme" in found.reasons[0]["fr"]


def test_a_late_check_counts_as_an_alert_until_it_has_spoken(institution, work):
    resource = institution.deposit(CLEAN, "a.csv")
    outbox.dispatch()
    waited("59 minutes")
    assert states(resource["package_id"]) == [("personal-data", "waiting")]
    waited("61 minutes")
    (found,) = interfaces.file_reports(resource["package_id"])
    assert found.state == "alert"
    assert found.reasons[0]["fr"].endswith("se fait attendre.")
    work()
    assert states(resource["package_id"]) == [("personal-data", "clean")]


def test_a_required_check_that_nobody_brings_is_never_clean(
    institution, work, monkeypatch
):
    monkeypatch.setitem(
        tk.config, "ckanext.maroc_files.required_checks", ["personal-data", "virus"]
    )
    resource = institution.deposit(CLEAN, "a.csv")
    work()
    assert states(resource["package_id"]) == [
        ("personal-data", "clean"),
        ("virus", "waiting"),
    ]


def test_a_missing_file_is_an_alert(institution, work):
    resource = institution.deposit(CLEAN, "a.csv")
    the_store().delete(resource["hash"])
    work()
    (found,) = interfaces.file_reports(resource["package_id"])
    assert (found.state, found.reasons[0]["fr"]) == (
        "alert",
        "Le fichier manque sur le serveur.",
    )
    # A row that says it has a file, and has none.
    other = institution.dataset(resources=[{"url": "a.csv", "url_type": "upload"}])
    (found,) = interfaces.file_reports(other["id"])
    assert (found.state, found.sha256) == ("alert", "")


def test_a_link_has_no_file_to_look_at(institution, work):
    dataset = institution.dataset(resources=[{"url": "https://www.hcp.ma/a.csv"}])
    work()
    assert interfaces.file_reports(dataset["id"]) == []


def test_all_files_of_a_dataset_are_one_question(institution, work):
    resource = institution.deposit(CLEAN, "a.csv")
    for n in range(4):
        institution.add(resource["package_id"], CLEAN + b"%d,x\n" % n, f"{n}.csv")
    work()
    asked = []
    engine = model.ensure_engine()

    def count(conn, cursor, statement, *rest):
        asked.append(statement)

    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        assert len(interfaces.file_reports(resource["package_id"])) == 5
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    # Each transaction is told who reads; that is no question.
    assert len([each for each in asked if "set_config" not in each]) == 1


def test_files_that_are_just_being_added_are_seen(institution):
    """The gate asks within the transaction that it decides on."""
    dataset = institution.dataset()
    added = model.Resource(
        package_id=dataset["id"], url="a.csv", url_type="upload", hash="0" * 64
    )
    added.position = 0
    model.Session.add(added)
    model.Session.flush()
    assert states(dataset["id"]) == [("personal-data", "waiting")]
    model.Session.rollback()
    assert states(dataset["id"]) == []


def test_the_web_reads_reports_and_writes_none(institution, work):
    institution.deposit(CLEAN, "a.csv")
    work()
    engine = sa.create_engine(os.environ["TEST_WEB_ROLE_URL"])
    with engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT verdict FROM maroc_files_check_report")
        ).scalars()
        assert list(found) == ["clean"]
    for sql in (
        "UPDATE maroc_files_check_report SET verdict = 'clean'",
        "DELETE FROM maroc_files_check_wait",
    ):
        with (
            engine.connect() as connection,
            pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        ):
            connection.execute(sa.text(sql))
    engine.dispose()


def test_failed_checks_can_be_done_again_by_hand(institution, work, cli):
    resource = institution.deposit(CLEAN, "a.csv")
    the_store().delete(resource["hash"])
    work()
    institution.replace(resource, CLEAN, "a.csv")
    told = cli.invoke(maroc_files, ["check"], catch_exceptions=False).output
    assert told == "Files: 0\n"
    told = cli.invoke(maroc_files, ["check", "--failed"], catch_exceptions=False).output
    assert told == "Files: 1\n"
    assert states(resource["package_id"]) == [("personal-data", "clean")]
    assert act("resource_show", id=resource["id"])["hash"] == resource["hash"]
    assert dt.timedelta(minutes=1) == checks.WAIT
