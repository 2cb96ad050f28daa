"""What nothing refers to is deleted, and nothing else."""

from __future__ import annotations

import hashlib
import io
import os
import threading

import pytest
import sqlalchemy as sa

import ckan.plugins as p
from ckan import model

from ckanext.maroc_files import ledger, orphans
from ckanext.maroc_files.store import the_store
from ckanext.maroc_files.tests.conftest import act, upload
from ckanext.maroc_files.uploader import put
from ckanext.maroc_portal import interfaces

A, B = b"a,b\n1,2\n", b"a,b\n3,4\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(autouse=True)
def empty_store(institution):
    """Begin without the files of other tests."""
    store = the_store()
    for each in list(store.hashes()):
        store.delete(each)


def put_ago(interval: str, *files: str) -> None:
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE maroc_files_file SET put_at = now() - CAST(:i AS interval)"
                " WHERE :every OR sha256 = ANY(:files)"
            ),
            {"i": interval, "files": list(files), "every": not files},
        )


def left() -> set[str]:
    return set(the_store().hashes())


def test_a_replaced_file_goes_a_day_later(institution):
    resource = institution.deposit(A, "a.csv")
    institution.replace(resource, B, "b.csv")
    put_ago("23 hours")
    assert orphans.collect() == 0
    put_ago("25 hours")
    assert orphans.collect() == 1
    assert left() == {sha256(B)}
    assert orphans.collect() == 0


def test_a_file_that_was_put_again_today_stays(institution):
    resource = institution.deposit(A, "a.csv")
    act("resource_delete", id=resource["id"])
    act("dataset_purge", id=resource["package_id"])
    put_ago("3 days")
    put(upload(A, "a.csv"))
    assert orphans.collect() == 0
    assert left() == {sha256(A)}


def test_what_a_deleted_row_refers_to_stays_until_it_is_purged(institution):
    resource = institution.deposit(A, "a.csv")
    act("resource_delete", id=resource["id"])
    act("package_delete", id=resource["package_id"])
    put_ago("3 days")
    assert orphans.collect() == 0
    act("dataset_purge", id=resource["package_id"])
    assert orphans.collect() == 1
    assert left() == set()


def test_two_resources_of_one_file_keep_it_together(institution):
    first = institution.deposit(A, "a.csv")
    second = institution.deposit(A, "a.csv")
    put_ago("3 days")
    act("dataset_purge", id=first["package_id"])
    assert orphans.collect() == 0
    act("dataset_purge", id=second["package_id"])
    assert orphans.collect() == 1


class Keeper(p.SingletonPlugin):
    """Keeps what an older version shows."""

    p.implements(interfaces.IMarocFileKeepers)

    def get_kept_files(self) -> set[str]:
        return {sha256(A)}


def test_what_an_older_version_shows_is_kept(institution, provide_plugin):
    resource = institution.deposit(A, "a.csv")
    institution.replace(resource, B, "b.csv")
    put_ago("3 days")
    provide_plugin("keeper", Keeper)
    with p.use_plugin("keeper"):
        assert interfaces.kept_files() == {sha256(A)}
        assert orphans.collect() == 0
    assert interfaces.kept_files() == frozenset()
    assert orphans.collect() == 1


def test_a_file_that_nobody_wrote_down_is_an_orphan_from_tomorrow(institution):
    the_store().put(io.BytesIO(A))
    assert orphans.collect() == 0
    assert left() == {sha256(A)}
    put_ago("25 hours")
    assert orphans.collect() == 1


def test_an_upload_waits_for_the_collection_of_the_same_file(institution):
    """Or else it would end with the name of a file that is just being deleted."""
    store = the_store()
    store.put(io.BytesIO(A), guard=ledger.put)
    put_ago("3 days")
    done = threading.Event()

    def again() -> None:
        store.put(io.BytesIO(A), guard=ledger.put)
        done.set()

    with model.ensure_engine().begin() as connection:
        connection.execute(ledger._LET_GO, {"sha256": sha256(A)})
        other = threading.Thread(target=again)
        other.start()
        assert not done.wait(0.5)
        store.delete(sha256(A))
    other.join(10)
    assert left() == {sha256(A)}
    assert orphans.collect() == 0


def test_the_web_writes_down_what_it_puts_and_deletes_nothing(institution):
    engine = sa.create_engine(os.environ["TEST_WEB_ROLE_URL"])
    with engine.begin() as connection:
        connection.execute(
            ledger._PUT, {"sha256": sha256(A), "size": 1, "mimetype": "text/plain"}
        )
    with (
        engine.begin() as connection,
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
    ):
        connection.execute(sa.text("DELETE FROM maroc_files_file"))
    engine.dispose()
