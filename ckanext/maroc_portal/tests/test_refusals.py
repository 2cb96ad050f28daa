"""What core lets through as a fault is answered as the refusal that it is."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.logic.auth import update as core
from ckan.tests import factories, helpers

from ckanext.activity.model import Activity
from ckanext.maroc_law.tests.cases import lawful

NOWHERE = "00000000-0000-4000-8000-000000000000"
PAGES = (
    f"/dataset/{NOWHERE}/resource/new",
    f"/dataset/{NOWHERE}/resource/{NOWHERE}/views",
    f"/dataset/{NOWHERE}/resource/{NOWHERE}/edit",
    f"/dataset/{NOWHERE}/dictionary/{NOWHERE}",
    f"/datastore/dump/{NOWHERE}",
    "/dataset/changes_multiple",
    "/organization/changes_multiple",
)
SENTENCES = {
    "": "Cette page n'existe pas",
    "/ar": "هذه الصفحة غير موجودة",
    "/en": "This page does not exist",
}


def token_of(user):
    return helpers.call_action("api_token_create", user=user["name"], name="t")["token"]


@pytest.fixture
def gdd(clean_db):
    return factories.User()


@pytest.fixture
def home(gdd):
    return factories.Organization(users=[{"name": gdd["name"], "capacity": "editor"}])


def dataset_of(person, organization):
    return helpers.call_action(
        "package_create",
        {"user": person["name"], "ignore_auth": False},
        **lawful(),
        name=f"jeu-{organization['name']}",
        owner_org=organization["id"],
        resources=[{"url": "https://donnees.example/1.csv", "name": "Un"}],
    )


def view_of(person, dataset):
    return helpers.call_action(
        "resource_view_create",
        {"user": person["name"], "ignore_auth": False},
        resource_id=dataset["resources"][0]["id"],
        title="Vue",
        view_type="maroc_table",
    )


@pytest.mark.parametrize("lang", SENTENCES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_what_is_not_there_says_so(app, page, lang):
    answer = app.test_client().get(lang + page)
    assert answer.status_code in (403, 404), answer.status_code
    title = BeautifulSoup(answer.body, "html.parser").h1
    assert title is not None
    if answer.status_code == 404:
        assert title.get_text(strip=True) == SENTENCES[lang]


def test_an_address_of_the_api_says_it_in_json(app):
    answer = app.test_client().get("/api/2/util/user/autocomplete?q=x")
    assert answer.status_code == 403
    assert not answer.json["success"]
    assert answer.json["error"]["__type"] == "Authorization Error"
    assert answer.json["error"]["message"]


@pytest.mark.parametrize("name", ["create", "delete"])
def test_nobody_lets_nobody_in(app, gdd, home, name):
    dataset = dataset_of(gdd, home)
    stranger = factories.User()
    asked = {"id": dataset["id"], "user_id": gdd["id"], "capacity": "editor"}
    for token, status in (("", 403), (token_of(stranger), 403)):
        answer = app.test_client().post(
            f"/api/3/action/package_collaborator_{name}",
            json=asked,
            headers={"Authorization": token} if token else {},
        )
        assert answer.status_code == status, answer.body


def test_a_view_is_changed_without_a_word_of_its_file(app, gdd, home):
    view = view_of(gdd, dataset_of(gdd, home))
    answer = app.test_client().post(
        "/api/3/action/resource_view_update",
        json={"id": view["id"], "title": "Autre"},
        headers={"Authorization": token_of(gdd)},
    )
    assert answer.status_code == 200, answer.body
    assert answer.json["result"]["title"] == "Autre"


def test_nobody_takes_the_view_of_another_to_a_file_of_their_own(gdd, home):
    view = view_of(gdd, dataset_of(gdd, home))
    thief = factories.User()
    theirs = dataset_of(
        thief,
        factories.Organization(users=[{"name": thief["name"], "capacity": "editor"}]),
    )
    for person, taken, into in (
        (thief, view, theirs["resources"][0]["id"]),
        (thief, view_of(thief, theirs), view["resource_id"]),
    ):
        with pytest.raises(tk.NotAuthorized):
            helpers.call_action(
                "resource_view_update",
                {"user": person["name"], "ignore_auth": False},
                id=taken["id"],
                resource_id=into,
                title="Prise",
            )
    kept = model.ResourceView.get(view["id"])
    assert (kept.resource_id, kept.title) == (view["resource_id"], "Vue")


def test_core_still_asks_about_the_file_that_the_caller_names(gdd, home):
    """Where this fails, our rule ``resource_view_update`` may go."""
    view = view_of(gdd, dataset_of(gdd, home))
    with pytest.raises(KeyError):
        core.resource_view_update({"user": gdd["name"]}, {"id": view["id"]})


def test_an_entry_of_a_stream_is_for_those_who_may_read_its_data(app, gdd, home):
    dataset = dataset_of(gdd, home)
    entry = Activity(gdd["id"], dataset["id"], "changed package", {"package": dataset})
    entry.permission_labels = [f"member-{home['id']}"]
    model.Session.add(entry)
    model.repo.commit()
    for person, status in ((gdd, 200), (factories.User(), 403)):
        for more in ("", "&include_data=", "&include_data=true"):
            answer = app.test_client().get(
                f"/api/3/action/activity_show?id={entry.id}{more}",
                headers={"Authorization": token_of(person)},
            )
            assert answer.status_code == status, answer.body
