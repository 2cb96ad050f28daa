"""What the API takes of a dataset, keeps, and refuses with a sentence."""

from __future__ import annotations

import datetime as dt
import io
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories as core_factories
from ckan.tests import helpers

from ckanext.maroc_law import vocabulary
from ckanext.maroc_portal import clock
from ckanext.maroc_schema import texts

from . import factories

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")


def change(action, **data):
    """Call an action as an administrator, who leaves an activity behind."""
    context = {"user": core_factories.Sysadmin()["name"]}
    return helpers.call_action(action, context=context, **data)


def show(dataset: dict[str, Any]) -> dict[str, Any]:
    return helpers.call_action("package_show", id=dataset["id"])


def stored(dataset: dict[str, Any]) -> dict[str, str]:
    extras = model.Session.execute(
        sa.text("SELECT extras FROM package WHERE id = :id"), {"id": dataset["id"]}
    )
    return extras.scalar_one()


def refusal(**changes: Any) -> dict[str, Any]:
    with pytest.raises(tk.ValidationError) as refused:
        factories.dataset(**changes)
    return refused.value.error_dict


# Taken


def test_a_dataset_comes_back_as_it_was_sent():
    sent = factories.lawful(geographic_coverage=["MA", "03", "03.231.01.0"])
    made = factories.dataset(**sent)
    shown = show(made)
    assert {name: shown[name] for name in sent} == sent


def test_a_text_is_kept_with_its_real_letters():
    made = factories.dataset(title_translated={"ar": "مدارس", "fr": "Écoles"})
    assert stored(made)["title_translated"] == '{"fr": "Écoles", "ar": "مدارس"}'


def test_core_keeps_the_french_words_or_else_the_arabic_ones():
    both = factories.dataset()
    assert show(both)["title"] == both["title_translated"]["fr"]
    assert show(both)["notes"] == "Une ligne par école."
    arabic = factories.dataset(
        title_translated={"ar": "مدارس"}, notes_translated={"ar": "سطر"}
    )
    assert (show(arabic)["title"], show(arabic)["notes"]) == ("مدارس", "سطر")


def test_who_knows_only_core_is_served():
    made = factories.dataset(
        title_translated=None, notes_translated=None, title="مدارس فاس", notes="Écoles"
    )
    shown = show(made)
    assert shown["title_translated"] == {"ar": "مدارس فاس"}
    assert shown["notes_translated"] == {"fr": "Écoles"}
    assert (shown["title"], shown["notes"]) == ("مدارس فاس", "Écoles")


def test_a_title_patched_by_who_knows_only_core_changes_its_language_alone():
    made = factories.dataset(title_translated={"fr": "Écoles", "ar": "مدارس"})
    change("package_patch", id=made["id"], title="Collèges")
    assert show(made)["title_translated"] == {"fr": "Collèges", "ar": "مدارس"}
    assert show(made)["title"] == "Collèges"
    change("package_patch", id=made["id"], title="إعداديات")
    assert show(made)["title_translated"] == {"fr": "Collèges", "ar": "إعداديات"}


def test_a_language_can_be_taken_away():
    made = factories.dataset(title_translated={"fr": "Écoles", "ar": "مدارس"})
    change("package_patch", id=made["id"], title_translated={"ar": "مدارس"})
    assert show(made)["title_translated"] == {"ar": "مدارس"}
    assert show(made)["title"] == "مدارس"


def test_a_patch_that_omits_the_rest_loses_nothing():
    made = factories.dataset(demonstration="yes", tags=[{"name": "مدرسة"}])
    before = show(made)
    change("package_patch", id=made["id"], source="HCP")
    after = show(made)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"source", "metadata_modified"}


def test_what_is_sent_back_unchanged_changes_nothing():
    made = factories.dataset()
    before = show(made)
    change("package_update", **before)
    assert show(made) == before


@pytest.mark.parametrize("given_as", ['["MA", "03"]', ["MA", "03", "MA"]])
def test_territories_come_as_a_list_or_as_json(given_as):
    assert show(factories.dataset(geographic_coverage=given_as))[
        "geographic_coverage"
    ] == ["MA", "03"]


def test_a_form_sends_one_territory_as_one_word():
    made = factories.dataset(geographic_coverage="03.231")
    assert show(made)["geographic_coverage"] == ["03.231"]


@pytest.mark.parametrize(
    "category", [each.slug for each in vocabulary.get("art10-categories").choices]
)
def test_every_category_of_article_10_can_be_chosen(category):
    assert factories.dataset(art10_category=category)["art10_category"] == category


def test_a_licence_is_given_with_its_version_and_its_own_address():
    made = show(factories.dataset(license_id="cc-by"))
    assert made["license_title"] == "Creative Commons Attribution (CC BY) 4.0"
    assert made["license_url"] == "https://creativecommons.org/licenses/by/4.0/"
    assert made["isopen"] is True


def test_what_is_fictive_says_so():
    assert show(factories.dataset(demonstration="yes"))["demonstration"] == "yes"
    assert "demonstration" not in show(factories.dataset(demonstration=""))


# Addresses


def test_an_address_is_made_from_an_arabic_title():
    made = factories.dataset(title_translated={"ar": "الجماعة"})
    assert made["name"] == "aljmaaa"


def test_two_titles_alike_get_two_addresses_without_asking():
    same = {"title_translated": {"fr": "Budget 2025"}}
    names = [factories.dataset(**same)["name"] for _ in range(3)]
    assert names == ["budget-2025", "budget-2025-2", "budget-2025-3"]


def test_an_address_never_changes_by_itself():
    made = factories.dataset(title_translated={"fr": "Écoles"})
    change("package_patch", id=made["id"], title_translated={"fr": "Lycées"})
    assert show(made)["name"] == "ecoles"
    without = {key: value for key, value in show(made).items() if key != "name"}
    change("package_update", **without)
    assert show(made)["name"] == "ecoles"


def test_who_chooses_an_address_gets_it_or_hears_that_it_is_taken():
    assert factories.dataset(name="mon-adresse")["name"] == "mon-adresse"
    assert "name" in refusal(name="mon-adresse")


def test_two_titles_alike_sent_at_the_same_moment_both_find_an_address(app):
    user = core_factories.SysadminWithToken()
    org = factories.institution()
    answers = []

    def send():
        answers.append(
            app.test_client().post(
                "/api/action/package_create",
                json=factories.lawful(
                    title_translated={"fr": "Budget"}, owner_org=org["id"]
                ),
                headers={"Authorization": user["token"]},
            )
        )

    threads = [threading.Thread(target=send) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [each.status_code for each in answers] == [200] * 4
    names = {each.json["result"]["name"] for each in answers}
    assert names == {"budget", "budget-2", "budget-3", "budget-4"}


# Refused

REFUSED = [
    ({"title_translated": 5}, "title_translated", "« Titre » n'est pas un texte"),
    ({"title_translated": ["a"]}, "title_translated", "n'est pas un texte"),
    ({"title_translated": [{"fr": "a"}]}, "title_translated", "n'est pas un texte"),
    ({"title_translated": {}}, "title_translated", "« Titre » est vide"),
    ({"title_translated": {"fr": " "}}, "title_translated", "« Titre » est vide"),
    ({"title_translated": {"de": "Schulen"}}, "title_translated", "« de »"),
    ({"title_translated": {"fr": "a" * 10**6}}, "title_translated", "1000000"),
    ({"title_translated": {"ar": "Écoles"}}, "title_translated", "« Titre (arabe) »"),
    ({"title_translated": {"fr": "<i>a</i>"}}, "title_translated", "HTML"),
    ({"title_translated": {"fr": "a\x00"}}, "title_translated", "U+0000"),
    ({"title_translated": {"fr": "a\u202e"}}, "title_translated", "U+202E"),
    ({"title_translated": {"fr": "\udc00"}}, "title_translated", "U+DC00"),
    ({"notes_translated": {"fr": "a" * 10**6}}, "notes_translated", "5000"),
    ({"title": 5, "title_translated": None}, "title_translated", "pas un texte"),
    ({"classification": "public"}, "classification", "« public »"),
    ({"classification": ["secret"]}, "classification", "pas un texte"),
    ({"art10_category": "autre"}, "art10_category", "art10-categories"),
    ({"collection_frequency": "chaque jour"}, "collection_frequency", "« chaque jour"),
    ({"collection_frequency": 12}, "collection_frequency", "pas un texte"),
    ({"license_id": "notspecified"}, "license_id", "licences"),
    ({"geographic_coverage": ["99"]}, "geographic_coverage", "« 99 »"),
    ({"geographic_coverage": [["MA"]]}, "geographic_coverage", "liste de codes"),
    ({"geographic_coverage": {"a": 1}}, "geographic_coverage", "liste de codes"),
    ({"geographic_coverage": "[1"}, "geographic_coverage", "liste de codes"),
    ({"geographic_coverage": ["MA"] * 9 + [f"0{n}" for n in range(300)]},
     "geographic_coverage", "301 réponses"),
    ({"art7_exceptions": ["art-7"]}, "art7_exceptions", "art7-exceptions"),
    ({"sensitive_data": 5}, "sensitive_data", "liste de codes"),
    ({"issued": "2999-01-01"}, "issued", "n'est pas encore venu"),
    ({"issued": "hier"}, "issued", "« hier » n'est pas une date"),
    ({"issued": "2026-02-30"}, "issued", "n'est pas une date"),
    ({"issued": 2026}, "issued", "n'est pas un texte"),
    ({"issued": ["2026-01-01"]}, "issued", "n'est pas un texte"),
    ({"temporal_start": "0024-01-01"}, "temporal_start", "n'est pas une date"),
    ({"temporal_start": "2026-02-01", "temporal_end": "2026-01-01"},
     "temporal_start", "période"),
    ({"contact_email": "le service"}, "contact_email", "adresse électronique"),
    ({"contact_email": "a@b@c.ma"}, "contact_email", "adresse électronique"),
    ({"contact_email": "a" * 400 + "@b.ma"}, "contact_email", "adresse électronique"),
    ({"tags_translated": 5}, "tags_translated", "n'est pas un texte"),
    ({"tags_translated": {"fr": 5}}, "tags_translated", "n'est pas un texte"),
    ({"tags_translated": {"fr": [5]}}, "tags_translated", "n'est pas un texte"),
    ({"tags_translated": {"de": ["Wasser"]}}, "tags_translated", "« de »"),
    ({"tags_translated": {"ar": ["eau"]}}, "tags_translated", "(arabe)"),
    ({"tags_translated": {"fr": ["a"]}}, "tags_translated", "mot-clé"),
    ({"tags_translated": {"fr": [f"mot {n}" for n in range(31)]}},
     "tags_translated", "31 mots-clés"),
    # Two answers that cannot both be true.
    ({"personal_identifiers": ["cin"]}, "personal_data", "09-08"),
    ({"art7_exceptions": ["defense-nationale"]}, "art7_scope", "31-13"),
    ({"source": "a" * 400}, "source", "300"),
    ({"source": "a\x00"}, "source", "U+0000"),
    ({"source": ["HCP"]}, "source", "pas un texte"),
    ({"name": 5}, "name", "n'est pas un texte"),
    ({"name": "a\x00b"}, "name", "U+0000"),
    ({"author": "a\x00b"}, "author", "U+0000"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "field", "said"), REFUSED, ids=[f"{e[1]}: {e[2]}" for e in REFUSED]
)
def test_what_cannot_be_taken_is_refused_in_a_sentence(wrong, field, said):
    errors = refusal(**wrong)
    assert list(errors) == [field]
    [sentence] = errors[field]
    assert said in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    "lacking",
    [
        {"notes_translated": None},
        {"classification": None},
        {"classification_date": ""},
        {"art10_category": ""},
        {"geographic_coverage": []},
        {"collection_frequency": None},
        {"license_id": ""},
        {"source": ""},
        {"issued": None},
        {"contact_email": ""},
        {"personal_data": None},
        {"art7_scope": ""},
        {"third_party": ""},
        # What nobody may publish, or what a ROD must examine.
        {"personal_data": "presentes"},
        {"art7_scope": "tout", "art7_exceptions": ["defense-nationale"]},
        {"classification": "ne-sais-pas"},
        {"personal_data": "ne-sais-pas"},
        {"classification_date": "2020-01-01"},
    ],
    ids=str,
)
def test_what_the_law_does_not_let_out_is_kept_and_stays_closed(lacking):
    made = factories.dataset(private=False, **lacking)
    assert made["private"] is True
    kept = show(made)
    for name, value in lacking.items():
        assert kept.get(name) in ((value, None) if value else (None, "", [])), name
    change("package_patch", id=made["id"], private=False)
    assert show(made)["private"] is True
    change("package_patch", id=made["id"], private="False")
    assert show(made)["private"] is True


def test_an_answer_that_the_law_stops_is_kept_apart_from_the_public_dataset():
    made = factories.public()
    kept = change("package_patch", id=made["id"], personal_data="presentes")
    assert kept["revision_of"] == made["id"]
    assert (show(made)["private"], show(made)["personal_data"]) == (False, "aucune")


@pytest.mark.parametrize("type_", ["autre", "harvest"])
def test_a_dataset_of_another_type_would_pass_by_the_law(type_):
    with pytest.raises(tk.ValidationError) as refused:
        factories.dataset(type=type_)
    assert "« dataset »" in refused.value.error_dict["type"][0]


@pytest.mark.parametrize("type_", [None, ""])
def test_a_dataset_without_a_type_is_judged_as_any(type_):
    made = factories.dataset(type=type_, personal_data="presentes")
    assert (made["type"], made["private"]) == ("dataset", True)


def test_a_level_that_grew_old_closes_nothing_by_itself(monkeypatch):
    made = factories.public()
    monkeypatch.setattr(clock, "today", lambda: dt.date(2035, 1, 1))
    kept = change("package_patch", id=made["id"], version="2")
    assert kept["revision_of"] == made["id"], "a ROD looks at it before it says more"
    assert show(made)["private"] is False


def test_no_file_is_taken_while_nobody_knows_the_level(app):
    user = core_factories.SysadminWithToken()
    made = factories.dataset(classification="ne-sais-pas")
    answer = app.post(
        "/fr/api/3/action/resource_create",
        data={"package_id": made["id"], "upload": (io.BytesIO(b"a,b"), "a.csv")},
        headers={"Authorization": user["token"]},
    )
    assert answer.status_code == 409
    assert "RSSI" in str(answer.json["error"])
    assert show(made)["resources"] == []


def test_tags_all_taken_away_are_gone():
    made = factories.dataset(tags_translated={"fr": ["eau"]})
    change("package_patch", id=made["id"], tags=[])
    assert show(made)["tags"] == []


def test_a_public_dataset_does_not_lose_an_answer_it_owes():
    made = factories.public()
    with pytest.raises(tk.ValidationError) as refused:
        change("package_patch", id=made["id"], source="")
    [sentence] = refused.value.error_dict["source"]
    assert sentence.startswith("Il manque la source")
    assert "Loi 31-13, art. 6" in sentence
    assert show(made)["source"] == made["source"]


def test_who_knows_only_core_is_kept_and_stays_closed():
    owner = factories.institution()
    made = change("package_create", title="Écoles", owner_org=owner["id"])
    assert (made["title_translated"], made["private"]) == ({"fr": "Écoles"}, True)


# Keywords


def test_keywords_are_kept_by_language_and_all_are_tags():
    sent = {"fr": ["gestion de l'eau", "forêts"], "ar": ["الماء"]}
    made = show(factories.dataset(tags_translated=sent))
    assert made["tags_translated"] == sent
    tags = {each["name"] for each in made["tags"]}
    assert tags == {"gestion de l eau", "forêts", "الماء"}


def test_tags_of_who_knows_only_core_go_to_the_language_of_their_script():
    made = factories.dataset(tags=[{"name": "eau"}, {"name": "ماء"}])
    assert show(made)["tags_translated"] == {"fr": ["eau"], "ar": ["ماء"]}
    change("package_patch", id=made["id"], tags=[{"name": "ماء"}, {"name": "forêts"}])
    assert show(made)["tags_translated"] == {"fr": ["forêts"], "ar": ["ماء"]}


def test_keywords_taken_away_are_no_tags_any_more():
    made = factories.dataset(tags_translated={"fr": ["eau", "forêts"]})
    change("package_patch", id=made["id"], tags_translated={"fr": ["eau"]})
    assert [each["name"] for each in show(made)["tags"]] == ["eau"]
    change("package_patch", id=made["id"], tags_translated={})
    assert show(made)["tags"] == []


def test_a_dataset_of_no_institution_is_refused_in_a_sentence():
    with pytest.raises(tk.ValidationError) as refused:
        change("package_create", **factories.lawful(owner_org=None))
    [sentence] = refused.value.error_dict["owner_org"]
    assert "« Institution » est vide" in sentence


@pytest.mark.parametrize(
    "level",
    [each.slug for each in vocabulary.vocabulary("classification")[1:]],
)
def test_classified_data_are_refused_for_that_alone(level):
    errors = refusal(classification=level, title_translated={}, art10_category="")
    [sentence] = errors.pop("classification")
    assert "décret 2-21-406" in sentence
    assert "RSSI" in sentence
    assert vocabulary.label("classification", level, "fr") in sentence
    assert not errors


def test_an_open_dataset_cannot_be_made_classified():
    made = factories.dataset()
    with pytest.raises(tk.ValidationError, match="2-21-406"):
        change("package_patch", id=made["id"], classification="secret")
    assert show(made)["classification"] == "non-classifie"


def test_the_api_refuses_in_the_readers_language(app):
    user = core_factories.SysadminWithToken()
    for lang, said in (("ar", "خانة «العنوان» فارغة"), ("en", "“Title” is empty")):
        answer = app.post(
            f"/{lang}/api/3/action/package_create",
            json=factories.lawful(title_translated={}),
            headers={"Authorization": user["token"]},
        )
        assert answer.status_code == 409
        assert said in answer.json["error"]["title_translated"][0]


# Resources


def test_a_file_may_be_named_in_two_languages():
    made = factories.dataset(
        resources=[
            {
                "url": "https://www.fes.ma/a.csv",
                "name_translated": {"fr": "Écoles", "ar": "مدارس"},
            }
        ]
    )
    [resource] = show(made)["resources"]
    assert resource["name_translated"] == {"fr": "Écoles", "ar": "مدارس"}
    assert resource["name"] == "Écoles"


def test_a_file_named_by_who_knows_only_core_keeps_its_name():
    made = factories.dataset(
        resources=[{"url": "https://www.fes.ma/a.csv", "name": "مدارس.csv"}]
    )
    [resource] = show(made)["resources"]
    assert resource["name"] == "مدارس.csv"
    change("resource_patch", id=resource["id"], name="مدارس 2025")
    [resource] = show(made)["resources"]
    assert resource["name"] == "مدارس 2025"
    assert resource["name_translated"] == {"ar": "مدارس 2025"}


def test_a_link_without_a_name_is_called_by_its_address():
    made = factories.dataset(resources=[{"url": "https://www.fes.ma/a.csv"}])
    assert show(made)["resources"][0]["name"] == "a.csv"


def test_a_deleted_description_of_a_file_is_gone():
    made = factories.dataset(
        resources=[{"url": "https://www.fes.ma/a.csv", "description": "2025"}]
    )
    [resource] = show(made)["resources"]
    change("resource_patch", id=resource["id"], description="")
    assert not show(made)["resources"][0]["description"]


def test_a_file_may_be_described_in_two_languages():
    file = {
        "url": "https://www.fes.ma/a.csv",
        "description_translated": {"fr": "Janvier", "ar": "يناير"},
        "role": "donnees",
        "language": ["fr", "ar"],
    }
    [resource] = show(factories.dataset(resources=[file]))["resources"]
    assert {name: resource[name] for name in file} == file
    assert resource["description"] == "Janvier"


PERIOD = {"temporal_start": "2025-01-01", "temporal_end": "2025-12-31"}
FILES = [
    {"url": "https://www.fes.ma/a.csv", "temporal_end": "2025-12-31"},
    {"url": "https://www.fes.ma/b.csv"},
]
WIDER = {"temporal_end": "2025-06-30"}


def patched(made: dict[str, Any]) -> None:
    change("package_patch", id=made["id"], **WIDER)


def updated(made: dict[str, Any]) -> None:
    change("package_update", **{**show(made), **WIDER})


def updated_without_its_files(made: dict[str, Any]) -> None:
    whole = {**show(made), **WIDER}
    del whole["resources"]
    change("package_update", **whole)


def revised(made: dict[str, Any]) -> None:
    change("package_revise", match={"id": made["id"]}, update=WIDER)


@pytest.mark.parametrize(
    "way",
    [patched, updated, updated_without_its_files, revised],
    ids=lambda w: w.__name__,
)
def test_a_period_that_leaves_a_file_outside_is_refused_whatever_the_way(way):
    made = factories.dataset(resources=FILES, **PERIOD)
    with pytest.raises(tk.ValidationError) as refused:
        way(made)
    assert "30/06/2025" in str(refused.value.error_dict["resources"])
    assert show(made)["temporal_end"] == "2025-12-31"


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"url": ""}, "url", "pas encore de données"),
        ({"url": 5}, "url", "n'est pas un texte"),
        ({"name_translated": {"ar": "a"}}, "name_translated", "(arabe)"),
        ({"description": "a\x00"}, "description", "U+0000"),
        ({"description": "a" * 10**6}, "description_translated", "5000"),
        ({"role": "autre"}, "role", "resource-roles"),
        ({"temporal_start": "2026"}, "temporal_start", "n'est pas une date"),
    ],
)
def test_what_cannot_be_taken_of_a_file_is_refused_in_a_sentence(wrong, field, said):
    errors = refusal(resources=[{"url": "https://www.fes.ma/a.csv", **wrong}])
    [found] = errors["resources"]
    assert list(found) == [field]
    assert said in found[field][0]


# All that is taken comes back

LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn"))
BEGINNINGS = {"fr": "École ", "ar": "مدرسة "}


def texts_taken(*, line: bool) -> st.SearchStrategy[dict[str, str]]:
    """Return any texts that the form would take."""
    languages = {
        lang: st.text(LETTERS).map(beginning.__add__)
        for lang, beginning in BEGINNINGS.items()
    }
    return st.fixed_dictionaries({}, optional=languages).filter(
        lambda text: (
            bool(text)
            and not list(texts.problems(texts.tidy(text, line=line), line=line))
        )
    )


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    title=texts_taken(line=True),
    notes=texts_taken(line=False),
    category=st.sampled_from(vocabulary.get("art10-categories").choices),
    frequency=st.sampled_from(vocabulary.vocabulary("frequencies")),
    places=st.lists(
        st.sampled_from(vocabulary.vocabulary("territory")), min_size=1, max_size=9
    ),
)
def test_any_dataset_that_is_taken_comes_back_identical(
    title, notes, category, frequency, places
):
    sent = factories.lawful(
        title_translated=title,
        notes_translated=notes,
        art10_category=category.slug,
        collection_frequency=frequency.slug,
        geographic_coverage=[each.slug for each in places],
    )
    user = core_factories.Sysadmin()
    made = factories.dataset(user, owner_org=factories.institution()["id"], **sent)
    shown = show(made)
    for field, line in (("title_translated", True), ("notes_translated", False)):
        assert shown[field] == texts.tidy(sent[field], line=line)
    assert shown["geographic_coverage"] == list(
        dict.fromkeys(sent["geographic_coverage"])
    )
    change("package_update", **shown)
    assert show(made) == shown
