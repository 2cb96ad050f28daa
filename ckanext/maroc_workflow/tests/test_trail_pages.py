"""The trail on pages and as files."""

from __future__ import annotations

import csv
import io
import json

import pytest
from bs4 import BeautifulSoup

from ckan import model

from ckanext.maroc_portal import clock
from ckanext.maroc_workflow.tests.conftest import act

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_index")

ARTICLE = "Loi 09-08, art. 1"


@pytest.fixture
def trail(fes):
    """Decide three times: alone, after a review, and a withdrawal."""
    made = fes.public()
    fes.approved()
    act(
        "maroc_workflow_withdraw",
        fes.gdd,
        id=made["id"],
        reason="=1+1",
        article=ARTICLE,
    )
    return f"/organization/{model.Group.get(fes.id).name}/decisions"


def kinds(page):
    return [
        each.select("td")[1].get_text(strip=True)
        for each in page.page.select(".workflow-table tbody tr")
    ]


def test_the_institution_reads_its_trail_by_roles(fes, desk, trail):
    page = desk(fes.gdd).goes_to(trail)
    assert kinds(page) == [
        "Retiré",
        "Approuvé après relecture",
        "Publié selon la politique de l'institution",
    ]
    name = model.User.get(fes.gdd["id"]).name
    table = page.page.select_one(".workflow-table").get_text(" ")
    assert name not in table
    assert "GdD" in table


def test_add_reads_the_country_with_names(fes, make_institution, desk, trail):
    make_institution().public()
    page = desk(fes.add).goes_to("/decisions")
    assert len(kinds(page)) == 4
    assert fes.gdd["name"] in page.says()
    assert desk(fes.rod).goes_to("/decisions").status == 403


@pytest.mark.parametrize("who", ["outsider", "member"])
def test_strangers_read_no_trail(fes, desk, trail, who):
    person = getattr(fes, who)
    assert desk(person).goes_to(trail).status == 403
    assert desk(person).goes_to(f"{trail}.csv").status == 403
    assert "Se connecter" in desk().goes_to(trail).says()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=withdraw", 1),
        ("kind=review", 1),
        ("article=Loi 09-08, art. 1", 1),
        ("since=2090-01-01", 0),
        ("until=2020-01-01", 0),
        ("since={today}&until={today}", 3),
    ],
)
def test_filters(fes, desk, trail, query, found):
    query = query.format(today=clock.today())
    assert len(kinds(desk(fes.rod).goes_to(f"{trail}?{query}"))) == found
    rows = fetched(desk(fes.rod), f"{trail}.json?{query}")
    assert len(json.loads(rows)) == found


def fetched(person, path):
    answer = person.client.get(f"/fr{path}")
    assert answer.status_code == 200, answer.body
    return answer.body


def test_a_wrong_day_is_said(fes, desk, trail):
    page = desk(fes.rod).goes_to(f"{trail}?since=hier")
    assert "n'est pas une date" in page.page.select_one(".error-explanation").get_text()
    assert desk(fes.rod).goes_to(f"{trail}.csv?since=hier").status == 400


def test_the_files_say_what_the_page_says_and_hold_no_formula(fes, desk, trail):
    text = fetched(desk(fes.rod), f"{trail}.csv")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [each["kind"] for each in rows] == ["withdraw", "review", "policy"]
    assert rows[0]["reason"] == "'=1+1"
    assert rows[0]["article"] == ARTICLE
    assert {each["author"] for each in rows} == {"gdd"}
    data = json.loads(fetched(desk(fes.rod), f"{trail}.json"))
    assert data[0]["reason"] == "=1+1"
    assert data[0]["row_hash"] == rows[0]["row_hash"]
    named = fetched(desk(fes.add), "/decisions.csv")
    assert fes.gdd["name"] in named


def test_the_page_links_to_its_files_with_its_filters(fes, desk, trail):
    page = desk(fes.rod).goes_to(f"{trail}?kind=withdraw").page
    links = [each["href"] for each in page.select("a") if "decisions." in each["href"]]
    assert [each.rsplit("/", 1)[1] for each in links] == [
        "decisions.csv?kind=withdraw",
        "decisions.json?kind=withdraw",
    ]
    assert desk(fes.rod).goes_to(f"{trail}.xls").status == 404


def test_the_tabs_of_the_institution(app, fes, desk, trail):
    home = trail.removesuffix("/decisions")
    for person, expected in ((fes.rod, 2), (fes.gdd, 1), (fes.member, 0)):
        page = desk(person).goes_to(home).page
        tabs = page.select(f"a[href$='{trail}'], a[href$='{home}/suppleance']")
        assert len(tabs) == expected
    anyone = BeautifulSoup(app.get(home).body, "html.parser")
    assert not anyone.select(f"a[href$='{trail}']")


# Who stands in


def test_a_rod_names_who_stands_in_and_ends_it(fes, desk):
    page = desk(fes.rod).goes_to(f"/organization/{fes.id}/suppleance")
    made = fes.submitted()
    form = page.page.select_one("#delegation")
    offered = {each["value"] for each in form.select("option")}
    assert offered >= {"", fes.gdd["id"], fes.other_rod["id"], fes.member["id"]}
    assert not offered & {fes.rod["id"], fes.outsider["id"]}
    today = clock.today().isoformat()
    sent = {**page.answers_of(form), "user": fes.member["id"], "starts": today}
    page._send(form, {**sent, "ends": today})
    assert model.User.get(fes.member["id"]).display_name in page.says()
    assert "En cours" in page.says()
    assert (
        act("maroc_workflow_show", fes.member, id=made["id"])["may_decide"] == "deputy"
    )
    page.does("yes")
    assert "Personne ne supplée" in page.says()
    assert act("maroc_workflow_queue_list", fes.member) == []


def test_wrong_days_and_nobody_are_said(fes, desk):
    page = desk(fes.rod).goes_to(f"/organization/{fes.id}/suppleance")
    form = page.page.select_one("#delegation")
    sent = {**page.answers_of(form), "user": fes.member["id"]}
    page._send(form, {**sent, "starts": "2030-02-01", "ends": "2030-01-01"})
    assert "avant le début" in page.says()
    page._send(page.page.select_one("#delegation"), {**sent, "user": "", "ends": ""})
    assert page.page.select_one(".error-explanation")


@pytest.mark.parametrize("who", ["gdd", "member", "outsider"])
def test_rods_alone_name_who_stands_in(fes, desk, who):
    page = desk(getattr(fes, who)).goes_to(f"/organization/{fes.id}/suppleance")
    assert page.status == 403


@pytest.mark.parametrize(
    ("lang", "deleted", "purged"),
    [
        ("fr", "Supprimé", "Supprimé définitivement"),
        ("ar", "محذوفة", "محذوفة نهائيا"),
        ("en", "Deleted", "Deleted for good"),
    ],
)
def test_what_the_portal_itself_gives_as_a_reason_is_a_word(
    fes, desk, lang, deleted, purged
):
    first, second = fes.public(), fes.public()
    act("package_delete", fes.gdd, id=first["id"])
    act("dataset_purge", fes.add, id=second["id"])
    trail = f"/organization/{model.Group.get(fes.id).name}/decisions?kind=withdraw"
    rows = desk(fes.rod, lang).goes_to(trail).page.select(".workflow-table tbody tr")
    said = [each.get_text("|", strip=True).split("|") for each in rows]
    assert [purged in said[0], deleted in said[1]] == [True, True]
