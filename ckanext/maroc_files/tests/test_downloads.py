"""Downloads: byte for byte, under the name that the file came with."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from moto.server import ThreadedMotoServer

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_files import uploader
from ckanext.maroc_files.bucket import Bucket
from ckanext.maroc_files.store import Store, the_store
from ckanext.maroc_files.tests.conftest import act, upload
from ckanext.maroc_files.tests.making import CENSUS, census

ARABIC = f"filename*=UTF-8''{quote(CENSUS, safe='')}"


def path(resource) -> str:
    return urlsplit(act("resource_show", id=resource["id"])["url"]).path


def test_an_arabic_file_is_downloaded_byte_for_byte_under_its_name(desk, institution):
    data = census()
    resource = institution.deposit(data, CENSUS)
    assert resource["file_name"] == CENSUS
    assert path(resource).endswith("/download/donnees.xlsx")
    response = desk.get(path(resource))
    assert response.data == data
    dataset = act("package_show", id=resource["package_id"])
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="{dataset["name"]}.xlsx"; {ARABIC}'
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_part_of_a_file_can_be_asked_for_and_an_unchanged_one_is_not_sent(
    desk, institution
):
    data = census()
    resource = institution.deposit(data, CENSUS)
    part = desk.get(path(resource), headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.data == data[10:20]
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(data)}"
    assert ARABIC in part.headers["Content-Disposition"]
    end = desk.get(path(resource), headers={"Range": "bytes=-7"})
    assert end.data == data[-7:]
    beyond = desk.get(path(resource), headers={"Range": f"bytes={len(data)}-"})
    assert beyond.status_code == 416
    whole = desk.get(path(resource))
    assert whole.headers["ETag"] == f'"{resource["hash"]}"'
    again = desk.get(path(resource), headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    head = desk.head(path(resource))
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(data))
    assert head.headers["ETag"] == whole.headers["ETag"]


def test_a_download_that_goes_on_after_the_file_changed_begins_again(desk, institution):
    resource = institution.deposit(b"0123456789", "a.txt")
    before = desk.get(path(resource)).headers["ETag"]
    institution.replace(resource, b"9876543210", "a.txt")
    going_on = {"Range": "bytes=5-", "If-Range": before}
    answer = desk.get(path(resource), headers=going_on)
    assert (answer.status_code, answer.data) == (200, b"9876543210")
    assert (
        desk.get(path(resource), headers={"If-None-Match": before}).status_code == 200
    )


def test_a_download_goes_by_the_row_whatever_the_index_still_says(desk, institution):
    """Core shows a dataset from the index, which may lag behind a change."""
    first = institution.deposit(b"premier", "a.txt")
    second = institution.deposit(b"second", "b.txt")
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text("UPDATE resource SET hash = :hash WHERE id = :id"),
            {"hash": second["hash"], "id": first["id"]},
        )
    model.Session.remove()
    assert desk.get(path(first)).data == b"second"


def test_a_file_that_is_missing_is_said_and_is_no_error(desk, institution):
    resource = institution.deposit(census(), CENSUS)
    the_store().delete(resource["hash"])
    for ask in (desk.get, desk.head):
        assert ask(path(resource)).status_code == 404
    said = BeautifulSoup(desk.get(path(resource)).data, "html.parser")
    assert len(said.select_one("main, [role=main]").get_text(" ", strip=True)) > 20


def test_a_file_of_a_bucket_is_served_by_the_portal_too(desk, institution, monkeypatch):
    """Only the choice of the storage is put in place of the configuration's."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        seau = Bucket(
            {"name": "seau", "bucket": "seau", "endpoint": f"http://{host}:{port}",
             "key": "essai", "secret": "essai", "region": "us-east-1",
             "initialize": True}
        )  # fmt: skip
        monkeypatch.setattr(uploader, "the_store", lambda: Store(seau))
        data = census()
        resource = institution.deposit(data, CENSUS)
        answer = desk.get(path(resource))
        assert (answer.status_code, answer.data) == (200, data)
        assert answer.headers["ETag"] == f'"{resource["hash"]}"'
        assert ARABIC in answer.headers["Content-Disposition"]
        part = desk.get(path(resource), headers={"Range": "bytes=100-4999"})
        assert (part.status_code, part.data) == (206, data[100:5000])
        Store(seau).delete(resource["hash"])
        assert desk.get(path(resource)).status_code == 404
    finally:
        server.stop()


@pytest.mark.parametrize("name", ["page.html", "dessin.svg", "notes.txt"])
def test_nothing_uploaded_opens_as_a_page_of_the_portal(desk, institution, name):
    resource = institution.deposit(b"<script>alert(1)</script>", name)
    response = desk.get(path(resource))
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_the_name_survives_an_edit_that_does_not_send_it(institution):
    resource = institution.deposit(census(), CENSUS)
    act(
        "resource_update",
        id=resource["id"],
        package_id=resource["package_id"],
        name="Autre nom",
        url=resource["url"].rsplit("/", 1)[-1],
        url_type="upload",
    )
    assert act("resource_show", id=resource["id"])["file_name"] == CENSUS


def test_nobody_chooses_the_name_but_by_uploading_a_file(institution):
    resource = institution.deposit(census(), CENSUS)
    act("resource_patch", id=resource["id"], file_name="virus.exe")
    assert act("resource_show", id=resource["id"])["file_name"] == CENSUS
    dataset = institution.dataset()
    link = act(
        "resource_create",
        package_id=dataset["id"],
        url="https://www.hcp.ma/a.csv",
        file_name="virus.exe",
    )
    assert "file_name" not in link


def test_a_new_file_brings_its_own_name(desk, institution):
    resource = institution.deposit(census(), CENSUS)
    act(
        "resource_patch",
        id=resource["id"],
        upload=upload(b"a,b\n1,2\n", "Données à jour.csv"),
        url="x",
    )
    response = desk.get(path(resource))
    assert response.data == b"a,b\n1,2\n"
    assert 'filename="Donnees-a-jour.csv"' in response.headers["Content-Disposition"]


def test_a_private_file_is_for_its_institution_alone(app, institution):
    data = census()
    resource = institution.deposit(data, CENSUS)
    assert app.get(path(resource)).status_code in (403, 404)
    theirs = {"Authorization": institution.gdd["token"]}
    assert app.get(path(resource), headers=theirs).data == data


def test_a_link_still_leads_elsewhere(desk, institution):
    dataset = institution.dataset()
    link = act(
        "resource_create", package_id=dataset["id"], url="https://www.hcp.ma/a.csv"
    )
    address = tk.h.url_for(
        "dataset_resource.download", id=dataset["id"], resource_id=link["id"]
    )
    response = desk.get(address, follow_redirects=False)
    assert response.status_code == 302
    assert "Content-Disposition" not in response.headers
