"""A verdict gives every reason at once, whatever a dataset holds."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.maroc_law import vocabulary
from ckanext.maroc_law.assess import DISCLAIMER, assess
from ckanext.maroc_law.rules import RULES, Outcome

from .cases import TODAY, lawful

FIELDS = sorted({field for rule in RULES for field in rule.fields})


def slugs(vocabulary_id):
    return st.sampled_from(
        [each.slug for each in vocabulary.get(vocabulary_id).choices]
    )


def some(vocabulary_id):
    return st.lists(slugs(vocabulary_id), max_size=3)


DAYS = st.dates().map(dt.date.isoformat)
PLAUSIBLE = {
    "classification": slugs("classification"),
    "classification_date": DAYS,
    "art7_scope": slugs("exception-scope"),
    "art7_exceptions": some("art7-exceptions"),
    "art7_removed": st.sampled_from(["", "Deux colonnes"]),
    "third_party": slugs("third-party"),
    "third_party_agreement": st.sampled_from(["", "Lettre n° 12"]),
    "personal_data": slugs("personal-data"),
    "anonymisation_method": st.sampled_from(["", "Noms retirés"]),
    "legal_text": st.sampled_from(["", "Texte nommé"]),
    "cndp_act": slugs("cndp-act"),
    "cndp_number": st.sampled_from(["", "A-1/2026"]),
    "personal_identifiers": some("personal-identifiers"),
    "sensitive_data": some("sensitive-data"),
    "issued": DAYS,
    "temporal_start": DAYS,
    "temporal_end": DAYS,
    "source": st.sampled_from(["", "HCP"]),
    "license_id": slugs("licences"),
}
datasets = st.fixed_dictionaries({}, optional=PLAUSIBLE).map(
    lambda answers: lawful(**answers)
)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes()
    | st.one_of(*PLAUSIBLE.values()),
    lambda inside: (
        st.lists(inside) | st.dictionaries(st.text() | st.integers(), inside)
    ),
    max_leaves=8,
)
BLOCKING = [
    {"classification": "tres-secret"},
    {"classification": "secret"},
    {"classification": "confidentiel"},
    {"classification": "diffusion-restreinte"},
    {"art7_scope": "tout"},
    {"personal_data": "presentes"},
    {
        "personal_data": "autorisees",
        "cndp_act": "declaration",
        "personal_identifiers": ["cin"],
    },
    {
        "personal_data": "autorisees",
        "cndp_act": "declaration",
        "sensitive_data": ["sante"],
    },
]


def test_a_complete_file_that_the_law_leaves_open_is_publishable():
    verdict = assess(lawful(), TODAY)
    assert verdict.outcome == Outcome.PUBLISHABLE
    assert verdict.reasons == ()


def test_a_list_of_candidates_gets_all_its_reasons_the_gravest_first():
    verdict = assess(
        lawful(
            title_translated={"fr": "Candidats admis au concours"},
            art10_category="concours-recrutement",
            personal_data="autorisees",
            cndp_act="declaration",
            cndp_number="",
            personal_identifiers=["nom", "cin"],
            third_party="ne-sais-pas",
            source="",
        ),
        TODAY,
    )
    assert verdict.outcome == Outcome.BLOCKED
    assert [(str(each.outcome), each.rule) for each in verdict.reasons] == [
        ("blocked", "cin-without-authorisation"),
        ("incomplete", "cndp-reference-missing"),
        ("incomplete", "source-missing"),
        ("review", "publication-authorised"),
        ("review", "declaration-for-new-purpose"),
        ("review", "third-party-unknown"),
    ]
    [blocking] = [each for each in verdict.reasons if each.outcome == Outcome.BLOCKED]
    assert blocking.article == "Loi 09-08, art. 12 (1, e)"
    assert "une déclaration ne suffit pas" in blocking.sentence["fr"]
    assert "colonne des CIN" in blocking.way_out["fr"]


def test_an_incomplete_file_cannot_be_reviewed_yet():
    assert assess(lawful(classification="ne-sais-pas"), TODAY).outcome == "review"
    hole = lawful(classification="ne-sais-pas", issued=None)
    assert assess(hole, TODAY).outcome == "incomplete"
    assert {each.rule for each in assess(hole, TODAY).reasons} == {
        "classification-unknown",
        "issued-missing",
    }


def test_an_empty_dataset_is_told_all_that_it_lacks():
    verdict = assess({}, TODAY)
    assert verdict.outcome == Outcome.INCOMPLETE
    assert {each.outcome for each in verdict.reasons} == {Outcome.INCOMPLETE}
    assert len(verdict.reasons) == 13


def test_a_verdict_is_json_and_says_that_it_is_no_opinion_of_a_commission():
    said = assess(lawful(personal_data="presentes"), TODAY).as_dict()
    assert json.loads(json.dumps(said)) == said
    assert said["outcome"] == "blocked"
    assert said["disclaimer"] == dict(DISCLAIMER)
    assert all("CNDP" in text and "CDAI" in text for text in DISCLAIMER.values())
    assert json.dumps([rule.as_dict() for rule in RULES])


@pytest.mark.parametrize(
    "stored",
    [
        {"geographic_coverage": '["MA"]', "resources": '[{"url": "a.csv"}]'},
        {"title_translated": '{"ar": "الميزانية"}', "notes_translated": "Une ligne"},
        {"issued": dt.date(2026, 2, 1), "classification_date": dt.datetime(2026, 1, 1)},  # noqa: DTZ001
        {"art7_scope": ["aucune"], "personal_data": '["aucune"]'},
        {"issued": "2026-02-01T08:00:00+01:00", "source": {"ar": "الجماعة"}},
        {"geographic_coverage": "01.511.01.03"},
    ],
)
def test_an_answer_is_the_same_however_it_was_stored(stored):
    assert assess(lawful(**stored), TODAY).reasons == ()


def test_the_number_of_an_act_is_kept_as_it_is_written():
    given = {"personal_data": "autorisees", "cndp_act": "autorisation"}
    for number in ("A-12/2026", "CNDP n° 7 bis", 4512):
        verdict = assess(lawful(**given, cndp_number=number), TODAY)
        assert verdict.outcome == Outcome.REVIEW


@given(st.dictionaries(st.sampled_from(FIELDS), anything), st.dates())
@settings(max_examples=300, deadline=None)
def test_whatever_a_dataset_holds_there_is_a_verdict(dataset, on):
    assert json.dumps(assess(dataset, on).as_dict())


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"fr":' * 100_000, "[" + "9" * 5000])
def test_a_text_made_to_break_the_reader_does_not(deep):
    assert assess(dict.fromkeys(FIELDS, deep), TODAY).outcome == Outcome.INCOMPLETE


@given(datasets, st.sampled_from(BLOCKING))
@settings(deadline=None)
def test_no_other_answer_lifts_what_the_law_closes(dataset, closed):
    assert assess({**dataset, **closed}, TODAY).outcome == Outcome.BLOCKED


@given(datasets, st.sampled_from(FIELDS), st.dates())
@settings(deadline=None)
def test_taking_an_answer_away_changes_only_the_reasons_that_name_it(
    dataset, field, on
):
    def others(answers):
        reasons = assess(answers, on).reasons
        return [each for each in reasons if field not in each.fields]

    without = {name: value for name, value in dataset.items() if name != field}
    assert others(without) == others(dataset)


@given(datasets, st.dates())
@settings(deadline=None)
def test_the_outcome_is_that_of_the_gravest_reason(dataset, on):
    verdict = assess(dataset, on)
    order = list(Outcome)
    worst = min((order.index(each.outcome) for each in verdict.reasons), default=3)
    assert verdict.outcome == order[worst]


@given(
    st.dates(dt.date(1000, 1, 1)).flatmap(
        lambda on: st.tuples(
            st.just(on),
            st.integers(0, 3 * 365).map(lambda days: on - dt.timedelta(days)),
            st.dates(max_value=on),
        )
    )
)
@settings(deadline=None)
def test_a_lawful_dataset_is_publishable_on_any_day(days):
    on, classified, issued = days
    dataset = lawful(
        classification_date=classified.isoformat(), issued=issued.isoformat()
    )
    assert assess(dataset, on).outcome == Outcome.PUBLISHABLE
