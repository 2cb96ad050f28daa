"""How a GdD deposits data and answers for them, without JavaScript."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ckan import model
from ckan.tests import factories as core_factories
from ckan.tests import helpers

from ckanext.maroc_law import vocabulary
from ckanext.maroc_portal.tests.cases import settle
from ckanext.maroc_schema import legal, texts

from . import factories

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

FILE = ("إحصاء_السكان_فاس_2024.csv", "الحي,السكان\n1,2\n".encode())
ANSWERS = {
    "issued": "2024-12-31",
    "notes_translated__fr": "Une ligne par quartier.",
    "art10_category": "statistiques",
    "collection_frequency": "ANNUAL",
    "contact_email": "donnees@example.ma",
    "source": "Commune de Fès",
    "personal_data": "aucune",
    "art7_scope": "aucune",
    "third_party": "non",
}


@pytest.fixture
def gdd():
    return core_factories.User()


@pytest.fixture
def owner(gdd: dict[str, Any]) -> dict[str, Any]:
    return factories.institution(users=[{"name": gdd["name"], "capacity": "editor"}])


@pytest.fixture
def deposited(person, gdd, owner):
    """Return a person in front of the draft that an Arabic file has begun.

    The file was checked while the form was read.
    """
    page = (
        person(gdd)
        .goes_to("/dataset/new")
        .sends("go-on", classification="non-classifie")
        .sends("go-on", upload=FILE)
    )
    settle()
    return page


def kept() -> list[dict[str, Any]]:
    """Return every dataset that there is."""
    return [
        helpers.call_action("package_show", id=each.id)
        for each in model.Session.query(model.Package)
    ]


def test_the_question_of_classification_comes_before_the_file(person, gdd, owner):
    page = person(gdd).goes_to("/dataset/new")
    assert page.form().select_one("[data-file]").has_attr("hidden")
    page.sends("go-on")
    assert "n'a pas de réponse" in page.errors()["#field-classification"]
    page.sends("go-on", classification="non-classifie")
    assert not page.form().select_one("[data-file]").has_attr("hidden")
    assert kept() == []


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
@pytest.mark.parametrize("level", legal.CLOSED)
def test_at_one_of_the_four_levels_nothing_is_taken(person, gdd, owner, level, lang):
    page = person(gdd, lang).goes_to("/dataset/new")
    page.sends("go-on", classification=level, step="file", upload=FILE)
    said = page.errors()["#field-classification"]
    assert vocabulary.label("classification", level, lang) in said
    assert "RSSI" in said
    assert kept() == []


def test_a_draft_without_data_is_not_begun_by_mistake(person, gdd, owner):
    page = person(gdd).goes_to("/dataset/new")
    page.sends("go-on", classification="non-classifie").sends("go-on")
    assert "pas encore de données" in page.errors()["#field-url"]
    assert kept() == []
    page.sends("without-file", classification="non-classifie")
    [draft] = kept()
    assert draft["title_translated"] == {"fr": "Jeu de données sans titre"}
    assert draft["resources"] == []


def test_the_file_and_the_institution_say_what_is_not_asked(deposited, owner):
    [draft] = kept()
    assert deposited.path == f"/dataset/edit/{draft['name']}"
    assert (draft["state"], draft["private"]) == ("draft", True)
    assert draft["title_translated"] == {"ar": "إحصاء السكان فاس 2024"}
    assert draft["geographic_coverage"] == ["03.231"]
    assert (draft["temporal_start"], draft["temporal_end"]) == (
        "2024-01-01",
        "2024-12-31",
    )
    assert draft["available_languages"] == ["ar"]
    assert draft["license_id"] == "odc-odbl"
    assert draft["source"] == owner["title_translated"]["ar"]
    [file] = draft["resources"]
    assert file["name"] == FILE[0]


def test_a_link_begins_a_draft_too(person, gdd, owner):
    person(gdd).goes_to("/dataset/new").sends(
        "go-on",
        classification="non-classifie",
        step="file",
        url="https://www.fes.ma/donnees/budget_2025.csv",
    )
    [draft] = kept()
    assert draft["title"] == "Budget 2025"
    assert draft["resources"][0]["url"] == "https://www.fes.ma/donnees/budget_2025.csv"


@pytest.mark.ckan_config("ckan.max_resource_size", 1)
def test_a_file_that_is_refused_leaves_no_draft_behind(person, gdd, owner):
    page = person(gdd).goes_to("/dataset/new")
    large = ("grand.csv", b"a,b\n" * 400_000)
    page.sends("go-on", classification="non-classifie", step="file", upload=large)
    assert page.errors()
    assert kept() == []


def test_what_lacks_is_said_at_its_field_and_the_rest_is_saved(deposited):
    deposited.sends("publish", notes_translated__fr="Une ligne par quartier.")
    errors = deposited.errors()
    assert "#field-notes_translated" not in errors
    assert {"#field-art10_category", "#field-personal_data"} <= set(errors)
    assert "enregistrées" in deposited.says()
    [draft] = kept()
    assert draft["state"] == "draft"
    assert draft["notes_translated"] == {"fr": "Une ligne par quartier."}


def test_a_complete_dataset_is_public_at_once(deposited):
    deposited.sends("publish", **ANSWERS)
    assert "est public" in deposited.says()
    [made] = kept()
    assert (made["state"], made["private"]) == ("active", False)
    found = helpers.call_action("package_search", context={"user": ""})
    assert [each["id"] for each in found["results"]] == [made["id"]]


def test_who_does_not_know_is_sent_to_the_rod(deposited):
    deposited.sends("publish", **{**ANSWERS, "personal_data": "ne-sais-pas"})
    assert "le ROD de votre institution" in deposited.says()
    [made] = kept()
    assert made["private"] is True


def test_what_nobody_may_publish_is_refused_with_the_article(deposited):
    deposited.sends("publish", **{**ANSWERS, "personal_data": "presentes"})
    assert "09-08" in deposited.errors()["#field-personal_data"]
    assert kept()[0]["state"] == "draft"


def test_a_wrong_answer_loses_none_of_the_others(deposited):
    deposited.sends("publish", **{**ANSWERS, "title_translated__ar": "Écoles"})
    assert list(deposited.errors()) == ["#field-title_translated"]
    typed = deposited.answers()
    assert typed["title_translated-ar"] == "Écoles"
    assert typed["notes_translated-fr"] == ANSWERS["notes_translated__fr"]
    assert typed["personal_data"] == ["aucune"]
    assert typed["art10_category"] == "statistiques"


def test_several_answers_can_all_be_taken_back(deposited):
    deposited.sends("keep", available_languages=["", "fr", "ar"])
    assert kept()[0]["available_languages"] == ["fr", "ar"]
    deposited.goes_to(f"/dataset/edit/{kept()[0]['name']}")
    deposited.sends("keep", available_languages="")
    assert not kept()[0].get("available_languages")


def test_who_does_not_know_the_level_describes_without_a_file(person, gdd, owner):
    page = person(gdd).goes_to("/dataset/new")
    page.sends("go-on", classification="ne-sais-pas", step="file", upload=FILE)
    assert "aucun fichier" in page.errors()["#field-classification"]
    assert kept() == []
    page.sends("without-file", classification="ne-sais-pas", upload=FILE)
    [draft] = kept()
    assert (draft["resources"], draft.get("classification_date")) == ([], None)


@pytest.mark.parametrize(
    "odd",
    [
        "a__b=1",
        "a=1&a__0__b=2",
        "classification=x&classification=y",
        "owner_org=%00&classification=non-classifie&step=file",
    ],
)
def test_what_no_form_of_ours_sends_is_a_bad_request(person, gdd, owner, odd):
    page = person(gdd).goes_to("/dataset/new")
    token = page.answers()["_csrf_token"]
    answer = page.client.post(
        "/fr/dataset/new",
        data=f"_csrf_token={token}&{odd}",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 400
    assert kept() == []


def test_a_question_that_is_not_asked_any_more_keeps_no_answer(deposited):
    deposited.sends("keep", personal_data="autorisees", cndp_number="A-1/2026")
    deposited.goes_to(f"/dataset/edit/{kept()[0]['name']}")
    deposited.sends("publish", **ANSWERS, cndp_number="A-1/2026")
    assert "est public" in deposited.says()
    assert not kept()[0].get("cndp_number")


def test_an_arrondissement_survives_the_form(person, gdd, owner):
    place = vocabulary.vocabulary("arrondissements")[0].slug
    made = factories.dataset(gdd, owner_org=owner["id"], geographic_coverage=[place])
    person(gdd).goes_to(f"/dataset/edit/{made['name']}").sends("keep")
    assert kept()[0]["geographic_coverage"] == [place]


def test_all_places_can_be_unticked(deposited):
    assert kept()[0]["geographic_coverage"]
    deposited.sends("keep", geographic_coverage="")
    assert not kept()[0].get("geographic_coverage")


def test_english_keywords_survive_the_form(person, gdd, owner):
    words = {"fr": ["eau"], "en": ["water"]}
    made = factories.dataset(gdd, owner_org=owner["id"], tags_translated=words)
    person(gdd).goes_to(f"/dataset/edit/{made['name']}").sends("keep")
    assert kept()[0]["tags_translated"] == words


def test_an_institution_that_reviews_all_publishes_nothing_by_itself(deposited, owner):
    helpers.call_action(
        "organization_patch",
        context={"user": core_factories.Sysadmin()["name"]},
        id=owner["id"],
        review_policy="all",
    )
    deposited.sends("publish", **ANSWERS)
    assert "le ROD de votre institution" in deposited.says()
    assert kept()[0]["private"] is True


def test_who_has_left_is_asked_to_sign_in_and_comes_back(person, gdd, owner):
    made = factories.dataset(gdd, owner_org=owner["id"])
    stranger = person().goes_to(f"/dataset/edit/{made['name']}")
    assert stranger.page.select_one("#field-login")


def test_another_institution_s_people_may_not_change_it(person, gdd, owner):
    made = factories.dataset(gdd, owner_org=owner["id"])
    stranger = person(core_factories.User())
    assert stranger.goes_to(f"/dataset/edit/{made['name']}").status == 403
    assert stranger.goes_to("/dataset/edit/rien-de-tel").status == 404
    assert stranger.goes_to("/dataset/new").status == 403


@pytest.mark.parametrize("way", ["copie", "edition"])
def test_a_copy_answers_as_its_model_does(person, gdd, owner, way):
    model_of = factories.dataset(
        gdd,
        owner_org=owner["id"],
        tags_translated={"fr": ["écoles"]},
        temporal_start="2025-01-01",
        version="2",
    )
    page = person(gdd).goes_to(f"/dataset/{model_of['name']}")
    page.presses(f'form[action$="/copie"]:has([value="{way}"])')
    copy = next(each for each in kept() if each["id"] != model_of["id"])
    assert (copy["state"], copy["private"], copy["resources"]) == ("draft", True, [])
    assert copy["title_translated"] == model_of["title_translated"]
    assert copy["tags_translated"] == {"fr": ["écoles"]}
    assert ("temporal_start" in copy) is (way == "copie")
    # Nobody has looked at the data to come.
    for name in ("classification", "personal_data", "art7_scope", "third_party"):
        assert not copy.get(name), name
    assert copy.get("series") == (model_of["title"] if way == "edition" else None)


# All that the form takes comes back

PLACES = [each.slug for each in vocabulary.vocabulary("territory")]
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=40)


def slug_of(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([each.slug for each in vocabulary.get(name).choices])


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    fr=WORDS,
    ar=WORDS,
    notes=WORDS,
    places=st.lists(st.sampled_from(PLACES), unique=True, max_size=5),
    category=slug_of("art10-categories"),
    frequency=slug_of("frequencies"),
    theme=slug_of("themes"),
    personal=slug_of("personal-data"),
    day=st.dates(min_value=dt.date(1950, 1, 1), max_value=dt.date(2026, 1, 1)),
)
def test_any_answers_that_the_form_takes_come_back_from_the_api_and_the_form(  # noqa: PLR0917 - one argument a question
    person, gdd, owner, fr, ar, notes, places, category, frequency, theme, personal, day
):
    made = factories.dataset(gdd, owner_org=owner["id"], private=True)
    page = person(gdd).goes_to(f"/dataset/edit/{made['name']}")
    typed = {
        "title_translated-fr": f"École {fr}",
        "title_translated-ar": f"مدرسة {ar}",
        "notes_translated-fr": f"Note {notes}",
        "geographic_coverage": ["", *places],
        "art10_category": category,
        "collection_frequency": frequency,
        "theme": theme,
        "personal_data": personal,
        "issued": day.isoformat(),
    }
    page.sends("keep", **{name.replace("-", "__"): it for name, it in typed.items()})
    if page.errors():
        return  # What the form does not take is said, and is another story.
    [shown] = [each for each in kept() if each["id"] == made["id"]]
    again = page.goes_to(f"/dataset/edit/{made['name']}").answers()
    for field, lang in (("title_translated", "fr"), ("title_translated", "ar")):
        tidy = texts.clean(typed[f"{field}-{lang}"], line=True)
        assert shown[field][lang] == again[f"{field}-{lang}"] == tidy
    assert sorted(shown.get("geographic_coverage") or []) == sorted(places)
    assert sorted(filter(None, again["geographic_coverage"])) == sorted(places)
    for name in ("art10_category", "collection_frequency", "theme", "issued"):
        assert shown[name] == again[name] == typed[name]
    assert [shown["personal_data"]] == again["personal_data"] == [personal]
    # Sent back as it is shown, the form changes nothing.
    page.sends("keep")
    [after] = [each for each in kept() if each["id"] == made["id"]]
    for each in (after, shown):
        each.pop("metadata_modified")
        # The form sends places in the order of its list.
        each["geographic_coverage"] = sorted(each.get("geographic_coverage") or [])
    assert after == shown
