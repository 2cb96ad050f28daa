"""What was opened, when; and the bytes of then, while the dataset is public."""

from __future__ import annotations

import hashlib
import io

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import clock
from ckanext.maroc_workflow import versions
from ckanext.maroc_workflow.tests.conftest import act, refused

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


WHY = "La colonne C nommait des personnes."


def closing(made, resource, data: bytes):
    sha256 = hashlib.sha256(data).hexdigest()
    return {
        "id": made["id"],
        "resource_id": resource["id"],
        "sha256": sha256,
        "reason": WHY,
    }


@pytest.mark.parametrize("who", ["rod", "gdd", "add"])
def test_one_version_is_closed_and_the_others_stay(app, fes, replaced, who):
    made, resource = replaced
    person = getattr(fes, who)
    asked = closing(made, resource, FIRST)
    told = act("maroc_workflow_version_close", person, **asked)
    assert told["reason"] == WHY
    for lang in ("fr", "ar", "en"):
        gone = app.get(f"/{lang}{address(made, resource, FIRST)}")
        assert gone.status_code == 410
        assert clock.today().isoformat() in gone.body
        assert "villes.csv" not in gone.body
        assert WHY not in gone.body
        assert gone.headers["X-Robots-Tag"] == "noindex"
    assert app.get(address(made, resource, SECOND)).status_code == 200
    assert asked["sha256"] not in versions.kept()
    # Asked again, it stands as it was closed.
    again = act("maroc_workflow_version_close", fes.rod, **{**asked, "reason": "Bis"})
    assert again == told


def test_the_history_says_when_a_version_was_closed_and_why_to_its_people(
    app, fes, desk, replaced
):
    made, resource = replaced
    act("maroc_workflow_version_close", fes.rod, **closing(made, resource, FIRST))
    page = app.get(f"/fr/dataset/{made['name']}/historique").body
    row = BeautifulSoup(page, "html.parser").select("table tbody tr")[1]
    assert "Fermée le" in row.get_text()
    assert "villes.csv" not in row.get_text()
    assert WHY not in page
    assert page.count("/version/") == 1
    assert WHY in desk(fes.gdd).goes_to(f"/dataset/{made['name']}/historique").says()


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_a_rod_closes_a_version_by_the_page(app, fes, desk, replaced, lang):
    made, resource = replaced
    page = desk(fes.rod, lang).goes_to(f"/dataset/{made['name']}/historique")
    links = page.page.select("a[href$='/fermeture']")
    # That of the present file is not offered.
    assert len(links) == 1
    path = links[0]["href"].removeprefix(f"/{lang}")
    page.goes_to(path).does("close", reason=WHY)
    assert page.page.select_one(".error-explanation")
    assert app.get(address(made, resource, FIRST)).status_code == 200
    page.does("close", reason="", sure="yes")
    assert page.page.select_one(".error-explanation")
    page.does("close", reason=WHY, sure="yes")
    assert page.path == f"/dataset/{made['name']}/historique"
    assert WHY in page.says()
    assert app.get(address(made, resource, FIRST)).status_code == 410
    assert not page.goes_to(path).buttons()


def test_bytes_that_are_served_are_replaced_or_withdrawn_first(app, fes, replaced):
    made, resource = replaced
    asked = closing(made, resource, SECOND)
    said = refused("maroc_workflow_version_close", fes.rod, **asked)
    assert "remplacez" in said["sha256"][0]
    assert app.get(address(made, resource, SECOND)).status_code == 200
    # Nor while another file of the dataset has the same bytes.
    act("resource_create", fes.gdd, package_id=made["id"], upload=upload(FIRST))
    first = closing(made, resource, FIRST)
    assert "sha256" in refused("maroc_workflow_version_close", fes.rod, **first)
    # Withdrawn, nothing serves them.
    act("maroc_workflow_withdraw", fes.rod, id=made["id"], reason="Non.")
    for each in (asked, first):
        act("maroc_workflow_version_close", fes.rod, **each)
    for data in (FIRST, SECOND):
        assert app.get(address(made, resource, data)).status_code == 410


def test_bytes_that_were_closed_come_back_by_another_person_alone(fes, replaced):
    made, resource = replaced
    act("maroc_workflow_version_close", fes.rod, **closing(made, resource, FIRST))
    kept = act("resource_patch", fes.gdd, id=resource["id"], upload=upload(FIRST))
    assert kept["revision_of"] == made["id"]
    told = act("maroc_workflow_show", fes.gdd, id=kept["package_id"])
    assert (told["state"], told["finding"]) == ("submitted", "alert")
    act("maroc_workflow_approve", fes.rod, id=kept["package_id"])
    shown = act("package_show", None, id=made["id"])
    assert shown["resources"][0]["hash"] == hashlib.sha256(FIRST).hexdigest()


def test_what_was_closed_is_reached_by_no_other_way(app, fes, replaced):
    made, resource = replaced
    act("maroc_workflow_version_close", fes.rod, **closing(made, resource, FIRST))
    file = f"/dataset/{made['name']}/resource/{resource['id']}/download"
    for path in (file, f"{file}/villes.csv"):
        assert app.get(path).data == SECOND
    other = fes.public()
    for package in (other, made):
        answer = app.get(address(package, resource, FIRST))
        assert answer.status_code == (410 if package is made else 404)
    with pytest.raises(tk.ValidationError, match="ne se change"):
        model.Session.execute(
            sa.text("UPDATE maroc_workflow_version SET closed_at = NULL")
        )
    model.Session.rollback()


@pytest.mark.parametrize("who", ["member", "outsider"])
def test_strangers_close_nothing(app, fes, desk, replaced, who):
    made, resource = replaced
    with pytest.raises(tk.NotAuthorized):
        act(
            "maroc_workflow_version_close",
            getattr(fes, who),
            **closing(made, resource, FIRST),
        )
    path = f"{address(made, resource, FIRST)}/fermeture"
    page = desk(getattr(fes, who))
    assert page.goes_to(path).status == 403
    assert "fermeture" not in page.goes_to(f"/dataset/{made['name']}/historique").says()
    assert "Se connecter" in desk().goes_to(path).says()


def test_what_was_never_a_version_is_not_closed(fes, replaced):
    made, resource = replaced
    with pytest.raises(tk.ObjectNotFound):
        act("maroc_workflow_version_close", fes.rod, **closing(made, resource, b"x"))
    model.Session.rollback()


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
