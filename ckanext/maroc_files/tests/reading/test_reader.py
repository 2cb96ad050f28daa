"""Files of every kind, read in a process of its own."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import tempfile
import time

import openpyxl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from ckanext.maroc_files.errors import CannotLoad
from ckanext.maroc_files.reading import child
from ckanext.maroc_files.reading.reader import read
from ckanext.maroc_files.reading.text import DELIMITERS
from ckanext.maroc_files.reading.types import canonical
from ckanext.maroc_files.tests.making import (
    FILES,
    blank_rows,
    census,
    communes,
    csv_bytes,
    ods_bytes,
    xlsx_bytes,
)

LIMITS = child.Limits(
    memory=1 << 30, disk=1 << 30, seconds=60, rows=1_048_576, columns=250
)


def table(
    data: bytes, limits: child.Limits = LIMITS
) -> tuple[dict[str, str], list[list[str | None]]]:
    """Return the types of the columns, by title, and the rows."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        with read(file, limits) as reading:
            columns = reading.columns
            rows = [
                [
                    canonical(row[each["at"]], each["kind"])
                    if each["at"] < len(row)
                    else None
                    for each in columns
                ]
                for row in reading.rows
            ]
            assert len(rows) == reading.count
    return {each["label"] or each["id"]: each["type"] for each in columns}, rows


def refused(data: bytes, limits: child.Limits = LIMITS) -> CannotLoad:
    with pytest.raises(CannotLoad) as caught:
        table(data, limits)
    return caught.value


def test_the_communes_of_the_census_keep_their_codes_as_text():
    types, rows = table(csv_bytes(communes()))
    assert types == {
        "code": "text",
        "name_fr": "text",
        "name_ar": "text",
        "region_code": "text",
        "population_2024": "int4",
    }
    assert len(rows) == 1503
    assert rows[0] == ["01.511.01.0", "Tanger", "طنجة", "01", "1275428"]


def test_an_arabic_workbook_with_a_title_gives_its_table():
    types, rows = table(census())
    assert types == {
        "رمز الجهة": "text",
        "الجهة": "text",
        "عدد السكان": "int4",
        "عدد الأسر": "int4",
    }
    assert len(rows) == 12


@pytest.mark.parametrize(
    "data",
    [
        csv_bytes([["nom", "part"], ["فاس", "1.5"]]),
        csv_bytes([["nom", "part"], ["فاس", "1,5"]], delimiter=";", encoding="cp1256"),
        csv_bytes([["nom", "part"], ["فاس", "1.5"]], delimiter="\t", encoding="utf-16"),
        xlsx_bytes([["nom", "part"], ["فاس", 1.5]]),
        ods_bytes([["nom", "part"], ["فاس", 1.5]]),
    ],
    ids=["csv", "csv cp1256", "csv utf-16", "xlsx", "ods"],
)
def test_the_same_table_in_any_format_gives_the_same_rows(data):
    assert table(data) == ({"nom": "text", "part": "numeric"}, [["فاس", "1.5"]])


def test_an_old_excel_file_gives_its_table():
    types, rows = table((FILES / "communes.xls").read_bytes())
    assert types == {
        "Code": "text",
        "الجماعة": "text",
        "Population": "int4",
        "Date": "date",
    }
    assert rows[0] == ["01.041", "فاس", "1256172", "2024-09-01"]


def test_ragged_rows_lose_nothing():
    types, rows = table(b"a,b\n1\n2,x\n3,y,more\n")
    assert types == {"a": "int4", "b": "text", "column_3": "text"}
    assert rows == [["1", None, None], ["2", "x", None], ["3", "y", "more"]]


def test_columns_with_neither_title_nor_value_are_left_out():
    types, rows = table(b"a;b;;c\n1;2;;3\n4;5;;6\n")
    assert list(types) == ["a", "b", "c"]
    assert rows == [["1", "2", "3"], ["4", "5", "6"]]


def test_one_column_is_a_table():
    assert table(b"nom\nFatima\nAli\n") == ({"nom": "text"}, [["Fatima"], ["Ali"]])


def test_a_header_alone_is_a_table_without_rows():
    assert table(b"nom,age\n") == ({"nom": "text", "age": "text"}, [])


def test_a_million_blank_rows_are_no_rows():
    data = csv_bytes([["nom", "age"], ["Ali", "30"]], delimiter=";") + b";\r\n" * 10**6
    assert table(data) == ({"nom": "text", "age": "int4"}, [["Ali", "30"]])


def test_a_million_blank_rows_of_a_workbook_are_no_rows():
    data = blank_rows(xlsx_bytes([["nom", "age"], ["Ali", 30]]), 10**6)
    assert table(data)[1] == [["Ali", "30"]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (os.urandom(4096), "not_a_table"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "markup"),
        (census()[:1000], "unreadable"),
        ((FILES / "encrypted.xlsx").read_bytes(), "encrypted"),
        (csv_bytes([[f"c{n}" for n in range(300)]] * 2), "too_many_columns"),
        (b"a,b\n1,2\n" + b"x," * 300 + b"\n", "too_many_columns"),
        (b",,\n,,\n", "no_table"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_file_is_refused_with_its_reason(data, code):
    assert refused(data).error.code == code


def test_the_number_of_columns_is_told():
    problem = refused(csv_bytes([[f"c{n}" for n in range(300)]] * 2))
    assert problem.detail == {"columns": 300, "limit": 250}


def test_more_rows_than_the_limit_are_too_many():
    limits = dataclasses.replace(LIMITS, rows=3)
    assert table(b"a\n1\n2\n3\n", limits)[1] == [["1"], ["2"], ["3"]]
    assert refused(b"a\n1\n2\n3\n4\n", limits).error.code == "too_many_rows"


def test_a_workbook_that_would_fill_the_memory_ends_its_own_process_alone():
    # Two cells in the far corners: 17 thousand million cells once unfolded.
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "a", "b"
    sink = io.BytesIO()
    book.save(sink)
    assert refused(sink.getvalue()).error.code == "too_large"


def test_a_file_that_takes_too_long_is_given_up():
    limits = dataclasses.replace(LIMITS, seconds=1)
    data = csv_bytes([["a", "b"], *([str(n), f"x{n}"] for n in range(10**6))])
    start = time.monotonic()
    assert refused(data, limits).error.code == "too_large"
    assert time.monotonic() - start < 10


def test_a_table_that_would_fill_the_disk_is_too_large():
    limits = dataclasses.replace(LIMITS, disk=1 << 16)
    data = csv_bytes([["a", "b"], *([str(n), "x" * 50] for n in range(5000))])
    assert refused(data, limits).error.code == "too_large"


# Any table of text cells; a header of titles, of which one at least has a letter.
CELLS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"),
    max_size=12,
)
TITLES = st.text("abcdéجماعة 12", min_size=1, max_size=8).filter(
    lambda title: any(letter.isalpha() for letter in title)
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(1, 5))
    row = st.lists(CELLS, min_size=width, max_size=width)
    header = draw(st.lists(TITLES, min_size=width, max_size=width))
    return [header, *draw(st.lists(row, max_size=8))]


@tries(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.sampled_from(DELIMITERS))
def test_any_table_of_texts_comes_back_cell_by_cell(rows, delimiter):
    sink = io.StringIO()
    data = csv_bytes(rows, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    told = child.read(io.BytesIO(data), sink, LIMITS)
    titles = [" ".join(title.split()) for title in rows[0]]
    assert [each["label"] for each in told["columns"]] == titles
    body = [row for row in rows[1:] if any(cell.strip() for cell in row)]
    assert told["rows"] == len(body)
    for written, line in zip(body, sink.getvalue().splitlines(), strict=True):
        assert csv_row(line, len(titles)) == written


def csv_row(line: str, width: int) -> list[str]:
    cells = json.loads(line)
    return cells + [""] * (width - len(cells))
