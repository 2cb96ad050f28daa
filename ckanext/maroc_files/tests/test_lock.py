"""Nobody writes the table of a file but the job that loads it."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.tests import factories

from ckanext.datastore.logic import action
from ckanext.maroc_files import lock
from ckanext.maroc_files.tests.conftest import act, open_up, rows_of
from ckanext.maroc_portal import interfaces

SMALL = b"code,nom\n01,F\xc3\xa8s\n"
ROWS = [["01", "Fès"]]

WRITES: dict[str, dict[str, Any]] = {
    "datastore_upsert": {"method": "insert", "records": [{"code": "02", "nom": "x"}]},
    "datastore_create": {"records": [{"code": "02", "nom": "x"}]},
    "datastore_delete": {},
    "datastore_records_delete": {"filters": {}},
    "datastore_run_triggers": {},
}
MORE: dict[str, dict[str, Any]] = {
    "new column": {"fields": [{"id": "cin", "type": "text"}]},
    "triggers": {"triggers": [{"function": "f"}]},
    "primary key": {"primary_key": "code"},
    "fewer columns": {"fields": [{"id": "nom"}], "delete_fields": True},
    "aliases": {"aliases": "autre"},
}


@pytest.fixture
def table(institution, work):
    resource = institution.deposit(SMALL, "a.csv")
    work()
    assert rows_of(resource) == ROWS
    return resource


@pytest.fixture
def by_api(institution):
    """Return a table that came by the API, without a file."""
    made = act(
        "datastore_create",
        resource={"package_id": institution.dataset()["id"], "name": "api"},
        fields=[{"id": "nom", "type": "text"}],
        records=[{"nom": "فاس"}],
    )
    return act("resource_show", id=made["resource_id"])


def site_user() -> str:
    return tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]


def refused(action_name: str, /, **data: Any) -> str:
    """Return the sentence with which the site's own user is refused."""
    with pytest.raises(tk.ValidationError) as found:
        tk.get_action(action_name)({"user": site_user()}, data)
    told = str(found.value.error_dict)
    assert "déposez" in told or "sans « aliases »" in told or "Préparez" in told
    return told


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("name", WRITES)
def test_the_table_of_a_file_is_closed_to_everyone(table, name, force):
    data = dict(WRITES[name])
    if name != "datastore_run_triggers":
        data["force"] = force
    refused(name, resource_id=table["id"], **data)
    assert rows_of(table) == ROWS


@pytest.mark.parametrize("change", MORE)
def test_its_columns_are_closed_too(table, change):
    before = act("datastore_info", id=table["id"])
    refused("datastore_create", resource_id=table["id"], force=True, **MORE[change])
    assert act("datastore_info", id=table["id"]) == before


def test_a_sysadmin_is_everyone(table):
    admin = factories.Sysadmin()
    with pytest.raises(tk.ValidationError, match="ne change qu'avec son fichier"):
        act(
            "datastore_upsert",
            user=admin["name"],
            resource_id=table["id"],
            force=True,
            **WRITES["datastore_upsert"],
        )


def test_who_may_not_know_of_a_table_is_told_nothing_of_it(table):
    stranger = factories.User()
    for name, data in WRITES.items():
        with pytest.raises(tk.NotAuthorized):
            act(name, user=stranger["name"], resource_id=table["id"], **data)


def test_the_refusal_speaks_the_reader_s_language(table, desk):
    answer = desk.post(
        "/ar/api/3/action/datastore_delete",
        json={"resource_id": table["id"], "force": True},
    )
    assert answer.status_code == 409
    assert (
        "لا يتغير هذا الجدول إلا بتغيير ملفه." in answer.json["error"]["resource_id"][0]
    )


def test_nothing_that_a_caller_sends_is_the_job(table):
    data = WRITES["datastore_upsert"] | {"resource_id": table["id"], "force": True}
    for context in (
        {"ignore_auth": True, "ours": True, "loading": True, "maroc_files_ours": True},
        {"ignore_auth": True, "auth_user_obj": None, "defer_commit": True},
    ):
        site = tk.get_action("get_site_user")({"ignore_auth": True}, {})
        with pytest.raises(tk.ValidationError):
            tk.get_action("datastore_upsert")({**context, "user": site["name"]}, data)
    assert not lock.is_ours()


# Tables that came by the API


class Gate(p.SingletonPlugin):
    """Says which datasets were public once."""

    p.implements(interfaces.IMarocGate)
    public: ClassVar[set[str]] = set()

    def was_public(self, package_id: str) -> bool:
        return package_id in Gate.public


def test_a_table_of_the_api_is_written_while_its_dataset_is_private(by_api):
    act(
        "datastore_upsert",
        resource_id=by_api["id"],
        method="insert",
        records=[{"nom": "مكناس"}],
    )
    assert rows_of(by_api) == [["فاس"], ["مكناس"]]


@pytest.mark.parametrize("name", WRITES)
def test_a_table_of_the_api_is_closed_once_its_dataset_was_public(
    by_api, provide_plugin, name
):
    data = {"records": [{"nom": "x"}]} if "records" in WRITES[name] else {}
    provide_plugin("gate", Gate)
    with p.use_plugin("gate"):
        Gate.public = {by_api["package_id"]}
        assert interfaces.was_public(by_api["package_id"])
        refused(name, resource_id=by_api["id"], **WRITES[name] | data)
    assert not interfaces.was_public(by_api["package_id"])
    assert rows_of(by_api) == [["فاس"]]


def test_a_public_dataset_gets_no_table_by_the_api(by_api):
    dataset = act("package_show", id=by_api["package_id"])
    open_up(dataset["id"])
    for package in (dataset["id"], dataset["name"]):
        refused(
            "datastore_create",
            resource={"package_id": package, "name": "autre"},
            records=[{"nom": "x"}],
        )
    refused("datastore_upsert", resource_id=by_api["id"], records=[{"nom": "x"}])
    assert len(act("package_show", id=dataset["id"])["resources"]) == 1


def test_a_table_takes_no_other_resource_s_name(by_api, institution):
    """An alias is read before the table that it is called like."""
    other = institution.deposit(SMALL, "a.csv")
    for alias in (other["id"], "autre"):
        refused(
            "datastore_create",
            resource_id=by_api["id"],
            aliases=[alias],
            records=[{"nom": "x"}],
        )


def test_no_code_comes_into_the_database_of_the_tables(institution):
    refused(
        "datastore_function_create",
        name="f",
        rettype="trigger",
        definition="BEGIN RETURN NEW; END;",
    )
    refused("datastore_function_delete", name="f")


def test_every_action_that_writes_tables_is_known_here():
    reads = {"datastore_info", "datastore_search", "datastore_search_sql"}
    functions = {"datastore_function_create", "datastore_function_delete"}
    every = {name for name in vars(action) if name.startswith("datastore_")}
    every -= {"datastore_helpers"}
    assert every == {*WRITES, *reads, *functions}
