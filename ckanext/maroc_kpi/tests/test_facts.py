"""The facts: who is looked at again, and that whatever happens the table is right."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model

from ckanext.maroc_kpi import compute, facts, frame
from ckanext.maroc_portal import clock, outbox

from .conftest import act, execute, institution, publish, shown

pytestmark = pytest.mark.usefixtures("empty")


def table() -> dict[str, Any]:
    with model.ensure_engine().connect() as connection:
        rows = connection.execute(sa.text(f"SELECT * FROM {frame.TABLE}")).mappings()
        return {row["dataset"]: dict(row) for row in rows}


def test_only_the_datasets_that_changed_are_looked_at_again(fes: dict[str, Any]):
    changed, other = (publish(fes, name, "CSV") for name in ("parcs", "bus"))
    outbox.dispatch()
    compute.refresh()
    # A mark in the table itself shows which rows were written anew.
    execute(f"UPDATE {frame.TABLE} SET files = 99")
    facts.mark(changed["id"])
    compute.refresh()
    assert table()[changed["id"]]["files"] == 1
    assert table()[other["id"]]["files"] == 99


def test_a_dataset_that_is_no_longer_public_leaves_the_table(fes: dict[str, Any]):
    gone, stays = (publish(fes, name, "CSV") for name in ("parcs", "bus"))
    outbox.dispatch()
    compute.refresh()
    assert set(table()) == {gone["id"], stays["id"]}
    act("package_delete", id=gone["id"])
    outbox.dispatch()
    compute.refresh()
    assert set(table()) == {stays["id"]}
    assert shown("public_datasets")["value"] == 1


def test_every_night_all_is_built_anew_and_swapped(fes: dict[str, Any], day: Any):
    dataset = publish(fes, "parcs", "CSV")
    compute.refresh(anew=True)
    built = table()
    execute(f"UPDATE {frame.TABLE} SET files = 99")
    compute.refresh()
    assert table()[dataset["id"]]["files"] == 99
    day(clock.today() + dt.timedelta(days=1))
    compute.refresh()
    assert table() == built


def test_a_definition_with_another_fact_builds_the_table_anew(
    fes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    dataset = publish(fes, "parcs", "CSV")
    compute.refresh(anew=True)
    more = frame.Fact(
        name="letters", type="bigint", over="dataset", sql="length(p.name)"
    )
    every = facts._facts()
    with monkeypatch.context() as patched:
        patched.setattr(facts, "_facts", lambda: [*every, more])
        compute.refresh()
        assert table()[dataset["id"]]["letters"] == len("parcs")
    compute.refresh()
    assert "letters" not in table()[dataset["id"]]


def test_a_build_that_fails_leaves_the_table_and_the_marks(
    fes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    dataset = publish(fes, "parcs", "CSV")
    outbox.dispatch()
    compute.refresh()
    before = table()
    facts.mark(dataset["id"])
    wrong = frame.Fact(name="wrong", type="bigint", over="dataset", sql="1 / 0")
    every = facts._facts()
    with monkeypatch.context() as patched:
        patched.setattr(facts, "_facts", lambda: [*every, wrong])
        with pytest.raises(sa.exc.DataError, match="division by zero"):
            compute.refresh()
    assert table() == before
    with model.ensure_engine().connect() as connection:
        marks = connection.execute(sa.text("SELECT dataset FROM maroc_kpi_dirty"))
        assert list(marks.scalars()) == [dataset["id"]]


def test_an_institution_with_those_below_it_is_their_sum(fes: dict[str, Any]):
    ministry = institution("interieur", "Ministère de l’Intérieur", "وزارة الداخلية")
    act("organization_patch", id=fes["id"], parent_institution=ministry["id"])
    publish(ministry, "elections", "CSV")
    publish(fes, "parcs", "CSV")
    compute.refresh(anew=True)
    assert shown("public_datasets", "interieur")["value"] == 1
    both = act(
        "maroc_kpi_show", name="public_datasets", organization="interieur", below=True
    )
    assert both["value"] == 2
    alone = act(
        "maroc_kpi_show", name="public_datasets", organization="commune-fes", below=True
    )
    assert alone["value"] == 1


def test_the_web_may_read_the_swapped_table_and_not_write_it(fes: dict[str, Any]):
    compute.refresh(anew=True)
    with model.ensure_engine().connect() as connection:
        rights = connection.execute(
            sa.text(
                "SELECT privilege_type FROM information_schema.role_table_grants"
                " WHERE table_name = :table AND grantee <> current_user"
            ),
            {"table": frame.TABLE},
        )
        assert set(rights.scalars()) == {"SELECT"}
