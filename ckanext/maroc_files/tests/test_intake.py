"""Files of core's old layout are taken in, once, with the hash on their row."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import sqlalchemy as sa

from ckan import model

from ckanext.maroc_files import intake
from ckanext.maroc_files.cli import maroc_files
from ckanext.maroc_files.store import the_store
from ckanext.maroc_files.tests.conftest import act, open_up, rows_of, state_of

DATA = b"code,nom\n01,F\xc3\xa8s\n"
HASH = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def old(institution):
    """Return a resource whose file lies where core used to keep it."""
    resource = institution.deposit(DATA, "a.csv")
    the_store().delete(HASH)
    path = intake.old_path(resource["id"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(DATA)
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text("UPDATE resource SET hash = '', size = NULL WHERE id = :id"),
            {"id": resource["id"]},
        )
    model.Session.remove()
    return resource


def test_an_old_file_is_taken_in_and_can_be_downloaded(old, desk, cli, work):
    address = f"/dataset/{old['package_id']}/resource/{old['id']}/download/a.csv"
    assert desk.get(address).status_code == 404
    told = cli.invoke(maroc_files, ["take-in"], catch_exceptions=False).output
    assert told == "Taken in: 1; missing: 0; empty: 0; waiting for a decision: 0\n"
    assert not intake.old_path(old["id"]).exists()
    assert desk.get(address).data == DATA
    shown = act("resource_show", id=old["id"])
    assert (shown["hash"], shown["size"]) == (HASH, len(DATA))
    work()
    assert state_of(old).sha256 == HASH
    assert rows_of(old) == [["01", "Fès"]]


def test_taking_in_again_changes_nothing(old, cli):
    cli.invoke(maroc_files, ["take-in"], catch_exceptions=False)
    before = act("package_show", id=old["package_id"])
    told = cli.invoke(maroc_files, ["take-in"], catch_exceptions=False).output
    assert told.startswith("Taken in: 0; missing: 0;")
    assert act("package_show", id=old["package_id"]) == before


def test_a_file_that_lies_nowhere_is_told(old, cli):
    intake.old_path(old["id"]).unlink()
    told = cli.invoke(maroc_files, ["take-in"], catch_exceptions=False).output
    assert "missing: 1;" in told


def test_a_file_whose_row_may_not_change_stays_where_it_is(old, cli):
    """The dataset is public, and nobody decided on what it says now."""
    open_up(old["package_id"])
    told = cli.invoke(maroc_files, ["take-in"], catch_exceptions=False).output
    assert "waiting for a decision: 1" in told
    assert intake.old_path(old["id"]).read_bytes() == DATA


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "abc../../../../../etc"])
def test_an_id_leads_nowhere_else(institution, name):
    with pytest.raises(ValueError, match="not the id"):
        intake.old_path(name)
    assert intake.old_path("abcdefgh-1").parts[-3:] == ("abc", "def", "gh-1")
    assert Path(intake.old_path("abcdefgh-1")).is_absolute()
