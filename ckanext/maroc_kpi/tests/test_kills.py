"""A refresh in a process of its own, killed with SIGKILL anywhere, or run by two.

Whatever the killed process had done, the tables hold all values of before or all of
after, and the next refresh leaves what an undisturbed one leaves: the same bytes.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model

from ckanext.maroc_kpi import compute
from ckanext.maroc_portal import outbox

from .conftest import execute, institution, needed, publish, used

pytestmark = pytest.mark.usefixtures("empty")

MONDAY = dt.date(2030, 6, 3)
TUESDAY = dt.date(2030, 6, 4)

TABLES = ("value", "history", "facts", "facts_state", "dirty", "refresh")

Snapshot = dict[str, list[str]]


def snapshot() -> Snapshot:
    """Return every row of the tables of figures, as PostgreSQL writes it."""
    with model.ensure_engine().connect() as connection:
        return {
            table: list(
                connection.execute(
                    sa.text(f"SELECT t::text FROM maroc_kpi_{table} t ORDER BY 1")
                ).scalars()
            )
            for table in TABLES
        }


def restore() -> None:
    """Lay the tables as they were before the refresh."""
    for table in TABLES:
        execute(
            f"TRUNCATE maroc_kpi_{table};"
            f" INSERT INTO maroc_kpi_{table} SELECT * FROM before_{table}"
        )


@pytest.fixture
def monday_night(fes: dict[str, Any], day: Any) -> Iterator[None]:
    """Leave much to do for the first refresh of Tuesday: changes, and a day to close.

    The clock stands still, so that two refreshes can be the same to the last byte.
    """
    day(MONDAY)
    hcp = institution("hcp", "Haut-Commissariat au Plan", "المندوبية السامية للتخطيط")
    publish(fes, "parcs", "CSV")
    outbox.dispatch()
    compute.refresh()
    publish(fes, "bus", "CSV", "PDF")
    publish(hcp, "census", "XLSX")
    used(fes, 3)
    outbox.dispatch()
    day(TUESDAY)
    drop = "; ".join(f"DROP TABLE IF EXISTS before_{table}" for table in TABLES)
    execute(drop)
    for table in TABLES:
        execute(f"CREATE TABLE before_{table} AS TABLE maroc_kpi_{table}")
    yield
    execute(drop)


def start(work: Callable[[], Any]) -> int:
    """Start the work in a process of its own; return its number."""
    model.Session.remove()
    child = os.fork()
    if not child:
        # The parent's connections are not the child's to use, nor to close.
        model.ensure_engine().dispose(close=False)
        try:
            work()
        except BaseException:  # noqa: BLE001 - the parent sees the status
            os._exit(1)
        os._exit(0)
    return child


def end(child: int) -> int:
    """Wait for a process; return the signal that ended it, or 0; it did not fail."""
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status)


def undisturbed(*, anew: bool) -> tuple[Snapshot, Snapshot]:
    """Return the tables before and after a refresh that nothing disturbs."""
    restore()
    before = snapshot()
    assert end(start(lambda: compute.refresh(anew=anew))) == 0
    after = snapshot()
    assert after["value"] != before["value"]
    assert len(after["history"]) == len(before["value"])
    assert after["dirty"] == []
    assert not needed()
    return before, after


@pytest.mark.parametrize("anew", [False, True], ids=["what changed", "anew"])
def test_a_refresh_killed_at_any_statement_is_made_good_by_the_next(
    monday_night: None, anew: bool
):
    before, after = undisturbed(anew=anew)
    killed = 0
    for stop in range(1, 200):
        restore()

        def dying(stop: int = stop) -> None:
            engine, sent = model.ensure_engine(), 0

            def heard(*_: Any) -> None:
                nonlocal sent
                sent += 1
                if sent == stop:
                    os.kill(os.getpid(), signal.SIGKILL)

            # Before each statement, and before each commit.
            sa.event.listen(engine, "before_cursor_execute", heard)
            sa.event.listen(engine, "commit", heard)
            compute.refresh(anew=anew)

        if end(start(dying)) != signal.SIGKILL:
            break
        killed = stop
        left = snapshot()
        assert left["value"] in (before["value"], after["value"])
        compute.refresh(anew=anew)
        assert snapshot() == after, f"killed at {stop}"
    assert snapshot() == after
    assert killed > 15


def test_refreshes_killed_at_random_moments_are_made_good(monday_night: None):
    before, after = undisturbed(anew=True)
    draw = random.Random(20260301)  # noqa: S311 - moments, no secrets
    restore()
    began = time.monotonic()
    compute.refresh(anew=True)
    usual = time.monotonic() - began
    killed = 0
    for _ in range(20):
        restore()
        child = start(lambda: compute.refresh(anew=True))
        time.sleep(draw.uniform(0, 1.2 * usual))
        os.kill(child, signal.SIGKILL)
        killed += end(child) == signal.SIGKILL
        left = snapshot()
        assert left["value"] in (before["value"], after["value"])
        compute.refresh(anew=True)
        assert snapshot() == after
    assert killed > 5


def test_two_processes_that_refresh_at_once_leave_what_one_leaves(monday_night: None):
    _, after = undisturbed(anew=True)
    for _ in range(5):
        restore()
        both = [start(lambda: compute.refresh(anew=True)) for _ in range(2)]
        assert [end(each) for each in both] == [0, 0]
        assert snapshot() == after
