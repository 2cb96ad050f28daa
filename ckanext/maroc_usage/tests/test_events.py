"""Both stores of events keep the same promises, and add up the same days alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckan import model

from ckanext.maroc_usage import store
from ckanext.maroc_usage.clickhouse import ClickHouseEvents
from ckanext.maroc_usage.events import EventStore, PostgresEvents
from ckanext.maroc_usage.spool import Record

from .test_store import (
    _EVENTS,
    DAY,
    all_rows,
    at,
    catalogue,
    expected,
    forget,
    scalar,
    use,
    write,
)

__all__ = ["catalogue"]


@pytest.fixture(scope="module")
def clickhouse() -> Iterator[ClickHouseEvents]:
    """Give ClickHouse's own engine inside this process, in place of a server."""
    client = clickhouse_connect.get_client(interface="chdb")
    yield ClickHouseEvents(client)
    client.close()


@pytest.fixture(params=["PostgreSQL", "ClickHouse"])
def events(request: pytest.FixtureRequest) -> EventStore:
    if request.param == "PostgreSQL":
        return PostgresEvents()
    found: ClickHouseEvents = request.getfixturevalue("clickhouse")
    found._client.command("TRUNCATE TABLE maroc_usage_event")
    return found


def counted(events: EventStore) -> list[tuple[Any, ...]]:
    store.count(events=events)
    return all_rows()


def told(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [row[1:3] + row[4:] for row in rows]


def test_a_day_is_added_up(tmp_path: Path, events: EventStore):
    write(
        tmp_path,
        use(at("10:01:00")),
        use(at("10:01:20")),
        use(at("10:20:00"), reference="res-2"),
        use(at("10:20:00"), visitor=2, agent_class="r"),
        use(at("10:30:00"), kind="q"),
        use(at("10:30:01"), kind="q"),
        use(at("10:40:00"), own=True),
    )
    assert store.load(tmp_path, DAY, events) == 7
    assert told(counted(events)) == [
        ("datastore", "regular", "res-1", 2, 1),
        ("download", "regular", "res-1", 1, 1),
        ("download", "regular", "res-2", 1, 0),
        ("download", "robot", "res-1", 1, 1),
    ]
    assert [each.right for each in store.verify(events)] == [True]


def test_a_batch_that_comes_again_longer_counts_once(
    tmp_path: Path, events: EventStore, monkeypatch: pytest.MonkeyPatch
):
    sink = write(tmp_path, use(at("10:01:00")), close=False)

    def killed(*arguments: Any, **named: Any) -> None:
        raise InterruptedError

    # The events were given to their store, and the ledger never heard of it.
    with monkeypatch.context() as patch:
        patch.setattr(store, "_advance", killed)
        with pytest.raises(InterruptedError):
            store.load(tmp_path, DAY, events)
    sink.append(use(at("11:01:00")))
    sink.close()
    assert store.load(tmp_path, DAY, events) == 2
    assert told(counted(events)) == [("download", "regular", "res-1", 2, 2)]
    assert [(each.right, each.events) for each in store.verify(events)] == [(True, 2)]


def test_each_use_keeps_the_institution_of_its_time(tmp_path: Path, events: EventStore):
    write(tmp_path, use(at("10:01:00")))
    store.load(tmp_path, DAY, events)
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text("UPDATE package SET owner_org = 'org-hcp' WHERE id = 'set-a'")
        )
    write(tmp_path, use(at("11:01:00"), visitor=2))
    store.load(tmp_path, DAY, events)
    store.count(events=events)
    owners = (
        "SELECT array_agg(organization_id ORDER BY organization_id)"
        " FROM maroc_usage_daily"
    )
    assert scalar(owners) == ["org-fes", "org-hcp"]


def test_a_day_is_forgotten_alone(tmp_path: Path, events: EventStore):
    next_day = DAY + dt.timedelta(days=1)
    write(tmp_path, use(at("10:01:00")), use(at("10:01:00", next_day)))
    store.load(tmp_path, DAY, events)
    before = counted(events)
    store.keep(DAY + dt.timedelta(days=36), events)
    with model.ensure_engine().connect() as connection:
        assert events.number(connection, next_day) == 1
    assert DAY not in events.days()
    assert next_day in events.days()
    assert all_rows() == before


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(records=_EVENTS, parts=st.integers(1, 3))
def test_the_same_segments_give_the_same_counts(
    tmp_path: Path, clickhouse: ClickHouseEvents, records: list[Record], parts: int
):
    found = []
    for events in (PostgresEvents(), clickhouse):
        forget()
        clickhouse._client.command("TRUNCATE TABLE maroc_usage_event")
        for number in range(parts):
            write(tmp_path, *records[number::parts])
            store.load(tmp_path, DAY, events)
        found.append((counted(events), scalar(SUMS)))
    assert found[0] == found[1]
    assert found[0][0] == expected(records)


SUMS = (
    "SELECT array[sum(uniq_resource), sum(uniq_investigation)] FROM maroc_usage_daily"
)
