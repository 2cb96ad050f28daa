"""What was public and is withdrawn says so, and nothing more of itself."""

from __future__ import annotations

import json

import pytest

import ckan.plugins.toolkit as tk

from ckanext.maroc_portal import clock
from ckanext.maroc_workflow import errors
from ckanext.maroc_workflow.tests.conftest import act, refused

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_index")

ARTICLE = "Loi 09-08, art. 1"
WHY = "Un nom propre a été laissé dans la colonne C."


@pytest.fixture
def withdrawn(fes):
    made = fes.public(
        resources=[{"name": "Fichier 1", "url": "https://donnees.example/1.csv"}]
    )
    act("maroc_workflow_withdraw", fes.gdd, id=made["id"], reason=WHY, article=ARTICLE)
    return made


def pages_of(made):
    file = made["resources"][0]["id"]
    return [
        f"/dataset/{made['name']}",
        f"/dataset/{made['id']}",
        f"/dataset/{made['name']}/resource/{file}",
        f"/dataset/{made['name']}/resource/{file}/download",
        f"/dataset/{made['name']}/resource/{file}/download/1.csv",
        f"/datastore/dump/{file}",
        f"/dataset/{made['name']}.ttl",
    ]


def calls_of(made):
    file = made["resources"][0]["id"]
    return [
        ("package_show", {"id": made["id"]}),
        ("package_show", {"id": made["name"]}),
        ("resource_show", {"id": file}),
        ("datastore_search", {"resource_id": file}),
        ("datastore_info", {"id": file}),
    ]


def says_nothing_of(made, body):
    secrets = (
        made["name"],
        made["title_translated"]["fr"],
        made["title_translated"]["ar"],
        made["notes_translated"]["fr"],
        WHY,
    )
    return not any(secret in body for secret in secrets)


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_every_page_and_file_says_when_and_under_which_article(app, withdrawn, lang):
    for path in pages_of(withdrawn):
        answer = app.get(f"/{lang}{path}", status=410)
        assert ARTICLE in answer.body, path
        assert clock.today().isoformat() in answer.body
        assert says_nothing_of(withdrawn, answer.body.replace(path, "")), path
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert 'content="noindex"' in answer.body
        assert "no-store" in answer.headers["Cache-Control"]


def test_head_is_answered_alike(app, withdrawn):
    for path in pages_of(withdrawn):
        answer = app.test_client().head(path)
        assert (answer.status_code, answer.data) == (410, b"")


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_api_says_it_as_data(app, withdrawn, method):
    for action, data in calls_of(withdrawn):
        more = {"query_string": data} if method == "get" else {"json": data}
        answer = getattr(app, method)(f"/api/3/action/{action}", status=410, **more)
        assert json.loads(answer.body) == {
            "success": False,
            "error": {
                "__type": "Gone",
                "message": "Ce jeu de données a été retiré par l'institution.",
                "withdrawn": clock.today().isoformat(),
                "article": ARTICLE,
            },
        }


def test_it_is_gone_after_a_purge_too(app, fes, withdrawn):
    tk.get_action("dataset_purge")(
        {"user": fes.add["name"], "ignore_auth": True}, {"id": withdrawn["id"]}
    )
    for path in pages_of(withdrawn):
        assert app.get(path, status=410)
    assert app.get(f"/api/3/action/package_show?id={withdrawn['name']}", status=410)


def test_its_address_is_given_to_no_other(app, fes):
    title = {"fr": "Budget de la commune", "ar": "ميزانية الجماعة"}
    first = fes.public(name="", title_translated=title)
    assert first["name"] == "budget-de-la-commune"
    tk.get_action("dataset_purge")(
        {"user": fes.add["name"], "ignore_auth": True}, {"id": first["id"]}
    )
    said = {"name": [errors.say("name_gone")]}
    asked = fes.answers(name=first["name"])
    assert refused("package_create", fes.gdd, **asked) == said
    second = fes.public(name="", title_translated=title)
    assert second["name"] == "budget-de-la-commune-2"
    for made in (second, fes.draft()):
        changed = {"id": made["id"], "name": first["name"]}
        assert refused("package_patch", fes.gdd, **changed) == said
    app.get(f"/dataset/{first['name']}", status=410)
    app.get(f"/dataset/{second['name']}", status=200)


def test_a_dataset_that_changed_its_address_may_take_it_again_and_no_other_may(fes):
    made = fes.public()
    for name in ("autre-adresse", made["name"]):
        act("package_patch", fes.gdd, id=made["id"], name=name)
        assert act("package_show", None, id=made["id"])["name"] == name
    asked = fes.answers(name="autre-adresse")
    assert "name" in refused("package_create", fes.gdd, **asked)


def test_the_address_of_what_was_never_public_is_free_again(fes):
    made = fes.submitted()
    act("maroc_workflow_withdraw", fes.gdd, id=made["id"], reason=WHY)
    tk.get_action("dataset_purge")(
        {"user": fes.add["name"], "ignore_auth": True}, {"id": made["id"]}
    )
    assert fes.public(name=made["name"])["name"] == made["name"]


def test_deleting_what_was_public_leaves_the_same_stone(app, fes):
    made = fes.public()
    act("package_delete", fes.gdd, id=made["id"])
    answer = app.get(f"/dataset/{made['name']}", status=410)
    assert "deleted" not in answer.body


def test_the_institutions_people_still_see_it(desk, fes, withdrawn):
    for person in (fes.gdd, fes.member):
        page = desk(person).goes_to(f"/dataset/{withdrawn['name']}")
        assert page.status == 200
        assert withdrawn["title_translated"]["fr"] in page.says()
    # A page that they may not see is refused for what it is.
    refused = desk(fes.member).goes_to(f"/dataset/{withdrawn['name']}/publication")
    assert refused.status == 403
    assert desk(fes.outsider).goes_to(f"/dataset/{withdrawn['name']}").status == 410


def test_what_was_never_public_never_was(app, fes):
    draft = fes.draft()
    submitted = fes.submitted()
    act("maroc_workflow_withdraw", fes.gdd, id=submitted["id"], reason=WHY)
    for made in (draft, submitted):
        app.get(f"/dataset/{made['name']}", status=404)
        app.get(f"/api/3/action/package_show?id={made['id']}", status=403)


def test_what_was_planned_and_withdrawn_before_its_day_never_was(app, fes):
    made = fes.draft()
    act("maroc_workflow_schedule", fes.gdd, id=made["id"], date="2090-01-01")
    act("maroc_workflow_withdraw", fes.gdd, id=made["id"], reason=WHY)
    app.get(f"/dataset/{made['name']}", status=404)


def test_what_came_back_is_there(app, fes, withdrawn):
    act("maroc_workflow_submit", fes.gdd, id=withdrawn["id"])
    app.get(f"/dataset/{withdrawn['name']}", status=410)
    act("maroc_workflow_approve", fes.rod, id=withdrawn["id"])
    app.get(f"/dataset/{withdrawn['name']}", status=200)


def test_what_never_was_is_not_found(app, fes, withdrawn):
    app.get("/dataset/jamais-vu", status=404)
    app.get(f"/organization/{withdrawn['name']}", status=404)
    app.get("/api/3/action/package_show?id=jamais-vu", status=404)


def test_a_write_is_refused_for_what_it_is(app, withdrawn):
    app.post("/api/3/action/package_patch", json={"id": withdrawn["id"]}, status=403)
