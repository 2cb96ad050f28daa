"""Spreadsheets of any maker."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest

from ckanext.maroc_files.errors import CannotLoad
from ckanext.maroc_files.reading import sheets
from ckanext.maroc_files.tests.making import FILES, census, ods_bytes, xlsx_bytes

TABLE = [["code", "nom"], ["01", "Fès"]]


def read(data: bytes) -> tuple[list[list[str]], dict[str, object]]:
    about: dict[str, object] = {}
    return list(sheets.rows(io.BytesIO(data), about)), about


def refused(data: bytes) -> str:
    with pytest.raises(CannotLoad) as caught:
        read(data)
    return caught.value.error.code


def test_an_arabic_workbook_is_read():
    rows, about = read(census())
    assert rows[2] == ["رمز الجهة", "الجهة", "عدد السكان", "عدد الأسر"]
    assert rows[3][:2] == ["01", "طنجة-تطوان-الحسيمة"]
    assert about == {}


def test_an_old_excel_file_is_read():
    rows, _ = read((FILES / "communes.xls").read_bytes())
    assert rows[-1] == ["01.043", "مكناس", "551503", "2024-09-01"]


def test_an_open_document_is_read():
    rows, _ = read(ods_bytes([["nom", "part"], ["فاس", 1.5]]))
    assert rows == [["nom", "part"], ["فاس", "1.5"]]


def test_the_first_sheet_with_a_table_is_taken_and_named():
    rows, about = read(xlsx_bytes([], [["Lisez-moi"], ["Source : HCP"]], TABLE))
    assert rows == TABLE
    assert about == {"sheet": "Feuille 3", "sheets": 3}


def test_a_sheet_of_one_column_is_taken_where_there_is_no_other():
    assert read(xlsx_bytes([], [["nom"], ["Fès"]]))[0] == [["nom"], ["Fès"]]


def test_a_hidden_sheet_is_not_shown():
    rows, _ = read(xlsx_bytes([["secret", "x"], ["1", "2"]], TABLE, hidden=[0]))
    assert rows == TABLE


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12, "12"),
        (12.0, "12"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (1e300, format(int(1e300), "d")[:1] + "0" * 300),
        (True, "true"),
        ("texte", "texte"),
        (dt.date(2024, 9, 1), "2024-09-01"),
        (dt.datetime(2024, 9, 1, 10, 30), "2024-09-01T10:30:00"),  # noqa: DTZ001
        (dt.time(10, 30), "10:30:00"),
        (dt.timedelta(hours=30), "1 day, 6:00:00"),
    ],
)
def test_a_cell_becomes_text_without_losing_its_value(cell, text):
    assert sheets.text_of(cell) == text


def archive(
    *names: str, content: bytes = b"x", method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as made:
        for name in names:
            made.writestr(name, content)
    return sink.getvalue()


def locked(data: bytes) -> bytes:
    """Say in the archive's list that its entries are encrypted."""
    at = data.index(b"PK\x01\x02") + 8
    return data[:at] + b"\x01\x00" + data[at + 2 :]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (census()[:2000], "unreadable"),
        (archive("word/document.xml"), "not_a_table"),
        (archive("xl/workbook.xml"), "unreadable"),
        (locked(archive("xl/workbook.xml")), "encrypted"),
        ((FILES / "encrypted.xlsx").read_bytes(), "encrypted"),
        (sheets.OLE + b"\0" * 4096, "unreadable"),
        (archive(*map(str, range(sheets.ENTRIES + 1))), "too_large"),
        (archive("xl/workbook.xml", content=bytes(101 << 20)), "too_large"),
        (xlsx_bytes([]), "no_table"),
        (xlsx_bytes(TABLE, [], hidden=[0]), "no_table"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_spreadsheet_is_refused_with_its_reason(data, code):
    assert refused(data) == code
