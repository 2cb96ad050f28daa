"""Who decides in another's stead reads what they decide on: pages, files and tables."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import clock
from ckanext.maroc_workflow import states
from ckanext.maroc_workflow.tests.conftest import IN_DOUBT, act

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_index")

CITY = "Chefchaouen"


@pytest.fixture
def waiting(fes, make_institution, settled):
    """Return an institution below, and what its ROD does not decide, with its file."""
    below = make_institution(parent_institution=fes.id)
    made = below.draft(**IN_DOUBT)
    table = FileStorage(
        stream=io.BytesIO(f"ville,habitants\n{CITY},42786\n".encode()),
        filename="villes.csv",
    )
    act("resource_create", below.gdd, package_id=made["id"], upload=table)
    act("maroc_workflow_submit", below.gdd, id=made["id"])
    settled()
    shown = act("package_show", below.gdd, id=made["id"])
    assert act("maroc_workflow_show", below.gdd, id=made["id"])["state"] == "submitted"
    return below, shown


def reads(person, dataset):
    """Return the statuses of everything by which a dataset and its file are read."""
    (file,) = dataset["resources"]
    base = f"/dataset/{dataset['name']}/resource/{file['id']}"
    (view,) = [
        each.id
        for each in model.Session.query(model.ResourceView).filter_by(
            resource_id=file["id"]
        )
    ]
    said = {
        path: person.client.get(path)
        for path in (
            f"/dataset/{dataset['name']}",
            base,
            f"{base}/download/villes.csv",
            f"{base}/view/{view}",
            f"/datastore/dump/{file['id']}",
            f"/api/3/action/datastore_search?resource_id={file['id']}",
        )
    }
    told = {path: answer.status_code for path, answer in said.items()}
    for path in (f"{base}/download/villes.csv", f"{base}/view/{view}"):
        if told[path] == 200:
            assert CITY in said[path].body
    return told


@pytest.mark.parametrize("turn", ["parent", "add"])
def test_the_rod_above_reads_the_files_until_it_is_decided(fes, waiting, desk, turn):
    _, made = waiting
    person = desk(fes.rod)
    assert set(reads(person, made).values()) <= {403, 404}
    states.put(made["id"], turn=turn)
    model.repo.commit()
    assert set(reads(person, made).values()) == {200}, reads(person, made)
    act("maroc_workflow_request_changes", fes.rod, id=made["id"], remarks="Non.")
    assert set(reads(person, made).values()) <= {403, 404}, reads(person, made)


def test_a_stand_in_reads_the_files_while_they_stand_in(fes, waiting, desk):
    below, made = waiting
    today = clock.today()
    person = desk(fes.outsider)
    assert set(reads(person, made).values()) <= {403, 404}
    for day, found in ((today, {200}), (today - dt.timedelta(days=1), {403, 404})):
        tk.get_action("maroc_workflow_delegate")(
            {"user": below.rod["name"]},
            {
                "organization": below.id,
                "user": fes.outsider["name"],
                "starts": day.isoformat(),
                "ends": day.isoformat(),
            },
        )
        assert set(reads(person, made).values()) <= found, reads(person, made)
