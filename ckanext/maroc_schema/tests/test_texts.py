"""How a text in several languages is read, judged and kept."""

from __future__ import annotations

import doctest
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.maroc_schema import texts


def found(value, *, line=True):
    return [each.code for each in texts.problems(value, line=line)]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"fr": "Écoles", "ar": "مدارس"}, {"fr": "Écoles", "ar": "مدارس"}),
        ('{"fr": "Écoles"}', {"fr": "Écoles"}),
        ("Écoles", {"fr": "Écoles"}),
        ("مدارس فاس", {"ar": "مدارس فاس"}),
        ("2025", {"fr": "2025"}),
        ("{Écoles}", {"fr": "{Écoles}"}),
        ("", {}),
        ("  ", {}),
        (None, {}),
        (5, 5),
        ([1], [1]),
    ],
)
def test_a_text_comes_in_several_ways(sent, read):
    assert texts.read(sent) == read


def test_mixed_words_go_to_the_language_that_most_letters_are_of():
    assert texts.language_of("ميزانية جماعة فاس (PDF)") == "ar"
    assert texts.language_of("Budget de la commune (ميزانية)") == "fr"


@pytest.mark.parametrize(
    "right",
    [
        {"fr": "2025"},
        {"ar": "2025"},
        {"fr": "Budget de « فاس »"},
        {"ar": "ميزانية Fès"},
        {"fr": "Prix < 10 DH"},
        {"ar": "سوق\u200e (2025)\u200f"},
        {"en": "Schools"},
        {},
    ],
)
def test_what_can_be_read_is_taken(right):
    assert found(right) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (5, "not_text"),
        (["Écoles"], "not_text"),
        ({"fr": 5}, "not_text"),
        ({"fr": ["Écoles"]}, "not_text"),
        ({"zz": "Écoles"}, "unknown_language"),
        ({5: "Écoles"}, "unknown_language"),
        ({"fr": "مدارس"}, "wrong_script"),
        ({"ar": "Écoles"}, "wrong_script"),
        ({"fr": "Школы"}, "wrong_script"),
        ({"fr": "a\x00b"}, "unprintable"),
        ({"fr": "a\x0bb"}, "unprintable"),
        ({"fr": "\ud800a"}, "unprintable"),
        ({"fr": "a\uffff"}, "unprintable"),
        ({"fr": "fichier\u202efdp.exe"}, "forced_direction"),
        ({"fr": "a\u2066b\u2069"}, "forced_direction"),
        ({"fr": "x" * 301}, "too_long"),
        ({"fr": "x" * 1_000_000}, "too_long"),
        ({"fr": "<b>Écoles</b>"}, "markup"),
        ({"fr": "Écoles <script>"}, "markup"),
        ({"fr": "…"}, "says_nothing"),
    ],
)
def test_what_cannot_be_read_or_kept_is_named(wrong, code):
    assert found(wrong) == [code]


def test_each_language_has_its_own_problem():
    problems = list(texts.problems({"fr": "…", "ar": "Écoles"}, line=True))
    assert [(each.lang, each.code) for each in problems] == [
        ("fr", "says_nothing"),
        ("ar", "wrong_script"),
    ]


def test_a_description_may_have_lines_and_html_a_title_may_not():
    page = {"fr": "Un\n\nDeux <b>trois</b>"}
    assert found(page, line=False) == []
    assert texts.tidy(page, line=False) == page
    assert texts.tidy({"fr": " Un\r\n deux\t"}, line=True) == {"fr": "Un deux"}


def test_empty_languages_are_left_out():
    assert texts.tidy({"fr": " ", "ar": None, "en": "a"}, line=True) == {"en": "a"}


def test_arabic_letters_are_kept_as_they_are():
    assert texts.dump({"ar": "مدارس", "fr": "Écoles"}) == (
        '{"fr": "Écoles", "ar": "مدارس"}'
    )


def test_a_reader_is_shown_another_language_rather_than_nothing():
    assert texts.chosen({"fr": "Écoles", "ar": "مدارس"}, "ar") == ("مدارس", "ar")
    assert texts.chosen({"ar": "مدارس"}, "en") == ("مدارس", "ar")
    assert texts.chosen({}, "ar") == ("", "ar")


STORED = {"fr": "Écoles", "ar": "مدارس"}


@pytest.mark.parametrize(
    ("given_text", "words", "kept"),
    [
        # The languages are sent: they are what the caller means.
        ({"fr": "Collèges"}, "Écoles", {"fr": "Collèges"}),
        ({"fr": "Collèges"}, None, {"fr": "Collèges"}),
        # A caller who knows only core changes the words in their language.
        (None, "Lycées", {"fr": "Lycées", "ar": "مدارس"}),
        (STORED, "Lycées", {"fr": "Lycées", "ar": "مدارس"}),
        (STORED, "ثانويات", {"fr": "Écoles", "ar": "ثانويات"}),
        # Sent back as they were, nothing changes.
        (STORED, "Écoles", STORED),
        (None, "Écoles", STORED),
        (None, None, STORED),
        (None, "  ", STORED),
        ({}, "Écoles", {}),
    ],
)
def test_the_callers_of_core_and_of_languages_are_both_served(given_text, words, kept):
    merged = texts.merged(given_text, words, stored=STORED, stored_words="Écoles")
    assert merged == kept


def test_a_new_text_of_core_alone_goes_to_its_language():
    assert texts.merged(None, "مدارس", stored={}, stored_words=None) == {"ar": "مدارس"}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.fes.ma/donnees/budget.csv", "budget.csv"),
        ("https://www.fes.ma/%D9%85%D8%AF%D8%A7%D8%B1%D8%B3.csv", "مدارس.csv"),
        ("https://www.fes.ma/", "www.fes.ma"),
        ("donnees.csv", "donnees.csv"),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_a_link_is_called_by_the_end_of_its_address(url, name):
    assert texts.file_name(url) == name


@given(
    st.dictionaries(
        st.sampled_from(texts.LANGUAGES),
        st.text(max_size=400) | st.none() | st.integers(),
        max_size=3,
    ),
    st.booleans(),
)
def test_what_is_taken_comes_back_identical(sent, line):
    tidied = texts.tidy(texts.read(sent), line=line)
    if not list(texts.problems(tidied, line=line)):
        assert texts.load(texts.dump(tidied)) == tidied
        # Sending back what was given is no change.
        assert texts.tidy(texts.read(tidied), line=line) == tidied
        assert json.loads(texts.dump(tidied)) == tidied
        texts.dump(tidied).encode("utf-8")


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_nothing_that_can_be_sent_stops_the_reading(sent):
    list(texts.problems(texts.tidy(texts.read(sent), line=True), line=True))


def test_the_examples_of_the_documentation_hold():
    assert doctest.testmod(texts).failed == 0
