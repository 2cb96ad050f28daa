"""What was opened, when; and the bytes of then, while the dataset is public."""

from __future__ import annotations

import hashlib
import io

import pytest
from werkzeug.datastructures import FileStorage

from ckan import model

from ckanext.maroc_workflow import versions
from ckanext.maroc_workflow.tests.conftest import act

FIRST, SECOND = b"ville,habitants\nFes,1150131\n", b"ville,habitants\nFes,1256172\n"


def upload(data: bytes) -> FileStorage:
    return FileStorage(stream=io.BytesIO(data), filename="villes.csv")


def address(package, resource, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    return f"/dataset/{package['name']}/resource/{resource['id']}/version/{sha256}"


@pytest.fixture
def replaced(fes, settled):
    """Return a public dataset whose file was replaced, by two decisions."""
    made = fes.draft()
    resource = act(
        "resource_create", fes.gdd, package_id=made["id"], upload=upload(FIRST)
    )
    act("maroc_workflow_submit", fes.gdd, id=made["id"])
    settled()
    act("resource_patch", fes.gdd, id=resource["id"], upload=upload(SECOND))
    settled()
    shown = act("package_show", None, id=made["id"])
    assert shown["resources"][0]["hash"] == hashlib.sha256(SECOND).hexdigest()
    return made, resource


def test_bytes_that_were_opened_stay_at_their_own_address(app, fes, replaced):
    made, resource = replaced
    for data in (FIRST, SECOND):
        answer = app.get(address(made, resource, data))
        assert (answer.status_code, answer.data) == (200, data)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = app.get(f"/fr/dataset/{made['name']}/historique")
    assert page.body.count("/version/") == 2


def test_bytes_that_nobody_opened_have_no_address(app, fes):
    made = fes.public()
    draft = fes.draft()
    resource = act(
        "resource_create", fes.gdd, package_id=draft["id"], upload=upload(FIRST)
    )
    for package in (draft, made):
        assert app.get(address(package, resource, FIRST)).status_code == 404


def test_one_version_is_closed_and_the_others_stay(app, fes, replaced):
    made, resource = replaced
    assert versions.close(resource["id"], hashlib.sha256(FIRST).hexdigest())
    model.repo.commit()
    assert app.get(address(made, resource, FIRST)).status_code == 404
    assert app.get(address(made, resource, SECOND)).status_code == 200


@pytest.mark.parametrize("how", ["withdraw", "delete", "purge"])
def test_what_is_withdrawn_closes_all_its_versions(app, fes, replaced, how):
    made, resource = replaced
    if how == "withdraw":
        act("maroc_workflow_withdraw", fes.gdd, id=made["id"], reason="Non.")
    elif how == "delete":
        act("package_delete", fes.gdd, id=made["id"])
    else:
        act("dataset_purge", fes.add, id=made["id"])
    for data in (FIRST, SECOND):
        assert app.get(address(made, resource, data)).status_code in (404, 410)
    page = app.get(f"/fr/dataset/{made['name']}/historique")
    assert page.status_code in (404, 410)
