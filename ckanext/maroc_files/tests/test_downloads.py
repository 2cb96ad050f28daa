"""Downloads: byte for byte, under the name that the file came with."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest

import ckan.plugins.toolkit as tk

from ckanext.maroc_files.tests.conftest import act, upload
from ckanext.maroc_files.tests.making import CENSUS, census

ARABIC = f"filename*=UTF-8''{quote(CENSUS, safe='')}"


def path(resource) -> str:
    return urlsplit(act("resource_show", id=resource["id"])["url"]).path


def test_an_arabic_file_is_downloaded_byte_for_byte_under_its_name(app, institution):
    data = census()
    resource = institution.publish(data, CENSUS)
    assert resource["file_name"] == CENSUS
    assert path(resource).endswith("/download/donnees.xlsx")
    response = app.get(path(resource))
    assert response.data == data
    dataset = act("package_show", id=resource["package_id"])
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="{dataset["name"]}.xlsx"; {ARABIC}'
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_part_of_a_file_can_be_asked_for_and_an_unchanged_one_is_not_sent(
    app, institution
):
    data = census()
    resource = institution.publish(data, CENSUS)
    part = app.get(path(resource), headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.data == data[10:20]
    assert ARABIC in part.headers["Content-Disposition"]
    whole = app.get(path(resource))
    again = app.get(path(resource), headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    head = app.flask_app.test_client().head(path(resource))
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(data))


@pytest.mark.parametrize("name", ["page.html", "dessin.svg", "notes.txt"])
def test_nothing_uploaded_opens_as_a_page_of_the_portal(app, institution, name):
    resource = institution.publish(b"<script>alert(1)</script>", name)
    response = app.get(path(resource))
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_the_name_survives_an_edit_that_does_not_send_it(institution):
    resource = institution.publish(census(), CENSUS)
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
    resource = institution.publish(census(), CENSUS)
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


def test_a_new_file_brings_its_own_name(app, institution):
    resource = institution.publish(census(), CENSUS)
    act(
        "resource_patch",
        id=resource["id"],
        upload=upload(b"a,b\n1,2\n", "Données à jour.csv"),
        url="x",
    )
    response = app.get(path(resource))
    assert response.data == b"a,b\n1,2\n"
    assert 'filename="Donnees-a-jour.csv"' in response.headers["Content-Disposition"]


def test_a_private_file_is_for_its_institution_alone(app, institution):
    data = census()
    resource = institution.publish(data, CENSUS, private=True)
    assert app.get(path(resource)).status_code in (403, 404)
    theirs = {"Authorization": institution.gdd["token"]}
    assert app.get(path(resource), headers=theirs).data == data


def test_a_link_still_leads_elsewhere(app, institution):
    dataset = institution.dataset()
    link = act(
        "resource_create", package_id=dataset["id"], url="https://www.hcp.ma/a.csv"
    )
    address = tk.h.url_for(
        "dataset_resource.download", id=dataset["id"], resource_id=link["id"]
    )
    response = app.get(address, follow_redirects=False)
    assert response.status_code == 302
    assert "Content-Disposition" not in response.headers
