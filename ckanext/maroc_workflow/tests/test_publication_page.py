"""The publication page of a dataset: who reads what there, and what its buttons do."""

from __future__ import annotations

import datetime as dt

import pytest

from ckanext.maroc_portal import clock
from ckanext.maroc_workflow.tests.conftest import IN_DOUBT, act, decided, is_seen

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_index")


def page_of(made):
    return f"/dataset/{made['name']}/publication"


def test_strangers_are_turned_away_in_a_sentence(fes, desk):
    made = fes.submitted()
    assert desk(fes.outsider).goes_to(page_of(made)).status == 403
    reader = desk(fes.member).goes_to(page_of(made))
    assert reader.status == 403
    assert "institution" in reader.says()
    missing = desk(fes.gdd).goes_to("/dataset/inconnu/publication")
    assert missing.status == 404
    assert "Se connecter" in desk().goes_to(page_of(made)).says()


def test_the_tab_is_there_for_those_concerned_alone(fes, desk):
    made = fes.public()
    address = f"/dataset/{made['name']}"
    for person, is_there in ((fes.gdd, True), (fes.member, False), (None, False)):
        page = desk(person).goes_to(address).page
        links = page.select(f"a[href$='{address}/publication']")
        assert bool(links) == is_there


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_a_gdd_publishes_what_is_clear(fes, desk, lang):
    made = fes.draft()
    page = desk(fes.gdd, lang).goes_to(page_of(made))
    assert page.buttons() == {"submit", "schedule"}
    page.does("submit")
    assert is_seen(made["id"])
    assert page.buttons() == {"withdraw"}
    assert page.page.select_one(".alert-success")


def test_what_lacks_leads_to_its_field(fes, desk):
    made = fes.draft(source="")
    page = desk(fes.gdd).goes_to(page_of(made))
    assert "submit" not in page.buttons()
    links = [each["href"] for each in page.page.select(".maroc-verdict a")]
    assert any(
        each.endswith(f"/dataset/edit/{made['name']}#field-source") for each in links
    )


def test_a_rod_approves_what_was_shown(fes, desk):
    made = fes.submitted()
    page = desk(fes.rod).goes_to(page_of(made))
    assert page.buttons() >= {"approve", "request_changes", "schedule"}
    assert "Vous décidez en tant que ROD" in page.says()
    page.does("approve", approval="Vu.")
    assert is_seen(made["id"])
    assert decided(made["id"])[-1].reason == "Vu."


def test_what_changed_meanwhile_is_not_approved(fes, desk):
    made = fes.submitted()
    page = desk(fes.rod).goes_to(page_of(made))
    act("package_patch", fes.gdd, id=made["id"], source="Autre chose")
    page.does("approve")
    assert "relisez" in page.page.select_one(".error-explanation").get_text()
    assert not is_seen(made["id"])


def test_an_author_who_is_a_rod_is_offered_no_approval(fes, desk):
    made = fes.submitted()
    act("package_patch", fes.rod, id=made["id"], source="HCP")
    page = desk(fes.rod).goes_to(page_of(made))
    assert not page.buttons() & {"approve", "request_changes"}


def test_a_remark_is_read_at_its_field(fes, desk):
    made = fes.submitted()
    page = desk(fes.rod).goes_to(page_of(made))
    page.does(
        "request_changes", **{"remark-source": "Quelle <source> ?", "remark-": ""}
    )
    assert state_words(page) == "À corriger"
    edit = f"/dataset/edit/{made['name']}"
    page = desk(fes.gdd).goes_to(page_of(made))
    link = page.page.select_one(".maroc-remarks a")
    assert link["href"].endswith(f"{edit}#field-source")
    form = desk(fes.gdd).goes_to(edit).page
    assert "Quelle <source> ?" in form.select_one("#field-source-remark").get_text()
    described = form.select_one("#field-source")["aria-describedby"]
    assert "field-source-remark" in described


def state_words(page):
    return page.page.select_one("#state").get_text(strip=True)


def test_changes_without_a_word_are_refused(fes, desk):
    made = fes.submitted()
    page = desk(fes.rod).goes_to(page_of(made)).does("request_changes")
    assert page.page.select_one(".error-explanation")
    assert state_words(page) == "En attente du ROD"


def test_a_withdrawal_asks_why_and_whether_one_is_sure(fes, desk):
    made = fes.public()
    page = desk(fes.gdd).goes_to(page_of(made)).does("withdraw", reason="Erreur.")
    assert "ne s'annule pas" in page.says()
    assert is_seen(made["id"])
    page.does("withdraw", sure="yes", reason=" ")
    assert is_seen(made["id"])
    page.does("withdraw", sure="yes", reason="Erreur.", article="Loi 09-08, art. 1")
    assert not is_seen(made["id"])
    last = decided(made["id"])[-1]
    assert (last.kind, last.reason, last.article) == (
        "withdraw",
        "Erreur.",
        "Loi 09-08, art. 1",
    )
    assert "Erreur." in page.page.select_one(".workflow-table").get_text()


def test_the_form_leads_to_the_withdrawal(fes, desk):
    made = fes.public()
    form = desk(fes.gdd).goes_to(f"/dataset/edit/{made['name']}")
    assert form.page.select_one(f"a[href$='{page_of(made)}#withdraw']")


def test_a_publication_is_planned_in_casablanca_time(fes, desk):
    made = fes.draft()
    page = (
        desk(fes.gdd).goes_to(page_of(made)).does("schedule", date="2020-01-01T09:00")
    )
    assert page.page.select_one(".error-explanation")
    due = (clock.now() + dt.timedelta(days=2)).replace(hour=9, minute=30)
    page.does("schedule", date=due.strftime("%Y-%m-%dT%H:%M"))
    assert state_words(page) == "Programmé"
    assert "09:30" in page.says()
    page.does("retract")
    assert state_words(page) == "Brouillon"


def test_a_revision_shows_what_differs_and_the_way_back(fes, desk):
    made = fes.public(source="Avant")
    revision = act("package_patch", fes.gdd, id=made["id"], source="Après", **IN_DOUBT)
    page = desk(fes.rod).goes_to(page_of(revision))
    changed = {
        each["id"] for each in page.page.select(".workflow-field:has(.workflow-sides)")
    }
    assert changed == {"change-source", "change-third_party"}
    field = page.page.select_one("#change-source")
    assert "Avant" in field.select_one(".workflow-before").get_text()
    assert "Après" in field.select_one(".workflow-after").get_text()
    assert page.page.select_one(".workflow-same #change-title_translated")
    assert page.page.select_one(f".workflow-state a[href$='/dataset/{made['name']}']")
    public = desk(fes.gdd).goes_to(f"/dataset/{made['name']}")
    link = public.page.select_one(".workflow-notice a")
    assert link["href"].endswith(f"/dataset/{revision['name']}")
    anyone = desk().goes_to(f"/dataset/{made['name']}")
    assert not anyone.page.select(".workflow-notice")
    page.does("approve")
    assert act("package_show", None, id=made["id"])["source"] == "Après"
    assert page.path.endswith(f"/dataset/{made['name']}/publication")


def test_files_are_told_by_what_becomes_of_them(fes, desk):
    files = [
        {"name": f"Fichier {n}", "url": f"https://donnees.example/{n}.csv"}
        for n in (1, 2, 3)
    ]
    made = fes.approved(resources=files)
    revision = act("package_patch", fes.gdd, id=made["id"], source="Autre")
    one, two, _ = revision["resources"]
    act("resource_delete", fes.gdd, id=one["id"])
    act("resource_patch", fes.gdd, id=two["id"], url="https://donnees.example/2b.csv")
    act(
        "resource_create",
        fes.gdd,
        package_id=revision["id"],
        name="Neuf",
        url="https://donnees.example/4.csv",
    )
    page = desk(fes.rod).goes_to(page_of(revision)).page
    fates = [each.get_text() for each in page.select(".workflow-fate")]
    assert fates == ["Remplacé", "Ajouté", "Supprimé", "Inchangé"]


def test_a_revision_is_given_up(fes, desk):
    made = fes.approved()
    revision = act("package_patch", fes.gdd, id=made["id"], source="Autre")
    page = desk(fes.gdd).goes_to(page_of(revision)).does("discard")
    assert act("package_show", fes.gdd, id=revision["id"])["source"] == "Autre"
    page.does("discard", sure="yes")
    assert page.path.endswith(page_of(made))
    assert "abandonnée" in page.says()


def test_saving_what_must_wait_leads_to_the_revision(fes, desk):
    made = fes.approved()
    form = desk(fes.gdd).goes_to(f"/dataset/edit/{made['name']}")
    form.sends("keep", source="Autre source")
    assert "--revision-" in form.path
    assert "révision" in form.says()
    again = desk(fes.gdd).goes_to(f"/dataset/edit/{made['name']}")
    again.sends("keep", source="Encore autre")
    summary = again.page.select_one(".error-explanation")
    assert "--revision-" in summary.select_one("a")["href"]


def test_a_rod_of_the_institution_above_reads_what_they_decide_on(
    fes, make_institution, desk
):
    below = make_institution(parent_institution=fes.id)
    made = below.submitted()
    from ckan import model  # noqa: PLC0415

    from ckanext.maroc_workflow import states  # noqa: PLC0415

    states.put(made["id"], turn="parent")
    model.repo.commit()
    page = desk(fes.rod).goes_to(page_of(made))
    assert page.status == 200
    assert "approve" in page.buttons()
    page.does("approve")
    assert is_seen(made["id"])


def test_what_no_button_sends_is_refused(fes, desk):
    made = fes.draft()
    page = desk(fes.gdd).goes_to(page_of(made))
    form = page.page.select_one(".workflow-act")
    page._send(form, {**page.answers_of(form), "act": "purge"})
    assert page.status == 400


# Core's own pages of files


def removed(page):
    form = page.form("form[action*=delete]")
    return page._send(form, page.answers_of(form))


def test_a_file_taken_off_by_cores_page_leads_to_the_revision(fes, desk):
    files = [{"name": "Un", "url": "https://donnees.example/1.csv"}]
    made = fes.approved(resources=files)
    place = f"/dataset/{made['name']}/resource/{made['resources'][0]['id']}/delete"
    page = removed(desk(fes.gdd).goes_to(place))
    assert page.status == 200
    notice = page.page.select_one(".alert-info a")
    assert "--revision-" in notice["href"]
    assert act("package_show", None, id=made["id"])["num_resources"] == 1
    # Again: a revision is open, and the page says where.
    page = removed(desk(fes.gdd).goes_to(place))
    assert "--revision-" in page.page.select_one(".alert-info a")["href"]


def test_a_file_changed_by_cores_page_is_said_to_wait(fes, desk):
    files = [{"name": "Un", "url": "https://donnees.example/1.csv"}]
    made = fes.approved(resources=files)
    place = f"/dataset/{made['name']}/resource/{made['resources'][0]['id']}/edit"
    page = desk(fes.gdd).goes_to(place)
    page.sends("go-metadata", description_translated__fr="Autre chose.")
    assert "--revision-" in page.page.select_one(".alert-info a")["href"]
