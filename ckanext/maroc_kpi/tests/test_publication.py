"""The indicators as a dataset: a draft for people first, then kept by itself."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan.tests import factories

from ckanext.maroc_kpi import compute, publication
from ckanext.maroc_kpi.cli import maroc_kpi
from ckanext.maroc_law.tests.cases import lawful
from ckanext.maroc_portal.tests.cases import settle

from .conftest import act, institution

ANSWERS = (
    "classification",
    "classification_date",
    "art7_scope",
    "third_party",
    "personal_data",
    "issued",
    "contact_email",
)


@pytest.fixture
def add(empty: None) -> dict[str, Any]:
    """Give the institution that publishes, and its account."""
    made = institution(
        "add", "Agence de Développement du Digital", "وكالة التنمية الرقمية"
    )
    account = factories.User()
    act(
        "organization_member_create",
        id=made["id"],
        username=account["name"],
        role="editor",
    )
    compute.refresh()
    return account


def prepared(account: dict[str, Any]) -> Any:
    return CliRunner().invoke(
        maroc_kpi,
        ["dataset", "--organization", "add", "--account", account["name"]],
    )


def shown() -> dict[str, Any]:
    return act("package_show", id=publication.NAME)


def published(account: dict[str, Any]) -> dict[str, Any]:
    """Answer what the law asks, as people do, and submit."""
    legal = lawful(classification_date=dt.date(2026, 11, 1).isoformat())
    context: Any = {"user": account["name"]}
    tk.get_action("package_patch")(
        context, {"id": publication.NAME, **{name: legal[name] for name in ANSWERS}}
    )
    tk.get_action("maroc_workflow_submit")(
        {"user": account["name"]}, {"id": publication.NAME}
    )
    settle()
    return shown()


def test_it_begins_as_a_draft_that_nobody_else_sees(add: dict[str, Any]):
    told = prepared(add)
    assert told.exit_code == 0, told.output
    dataset = shown()
    assert dataset["private"]
    assert act("maroc_workflow_show", id=dataset["id"])["state"] == "draft"
    [file] = dataset["resources"]
    assert (file["name"], file["format"]) == ("indicateurs.csv", "CSV")
    assert publication.refresh() is None
    assert shown()["resources"][0]["hash"] == file["hash"]


def test_the_draft_is_prepared_once_and_by_who_may(add: dict[str, Any]):
    stranger = factories.User()
    refused = prepared(stranger)
    assert refused.exit_code == 1
    assert prepared(add).exit_code == 0
    assert prepared(add).exit_code == 1


def test_once_public_its_file_follows_the_figures_through_the_gate(
    add: dict[str, Any],
):
    prepared(add)
    before = published(add)
    assert not before["private"], before["workflow"]
    institution("hcp", "Haut-Commissariat au Plan", "المندوبية السامية للتخطيط")
    compute.refresh()
    assert publication.refresh() == before["id"]
    settle()
    after = shown()
    assert not after["private"]
    assert after["resources"][0]["hash"] != before["resources"][0]["hash"]
    decisions = act("maroc_workflow_decision_list", id=before["id"])
    assert [each["kind"] for each in decisions] == ["policy", "policy"]


def test_without_the_dataset_nothing_is_done(empty: None):
    assert publication.refresh() is None


def test_the_file_has_a_row_a_value(add: dict[str, Any]):
    upload = publication._upload()["upload"]
    table = list(csv.DictReader(io.StringIO(upload.read().decode("utf-8-sig"))))
    assert {row["scope"] for row in table} == {"country", "organization"}
