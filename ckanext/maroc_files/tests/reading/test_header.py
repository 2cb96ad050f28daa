"""Where a table begins."""

from __future__ import annotations

import pytest

from ckanext.maroc_files.reading.header import find_table

BODY = [["01", "Fès", "1256172"], ["02", "Meknès", "551503"]]
HEADER = ["code", "nom", "population"]


@pytest.mark.parametrize(
    ("rows", "labels", "title"),
    [
        ([HEADER, *BODY], HEADER, []),
        (
            [["Population légale", "", ""], ["", "", ""], HEADER, *BODY],
            HEADER,
            ["Population légale"],
        ),
        (
            [["Source : HCP"], ["Année", "2024"], HEADER, *BODY],
            HEADER,
            ["Source : HCP", "Année 2024"],
        ),
        # A cross table: the corner is empty, the titles are years.
        (
            [["", "2014", "2024"], ["Fès", "1", "2"], ["Meknès", "3", "4"]],
            ["", "2014", "2024"],
            [],
        ),
        ([["", "2024"], ["Fès", "2"], ["Meknès", "4"]], ["", "2024"], []),
        # The last titles are missing.
        ([["code", "nom"], *BODY], ["code", "nom"], []),
        # The last column is mostly empty.
        ([[*HEADER, "note"], *BODY, [*BODY[0], "x"]], [*HEADER, "note"], []),
        ([["code"], ["01"], ["02"]], ["code"], []),
        ([["  code \n postal ", "nom"], ["1", "x"]], ["code postal", "nom"], []),
    ],
)
def test_the_header_is_the_first_row_as_wide_as_the_table(rows, labels, title):
    found = find_table(rows)
    assert found is not None
    assert found.labels == labels
    assert found.title == title
    assert next(iter(found.body))[0].strip()


def test_rows_of_numbers_alone_have_no_header_and_lose_no_row():
    found = find_table([["33.57", "-7.58"], ["34.03", "-5.00"]])
    assert found is not None
    assert found.labels == []
    assert list(found.body) == [["33.57", "-7.58"], ["34.03", "-5.00"]]


def test_years_alone_are_a_header():
    found = find_table([["2014", "2024"], ["12", "13"]])
    assert found is not None
    assert found.labels == ["2014", "2024"]


def test_blank_rows_say_nothing():
    found = find_table([["", ""], HEADER, ["", " "], *BODY, [], ["", "", ""]])
    assert found is not None
    assert list(found.body) == BODY


def test_without_any_value_there_is_no_table():
    assert find_table([["", " "], [], [""]]) is None
