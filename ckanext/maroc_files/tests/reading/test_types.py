"""Columns and what they hold."""

from __future__ import annotations

import pytest

from ckanext.maroc_files.reading.types import Certain, Guess, canonical


def held(*cells: str) -> str:
    guess = Guess()
    for cell in cells:
        guess.see(cell)
    return guess.type


@pytest.mark.parametrize(
    ("cells", "type_"),
    [
        # Whole numbers, and what only looks like one.
        (["1", "-2", "0"], "int4"),
        (["2147483647"], "int4"),
        (["2147483648"], "int8"),
        (["9007199254740991"], "int8"),
        (["9007199254740992"], "text"),
        (["001234567000089"], "text"),  # an ICE
        (["212522345678", "0522345678"], "text"),
        (["+212522345678"], "text"),
        (["1 234", "5"], "text"),  # an ordinary space may be a phone number
        (["1\u202f234", "12\u00a0345\u00a0678"], "int4"),
        (["٢٠٢٤"], "text"),
        (["-0"], "text"),
        (["12", "n.d."], "text"),
        (["1e5"], "text"),
        # Decimals, with a point or a comma.
        (["1.5", "2"], "numeric"),
        (["1,5", "2"], "numeric"),
        (["0.250", "0,250"], "text"),
        (["1,234"], "text"),  # one and a quarter, or a thousand?
        (["1.234", "12.345"], "text"),
        (["1,234", "1,5"], "numeric"),
        (["0,234"], "numeric"),
        (["12345,678"], "numeric"),
        (["33.573", "-7.5898"], "numeric"),
        ([".5"], "numeric"),
        (["1\u202f234,5"], "numeric"),
        (["01.041", "10.043"], "text"),  # HCP's codes
        (["1.041.01"], "text"),
        (["12%"], "text"),
        # Truth, dates, moments.
        (["true", "FALSE"], "bool"),
        (["oui", "non"], "text"),
        (["2024-09-01", "2024-12-31"], "date"),
        (["2024-13-01"], "text"),
        (["2024-02-30"], "text"),
        (["25/12/2024", "03/04/2024"], "date"),
        (["03/04/2024"], "text"),  # April or March?
        (["12/25/2024", "25/12/2024"], "text"),
        (["2024-09-01T10:30", "2024-09-02"], "timestamp"),
        (["2024-09-01 10:30:15.250"], "timestamp"),
        (["2024-09-01T10:30:15.123456"], "text"),
        (["2024-09-01T10:30:00Z"], "text"),
        (["2024-09-01 25:00"], "text"),
        (["25/12/2024 10:30"], "timestamp"),
        # Nothing at all, and blanks beside numbers.
        (["", " "], "text"),
        (["", "12", " ", " 7 "], "int4"),
    ],
)
def test_a_column_is_typed_only_when_every_value_agrees(cells, type_):
    assert held(*cells) == type_


def test_a_number_of_a_spreadsheet_is_never_doubtful():
    assert held(Certain("1.234")) == "numeric"


def test_a_whole_number_of_a_spreadsheet_says_nothing_of_the_texts_beside_it():
    assert held(Certain("12"), "1.234") == "text"


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        ("", "int", None),
        ("  ", "int", None),
        ("  ", "text", "  "),
        ("", "text", None),
        (" 12 ", "int", "12"),
        ("1\u202f234,5", "decimal_comma", "1234.5"),
        (".5", "decimal_point", "0.5"),
        ("-,5", "decimal_comma", "-0.5"),
        ("12.50", "decimal_point", "12.50"),
        ("TRUE", "bool", "true"),
        ("3/4/2024", "date_dmy", "2024-04-03"),
        ("2024-09-01 10:30", "timestamp", "2024-09-01T10:30"),
        ("25/12/2024 10:30", "timestamp_dmy", "2024-12-25T10:30"),
        ("25/12/2024", "timestamp_dmy", "2024-12-25T00:00"),
    ],
)
def test_a_value_is_written_as_postgresql_reads_it(cell, kind, value):
    assert canonical(cell, kind) == value


def test_a_value_of_another_kind_is_not_written():
    with pytest.raises(ValueError, match="is no int"):
        canonical("douze", "int")
