"""The refresh: what it computes, when it is needed, and what it never changes."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model

from ckanext.maroc_kpi import compute, plugin
from ckanext.maroc_kpi.definition import indicators
from ckanext.maroc_portal import clock, grants, outbox, periodic

from .conftest import (
    act,
    execute,
    institution,
    institutions,
    needed,
    publish,
    shown,
    used,
)

pytestmark = pytest.mark.usefixtures("empty")

MONDAY = dt.date(2030, 6, 3)
TUESDAY = dt.date(2030, 6, 4)


def rows(sql: str, **given: Any) -> list[Any]:
    with model.ensure_engine().connect() as connection:
        return list(connection.execute(sa.text(sql), given))


def history(name: str, scope: str = "") -> list[Any]:
    return rows(
        "SELECT day, value FROM maroc_kpi_history"
        " WHERE indicator = :name AND scope_id = :scope ORDER BY day",
        name=name,
        scope=scope,
    )


def test_the_rod_reads_one_dataset_and_two_downloads(fes: dict[str, Any]):
    publish(fes, "parcs", "CSV")
    used(fes, 1)
    used(fes, 1, agent_class="machine")
    used(fes, 4, agent_class="robot")
    compute.refresh()
    assert shown("public_datasets", "commune-fes")["text"]["fr"] == "1 jeu de données"
    downloads = shown("downloads", "commune-fes")
    assert downloads["text"]["fr"] == (
        "2 téléchargements, dont 1 par une personne et 1 par un outil"
    )
    assert {it["name"]: it["value"] for it in downloads["components"]} == {
        "person": 1,
        "tool": 1,
        "robot": 4,
    }
    assert shown("open_standards", "commune-fes")["value"] == 100


def test_the_country_counts_all_institutions_and_each_its_own(fes: dict[str, Any]):
    hcp = institution("hcp", "Haut-Commissariat au Plan", "المندوبية السامية للتخطيط")
    publish(fes, "parcs", "CSV")
    publish(hcp, "census", "XLSX")
    publish(hcp, "prices", "CSV")
    compute.refresh()
    for name, country, of_fes, of_hcp in (
        ("public_datasets", 3, 1, 2),
        ("open_standards", 66.67, 100, 50),
    ):
        found = [shown(name), shown(name, "commune-fes"), shown(name, "hcp")]
        assert [it["value"] for it in found] == [country, of_fes, of_hcp]


def test_private_and_deleted_datasets_are_not_counted(fes: dict[str, Any]):
    publish(fes, "parcs", "CSV")
    publish(fes, "hidden", "CSV", private=True)
    gone = publish(fes, "gone", "CSV")
    act("package_delete", id=gone["id"])
    compute.refresh()
    assert shown("public_datasets")["value"] == 1
    assert shown("open_standards")["denominator"] == 1


def test_an_institution_without_datasets_has_a_true_zero_and_no_share(
    fes: dict[str, Any],
):
    compute.refresh()
    assert shown("public_datasets", "commune-fes")["value"] == 0
    share = shown("open_standards", "commune-fes")
    assert (share["state"], share["value"]) == ("not_applicable", None)
    assert share["reason"]["ar"]


def test_a_counter_that_never_counted_is_not_read_as_zero(fes: dict[str, Any]):
    publish(fes, "parcs", "CSV")
    compute.refresh()
    silent = shown("downloads")
    assert (silent["state"], silent["value"]) == ("not_measured", None)
    used(fes, 1, kind="view")
    compute.refresh()
    counting = shown("downloads")
    assert (counting["state"], counting["value"]) == ("measured", 0)


def test_a_new_institution_is_not_measured_until_the_next_refresh(
    fes: dict[str, Any],
):
    early = shown("public_datasets", "commune-fes")
    assert (early["state"], early["value"]) == ("not_measured", None)
    assert early["computed_at"] is None
    compute.refresh()
    assert shown("public_datasets", "commune-fes")["state"] == "measured"


def test_without_its_table_downloads_are_not_measured(fes: dict[str, Any]):
    publish(fes, "parcs", "CSV")
    execute("ALTER TABLE maroc_usage_daily RENAME TO maroc_usage_elsewhere")
    try:
        compute.refresh()
        assert shown("downloads")["state"] == "not_measured"
        assert not needed()
    finally:
        execute("ALTER TABLE maroc_usage_elsewhere RENAME TO maroc_usage_daily")
    assert needed()


# When a refresh is needed


def test_after_a_refresh_nothing_is_needed(fes: dict[str, Any]):
    assert needed()
    outbox.dispatch()
    compute.refresh()
    assert not needed()


def test_a_publication_asks_for_a_refresh_through_the_outbox(fes: dict[str, Any]):
    compute.refresh()
    publish(fes, "parcs", "CSV")
    outbox.dispatch()
    assert needed()
    compute.refresh()
    assert shown("public_datasets")["value"] == 1
    assert not needed()


def test_a_download_asks_for_a_refresh(fes: dict[str, Any]):
    used(fes, 1)
    compute.refresh()
    used(fes, 1)
    assert needed()


def test_a_page_view_does_not(fes: dict[str, Any]):
    used(fes, 1, kind="view")
    compute.refresh()
    used(fes, 1, kind="view")
    assert not needed()


def test_a_new_institution_asks_for_a_refresh(fes: dict[str, Any]):
    compute.refresh()
    institution("hcp", "Haut-Commissariat au Plan", "المندوبية السامية للتخطيط")
    assert needed()


def test_the_turn_of_the_day_asks_for_a_refresh(fes: dict[str, Any], day: Any):
    day(MONDAY)
    compute.refresh()
    assert not needed()
    day(TUESDAY)
    assert needed()


def test_a_change_during_a_refresh_is_not_forgotten(
    fes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    compute.refresh()
    real = compute.compute_all

    def interrupted(*args: Any) -> Any:
        compute.ask()
        return real(*args)

    monkeypatch.setattr(compute, "compute_all", interrupted)
    compute.refresh()
    assert needed()


def test_the_refresh_is_a_row_of_the_periodic_work(fes: dict[str, Any]):
    row = periodic.table()["kpi.refresh"]
    row.run()
    assert row.needed is not None
    assert row.every == dt.timedelta(seconds=15)
    assert shown("public_datasets")["state"] == "measured"


# The history


def test_a_day_that_is_over_keeps_its_last_value(fes: dict[str, Any], day: Any):
    day(MONDAY)
    compute.refresh()
    publish(fes, "parcs", "CSV")
    publish(fes, "bus", "CSV")
    outbox.dispatch()
    compute.refresh()
    assert history("public_datasets") == []
    day(TUESDAY)
    compute.refresh()
    assert history("public_datasets") == [(MONDAY, 2)]
    assert history("public_datasets", fes["id"]) == [(MONDAY, 2)]
    assert len(rows("SELECT FROM maroc_kpi_history")) == len(indicators()) * 2


def test_deleting_a_dataset_leaves_the_past_unchanged(fes: dict[str, Any], day: Any):
    day(MONDAY)
    dataset = publish(fes, "parcs", "CSV")
    compute.refresh()
    day(TUESDAY)
    compute.refresh()
    before = rows("SELECT * FROM maroc_kpi_history ORDER BY indicator, scope_id")
    act("dataset_purge", id=dataset["id"])
    outbox.dispatch()
    compute.refresh()
    assert shown("public_datasets")["value"] == 0
    day(TUESDAY + dt.timedelta(days=1))
    compute.refresh()
    after = rows(
        "SELECT * FROM maroc_kpi_history WHERE day = :day ORDER BY indicator, scope_id",
        day=MONDAY,
    )
    assert after == before
    assert history("public_datasets") == [(MONDAY, 1), (TUESDAY, 0)]


def test_a_day_on_which_nothing_ran_has_no_row(fes: dict[str, Any], day: Any):
    day(MONDAY)
    compute.refresh()
    day(MONDAY + dt.timedelta(days=7))
    compute.refresh()
    assert [on for on, _ in history("public_datasets")] == [MONDAY]


def test_a_deleted_institution_keeps_its_history(fes: dict[str, Any], day: Any):
    day(MONDAY)
    compute.refresh()
    act("organization_delete", id=fes["id"])
    day(TUESDAY)
    compute.refresh()
    assert history("public_datasets", fes["id"]) == [(MONDAY, 0)]
    assert rows("SELECT FROM maroc_kpi_value WHERE scope_id = :id", id=fes["id"]) == []


@pytest.mark.parametrize(
    "statement",
    ["UPDATE maroc_kpi_history SET value = 9", "DELETE FROM maroc_kpi_history"],
)
def test_even_the_owner_cannot_change_a_past_day(
    fes: dict[str, Any], day: Any, statement: str
):
    day(MONDAY)
    compute.refresh()
    day(TUESDAY)
    compute.refresh()
    with pytest.raises(sa.exc.IntegrityError, match="append-only"):
        execute(statement)


@pytest.mark.parametrize(
    ("state", "value", "reason"),
    [
        ("not_measured", "0", "'{}'"),
        ("not_applicable", "1", "'{}'"),
        ("measured", "NULL", "NULL"),
        ("not_measured", "NULL", "NULL"),
        ("partial", "1", "NULL"),
        ("unknown", "1", "NULL"),
    ],
)
def test_the_table_itself_refuses_a_number_for_an_absence(
    state: str, value: str, reason: str
):
    with pytest.raises(sa.exc.IntegrityError, match="check constraint"):
        execute(
            "INSERT INTO maroc_kpi_value (indicator, scope_type, scope_id, day,"
            " version, state, value, components, reason, computed_at) VALUES"
            f" ('x', 'country', '', '2030-01-01', 1, '{state}', {value}, '{{}}',"
            f" {reason}, now())"
        )


def test_the_web_reads_the_figures_and_adds_only_what_is_entered():
    ours = plugin.MarocKpiPlugin().get_web_grants()
    added = {name for name, rights in ours.items() if rights not in {"", "SELECT"}}
    assert added == {
        "maroc_kpi_confirmation",
        "maroc_kpi_entry",
        "maroc_kpi_roster",
        "maroc_kpi_roster_row",
        "maroc_kpi_dispute",
        "maroc_kpi_dispute_answer",
    }
    assert {ours[name] for name in added} == {"SELECT, INSERT"}
    assert ours.items() <= grants.table().items()


# The same answer whoever computes, however often


def values() -> list[Any]:
    return rows(
        "SELECT to_jsonb(v) - 'computed_at' FROM maroc_kpi_value v"
        " ORDER BY indicator, scope_id"
    )


def test_refreshing_again_changes_nothing(fes: dict[str, Any]):
    publish(fes, "parcs", "CSV")
    used(fes, 3)
    compute.refresh()
    before = values()
    compute.refresh()
    assert values() == before


def test_two_refreshes_at_once_follow_one_another(fes: dict[str, Any], day: Any):
    day(MONDAY)
    publish(fes, "parcs", "CSV")
    compute.refresh()
    before = values()
    day(TUESDAY)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            compute.refresh()
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(values()) == len(before)
    assert history("public_datasets") == [(MONDAY, 1)]


def test_a_refresh_cut_at_any_statement_is_made_good_by_the_next(
    fes: dict[str, Any], day: Any
):
    day(MONDAY)
    made = publish(fes, "parcs", "CSV")
    compute.refresh()
    publish(fes, "bus", "CSV", "PDF")
    used(fes, 2)
    outbox.dispatch()
    compute.refresh(anew=True)
    wanted = facts_and_values()
    engine, cut = model.ensure_engine(), 0

    class Cut(Exception):
        pass

    for stop in range(1, 100):
        # Whatever the cut left behind is looked at again: nothing is half counted.
        compute.changed(made["id"])
        sent = 0

        def heard(*_: Any, stop: int = stop) -> None:
            nonlocal sent
            sent += 1
            if sent == stop:
                raise Cut

        sa.event.listen(engine, "before_cursor_execute", heard)
        try:
            compute.refresh(anew=stop % 2 == 0)
            break
        except Cut:
            cut = stop
        finally:
            sa.event.remove(engine, "before_cursor_execute", heard)
        assert values() == wanted[1]
        compute.refresh()
        assert facts_and_values() == wanted
    assert cut > 10


def facts_and_values() -> tuple[list[Any], list[Any]]:
    return rows("SELECT to_jsonb(f) FROM maroc_kpi_facts f ORDER BY dataset"), values()


def test_a_query_that_fails_leaves_all_values_as_they_were(
    fes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    compute.refresh()
    before = values()
    publish(fes, "parcs", "CSV")

    def broken(*args: Any) -> Any:
        raise RuntimeError("the third query fails")

    monkeypatch.setattr(compute, "judge", broken)
    with pytest.raises(RuntimeError):
        compute.refresh()
    assert values() == before
    monkeypatch.undo()
    outbox.dispatch()
    compute.refresh()
    assert shown("public_datasets")["value"] == 1


def test_a_refresh_takes_the_same_statements_for_one_institution_or_a_hundred(
    fes: dict[str, Any], statements: Any
):
    compute.refresh()
    with statements() as one:
        compute.refresh()
    institutions(100)
    with statements() as hundred:
        done = compute.refresh()
    assert done.institutions == 101
    assert len(hundred) == len(one)
    assert len(one) <= 20


def test_all_figures_of_all_institutions_take_five_statements_at_most(
    fes: dict[str, Any], statements: Any
):
    institutions(20)
    compute.refresh()
    with compute.reading() as reader, statements() as sent:
        found = compute.compute_all(reader, clock.today(), compute.parents(reader))
    assert len(found["public_datasets"]) == 22
    assert len(sent) <= 5


def test_the_day_is_morocco_s(fes: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    late = dt.datetime(2030, 6, 3, 23, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: late.astimezone(clock.CASABLANCA))
    compute.refresh()
    it = shown("public_datasets")
    assert it["as_of"] == "2030-06-04"
    assert it["computed_at"].startswith("2030-06-04T00:30:00")
