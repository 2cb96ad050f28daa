"""From spool to counts: nothing lost or doubled, COUNTER's rules to the letter."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckan import model

from ckanext.maroc_usage import spool, store
from ckanext.maroc_usage.events import PostgresEvents, Rollup
from ckanext.maroc_usage.spool import Record, Segment, Spool
from ckanext.maroc_usage.visitors import bounds

from .conftest import rows

CASABLANCA = ZoneInfo("Africa/Casablanca")
DAY = dt.date(2026, 11, 22)
# In 2026 Morocco leaves summer time for Ramadan on 15 February, and takes it again.
LONG = dt.date(2026, 2, 15)
SHORT = dt.date(2026, 3, 22)


CATALOGUE = (
    'INSERT INTO "group" (id, name, type, is_organization, state) VALUES'
    " ('org-fes', 'test-fes', 'organization', true, 'active'),"
    " ('org-hcp', 'test-hcp', 'organization', true, 'active')",
    "INSERT INTO package (id, name, owner_org, state, type, private) VALUES"
    " ('set-a', 'test-communes', 'org-fes', 'active', 'dataset', true),"
    " ('set-b', 'test-regions', 'org-hcp', 'active', 'dataset', true)",
    "INSERT INTO resource (id, package_id, url, state) VALUES"
    " ('res-1', 'set-a', 'x', 'active'), ('res-2', 'set-a', 'x', 'active'),"
    " ('res-3', 'set-b', 'x', 'active')",
)
AWAY = (
    "DELETE FROM resource WHERE id LIKE 'res-%'",
    "DELETE FROM package WHERE id LIKE 'set-%'",
    "DELETE FROM \"group\" WHERE id LIKE 'org-%'",
)


def execute(*statements: str) -> None:
    with model.ensure_engine().begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def forget() -> None:
    execute(
        "TRUNCATE maroc_usage_event, maroc_usage_subject, maroc_usage_segment,"
        " maroc_usage_day, maroc_usage_daily"
    )


@pytest.fixture(autouse=True)
def catalogue() -> Iterator[None]:
    """Put two institutions in the database, with two datasets and three resources."""
    forget()
    execute(*AWAY, *CATALOGUE)
    yield
    execute(*AWAY)
    forget()


def at(clock: str, day: dt.date = DAY, fold: int = 0) -> int:
    """Return the microseconds of a time of Casablanca, as 10:01:00."""
    moment = dt.datetime.combine(
        day, dt.time.fromisoformat(clock).replace(fold=fold), CASABLANCA
    )
    return int(moment.timestamp() * 1_000_000)


def use(moment: int, **more: Any) -> Record:
    """Return a download of res-1 by the same person, but for what is given."""
    fields: dict[str, Any] = {
        "visitor": 1,
        "kind": "d",
        "agent_class": "p",
        "subject": "r",
        "reference": "res-1",
    }
    return Record(moment=moment, **{**fields, **more})


def write(folder: Path, *records: Record, close: bool = True) -> Spool:
    sink = Spool(folder, "lists of the test")
    for record in records:
        sink.append(record)
    if close:
        sink.close()
    return sink


def load(folder: Path, today: dt.date = DAY) -> int:
    return store.load(folder, today)


def totals() -> list[tuple[int, int]]:
    return [(row[4], row[5]) for row in rows()]


def scalar(statement: str) -> Any:
    with model.ensure_engine().connect() as connection:
        return connection.execute(sa.text(statement)).scalar_one()


# The rules


@pytest.mark.parametrize(
    ("moments", "total", "unique"),
    [
        # The standard's own examples.
        (["10:01:00", "10:01:29"], 1, 1),
        (["10:01:00", "10:01:30"], 1, 1),
        (["10:01:00", "10:01:35"], 2, 1),
        # A chain: each within 30 s of the next, the last alone is kept.
        (["10:01:00", "10:01:20", "10:01:40", "10:02:00"], 1, 1),
        (["10:01:00", "10:01:20", "10:02:00"], 2, 1),
        # A session is an hour of the clock.
        (["10:59:00", "11:00:00"], 2, 2),
        (["10:01:00", "10:59:00", "11:00:00"], 3, 2),
        # Of a double click over the hour the second is kept, in the second hour.
        (["10:59:50", "11:00:10", "11:30:00"], 2, 1),
    ],
)
def test_two_within_thirty_seconds_are_one(
    tmp_path: Path, moments: list[str], total: int, unique: int
):
    write(tmp_path, *(use(at(moment)) for moment in moments))
    load(tmp_path)
    store.count()
    assert totals() == [(total, unique)]


@pytest.mark.parametrize(
    ("second", "counted"),
    [
        ({}, 1),
        ({"visitor": 2}, 2),
        ({"reference": "res-2"}, 2),
        ({"kind": "o"}, 2),
    ],
)
def test_a_double_click_is_one_visitor_s_on_one_thing(
    tmp_path: Path, second: dict[str, Any], counted: int
):
    first = at("10:01:00")
    write(tmp_path, use(first), use(first + 1_000_000, **second))
    load(tmp_path)
    store.count()
    assert sum(total for total, _ in totals()) == counted


@pytest.mark.parametrize(
    ("record", "counted"),
    [
        ({"kind": "v", "subject": "d", "reference": "test-communes"}, 1),
        ({"kind": "r", "subject": "d", "reference": "test-communes"}, 1),
        ({"kind": "o"}, 1),
        # Two requests to a program are two, whatever they ask.
        ({"kind": "q"}, 2),
        ({"kind": "a", "subject": " ", "reference": ""}, 2),
        ({"kind": "f", "subject": "o", "reference": "test-fes"}, 2),
        # Two pages of the catalogue are no double click.
        ({"kind": "r", "subject": " ", "reference": ""}, 2),
    ],
)
def test_the_rule_is_for_what_people_click(
    tmp_path: Path, record: dict[str, Any], counted: int
):
    first = at("10:01:00")
    write(tmp_path, use(first, **record), use(first + 1_000_000, **record))
    load(tmp_path)
    store.count()
    assert totals() == [(counted, 1)]


def test_a_session_on_two_files_is_one_for_the_dataset(tmp_path: Path):
    write(
        tmp_path,
        use(at("10:01:00")),
        use(at("10:05:00"), reference="res-2"),
        use(at("10:09:00"), reference="res-3"),
    )
    load(tmp_path)
    store.count()
    assert rows() == [
        ("download", "regular", "set-a", "res-1", 1, 1),
        ("download", "regular", "set-a", "res-2", 1, 0),
        ("download", "regular", "set-b", "res-3", 1, 1),
    ]
    assert scalar("SELECT sum(uniq_resource) FROM maroc_usage_daily") == 3


INVESTIGATIONS = "SELECT sum(uniq_investigation) FROM maroc_usage_daily"
PAGE = {"kind": "v", "subject": "d", "reference": "set-a"}


@pytest.mark.parametrize(
    ("uses", "sessions"),
    [
        # A page, its RDF and a file of one dataset within an hour: one look at it.
        (
            [("10:01:00", PAGE), ("10:02:00", {}), ("10:03:00", {**PAGE, "kind": "r"})],
            1,
        ),
        ([("10:01:00", PAGE), ("11:02:00", {})], 2),
        ([("10:01:00", PAGE), ("10:02:00", {"visitor": 2})], 2),
        ([("10:01:00", PAGE), ("10:02:00", {"reference": "res-3"})], 2),
        # Neither a link that leads away nor a question to a table is one.
        ([("10:01:00", {"kind": "o"}), ("10:02:00", {"kind": "q"})], 0),
        # The catalogue is no dataset.
        ([("10:01:00", {"kind": "r", "subject": " ", "reference": ""})], 0),
    ],
)
def test_a_session_that_looked_at_a_dataset_is_one_investigation(
    tmp_path: Path, uses: list[tuple[str, dict[str, Any]]], sessions: int
):
    write(tmp_path, *(use(at(moment), **more) for moment, more in uses))
    load(tmp_path)
    store.count()
    assert scalar(INVESTIGATIONS) == sessions


def test_people_tools_and_robots_are_told_apart(tmp_path: Path):
    write(
        tmp_path,
        *(
            use(at("10:01:00"), visitor=number, agent_class=letter)
            for number, letter in enumerate("pmmrrr")
        ),
    )
    load(tmp_path)
    store.count()
    assert [row[1:2] + row[4:] for row in rows()] == [
        ("machine", 2, 2),
        ("regular", 1, 1),
        ("robot", 3, 3),
    ]


def test_the_portal_s_own_visits_are_kept_and_not_counted(tmp_path: Path):
    write(tmp_path, use(at("10:01:00"), own=True), use(at("10:01:10"), visitor=2))
    load(tmp_path)
    store.count()
    assert totals() == [(1, 1)]
    assert scalar("SELECT count(*) FROM maroc_usage_event WHERE own") == 1


# The days of Morocco


@pytest.mark.parametrize(("day", "hours"), [(DAY, 24), (LONG, 25), (SHORT, 23)])
def test_a_day_has_all_its_hours(tmp_path: Path, day: dt.date, hours: int):
    begins, ends = bounds(day)
    assert ends - begins == dt.timedelta(hours=hours)
    first, last = (int(each.timestamp()) * 1_000_000 for each in (begins, ends))
    within = range(first, last, 3600 * 1_000_000)
    write(tmp_path, *(use(moment) for moment in (first - 1, *within, last - 1, last)))
    load(tmp_path, day)
    store.count()
    days = [(row[4], row[5]) for row in rows(day)]
    assert days == [(hours + 1, hours)]
    for other in (-1, 1):
        neighbour = day + dt.timedelta(days=other)
        assert [row[4] for row in rows(neighbour)] == [1]


def test_the_hour_that_comes_twice_is_two_sessions(tmp_path: Path):
    write(tmp_path, use(at("02:30:00", LONG)), use(at("02:30:00", LONG, fold=1)))
    load(tmp_path, LONG)
    store.count()
    assert totals() == [(2, 2)]


# What it was about, at the time


def test_a_use_belongs_to_the_dataset_and_institution_of_its_time(tmp_path: Path):
    write(tmp_path, use(at("10:01:00")))
    load(tmp_path)
    execute("UPDATE package SET owner_org = 'org-hcp' WHERE id = 'set-a'")
    write(tmp_path, use(at("11:01:00"), visitor=2))
    load(tmp_path)
    store.count()
    with model.ensure_engine().connect() as connection:
        found = connection.execute(
            sa.text(
                "SELECT organization_id, dataset_id, total FROM maroc_usage_daily"
                " ORDER BY organization_id"
            )
        ).all()
    assert found == [("org-fes", "set-a", 1), ("org-hcp", "set-a", 1)]


def test_a_dataset_is_known_by_id_and_by_name(tmp_path: Path):
    page = {"kind": "v", "subject": "d"}
    write(
        tmp_path,
        use(at("10:01:00"), reference="test-communes", **page),
        use(at("10:02:00"), reference="set-a", **page),
        use(at("10:03:00"), kind="f", subject="o", reference="test-hcp"),
    )
    load(tmp_path)
    store.count()
    assert rows() == [
        ("feed", "regular", "", "", 1, 1),
        ("view", "regular", "set-a", "", 2, 1),
    ]
    assert (
        scalar("SELECT organization_id FROM maroc_usage_daily WHERE kind = 'feed'")
        == "org-hcp"
    )


def test_counts_outlive_what_was_used(tmp_path: Path):
    page = {"kind": "v", "subject": "d", "reference": "set-a"}
    write(tmp_path, use(at("10:01:00")), use(at("10:01:00"), **page))
    load(tmp_path)
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text("DELETE FROM resource WHERE package_id = 'set-a'"))
        connection.execute(sa.text("DELETE FROM package WHERE id = 'set-a'"))
    # Also what was written before the purge and is loaded after it.
    write(
        tmp_path,
        use(at("11:01:00")),
        use(at("11:01:00"), **page),
        use(at("11:01:00"), reference="res-2"),
    )
    load(tmp_path)
    store.count()
    assert rows() == [
        ("download", "regular", "", "res-2", 1, 1),
        ("download", "regular", "set-a", "res-1", 2, 2),
        ("view", "regular", "set-a", "", 2, 2),
    ]


# Loading


def test_an_open_segment_is_loaded_to_its_end_and_goes_on(tmp_path: Path):
    sink = write(tmp_path, use(at("10:01:00")), close=False)
    assert load(tmp_path) == 1
    assert load(tmp_path) == 0
    sink.append(use(at("11:01:00")))
    assert load(tmp_path) == 1
    assert len(spool.segments(tmp_path)) == 1
    sink.close()
    assert load(tmp_path) == 0
    assert spool.segments(tmp_path) == []
    store.count()
    assert totals() == [(2, 2)]


def test_a_long_segment_is_loaded_in_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(store, "BATCH", 3)
    write(tmp_path, *(use(at("10:01:00"), visitor=number) for number in range(10)))
    assert load(tmp_path) == 10
    assert load(tmp_path) == 0
    store.count()
    assert totals() == [(10, 10)]


def test_what_is_damaged_or_was_dropped_is_told(tmp_path: Path):
    sink = write(tmp_path, use(at("10:01:00")), close=False)
    sink.dropped = 5
    sink.append(use(at("10:02:00")))
    sink.append(use(at("10:03:00")))
    sink.close()
    (path,) = spool.segments(tmp_path)
    data = bytearray(path.read_bytes())
    data[spool.SIZE + 9] ^= 1
    path.write_bytes(data + b"half a record")
    load(tmp_path)
    found = store.status(tmp_path)
    assert (found.events, found.dropped, found.damaged) == (2, 5, 2)


def test_a_use_of_long_ago_or_of_a_wrong_clock_is_late(tmp_path: Path):
    kept = DAY - dt.timedelta(days=store.KEPT_DAYS)
    write(
        tmp_path,
        use(at("10:01:00", kept)),
        use(at("10:01:00", kept - dt.timedelta(days=1))),
        use(at("10:01:00", DAY + dt.timedelta(days=1))),
        use(at("10:01:00", DAY + dt.timedelta(days=2))),
        use(0),
    )
    assert load(tmp_path) == 2
    assert store.status(tmp_path).late == 3


FAULTS: dict[str, tuple[Any, str, bool]] = {
    "before the rows": (PostgresEvents, "add", False),
    "after the rows": (PostgresEvents, "add", True),
    "before the ledger": (store, "_advance", False),
    "before the commit": (store, "_advance", True),
    "before the segment is deleted": (Segment, "delete", False),
    "after the segment is deleted": (Segment, "delete", True),
}


def in_a_child(work: Callable[[], None]) -> int:
    """Do the work in a process of its own; return the signal that ended it."""
    child = os.fork()
    if not child:
        model.ensure_engine().dispose(close=False)
        try:
            work()
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_loader_killed_anywhere_loses_and_doubles_nothing(tmp_path: Path, fault: str):
    write(tmp_path, *(use(at("10:01:00"), visitor=number) for number in range(100)))
    owner, name, after = FAULTS[fault]

    def die_there() -> None:
        real = getattr(owner, name)

        def dying(*arguments: Any, **named: Any) -> None:
            if after:
                real(*arguments, **named)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(owner, name, dying)
        load(tmp_path)

    assert in_a_child(die_there) == signal.SIGKILL
    load(tmp_path)
    assert spool.segments(tmp_path) == []
    assert scalar("SELECT count(DISTINCT visitor) FROM maroc_usage_event") == 100
    assert scalar("SELECT count(*) FROM maroc_usage_event") == 100
    assert store.status(tmp_path).events == 100


def test_counting_killed_halfway_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write(tmp_path, use(at("10:01:00")), use(at("11:01:00")))
    load(tmp_path)
    real = PostgresEvents.rollup
    calls = []

    def dying(self: PostgresEvents, day: dt.date) -> Rollup:
        calls.append(day)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, day)

    write(tmp_path, use(at("10:01:00", DAY + dt.timedelta(days=1))))
    load(tmp_path)
    monkeypatch.setattr(PostgresEvents, "rollup", dying)
    # The first day's counts are there, the second's are not begun.
    assert in_a_child(store.count) == signal.SIGKILL
    assert totals() == [(2, 2)]
    monkeypatch.undo()
    assert store.count() == [DAY + dt.timedelta(days=1)]
    assert totals() == [(2, 2), (1, 1)]


WRITER = """
import sys, time
from pathlib import Path
from ckanext.maroc_usage.events import PostgresEvents, Rollup
from ckanext.maroc_usage.spool import Record, Segment, Spool
sink = Spool(Path(sys.argv[1]), "lists of the test")
first, moment = int(sys.argv[2]), int(sys.argv[3])
for number in range(first, first + 3000):
    sink.append(Record(moment, number, "d", "p", "r", "res-1"))
    if number % 300 == 0:
        time.sleep(0.02)
"""


@pytest.mark.parametrize("folders", [1, 2], ids=["one spool", "a spool each"])
def test_two_processes_and_a_loader_at_once_lose_nothing(tmp_path: Path, folders: int):
    spools = [tmp_path / f"node{number % folders}" for number in range(2)]
    writers = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                WRITER,
                str(folder),
                str(3000 * number),
                str(at("10:01:00")),
            ]
        )
        for number, folder in enumerate(spools)
    ]
    while any(writer.poll() is None for writer in writers):
        for folder in set(spools):
            load(folder)
        store.count()
        time.sleep(0.05)
    assert [writer.returncode for writer in writers] == [0, 0]
    for folder in set(spools):
        load(folder)
    store.count()
    assert totals() == [(6000, 6000)]
    assert all(each.right for each in store.verify())


# Counting again


def test_counting_again_changes_and_writes_nothing(tmp_path: Path):
    write(tmp_path, use(at("10:01:00")), use(at("11:01:00")))
    load(tmp_path)
    assert store.count() == [DAY]
    before = scalar("SELECT array_agg(xmin::text) FROM maroc_usage_daily")
    assert store.count() == []
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text("UPDATE maroc_usage_day SET waiting_since = now()"))
    assert store.count() == [DAY]
    assert scalar("SELECT array_agg(xmin::text) FROM maroc_usage_daily") == before
    assert totals() == [(2, 2)]


def test_a_late_event_of_yesterday_is_counted_and_one_of_a_frozen_day_is_not(
    tmp_path: Path,
):
    write(tmp_path, use(at("10:01:00")))
    load(tmp_path)
    store.count()
    for days, total, late in ((1, 2, 0), (2, 3, 0), (3, 3, 1)):
        today = DAY + dt.timedelta(days=days)
        store.keep(today)
        write(tmp_path, use(at("10:01:00"), visitor=10 + days))
        load(tmp_path, today)
        store.count()
        assert totals() == [(total, total)]
        assert store.status(tmp_path).late == late
    assert all(each.right for each in store.verify())


def test_no_table_of_events_is_emptied_by_a_crash(tmp_path: Path):
    write(tmp_path, use(at("10:01:00")))
    load(tmp_path)
    unlogged = (
        "SELECT count(*) FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND relpersistence <> 'p' AND relnamespace IN"
        " ('public'::regnamespace, 'maroc_usage_days'::regnamespace)"
    )
    assert scalar(unlogged) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE maroc_usage_daily SET total = total + 1",
        "DELETE FROM maroc_usage_daily",
        "INSERT INTO maroc_usage_daily (day, kind, agent_class, total, uniq,"
        " uniq_resource) VALUES ('2026-11-22', 'view', 'regular', 1, 1, 1)",
    ],
)
def test_nothing_rewrites_a_frozen_day(tmp_path: Path, statement: str):
    write(tmp_path, use(at("10:01:00")))
    load(tmp_path)
    store.count()
    store.keep(DAY + dt.timedelta(days=3))
    with (
        pytest.raises(sa.exc.IntegrityError, match="are frozen"),
        model.ensure_engine().begin() as connection,
    ):
        connection.execute(sa.text(statement))


def test_events_are_forgotten_after_35_days_and_counts_stay(tmp_path: Path):
    write(tmp_path, use(at("10:01:00")))
    load(tmp_path)
    store.count()
    store.keep(DAY + dt.timedelta(days=35))
    assert DAY in PostgresEvents().days()
    store.keep(DAY + dt.timedelta(days=36))
    assert DAY not in PostgresEvents().days()
    assert scalar("SELECT count(*) FROM maroc_usage_event") == 0
    assert totals() == [(1, 1)]


def test_events_that_were_not_counted_are_not_forgotten(tmp_path: Path):
    write(tmp_path, use(at("10:01:00")))
    load(tmp_path)
    later = DAY + dt.timedelta(days=60)
    store.keep(later)
    store.count()
    assert totals() == [(1, 1)]
    store.keep(later)
    assert scalar("SELECT count(*) FROM maroc_usage_event") == 0
    assert totals() == [(1, 1)]


def test_a_count_that_was_tampered_with_is_found(tmp_path: Path):
    write(tmp_path, use(at("10:01:00")))
    load(tmp_path)
    store.count()
    assert [each.right for each in store.verify()] == [True]
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text("UPDATE maroc_usage_daily SET total = 9"))
    assert [each.different for each in store.verify()] == [2]


def test_a_day_tells_its_lists_and_the_lag_of_its_count(tmp_path: Path):
    moment = int((time.time() - 5) * 1_000_000)
    write(tmp_path, use(moment))
    store.load(tmp_path)
    store.count()
    found = store.status(tmp_path)
    assert found.lists == ("lists of the test",)
    assert found.lag is not None
    assert 5 <= found.lag.total_seconds() < 60
    assert (found.waiting, found.uncounted) == (0, 0)


def test_a_day_that_takes_long_to_count_is_left_alone_for_a_while(tmp_path: Path):
    write(tmp_path, use(at("10:01:00")))
    load(tmp_path)
    store.count()
    execute("UPDATE maroc_usage_day SET took = interval '1 minute'")
    write(tmp_path, use(at("12:01:00")))
    load(tmp_path)
    assert store.count(at_once=False) == []
    assert store.count() == [DAY]


# Any events, in any order

_EDGE = at("00:00:00", DAY + dt.timedelta(days=1))
_EVENTS = st.lists(
    st.builds(
        lambda second, visitor, kind, what: Record(
            moment=_EDGE + second * 1_000_000,
            visitor=visitor,
            kind=kind,
            # A visitor's class is its own: the agent is in the visitor's number.
            agent_class="pmr"[visitor],
            subject=what[0],
            reference=what[1],
        ),
        st.one_of(st.integers(-90, 90), st.integers(-5000, 5000)),
        st.integers(0, 2),
        st.sampled_from("vda"),
        st.sampled_from([("r", "res-1"), ("r", "res-2"), ("d", "set-a"), (" ", "")]),
    ),
    max_size=40,
)
_RESOURCE_OF = {"res-1": ("set-a", "res-1"), "res-2": ("set-a", "res-2")}


def expected(events: Iterable[Record]) -> list[tuple[Any, ...]]:
    """Count as the standard says it, one event after the other."""
    chains = defaultdict(list)
    for event in events:
        day = dt.datetime.fromtimestamp(event.moment / 1e6, CASABLANCA).date()
        dataset, resource = _RESOURCE_OF.get(event.reference, (event.reference, ""))
        key = (day, event.kind, event.visitor, dataset, resource)
        chains[key].append(event.moment // 1_000_000)
    total: dict[Any, int] = defaultdict(int)
    sessions: dict[Any, list[tuple[int, str]]] = defaultdict(list)
    names = {"v": "view", "d": "download", "a": "api"}
    for (day, kind, visitor, dataset, resource), moments in chains.items():
        agent = ("regular", "machine", "robot")[visitor]
        moments.sort()
        for moment, after in itertools.zip_longest(moments, moments[1:]):
            clicked = kind in "vd" and dataset
            if clicked and after is not None and after - moment <= 30:
                continue
            total[day, names[kind], agent, dataset, resource] += 1
            session = (day, names[kind], agent, dataset, visitor, moment // 3600)
            sessions[session].append((moment, resource))
    unique: dict[Any, int] = defaultdict(int)
    for (day, kind, agent, dataset, _, _), found in sessions.items():
        unique[day, kind, agent, dataset, min(found)[1]] += 1
    return sorted((*key, count, unique[key]) for key, count in total.items())


def all_rows() -> list[tuple[Any, ...]]:
    with model.ensure_engine().connect() as connection:
        return sorted(
            tuple(row)
            for row in connection.execute(
                sa.text(
                    "SELECT day, kind, agent_class, dataset_id, resource_id, total,"
                    " uniq FROM maroc_usage_daily"
                )
            )
        )


@st.composite
def _stories(draw: st.DrawFn) -> list[tuple[list[Record], bool, bool]]:
    """Events out of order, in three parts, each perhaps loaded and counted at once."""
    events = draw(st.permutations(draw(_EVENTS)))
    first, second = sorted(draw(st.tuples(*[st.integers(0, len(events))] * 2)))
    parts = (events[:first], events[first:second], events[second:])
    return [(part, draw(st.booleans()), draw(st.booleans())) for part in parts]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=_stories())
def test_any_events_in_any_order_give_the_standard_s_counts(
    tmp_path: Path, story: list[tuple[list[Record], bool, bool]]
):
    forget()
    for part, loaded, counted in story:
        write(tmp_path, *part)
        if loaded:
            load(tmp_path, DAY)
        if counted:
            store.count()
    load(tmp_path, DAY)
    store.count()
    assert all_rows() == expected(event for part, _, _ in story for event in part)
    assert all(each.right for each in store.verify())
