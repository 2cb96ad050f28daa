"""What a reader types, and what Solr is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckan.lib.search import SearchQueryError

from ckanext.maroc_search import glossary, question

NOTHING_KNOWN = glossary.Glossary(entries=())
ALL_LETTERS = st.text(st.characters(codec=None), max_size=60)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("écoles Fès", "écoles Fès"),
        ("l’eau potable", "l’eau potable"),
        ("Fès-Meknès", "Fès Meknès"),
        ("population_communes-2024.csv", "population communes 2024 csv"),
        ("budget (2023/2024)?", "budget 2023 2024"),
        ("Maroc : population", "Maroc population"),
        ("http://www.hcp.ma/", "http www hcp ma"),
        ("R.A.M.E.D. 3.5", "R.A.M.E.D. 3.5"),
        ("العُمّال بفاس", "العُمّال بفاس"),
        ("سكان\u200f", "سكان"),
        ("Fe\u0300s", "Fès"),
        ("eau~2 for^ets [a TO b] {x} C++ a*b", "eau 2 for ets a TO b x C a b"),
    ],
)
def test_a_question_is_its_words(asked: str, said: str):
    assert question.words(asked) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ('"eau potable" Fès', '"eau potable" Fès'),
        ('-"eau potable" Fès', '-"eau potable" Fès'),
        ("eau -prix +Fès", "eau -prix +Fès"),
        ("eau OR forêt", "eau OR forêt"),
        ("eau AND NOT prix", "eau AND NOT prix"),
    ],
)
def test_readers_may_ask_for_phrases_and_without_words(asked: str, said: str):
    assert question.words(asked) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("eau AND", "eau"),
        ("OR eau", "eau"),
        ("eau OR AND NOT", "eau"),
        ("eau AND OR forêt", "eau OR forêt"),
        ("eau NOT OR forêt", "eau OR forêt"),
        ('eau "forêt', "eau forêt"),
        ('"" eau', "eau"),
        ("- eau", "eau"),
    ],
)
def test_what_has_no_word_to_act_on_is_dropped(asked: str, said: str):
    assert question.words(asked) == said


@pytest.mark.parametrize("asked", ["?", "+ -", "&& || !", "«»", "( ) [ ]", '" "', "OR"])
def test_signs_alone_ask_for_nothing(asked: str):
    assert question.words(asked) == question.NOTHING


@pytest.mark.parametrize(
    "asked",
    [
        "*:*",
        "title:eau",
        "eau AND (organization:hcp OR tags:x)",
        "-title:x",
        "extras_foo:bar",
        "metadata_modified:[NOW-1DAY TO *]",
        "_query_:x",
        "{!field f=title}eau",
        "",
        "  ",
        '""',
        "''",
    ],
)
def test_questions_in_solrs_own_syntax_stay_as_they_are(asked: str):
    assert not question.is_plain(asked)
    assert question.heard({"q": asked}, "fr")["q"] == asked


@pytest.mark.parametrize(
    "asked", ["eau", "Maroc:2024", "à 10:30", "https://fes.ma", "l'eau:le prix", "a :b"]
)
def test_a_colon_in_a_sentence_is_no_syntax(asked: str):
    assert question.is_plain(asked)


@given(ALL_LETTERS)
def test_any_text_becomes_words_that_stay_the_same(asked: str):
    said = question.words(asked)
    if said != question.NOTHING:
        assert question.words(said) == said
        assert ":" not in said
        assert said.count('"') % 2 == 0
        assert said.encode("utf-8")


def weights(lang: str) -> dict[str, float]:
    pairs = (field.split("^") for field in question.fields(lang).split())
    return {name: float(weight) for name, weight in pairs}


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_every_language_is_searched_and_the_readers_weighs_more(lang: str):
    found = weights(lang)
    for name in ("title", "notes", "text"):
        mine = found[f"{name}_{lang}"]
        others = [found[f"{name}_{each}"] for each in {"fr", "ar", "en"} - {lang}]
        assert len(others) == 2
        assert all(0 < other < mine for other in others)


def test_a_title_says_more_than_a_description_and_that_more_than_the_rest():
    found = weights("ar")
    assert (
        found["title_ar"] > found["keywords_ar"] > found["notes_ar"] > found["text_ar"]
    )


def test_one_of_two_words_is_enough_where_the_reader_says_or():
    assert question.heard({"q": "eau OR forêt"}, "fr")["mm"] == "0"


@pytest.mark.parametrize(
    ("asked", "mm"),
    [
        ("eau", 1),
        ("eau forêt", 1),
        ("eau forêt prix", 2),
        ("eau forêt prix route", 2),
        ("eau forêt prix route pont", 3),
        # What any dataset could say is no condition, whatever their number.
        ("nombre eau", 2),
        ("nombre statistique", 1),
        # What is asked for by a sign is counted by that sign.
        ("+eau forêt", 2),
        ("+eau -forêt", 0),
    ],
)
def test_half_of_what_a_question_names_is_enough(asked: str, mm: int):
    assert question.understood(asked, NOTHING_KNOWN).mm == mm


@pytest.mark.parametrize(("asked", "mm"), [("eau forêt", 2), ("eau forêt prix", 2)])
def test_in_another_order_than_relevance_more_is_needed(asked: str, mm: int):
    heard = question.heard({"q": asked, "sort": "metadata_modified desc"}, "fr")
    assert heard["mm"] == str(mm)
    heard = question.heard({"q": "eau forêt", "sort": "score desc, name asc"}, "fr")
    assert heard["mm"] == "1"


@pytest.mark.parametrize(
    ("asked", "signs"),
    [
        ("eau AND forêt", "+eau +forêt"),
        ("eau OR forêt", "eau forêt"),
        ("eau NOT forêt", "eau -forêt"),
        ("eau AND NOT forêt", "+eau -forêt"),
        ('"eau potable" Fès', '+"eau potable" Fès'),
        ('"eau potable" OR Fès', '"eau potable" Fès'),
        ('-"eau potable" Fès', '-"eau potable" Fès'),
    ],
)
def test_operators_are_understood_as_signs(asked: str, signs: str):
    parts = list(question.signed(asked))
    assert " ".join(part.sign + part.words for part in parts) == signs


def test_what_is_only_said_not_to_be_leaves_all_the_rest():
    assert question.understood("-eau", NOTHING_KNOWN).q == f"{question.EVERY} -eau"


def test_who_chooses_the_parser_is_not_corrected():
    asked = {"q": "title:(eau", "defType": "edismax", "qf": "name", "mm": "1"}
    assert question.heard(dict(asked), "fr") == {**asked, "extras": {}}


def test_half_a_letter_is_replaced_before_it_breaks_the_request():
    params = {"q": "name:\ud800", "fq": "x\udfff", "fq_list": ["\ud800"], "rows": 3}
    found = question.heard(params, "fr")
    assert (found["q"], found["fq"], found["fq_list"]) == ("name:?", "x?", ["?"])
    assert found["rows"] == 3


@pytest.mark.parametrize(
    ("given_box", "heard"),
    [
        ("-6,33,-4,35", "-6,33,-4,35"),
        (["-6", 33, "-4", 35.5], "-6,33,-4,35.5"),
        (" -6.123456789, 33,-4,35 ", "-6.12345679,33,-4,35"),
        ("-200,-95,200,95", "-180,-90,180,90"),
    ],
)
def test_a_box_is_four_numbers_of_this_world(given_box: object, heard: str):
    assert question.box(given_box) == heard


@pytest.mark.parametrize(
    "wrong",
    ["", "1,2,3", "a,b,c,d", "nan,1,2,3", "inf,1,2,3", 5, None, [None] * 4, {"a": 1}],
)
def test_what_is_no_box_is_refused_as_a_question(wrong: object):
    with pytest.raises(SearchQueryError):
        question.box(wrong)


def test_extras_of_another_kind_are_left_out():
    assert question.heard({"q": "eau", "extras": "x"}, "fr")["extras"] == {}
