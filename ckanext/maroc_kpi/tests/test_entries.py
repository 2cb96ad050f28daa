"""What ADD enters: values with source and day, and official lists."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan.tests import factories

from ckanext.maroc_kpi import compute, rosters
from ckanext.maroc_kpi.errors import Refused
from ckanext.maroc_portal import clock

from .conftest import act, execute, needed, publish, shown

pytestmark = pytest.mark.usefixtures("empty")

SURVEY = {
    "name": "satisfaction",
    "letter": "D",
    "as_of": "2026-01-15",
    "numerator": 70,
    "denominator": 100,
    "n": 100,
    "source": "Enquête ADD",
}


def test_an_entered_survey_is_shown_with_its_interval_and_source(fes: dict[str, Any]):
    compute.refresh()
    before = shown("satisfaction")
    assert (before["state"], before["value"]) == ("not_measured", None)
    assert "ADD" in before["reason"]["fr"]
    assert act("maroc_kpi_entry_create", **SURVEY)["state"] == "measured"
    assert needed()
    compute.refresh()
    after = shown("satisfaction")
    assert (after["state"], after["value"], after["n"]) == ("measured", 70, 100)
    assert (after["low"], after["high"]) == (60.42, 78.11)
    assert after["entry"]["source"] == "Enquête ADD"
    assert shown("satisfaction", "commune-fes")["state"] == "not_measured"


def test_a_correction_is_a_new_entry_and_the_latest_holds(fes: dict[str, Any]):
    act("maroc_kpi_entry_create", **SURVEY)
    act("maroc_kpi_entry_create", **{**SURVEY, "numerator": 50})
    compute.refresh()
    assert shown("satisfaction")["value"] == 50
    with pytest.raises(sa.exc.IntegrityError, match="append-only"):
        execute("UPDATE maroc_kpi_entry SET numerator = 99")


@pytest.mark.parametrize(
    ("n", "state", "numerator"),
    [(9, "suppressed", None), (29, "suppressed", 3), (30, "measured", 3)],
)
def test_few_answers_give_counts_fewer_give_nothing(
    fes: dict[str, Any], n: int, state: str, numerator: int | None
):
    few = {**SURVEY, "numerator": 3, "denominator": n, "n": n}
    assert act("maroc_kpi_entry_create", **few)["state"] == state
    compute.refresh()
    assert shown("satisfaction")["numerator"] == numerator


def test_declared_jobs_show_their_range_and_under_five_declarants_nothing(
    fes: dict[str, Any],
):
    jobs = {
        "name": "jobs",
        "letter": "C",
        "as_of": "2026-01-15",
        "value": 30,
        "low": 30,
        "high": 75,
        "source": "Registre",
    }
    act("maroc_kpi_entry_create", **jobs, n=12)
    act("maroc_kpi_entry_create", **jobs, n=4, organization="commune-fes")
    compute.refresh()
    country = shown("jobs")
    assert (country["state"], country["value"], country["high"]) == ("declared", 30, 75)
    assert shown("jobs", "commune-fes")["state"] == "suppressed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "public_datasets"}, "id"),
        ({"letter": "B"}, "letter"),
        ({"as_of": "2999-01-01"}, "as_of"),
        ({"numerator": 101}, "value"),
        ({"denominator": 0, "numerator": 0}, "value"),
        ({"n": 99}, "value"),
        ({"population": 50}, "value"),
        ({"value": 3}, "value"),
        ({"source": ""}, "source"),
    ],
)
def test_what_makes_no_sense_is_refused(
    fes: dict[str, Any], change: dict[str, Any], field: str
):
    with pytest.raises(tk.ValidationError) as refused:
        act("maroc_kpi_entry_create", **{**SURVEY, **change})
    assert field in refused.value.error_dict


def test_add_alone_enters_values_and_lists(fes: dict[str, Any]):
    rod = factories.User()
    act("organization_member_create", id=fes["id"], username=rod["name"], role="admin")
    for action, data in (
        ("maroc_kpi_entry_create", SURVEY),
        (
            "maroc_kpi_roster_create",
            {
                "as_of": "2026-01-01",
                "source": "BO",
                "upload": xlsx([["nom", "nature"]]),
            },
        ),
    ):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action(action)({"user": rod["name"]}, dict(data))


def xlsx(rows: list[list[Any]]) -> FileStorage:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return FileStorage(stream, "liste.xlsx")


def test_a_dated_official_list_makes_a_rate_of_a_count(fes: dict[str, Any]):
    publish(fes, "parcs", "CSV")
    compute.refresh(anew=True)
    assert shown("institutions_involved")["state"] == "not_measured"
    loaded = act(
        "maroc_kpi_roster_create",
        upload=xlsx(
            [
                ["Nom", "Nature", "Région"],
                ["Commune de Fès", "collectivite-territoriale", "Fès-Meknès"],
                ["Tribunal de Fès", "tribunal", "Fès-Meknès"],
            ]
        ),
        as_of="2026-01-01",
        source="Bulletin officiel",
    )
    assert loaded["institutions"] == 2
    assert needed()
    compute.refresh()
    rate = shown("institutions_involved")
    assert (rate["value"], rate["numerator"], rate["denominator"]) == (50, 1, 2)
    listed = act("maroc_kpi_roster_list")[0]
    assert listed["institutions"] == {"collectivite-territoriale": 1, "tribunal": 1}
    assert (listed["as_of"], listed["source"]) == ("2026-01-01", "Bulletin officiel")


def test_a_list_may_be_csv_with_either_separator():
    for text in ("name,kind\nA,tribunal\nA,tribunal\n\n", "nom;nature\nA;tribunal\n"):
        assert rosters.read(text.encode()).rows == (("A", "tribunal", ""),)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "roster_empty"),
        (b"name,kind\n", "roster_empty"),
        (b"name\nA\n", "roster_columns"),
        (b"name,kind\nA,circus\n", "roster_kind"),
        (b"PK\x03\x04 no workbook", "roster_unreadable"),
        ("name,kind\nFès,tribunal".encode("latin-1"), "roster_unreadable"),
        (b"x" * (rosters.MOST + 1), "roster_unreadable"),
    ],
)
def test_a_list_that_is_none_is_refused_and_says_why(data: bytes, code: str):
    with pytest.raises(Refused) as refused:
        rosters.read(data)
    assert refused.value.error.code == code


def test_a_list_of_tomorrow_does_not_hold_today(fes: dict[str, Any]):
    tomorrow = (clock.today() + dt.timedelta(days=1)).isoformat()
    with pytest.raises(tk.ValidationError):
        act("maroc_kpi_roster_create", upload=xlsx([]), as_of=tomorrow, source="BO")
