"""What waits for whom: the queue, several at once, the corrections, the links."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_workflow import queue, states
from ckanext.maroc_workflow.tests.conftest import IN_DOUBT, act, decided, is_seen

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_index")

QUEUE, PREVIEW, CORRECTIONS = "/relecture", "/relecture/apercu", "/a-corriger"


def listed(page):
    return [
        each.get_text(strip=True) for each in page.page.select(".workflow-queue h2")
    ]


@pytest.mark.parametrize("path", [QUEUE, PREVIEW, CORRECTIONS])
def test_who_has_not_signed_in_is_asked_to(fes, desk, path):
    assert "Se connecter" in desk().goes_to(path).says()


def test_nothing_waits_at_first(fes, desk):
    assert "Rien ne vous attend" in desk(fes.rod).goes_to(QUEUE).says()
    assert "aucun brouillon" in desk(fes.gdd).goes_to(CORRECTIONS).says()


@pytest.mark.parametrize(("lang", "what"), [("fr", "Écoles"), ("ar", "مدارس")])
def test_the_queue_says_what_waits_in_the_readers_language(fes, desk, lang, what):
    made = fes.submitted()
    page = desk(fes.rod, lang).goes_to(QUEUE)
    assert listed(page) == [made["title_translated"][lang]]
    assert what in listed(page)[0]
    row = page.page.select_one(".workflow-queue li").get_text(" ", strip=True)
    writer = model.User.get(fes.gdd["id"]).display_name
    assert writer in row
    assert page.page.select(".workflow-queue li li"), "the law's reasons"
    assert page.page.select(f"a[href$='/dataset/{made['name']}/publication']")


def test_a_revision_is_told_from_a_new_dataset(fes, desk):
    made = fes.public()
    act("package_patch", fes.gdd, id=made["id"], source="Autre", **IN_DOUBT)
    assert "Révision d'un jeu de données public" in desk(fes.rod).goes_to(QUEUE).says()


def test_what_waits_too_long_is_marked(fes, desk):
    made = fes.submitted()
    model.Session.execute(
        sa.text(
            "UPDATE maroc_workflow_state SET turn_since = now() - interval '20 days'"
            " WHERE package_id = :id"
        ),
        {"id": made["id"]},
    )
    model.Session.commit()
    assert desk(fes.rod).goes_to(QUEUE).page.select(".workflow-late .workflow-overdue")


def test_an_author_has_nothing_to_decide_on_their_own(fes, desk):
    fes.submitted(user=fes.rod)
    assert listed(desk(fes.rod).goes_to(QUEUE)) == []
    assert len(listed(desk(fes.other_rod).goes_to(QUEUE))) == 1


def test_several_are_looked_over_then_approved_one_by_one(fes, desk):
    one, two, three = (fes.submitted() for _ in range(3))
    page = desk(fes.rod).goes_to(f"{PREVIEW}?id={one['id']}&id={two['id']}")
    assert set(listed(page)) == {each["title_translated"]["fr"] for each in (one, two)}
    assert not is_seen(one["id"]), "looking decides nothing"
    # One of them changes while the page is open.
    act("package_patch", fes.gdd, id=two["id"], source="Autre chose")
    form = page.page.select_one("form:has([name^=hash-])")
    ids = [each["value"] for each in form.select("[name=id]")]
    page._send(form, {**page.answers_of(form), "id": ids, "approval": "Lot vu."})
    assert is_seen(one["id"])
    assert not is_seen(two["id"])
    assert not is_seen(three["id"])
    assert decided(one["id"])[-1].reason == "Lot vu."
    said = page.says()
    assert "1 jeu de données est public." in said
    assert "relisez" in page.page.select_one(".alert-danger").get_text()


def test_nothing_chosen_is_said(fes, desk):
    fes.submitted()
    assert "au moins un" in desk(fes.rod).goes_to(PREVIEW).says()


def test_what_is_not_theirs_is_not_previewed(fes, make_institution, desk):
    other = make_institution().submitted()
    page = desk(fes.rod).goes_to(f"{PREVIEW}?id={other['id']}&id=inconnu")
    assert "au moins un" in page.says()
    mine = fes.draft()
    page = desk(fes.rod).goes_to(f"{PREVIEW}?id={mine['id']}")
    assert not page.page.select("[name^=hash-]")
    assert "en l'état" in page.says()


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_what_came_back_leads_to_its_fields(fes, desk, lang):
    made = fes.submitted()
    draft = fes.draft()
    act(
        "maroc_workflow_request_changes",
        fes.rod,
        id=made["id"],
        remarks={"source": "Quelle source ?", "": "À revoir.", "resources": "Un CSV ?"},
    )
    page = desk(fes.gdd, lang).goes_to(CORRECTIONS)
    links = [each["href"] for each in page.page.select(".maroc-remarks a")]
    assert links[0].endswith(f"/dataset/edit/{made['name']}#field-source")
    assert links[1].endswith(f"/dataset/{made['name']}#dataset-resources")
    assert "Quelle source ?" in page.says()
    assert draft["title_translated"][lang] in page.says()


def test_a_code_of_the_portal_is_said_in_words(fes, desk):
    made = fes.draft()
    states.put(made["id"], remarks={"": "content_moved"})
    model.Session.commit()
    said = desk(fes.gdd).goes_to(CORRECTIONS).says()
    assert "content_moved" not in said
    assert "relisez" in said


# At the top of every page


def links(page):
    header = page.page.select_one("nav.account")
    return {
        each["href"].split("?")[0].removeprefix("/fr"): (
            each.select_one(".badge").get_text() if each.select_one(".badge") else ""
        )
        for each in header.select("a")
        if each["href"].removeprefix("/fr") in (QUEUE, CORRECTIONS)
    }


def test_the_account_counts_what_waits_for_those_concerned_alone(fes, desk):
    fes.submitted()
    back = fes.submitted()
    act("maroc_workflow_request_changes", fes.rod, id=back["id"], remarks="Non.")
    assert links(desk(fes.gdd).goes_to("/about")) == {CORRECTIONS: "1"}
    assert links(desk(fes.rod).goes_to("/about")) == {QUEUE: "1", CORRECTIONS: "1"}
    assert links(desk(fes.member).goes_to("/about")) == {}
    assert links(desk(fes.outsider).goes_to("/about")) == {}
    assert links(desk().goes_to("/about")) == {}
    assert links(desk(fes.add).goes_to("/about")) == {QUEUE: ""}, "not ADD's turn"


def test_counts_and_queue_agree(fes, make_institution):
    below = make_institution(parent_institution=fes.id)
    fes.submitted()
    theirs = below.submitted()
    states.put(theirs["id"], turn="parent")
    model.repo.commit()
    tk.get_action("maroc_workflow_delegate")(
        {"user": below.rod["name"]},
        {
            "organization": below.id,
            "user": below.member["name"],
            "starts": "2020-01-01",
            "ends": "2090-01-01",
        },
    )
    for person in (fes.rod, below.rod, below.member, below.gdd, fes.outsider):
        user = model.User.get(person["id"])
        waiting = act("maroc_workflow_queue_list", person)
        assert queue.counts(user).to_decide == len(waiting), person["name"]
