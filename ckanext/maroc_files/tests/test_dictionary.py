"""What the columns mean stands on the resource, where decisions cover it."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_files import loads
from ckanext.maroc_files.tests.conftest import act, open_up, rows_of, state_of

SMALL = b"code,nom\n01,F\xc3\xa8s\n"
SAID = [
    {"id": "nom", "info": {"label": "Nom de la commune", "notes": "En *français*."}}
]


@pytest.fixture
def table(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    work()
    return resource


def infos(resource) -> dict[str, dict[str, str]]:
    fields = act("datastore_info", id=resource["id"])["fields"]
    return {each["id"]: each.get("info", {}) for each in fields}


def kept(resource) -> list:
    return json.loads(act("resource_show", id=resource["id"])["data_dictionary"])


def describe(resource, entries) -> None:
    act("resource_patch", id=resource["id"], data_dictionary=entries)


@pytest.mark.parametrize("sent", [SAID, json.dumps(SAID)])
def test_what_is_said_on_the_resource_is_shown_by_the_datastore(table, work, sent):
    describe(table, sent)
    assert kept(table) == SAID
    work()
    assert infos(table) == {"code": {"label": "code"}, "nom": SAID[0]["info"]}
    assert state_of(table).dictionary == SAID
    assert rows_of(table) == [["01", "Fès"]]


def test_the_call_of_core_s_page_writes_the_resource(table, institution, work):
    act(
        "datastore_create",
        user=institution.gdd["name"],
        resource_id=table["id"],
        force=True,
        fields=[
            {"id": "code", "type": "text", "info": {"label": "code", "notes": ""}},
            {"id": "nom", "type": "text", "info": SAID[0]["info"]},
        ],
    )
    # What the file says itself is not said twice.
    assert kept(table) == SAID
    # At once, without waiting for the worker.
    assert infos(table)["nom"] == SAID[0]["info"]
    work()
    assert state_of(table).dictionary == SAID


def test_it_outlives_a_new_file_and_an_edit_that_does_not_send_it(
    table, institution, work
):
    describe(table, SAID)
    institution.replace(table, b"code,nom,autre\n02,Oujda,x\n", "b.csv")
    act("resource_update", id=table["id"], url="b.csv", url_type="upload", name="N")
    work()
    assert kept(table) == SAID
    assert infos(table) == {
        "code": {"label": "code"},
        "nom": SAID[0]["info"],
        "autre": {"label": "autre"},
    }


@pytest.mark.parametrize("nothing", ["", [], "[]", [{"id": "nom", "info": {}}]])
def test_it_can_be_taken_away(table, work, nothing):
    describe(table, SAID)
    work()
    describe(table, nothing)
    assert "data_dictionary" not in act("resource_show", id=table["id"])
    work()
    assert infos(table)["nom"] == {"label": "nom"}


@pytest.mark.parametrize(
    "wrong",
    [
        "pas du JSON", "{}", [1], [{"id": "nom", "info": "x"}], [{"info": {}}],
        [{"id": "nom", "info": {"cin": "A123456"}}], [{"id": "nom", "secret": "x"}],
        [{"id": "nom", "info": {"label": 1}}], [*SAID, *SAID], "[" * 100_000,
        [{"id": "nom", "info": {"label": "x" * 501}}],
        [{"id": "nom", "info": {"type_override": "bytea"}}],
        [{"id": "nom", "info": {"label": "a\0b"}}],
    ],
)  # fmt: skip
def test_what_is_no_dictionary_is_refused_in_a_sentence(table, wrong):
    with pytest.raises(tk.ValidationError) as refused:
        describe(table, wrong)
    assert "data_dictionary" in refused.value.error_dict
    model.Session.rollback()
    assert "data_dictionary" not in act("resource_show", id=table["id"])


def test_the_page_of_the_dictionary_works_for_a_private_dataset(table, desk, work):
    address = f"/dataset/{table['package_id']}/dictionary/{table['id']}"
    assert desk.get(address, status=200).text.count("info__") >= 6
    answer = desk.post(
        address,
        data={"info__1__label": "", "info__2__label": "Nom", "info__2__notes": "n"},
        follow_redirects=True,
    )
    assert answer.status_code == 200
    page = BeautifulSoup(answer.data, "html.parser")
    assert page.select_one("[name=info__2__label]")["value"] == "Nom"
    assert kept(table) == [{"id": "nom", "info": {"label": "Nom", "notes": "n"}}]
    work()
    assert infos(table)["nom"] == {"label": "Nom", "notes": "n"}


def test_the_page_says_why_a_public_table_of_the_api_is_closed(desk, institution):
    made = act(
        "datastore_create",
        resource={"package_id": institution.dataset()["id"], "name": "api"},
        fields=[{"id": "nom", "type": "text"}],
    )
    resource = act("resource_show", id=made["resource_id"])
    open_up(resource["package_id"])
    answer = desk.post(
        f"/dataset/{resource['package_id']}/dictionary/{resource['id']}",
        data={"info__1__label": "Nom"},
    )
    assert answer.status_code == 200
    assert "Cette table ne change qu'avec son fichier." in BeautifulSoup(
        answer.data, "html.parser"
    ).get_text(" ")
    assert infos(resource)["nom"] == {}


def test_the_dictionary_of_a_table_that_is_being_prepared_waits(institution):
    resource = institution.deposit(SMALL, "a.csv")
    with pytest.raises(tk.ValidationError, match="avec son fichier"):
        act(
            "datastore_create",
            resource_id=resource["id"],
            fields=[{"id": "nom", "info": {"label": "x"}}],
        )
    assert loads.of_resource(resource["id"]) is None
