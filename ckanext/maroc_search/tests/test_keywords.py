"""Keywords are proposed as one types them, with the other language beside."""

from __future__ import annotations

import pytest

import ckan.plugins.toolkit as tk

pytestmark = pytest.mark.usefixtures("with_plugins")


def proposed(app, **asked):
    return app.get("/api/3/action/maroc_search_keywords", query_string=asked)


@pytest.mark.parametrize(
    ("typed", "lang", "word", "other"),
    [("barr", "fr", "barrage", "ar"), ("الميز", "ar", "ميزانية", "fr"),
     ("École", "fr", "école", "ar")],
)  # fmt: skip
def test_a_word_is_proposed_with_the_other_language(app, typed, lang, word, other):
    found = proposed(app, q=typed, lang=lang).json["result"]
    entry = next(each for each in found if each[lang] == word)
    assert entry[other]


def test_no_more_than_twenty_are_given(app):
    assert len(proposed(app, q="a", limit=1000).json["result"]) <= 20


@pytest.mark.parametrize(
    "asked",
    [{}, {"q": ""}, {"q": "eau", "lang": "de"}, {"q": "eau", "limit": "-1"}],
    ids=str,
)
def test_a_question_that_cannot_be_answered_is_told_so(app, asked):
    assert proposed(app, **asked).status_code == 409


def test_any_sign_is_a_question_without_an_answer(app):
    for sign in ("%", "'", "\u202e", "؟", "a" * 10_000):
        assert proposed(app, q=sign).json["result"] == []
    assert tk.get_action("maroc_search_keywords")({}, {"q": "xyzxyz"}) == []
