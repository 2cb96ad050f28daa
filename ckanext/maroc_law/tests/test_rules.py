"""Each rule has its story: one dataset, one reason, and the article that it cites."""

from __future__ import annotations

import re
import string

import pytest

from ckanext.maroc_law import rules
from ckanext.maroc_law.assess import assess
from ckanext.maroc_law.rules import RULES, Outcome

from .cases import TODAY, lawful

CANDIDATES = {
    "personal_data": "publiques-par-la-loi",
    "legal_text": "Texte nommé, art. 3",
}
AUTHORISED = {
    "personal_data": "autorisees",
    "cndp_act": "autorisation",
    "cndp_number": "A-12/2026",
}
DECLARED = {**AUTHORISED, "cndp_act": "declaration", "cndp_number": "D-12/2026"}
ANONYMOUS = {
    "personal_data": "anonymisees",
    "anonymisation_method": "Noms retirés, effectifs de moins de 10 masqués",
}
CUT = {
    "art7_scope": "partie",
    "art7_exceptions": ["securite-etat"],
    "art7_removed": "Colonne des plans des locaux",
}
L31, L09, L05 = "Loi 31-13, art. ", "Loi 09-08, art. ", "Loi 05-20, art. "
DECREE = "Décret 2-21-406, art. "
BOTH = "Loi 31-13, art. 7 ; loi 09-08, art. "

# The rule, the answers that call for it, the article, what it leads to.
STORIES = [
    ("classified-tres-secret", {"classification": "tres-secret"}, DECREE + "13", "b"),
    ("classified-secret", {"classification": "secret"}, DECREE + "13", "b"),
    ("classified-confidentiel", {"classification": "confidentiel"}, DECREE + "13", "b"),
    (
        "classified-diffusion-restreinte",
        {"classification": "diffusion-restreinte"},
        DECREE + "13",
        "b",
    ),
    ("classification-undated", {"classification_date": ""}, DECREE + "15", "i"),
    (
        "classification-expired",
        {"classification_date": "2023-11-21"},
        DECREE + "15",
        "r",
    ),
    (
        "classification-date-future",
        {"classification_date": "2026-11-23"},
        DECREE + "15",
        "i",
    ),
    ("exception-covers-all", {**CUT, "art7_scope": "tout"}, L31 + "7", "b"),
    ("exception-covers-part", CUT, L31 + "7 et 8", "r"),
    ("exception-not-named", {**CUT, "art7_exceptions": []}, L31 + "7", "i"),
    ("removed-part-not-described", {**CUT, "art7_removed": " "}, L31 + "8", "i"),
    (
        "exception-named-for-nothing",
        {"art7_exceptions": ["securite-etat"]},
        L31 + "7",
        "i",
    ),
    (
        "third-party-agreed",
        {"third_party": "oui-accord", "third_party_agreement": "Lettre du 03/02/2026"},
        L31 + "9",
        "r",
    ),
    ("third-party-agreement-missing", {"third_party": "oui-accord"}, L31 + "9", "i"),
    ("third-party-not-agreed", {"third_party": "oui-sans-accord"}, L31 + "9", "r"),
    (
        "personal-data-present",
        {"personal_data": "presentes"},
        BOTH + "4, 12 (1, b) et 61",
        "b",
    ),
    ("public-by-law", CANDIDATES, L09 + "18", "r"),
    ("legal-text-missing", {**CANDIDATES, "legal_text": None}, L09 + "18", "i"),
    ("publication-authorised", AUTHORISED, L09 + "12", "r"),
    ("cndp-reference-missing", {**AUTHORISED, "cndp_number": ""}, L09 + "19", "i"),
    ("declaration-for-new-purpose", DECLARED, L09 + "12 (1, b)", "r"),
    (
        "cin-without-authorisation",
        {**DECLARED, "personal_identifiers": ["nom", "cin"]},
        L09 + "12 (1, e)",
        "b",
    ),
    (
        "cin-public-by-law",
        {**CANDIDATES, "personal_identifiers": ["cin"]},
        L09 + "12 (1, e) et 18",
        "r",
    ),
    (
        "sensitive-without-authorisation",
        {**DECLARED, "sensitive_data": ["sante"]},
        L09 + "12 (1, a, c et d), 21 et 57",
        "b",
    ),
    (
        "sensitive-public-by-law",
        {**CANDIDATES, "sensitive_data": ["opinions-politiques"]},
        L09 + "21",
        "r",
    ),
    (
        "anonymisation-not-described",
        {"personal_data": "anonymisees"},
        "Loi 31-13, art. 8 ; loi 09-08, art. 1",
        "i",
    ),
    (
        "anonymisation-in-doubt",
        {**ANONYMOUS, "sensitive_data": ["sante"]},
        L09 + "1",
        "r",
    ),
    ("identifiers-of-nobody", {"personal_identifiers": ["telephone"]}, L09 + "1", "i"),
    ("sensitive-of-nobody", {"sensitive_data": ["sante"]}, L09 + "1 (3)", "i"),
    ("classification-unanswered", {"classification": ""}, L05 + "5", "i"),
    ("classification-unknown", {"classification": "ne-sais-pas"}, L05 + "5", "r"),
    ("exception-unanswered", {"art7_scope": None}, L31 + "7", "i"),
    ("exception-unknown", {"art7_scope": "ne-sais-pas"}, L31 + "7", "r"),
    ("third-party-unanswered", {"third_party": []}, L31 + "9", "i"),
    ("third-party-unknown", {"third_party": "ne-sais-pas"}, L31 + "9", "r"),
    ("personal-data-unanswered", {"personal_data": "peut-être"}, BOTH + "1", "i"),
    ("personal-data-unknown", {"personal_data": "ne-sais-pas"}, BOTH + "1", "r"),
    ("source-missing", {"source": " "}, L31 + "6", "i"),
    ("issued-missing", {"issued": "bientôt"}, L31 + "6", "i"),
    ("issued-in-future", {"issued": "2026-11-23"}, L31 + "6", "i"),
    ("licence-missing", {"license_id": "notspecified"}, L31 + "6", "i"),
    ("frequency-missing", {"collection_frequency": ""}, L31 + "11", "i"),
    ("category-missing", {"art10_category": ""}, L31 + "10", "i"),
    ("territory-missing", {"geographic_coverage": "[]"}, "", "i"),
    ("title-missing", {"title_translated": {"fr": "", "ar": " "}}, "", "i"),
    ("description-missing", {"notes_translated": "{}"}, "", "i"),
    ("contact-missing", {"contact_email": None}, "", "i"),
    (
        "period-inverted",
        {"temporal_start": "2026-02-01", "temporal_end": "2026-01-31"},
        "",
        "i",
    ),
]
OUTCOMES = {"b": Outcome.BLOCKED, "i": Outcome.INCOMPLETE, "r": Outcome.REVIEW}


def reasons(**answers):
    return {each.rule: each for each in assess(lawful(**answers), TODAY).reasons}


@pytest.mark.parametrize(
    ("rule", "answers", "article", "outcome"),
    STORIES,
    ids=[each[0] for each in STORIES],
)
def test_a_dataset_stops_for_the_reason_that_its_article_gives(
    rule, answers, article, outcome
):
    reason = reasons(**answers)[rule]
    assert reason.article == article
    assert reason.outcome == OUTCOMES[outcome]
    assert set(answers) & set(reason.fields)


@pytest.mark.parametrize(
    ("rule", "answers"),
    [each[:2] for each in STORIES],
    ids=[each[0] for each in STORIES],
)
def test_the_sentence_is_complete_in_three_languages(rule, answers):
    reason = reasons(**answers)[rule]
    for words in (reason.sentence, reason.way_out):
        assert set(words) == {"fr", "ar", "en"}
        assert not any(set("{}") & set(text) for text in words.values())
        assert all(re.search(r"[.?؟]$", text) for text in words.values())


def test_every_rule_has_its_story():
    assert sorted(each[0] for each in STORIES) == sorted(each.id for each in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_can_be_read_in_the_public_list(rule):
    assert rules.find(rule.id) is rule
    assert rule.fields
    assert rule.outcome != Outcome.PUBLISHABLE
    holes = []
    for words in (rule.does, rule.sentence, rule.way_out):
        assert set(words) == {"fr", "ar", "en"}
        assert re.search("[\u0621-\u064a]", words["ar"])
        assert not re.search("[\u0621-\u064a]", words["fr"] + words["en"])
        # A number with hyphens turns around after Arabic letters; official texts use
        # dots there: 31.13. And Morocco writes Western digits.
        assert not re.search("[\u0660-\u0669]|[0-9]-[0-9]", words["ar"])
        for lang in words:
            found = {name for _, name, _, _ in string.Formatter().parse(words[lang])}
            holes.append(found - {None})
    assert holes[:3] == holes[6:] == [set()] * 3
    assert holes[3] == holes[4] == holes[5]


def test_there_is_no_other_rule():
    assert rules.find("inconnue") is None


def test_a_classification_holds_three_years_to_the_day():
    assert "classification-expired" not in reasons(classification_date="2023-11-22")
    expired = reasons(classification_date="2023-11-21")["classification-expired"]
    assert "21/11/2023" in expired.sentence["fr"]
    assert "21/11/2023" in expired.sentence["ar"]
    assert "2023-11-21" in expired.sentence["en"]


def test_what_was_cut_out_and_described_awaits_only_a_second_pair_of_eyes():
    assert set(reasons(**CUT)) == {"exception-covers-part"}


def test_anonymous_data_with_a_method_are_publishable():
    assert reasons(**ANONYMOUS) == {}


def test_an_anonymous_file_that_keeps_phone_numbers_is_not_anonymous():
    found = reasons(**ANONYMOUS, personal_identifiers=["telephone"])
    assert set(found) == {"anonymisation-in-doubt", "identifiers-of-nobody"}
    assert "téléphone" in found["identifiers-of-nobody"].sentence["fr"]


def test_an_authorisation_covers_the_cin_and_sensitive_data_until_the_review():
    found = reasons(
        **AUTHORISED, personal_identifiers=["cin"], sensitive_data=["sante"]
    )
    assert set(found) == {"publication-authorised"}


@pytest.mark.parametrize("ground", ["presentes", "ne-sais-pas"])
def test_the_cin_without_a_ground_is_blocked_whoever_is_unsure(ground):
    found = reasons(personal_data=ground, personal_identifiers=["cin"])
    assert found["cin-without-authorisation"].outcome == Outcome.BLOCKED


def test_sensitive_data_of_a_public_register_need_the_text_that_allows_them():
    unnamed = reasons(
        personal_data="publiques-par-la-loi", sensitive_data=["opinions-politiques"]
    )
    assert unnamed["sensitive-without-authorisation"].outcome == Outcome.BLOCKED
    named = reasons(**CANDIDATES, sensitive_data=["opinions-politiques"])
    assert "sensitive-without-authorisation" not in named


def test_recruitment_results_about_nobody_are_no_contradiction():
    for category in ("concours-recrutement", "postes-responsabilite"):
        assert reasons(art10_category=category) == {}


def test_contradictions_say_that_they_are():
    assert {each.id for each in RULES if each.contradiction} == {
        "classification-date-future",
        "exception-named-for-nothing",
        "identifiers-of-nobody",
        "issued-in-future",
        "period-inverted",
        "sensitive-of-nobody",
    }
    assert reasons(issued="2027-01-01")["issued-in-future"].contradiction
