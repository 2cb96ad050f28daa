"""What the law's lists hold, as a reader of the law would check them."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from ckanext.maroc_law import vocabulary

EVERY = vocabulary.ids()
FILES = (
    "art10-categories",
    "art7-exceptions",
    "bodies",
    "classification",
    "cndp-act",
    "disaggregation-levels",
    "exception-scope",
    "frequencies",
    "languages",
    "licences",
    "personal-data",
    "personal-identifiers",
    "resource-roles",
    "review-policies",
    "sensitive-data",
    "themes",
    "third-party",
)
PLACES = (
    "arrondissements",
    "communes",
    "prefectures-arrondissements",
    "provinces",
    "regions",
    "territory",
)
QUESTIONS = ("classification", "exception-scope", "personal-data", "third-party")
ARABIC = re.compile("[\u0621-\u064a]")
# A number with hyphens turns around after Arabic letters.
HYPHENS = re.compile(r"\d-\d")


def test_the_lists_of_the_law_and_of_the_territory_are_there():
    assert set(EVERY) == {*FILES, *PLACES}
    assert len(set(EVERY)) == len(EVERY)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("art10-categories", 19),
        ("art7-exceptions", 14),
        ("bodies", 8),
        ("classification", 5),
        ("regions", 12),
        ("provinces", 75),
        ("communes", 1503),
        ("arrondissements", 41),
        ("prefectures-arrondissements", 8),
        ("territory", 1 + 12 + 75 + 1503 + 41),
        ("personal-data", 5),
        ("sensitive-data", 6),
        ("exception-scope", 3),
        ("third-party", 3),
        ("cndp-act", 2),
        ("languages", 4),
    ],
)
def test_a_list_is_as_long_as_the_law_or_the_census_says(name, size):
    assert len(vocabulary.vocabulary(name)) == size


@pytest.mark.parametrize("name", EVERY)
def test_every_item_has_one_slug_and_three_labels(name):
    items = vocabulary.get(name).choices
    slugs = [each.slug for each in items]
    assert len(set(slugs)) == len(slugs)
    for each in items:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", each.slug), each
        assert set(each.label) == {"fr", "ar", "en"}, each
        assert all(text == text.strip() != "" for text in each.label.values()), each
        assert ARABIC.search(each.label["ar"]), each
        assert not ARABIC.search(each.label["fr"] + each.label["en"]), each
        assert set(each.note) in (set(), {"fr", "ar", "en"}), each


@pytest.mark.parametrize("name", EVERY)
def test_no_number_turns_around_in_an_arabic_label(name):
    found = vocabulary.get(name)
    assert not HYPHENS.search(found.label["ar"])
    for each in found.choices:
        assert not HYPHENS.search(each.label["ar"]), each
        assert not HYPHENS.search(each.note.get("ar", "")), each


@pytest.mark.parametrize("name", FILES)
def test_every_list_has_a_name_and_a_day(name):
    found = vocabulary.get(name)
    assert found.id == name
    assert set(found.label) == {"fr", "ar", "en"}
    assert isinstance(found.since, dt.date)


@pytest.mark.parametrize("number", range(1, 20))
def test_each_category_says_its_number_in_article_10(number):
    category = vocabulary.vocabulary("art10-categories")[number - 1]
    assert category.article == f"Loi 31-13, art. 10, n° {number}"


def test_article_10_is_not_exhaustive_so_another_answer_stands_beside_the_list():
    [other] = vocabulary.get("art10-categories").also
    assert other.slug == "hors-liste"
    assert other not in vocabulary.vocabulary("art10-categories")
    assert vocabulary.find("art10-categories", "hors-liste") == other


def test_none_of_the_four_levels_of_the_decree_is_public():
    [unclassified, *levels] = vocabulary.vocabulary("classification")
    assert unclassified.slug == "non-classifie"
    assert [each.label["fr"] for each in levels] == [
        "Diffusion restreinte",
        "Confidentiel",
        "Secret",
        "Très secret",
    ]
    assert {each.article for each in levels} == {"Décret 2-21-406, art. 13"}


def test_article_7_words_its_exceptions_in_three_ways():
    items = vocabulary.vocabulary("art7-exceptions")
    assert [each.tier for each in items] == [*"AAAAABBBBCCCCC"]
    assert {each.article for each in items} == {"Loi 31-13, art. 7"}


def test_two_exceptions_lift_with_a_permission():
    items = vocabulary.vocabulary("art7-exceptions")
    assert [each.slug for each in items if each.liftable] == [
        "enquetes-administratives",
        "procedures-judiciaires",
    ]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_of_law_may_be_left_to_someone_who_knows(question):
    [unsure] = vocabulary.get(question).also
    assert unsure.slug == "ne-sais-pas"
    assert unsure not in vocabulary.vocabulary(question)


def test_offences_are_not_sensitive_data_and_are_asked_all_the_same():
    found = vocabulary.get("sensitive-data")
    [offences] = found.also
    assert offences.article == "Loi 09-08, art. 12 (1, d)"
    assert {each.article[:21] for each in found.items} == {"Loi 09-08, art. 1 (3)"}


def test_themes_keep_the_live_portals_slugs_and_know_those_of_europe():
    themes = vocabulary.vocabulary("themes")
    assert {"education", "finance", "habitat", "sante"} <= {t.slug for t in themes}
    table = "http://publications.europa.eu/resource/authority/data-theme/"
    assert all(re.fullmatch(table + "[A-Z]{4}", each.uri) for each in themes)
    assert len({each.uri for each in themes}) == 13


def test_frequencies_are_the_codes_of_the_eu_table_from_quick_to_slow():
    items = vocabulary.vocabulary("frequencies")
    for each in items:
        table = "http://publications.europa.eu/resource/authority/frequency/"
        assert each.uri == table + each.slug
    days = [each.days for each in items if each.days]
    assert days == sorted(days)
    assert vocabulary.find("frequencies", "MONTHLY").days == 31
    assert vocabulary.find("frequencies", "ANNUAL").days == 366
    assert vocabulary.find("frequencies", "IRREG").days is None


def test_every_licence_has_the_address_of_its_text():
    assert all(each.uri for each in vocabulary.vocabulary("licences"))
    assert vocabulary.vocabulary("licences")[0].slug == "odc-odbl"


def test_a_label_is_read_in_the_readers_language_then_in_french():
    assert vocabulary.label("regions", "03", "ar") == "فاس-مكناس"
    assert vocabulary.label("regions", "03", "zgh") == "Fès-Meknès"


def test_a_slug_that_is_no_more_is_shown_as_it_is():
    assert vocabulary.label("bodies", "disparu", "fr") == "disparu"


@pytest.mark.parametrize("wrong", ["", "nowhere", "../vocabularies/bodies", "."])
def test_there_is_no_other_list(wrong):
    with pytest.raises(LookupError):
        vocabulary.get(wrong)
