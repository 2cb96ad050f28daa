"""An uploaded file: kept by its hash before it is decided on, never by hearsay."""

from __future__ import annotations

import hashlib
import io
import json
import resource as limits
import signal
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_files.store import MIB, the_store
from ckanext.maroc_files.tests.conftest import act, upload
from ckanext.maroc_files.tests.making import CENSUS, census
from ckanext.maroc_portal.interfaces import CARRIED

OLD, NEW = b"code,nom\n01,ancien\n", b"code,nom\n01,nouveau\n"
SECRET = b"code,nom\n99,secret\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def row(resource_id: str) -> model.Resource:
    model.Session.rollback()
    found = model.Resource.get(resource_id)
    assert found is not None
    return found


def served(desk, resource) -> bytes:
    address = tk.h.url_for(
        "dataset_resource.download",
        id=resource["package_id"],
        resource_id=resource["id"],
    )
    return desk.get(urlsplit(address).path, status=200).data


@pytest.fixture
def secret(institution) -> str:
    """Return the hash of a file of somebody's private dataset."""
    return institution.deposit(SECRET, "secret.csv")["hash"]


def test_the_row_says_what_the_bytes_say(institution):
    data = census()
    resource = institution.deposit(data, CENSUS)
    assert resource["hash"] == sha256(data)
    assert resource["size"] == len(data)
    assert resource["mimetype"].endswith("spreadsheetml.sheet")
    assert the_store().size(resource["hash"]) == len(data)


@pytest.mark.parametrize(
    ("data", "name", "mimetype"),
    [
        (OLD, "a.csv", "text/csv"),
        (OLD, "a.txt", "text/plain"),
        (b"<!DOCTYPE html><html><script>1</script></html>", "a.csv", "text/html"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a.csv", "application/pdf"),
        (b'{"type": "FeatureCollection", "features": []}', "a.geojson", "json"),
    ],
)
def test_the_type_is_told_by_the_bytes_before_the_name(
    institution, data, name, mimetype
):
    assert institution.deposit(data, name)["mimetype"].endswith(mimetype)


def test_a_new_file_takes_the_place_of_the_old_one(desk, institution):
    resource = institution.deposit(OLD, "a.csv")
    institution.replace(resource, NEW, "b.csv")
    assert served(desk, resource) == NEW
    assert row(resource["id"]).hash == sha256(NEW)
    # What an older version refers to is still there.
    assert the_store().exists(sha256(OLD))


def test_a_refused_update_changes_nothing_that_is_served(desk, institution):
    resource = institution.deposit(OLD, "a.csv")
    with pytest.raises(tk.ValidationError):
        act(
            "resource_patch",
            id=resource["id"],
            upload=upload(NEW, "b.csv"),
            url="b.csv",
            temporal_start="pas une date",
        )
    model.Session.rollback()
    assert served(desk, resource) == OLD
    stored = row(resource["id"])
    assert (stored.hash, stored.url) == (sha256(OLD), "a.csv")


def test_an_update_that_breaks_at_the_commit_changes_nothing_either(desk, institution):
    resource = institution.deposit(OLD, "a.csv")
    dataset = act("package_show", id=resource["package_id"])
    dataset["resources"][0] |= {"upload": upload(NEW, "b.csv"), "url": "b.csv"}

    def refused(session):
        raise ConnectionError("the database went away")

    sa.event.listen(model.Session, "before_commit", refused)
    try:
        with pytest.raises(ConnectionError):
            act("package_update", **dataset)
    finally:
        sa.event.remove(model.Session, "before_commit", refused)
    model.Session.rollback()
    assert served(desk, resource) == OLD
    assert row(resource["id"]).package.private


# What a caller says of a file does not count


def test_nobody_chooses_the_hash_of_a_stored_file(desk, institution, secret):
    resource = institution.deposit(OLD, "a.csv")
    for change in (
        {"hash": secret},
        {"hash": secret, "size": 1, "url_type": "upload"},
        {"hash": "", "size": 7},
    ):
        act("resource_patch", user=institution.gdd["name"], id=resource["id"], **change)
        stored = row(resource["id"])
        assert (stored.hash, stored.size) == (sha256(OLD), len(OLD)), change
    assert served(desk, resource) == OLD


def test_nobody_opens_a_file_by_saying_its_hash(desk, institution, secret):
    claim = {
        "url": "a.csv",
        "url_type": "upload",
        "hash": secret,
        "size": 5,
        "file_name": "a.csv",
    }
    gdd = institution.gdd["name"]
    made = institution.dataset(resources=[claim])
    created = act("resource_create", user=gdd, package_id=made["id"], **claim)
    changed = act("package_show", id=made["id"])
    changed["resources"].append({**claim, "description": "par package_update"})
    act("package_update", user=gdd, **changed)
    act(
        "package_revise",
        user=gdd,
        match={"id": made["id"]},
        update__resources__extend=[{**claim, "description": "par package_revise"}],
    )
    found = act("package_show", id=made["id"])["resources"]
    assert len(found) == 4
    assert created["id"] in {each["id"] for each in found}
    for each in found:
        stored = row(each["id"])
        assert (stored.hash, stored.size) in {("", None), (None, None)}
        assert "file_name" not in stored.extras
        assert desk.get(urlsplit(each["url"]).path).status_code == 404


def test_a_link_that_says_a_hash_does_not_become_that_file(desk, institution, secret):
    dataset = institution.dataset()
    link = act(
        "resource_create",
        package_id=dataset["id"],
        url="https://www.hcp.ma/a.csv",
        hash=secret,
    )
    assert link["hash"] == secret
    act("resource_patch", id=link["id"], url_type="upload", url="a.csv")
    stored = row(link["id"])
    assert (stored.url_type, stored.hash) == ("upload", "")


def test_the_id_of_a_deleted_resource_brings_back_no_file(institution, secret):
    resource = institution.deposit(SECRET, "secret.csv")
    act("resource_delete", id=resource["id"])
    dataset = institution.dataset()
    with pytest.raises((tk.ValidationError, sa.exc.DatabaseError)):
        act(
            "resource_create",
            package_id=dataset["id"],
            id=resource["id"],
            url="a.csv",
            url_type="upload",
            hash=secret,
        )
    model.Session.rollback()
    assert act("package_show", id=dataset["id"])["resources"] == []


def test_a_link_in_place_of_a_file_has_nothing_of_it(institution):
    resource = institution.deposit(OLD, "a.csv")
    act(
        "resource_patch",
        id=resource["id"],
        url="https://www.hcp.ma/a.csv",
        url_type="",
        clear_upload="true",
    )
    stored = row(resource["id"])
    assert not stored.hash
    assert not stored.size
    assert "file_name" not in stored.extras


def test_an_edit_of_words_keeps_the_file(desk, institution):
    resource = institution.deposit(OLD, "a.csv")
    act(
        "resource_update",
        id=resource["id"],
        url="a.csv",
        url_type="upload",
        name="Autre nom",
    )
    assert served(desk, resource) == OLD
    stored = row(resource["id"])
    assert (stored.hash, stored.mimetype) == (sha256(OLD), "text/csv")


# What the portal's own code carries


def test_code_of_the_portal_carries_a_file_by_its_hash(desk, institution):
    resource = institution.deposit(OLD, "Été.csv")
    fields = ("url", "url_type", "hash", "size", "mimetype", "file_name", "format")
    token = CARRIED.set(frozenset({resource["hash"]}))
    try:
        made = institution.dataset(
            resources=[{name: resource[name] for name in fields}]
        )
        (copy,) = made["resources"]
        assert copy["id"] != resource["id"]
        assert served(desk, {**copy, "package_id": made["id"]}) == OLD
        # The other way, over a row that has another file.
        other = institution.deposit(NEW, "b.csv")
        act("resource_update", **{**copy, "id": other["id"], "package_id": "ignored"})
    finally:
        CARRIED.reset(token)
    assert served(desk, other) == OLD
    assert act("resource_show", id=other["id"])["file_name"] == "Été.csv"


# What is not taken in


@contextmanager
def room_for(size: int):
    """Let this process write no larger file: the kernel refuses, as on a full disk."""
    before = limits.getrlimit(limits.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits.setrlimit(limits.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def refusal(institution, data: bytes) -> dict[str, list[str]]:
    dataset = institution.dataset()
    with pytest.raises(tk.ValidationError) as refused:
        institution.add(dataset["id"], data, "a.csv")
    model.Session.rollback()
    assert act("package_show", id=dataset["id"])["resources"] == []
    return refused.value.error_dict


def test_an_empty_file_is_refused_in_a_sentence(institution):
    (told,) = refusal(institution, b"")["url"]
    assert told.startswith("Ce fichier est vide. Vérifiez")


def test_a_file_that_is_too_big_is_refused_with_the_limit(institution, monkeypatch):
    monkeypatch.setitem(tk.config, "ckan.max_resource_size", 1)
    assert institution.deposit(b"x" * MIB, "a.txt")["size"] == MIB
    (told,) = refusal(institution, b"x" * (MIB + 1))["url"]
    assert told.startswith("Ce fichier dépasse 1 Mo")


def test_a_full_disk_is_a_sentence_and_the_old_file_stays(desk, institution):
    resource = institution.deposit(OLD, "a.csv")
    with room_for(MIB):
        (told,) = refusal(institution, b"x" * (2 * MIB))["url"]
        with pytest.raises(tk.ValidationError):
            institution.replace(resource, b"y" * (2 * MIB), "b.csv")
    model.Session.rollback()
    assert "plus de place" in told
    assert served(desk, resource) == OLD
    folder = Path(the_store().storage.incoming())
    assert [each for each in folder.iterdir() if each.stat().st_size >= MIB] == []


def test_the_refusal_speaks_the_reader_s_language(desk, institution):
    dataset = institution.dataset()
    answer = desk.post(
        "/ar/api/3/action/resource_create",
        data={
            "package_id": dataset["id"],
            "url": "a.csv",
            "upload": (io.BytesIO(b""), "a.csv"),
        },
    )
    assert answer.status_code == 409
    (told,) = json.loads(answer.data)["error"]["url"]
    assert told.startswith("هذا الملف فارغ.")


def test_the_form_says_beside_the_question_why_a_file_is_refused(desk, institution):
    dataset = institution.dataset()
    answer = desk.post(
        f"/dataset/{dataset['id']}/resource/new",
        data={"id": "", "save": "go-metadata", "url": "",
              "upload": (io.BytesIO(b""), "a.csv")},
    )  # fmt: skip
    page = BeautifulSoup(answer.data, "html.parser")
    assert "Ce fichier est vide." in page.select_one("#field-url-error").text


@pytest.mark.parametrize(
    "name",
    ["../../../etc/cron.d/a.csv", "..\\..\\a.csv", "/etc/passwd", "a.csv\0.exe",
     "....//....//a.csv", "C:\\a.csv", "%2e%2e%2fa.csv", ".", "..", "/", "con.csv"],
)  # fmt: skip
def test_the_name_of_a_file_leads_nowhere(desk, institution, name):
    root = Path(tk.config["ckan.storage_path"])
    before = {each.name for each in root.iterdir()}
    resource = act(
        "resource_create",
        package_id=institution.dataset()["id"],
        name="Essai",
        url="essai",
        upload=upload(OLD, name),
    )
    stored = row(resource["id"])
    assert "/" not in stored.extras["file_name"]
    assert "\\" not in stored.extras["file_name"]
    assert "/" not in stored.url
    assert stored.url not in ("", ".", "..")
    assert served(desk, resource) == OLD
    assert the_store().path_or_stream(resource["hash"]).is_relative_to(root)
    assert {each.name for each in root.iterdir()} - before <= {"files"}
