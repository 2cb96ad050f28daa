"""The periodic work: one table, queued when due, rebuilt when Redis is lost."""

from __future__ import annotations

import datetime as dt
import subprocess
from typing import Any

import pytest
import rq
import sqlalchemy as sa

import ckan.plugins as p
from ckan import model
from ckan.lib import jobs
from ckan.lib.redis import connect_to_redis

from ckanext.maroc_portal import periodic
from ckanext.maroc_portal.interfaces import IMarocPeriodic, PeriodicJob

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_queues")


class Clockwork(p.SingletonPlugin):
    """One row of work, which counts its runs."""

    p.implements(IMarocPeriodic, inherit=True)
    runs = 0
    failing = False
    wanted = True

    def get_periodic_jobs(self):
        return [
            PeriodicJob(
                name="test.tick",
                every=dt.timedelta(hours=1),
                run=self._run,
                needed=lambda connection: Clockwork.wanted,
            )
        ]

    def _run(self) -> None:
        if Clockwork.failing:
            raise RuntimeError("broken spring")
        Clockwork.runs += 1


@pytest.fixture
def clockwork(provide_plugin: Any):
    provide_plugin("clockwork", Clockwork)
    Clockwork.runs, Clockwork.failing, Clockwork.wanted = 0, False, True
    with p.use_plugin("clockwork"):
        yield Clockwork


@pytest.fixture
def connection():
    with model.ensure_engine().connect() as connection:
        yield connection


@pytest.fixture
def clean_queues(reset_queues: Any, clean_redis: Any):
    """Begin without a queue."""


def queued() -> list[str]:
    return [job.meta["title"] for job in jobs.get_queue().jobs]


def passed(hours: int) -> None:
    """Let time pass, as far as the table knows."""
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE maroc_portal_periodic SET"
                " started_at = started_at - CAST(:by AS interval),"
                " finished_at = finished_at - CAST(:by AS interval)"
            ),
            {"by": dt.timedelta(hours=hours)},
        )


def test_a_row_is_queued_once_until_it_is_due_again(
    clockwork: type[Clockwork], connection: sa.Connection
):
    assert "test.tick" in periodic.queue_due(connection)
    assert "test.tick" not in periodic.queue_due(connection), "it waits in the queue"
    periodic.run("test.tick")
    connect_to_redis().flushdb()
    assert "test.tick" not in periodic.queue_due(connection), "it ran this hour"
    passed(hours=1)
    assert "test.tick" in periodic.queue_due(connection)
    assert clockwork.runs == 1


def test_a_redis_that_lost_its_queue_is_filled_again(
    clockwork: type[Clockwork], connection: sa.Connection
):
    periodic.queue_due(connection)
    connect_to_redis().flushdb()
    passed(hours=1)
    assert "test.tick" in periodic.queue_due(connection)
    assert "periodic test.tick" in queued()


def taken(by: rq.Worker | None) -> None:
    """Take the run out of the queue, as a worker does before it says so."""
    queue, link = jobs.get_queue(), connect_to_redis()
    job_id = "periodic-test-tick"
    assert link.lrem(queue.key, 1, job_id)
    link.rpush(queue.intermediate_queue_key, job_id)
    if by:
        by.register_birth()
        by.heartbeat()
        by.set_current_job_id(job_id)


@pytest.mark.parametrize("said_so", [False, True])
def test_a_run_in_the_hands_of_a_killed_worker_is_queued_again(
    clockwork: type[Clockwork], connection: sa.Connection, said_so: bool
):
    worker = rq.Worker([jobs.get_queue()], connection=connect_to_redis())
    with subprocess.Popen(["true"]) as ended:
        worker.pid = ended.pid
    periodic.queue_due(connection)
    taken(worker if said_so else None)
    passed(hours=1)
    assert "test.tick" in periodic.queue_due(connection)
    assert queued().count("periodic test.tick") == 1
    assert not connect_to_redis().llen(jobs.get_queue().intermediate_queue_key)


def test_a_run_in_the_hands_of_a_living_worker_is_left_to_it(
    clockwork: type[Clockwork], connection: sa.Connection
):
    periodic.queue_due(connection)
    taken(rq.Worker([jobs.get_queue()], connection=connect_to_redis()))
    passed(hours=1)
    assert "test.tick" not in periodic.queue_due(connection)


def test_a_row_without_need_is_not_queued(
    clockwork: type[Clockwork], connection: sa.Connection
):
    clockwork.wanted = False
    assert "test.tick" not in periodic.queue_due(connection)


def test_a_failure_is_kept_and_the_row_comes_back(
    clockwork: type[Clockwork], connection: sa.Connection
):
    periodic.queue_due(connection)
    clockwork.failing = True
    with pytest.raises(RuntimeError):
        periodic.run("test.tick")
    error = connection.execute(
        sa.text("SELECT error FROM maroc_portal_periodic WHERE name = 'test.tick'")
    ).scalar_one()
    connection.rollback()
    assert error == "RuntimeError: broken spring"
    connect_to_redis().flushdb()
    passed(hours=1)
    assert "test.tick" in periodic.queue_due(connection)


def test_every_row_of_the_table_may_run_twice_in_a_row():
    periodic.run_all()
    periodic.run_all()


def test_two_rows_of_one_name_are_refused(provide_plugin: Any):
    class Twice(p.SingletonPlugin):
        p.implements(IMarocPeriodic, inherit=True)

        def get_periodic_jobs(self):
            row = PeriodicJob(
                name="portal.outbox", every=dt.timedelta(hours=1), run=lambda: None
            )
            return [row]

    provide_plugin("twice", Twice)
    with p.use_plugin("twice"), pytest.raises(ValueError, match=r"portal\.outbox"):
        periodic.table()
