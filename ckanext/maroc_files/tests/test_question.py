"""What a reader asks of a table."""

from __future__ import annotations

import pytest

from ckanext.maroc_files.question import Question, pages_of, question_of, words_of

COLUMNS = {"code", "الجماعة"}


@pytest.mark.parametrize(
    ("args", "question"),
    [
        ({}, Question()),
        (
            {"q": " Fès  \n médina ", "sort": "code", "order": "desc", "page": "3"},
            Question(q="Fès médina", sort="code", descending=True, page=3),
        ),
        ({"sort": "الجماعة"}, Question(sort="الجماعة")),
        # What makes no sense is left out.
        ({"sort": "_id; DROP TABLE x", "order": "desc"}, Question()),
        ({"page": "-1"}, Question()),
        ({"page": "0"}, Question()),
        ({"page": "٣"}, Question()),
        ({"page": "99999999999"}, Question()),
        ({"q": "a\0b"}, Question(q="a b")),
        ({"q": "x" * 500}, Question(q="x" * 200)),
    ],
)
def test_an_address_is_read_and_nonsense_left_out(args, question):
    assert question_of(args, COLUMNS) == question


def test_the_parameters_of_a_page_lead_back_to_the_same_question():
    asked = Question(q="فاس", sort="code", descending=True, page=4)
    assert question_of(asked.params(), COLUMNS) == asked
    assert Question().params() == {}


def test_following_a_title_sorts_and_following_it_again_turns_the_order():
    first = question_of(Question(page=3).sorted_by("code"), COLUMNS)
    assert first == Question(sort="code")
    assert first.order_of("code") == "ascending"
    assert first.order_of("الجماعة") == "none"
    second = question_of(first.sorted_by("code"), COLUMNS)
    assert second.order_of("code") == "descending"
    assert question_of(second.sorted_by("code"), COLUMNS) == first


@pytest.mark.parametrize(
    ("q", "asked"),
    [
        ("Fès", "'Fès':*"),
        ("01.511 Tanger", "'01.511':* & 'Tanger':*"),
        ("l'école", "'l''école':*"),
        ("a & !b | (c", "'a':* & '&':* & '!b':* & '|':* & '(c':*"),
        ("\\", "'\\\\':*"),
    ],
)
def test_every_word_is_searched_as_the_beginning_of_one(q, asked):
    assert words_of(q) == asked


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2)])
def test_an_empty_table_has_one_page_too(total, pages):
    assert pages_of(total) == pages
