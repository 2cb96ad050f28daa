"""What was public before the gate is adopted: as it stands, its files' bytes too."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal.tests.cases import in_sql
from ckanext.maroc_workflow import adoption, trail
from ckanext.maroc_workflow.cli import maroc_workflow
from ckanext.maroc_workflow.tests.conftest import act, decided, is_seen

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_index")

DATA = b"ville,habitants\nSefrou,79887\n"
SHA256 = hashlib.sha256(DATA).hexdigest()
ADOPT = ["adopt", "--examine-by", "2027-06-30", "--reason", "Catalogue d'avant."]
GATE = "ALTER TABLE maroc_portal_outbox {} TRIGGER maroc_workflow_gate"


def as_core_keeps_it(resource_id: str) -> Path:
    root = Path(tk.config["ckan.storage_path"]) / "resources"
    return root / resource_id[:3] / resource_id[3:6] / resource_id[6:]


def in_store() -> Path:
    root = Path(tk.config["ckan.storage_path"]) / "files"
    return root / SHA256[:2] / SHA256[2:4] / SHA256


def without_gate(*statements: str) -> None:
    """Change what is public as the tables' owner, with the gate's trigger away."""
    model.Session.rollback()  # it would hold the tables
    in_sql(GATE.format("DISABLE"))
    for statement in statements:
        in_sql(statement)
    in_sql("TRUNCATE maroc_portal_outbox")
    in_sql(GATE.format("ENABLE"))


@pytest.fixture
def stock(fes):
    """Return a public dataset as CKAN alone leaves it, with two files and a link.

    One file lies where core put it; the other is lost. Nobody has decided anything.
    """
    made = fes.draft()
    for name in ("villes.csv", "perdu.csv"):
        file = FileStorage(stream=io.BytesIO(DATA), filename=name)
        act("resource_create", fes.gdd, package_id=made["id"], upload=file, name=name)
    link = {"url": "https://donnees.example/1.csv", "name": "Lien"}
    act("resource_create", fes.gdd, package_id=made["id"], **link)
    in_store().unlink()
    shown = act("package_show", fes.gdd, id=made["id"])
    path = as_core_keeps_it(shown["resources"][0]["id"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(DATA)
    without_gate(
        "UPDATE resource SET hash = '', size = NULL",
        "UPDATE package SET private = false",
        "TRUNCATE maroc_workflow_state, maroc_files_file",
    )
    return act("package_show", None, id=made["id"])


def test_the_batch_decision_is_on_the_bytes_of_the_files(app, stock, cli, settled):
    file = stock["resources"][0]
    download = f"/dataset/{stock['name']}/resource/{file['id']}/download/villes.csv"
    assert app.get(download).status_code == 404
    told = cli.invoke(maroc_workflow, ADOPT, catch_exceptions=False).output
    assert told == "1 datasets adopted, to be examined by 2027-06-30\n"
    settled()  # the index, too
    (row,) = decided(stock["id"])
    assert (row.kind, row.reason) == ("batch", "Catalogue d'avant.")
    shown = act("package_show", None, id=stock["id"])
    assert [each["hash"] for each in shown["resources"]] == [SHA256, "", ""]
    assert shown["resources"][0]["size"] == len(DATA)
    assert app.get(download).data == DATA
    assert not as_core_keeps_it(file["id"]).exists()
    assert in_store().read_bytes() == DATA
    # Another file under the same row is now no longer what was decided on.
    assert trail.uncovered() == []
    without_gate(f"UPDATE resource SET hash = '{'0' * 64}' WHERE hash <> ''")
    assert trail.uncovered() == [stock["id"]]


def test_the_bytes_have_their_version(app, stock, cli):
    cli.invoke(maroc_workflow, ADOPT, catch_exceptions=False)
    file = stock["resources"][0]["id"]
    address = f"/dataset/{stock['name']}/resource/{file}/version/{SHA256}"
    assert app.get(address).data == DATA


def test_adopting_again_changes_nothing(stock, cli):
    cli.invoke(maroc_workflow, ADOPT, catch_exceptions=False)
    before = act("package_show", None, id=stock["id"])
    told = cli.invoke(maroc_workflow, ADOPT, catch_exceptions=False).output
    assert told.startswith("0 datasets adopted")
    assert len(decided(stock["id"])) == 1
    assert act("package_show", None, id=stock["id"]) == before


def test_an_adoption_that_fails_leaves_the_file_where_it_was(stock, monkeypatch):
    def fails(package_id, state):
        raise RuntimeError("the machine went away")

    monkeypatch.setattr(adoption.states, "move", fails)
    with pytest.raises(RuntimeError):
        adoption.adopt(dt.date(2027, 6, 30), "Avant.")
    model.Session.rollback()
    assert as_core_keeps_it(stock["resources"][0]["id"]).read_bytes() == DATA
    assert model.Resource.get(stock["resources"][0]["id"]).hash == ""
    assert decided(stock["id"]) == []


def test_what_is_not_public_is_left_alone(fes, stock, cli):
    draft = fes.draft()
    cli.invoke(maroc_workflow, ADOPT, catch_exceptions=False)
    assert decided(draft["id"]) == []
    assert not is_seen(draft["id"])
