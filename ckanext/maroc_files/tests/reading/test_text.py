"""CSV files as people really save them."""

from __future__ import annotations

import csv
import io

import pytest

from ckanext.maroc_files.errors import CannotLoad
from ckanext.maroc_files.reading import text
from ckanext.maroc_files.tests.making import csv_bytes

FRENCH = [["Région", "Libellé"], ["Fès", "Élèves à l’École, Çà et là"], ["ÎLE", "ÊTRE"]]
ARABIC = [["الجهة", "الوصف"], ["فاس مكناس", "عدد السكان، إحصاء"], ["طنجة", "Tétouan"]]


def read(data: bytes) -> tuple[list[list[str]], dict[str, object]]:
    about: dict[str, object] = {}
    return list(text.rows(io.BytesIO(data), about)), about


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("rows", [FRENCH, ARABIC])
def test_unicode_is_read_with_or_without_its_mark(encoding, rows):
    found, about = read(csv_bytes(rows, encoding=encoding))
    assert found == rows
    assert about["encoding"] == encoding


@pytest.mark.parametrize(
    ("encoding", "rows"),
    [
        ("cp1252", FRENCH),
        ("cp1256", ARABIC),
        # Small French letters are the same bytes in both.
        ("cp1256", [*ARABIC, ["préfecture", "élève"], ["où", "ça"]]),
        ("cp1252", [["nom"], ["PRÉFECTURE DE FÈS"], ["À côté"], ["œuvre"]]),
    ],
)
def test_the_windows_code_pages_are_told_apart(encoding, rows):
    found, about = read(csv_bytes(rows, encoding=encoding))
    assert found == rows
    assert about["encoding"] == encoding


@pytest.mark.parametrize("delimiter", text.DELIMITERS)
def test_the_delimiter_is_found(delimiter):
    rows = [["nom", "part"], ["a", "1,5"], ["b | c", "2,75"], ["d;e", '"x"']]
    found, about = read(csv_bytes(rows, delimiter=delimiter))
    assert found == rows
    assert about["delimiter"] == delimiter


def test_a_semicolon_wins_over_decimal_commas():
    found, _ = read(b"nom;v1;v2\na;1,5;2,5\nb;3,5;4,5\n")
    assert found[1] == ["a", "1,5", "2,5"]


def test_cells_keep_their_line_breaks_quotes_and_spaces():
    rows = [["a", "b"], ["deux\r\nlignes", ' dit "oui" '], ["\n", "x"]]
    assert read(csv_bytes(rows))[0] == rows


def test_the_line_that_excel_writes_for_itself_is_no_row():
    assert read(b"sep=;\r\na;b\r\n1;2\r\n")[0] == [["a", "b"], ["1", "2"]]


def test_a_table_longer_than_the_sample_is_read_to_its_end():
    rows = [["id", "texte"], *([str(n), "ligne\n" + "x" * 50] for n in range(5000))]
    assert read(csv_bytes(rows, delimiter=";"))[0] == rows


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b" \n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x00\x01\x02\x03" * 100, "not_a_table"),
        (b"nom,age\n" + b"a,1\n" * 40_000 + b"\x00\xff", "not_a_table"),
        (b"%PDF-1.7\n%...", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n", "not_a_table"),
        (b"<!DOCTYPE html><table><tr><td>1</td></tr></table>", "markup"),
        (b"\xef\xbb\xbf\n<html>", "markup"),
        (b"<?xml version='1.0'?><Workbook/>", "markup"),
        (b"\xff\xfea", "unreadable"),
        (b'nom,age\n"Fatima,30\nAli,31\n', "malformed"),
        (b"a,b\n1," + b"x" * (text.CELL + 1), "cell_too_long"),
    ],
)
def test_what_is_no_csv_is_refused_with_its_reason(data, code):
    with pytest.raises(CannotLoad) as caught:
        read(data)
    assert caught.value.error.code == code


def test_a_delimiter_under_which_quotes_do_not_fit_is_ruled_out():
    data = csv_bytes([["a", "b|c"], ["d", "e|f"]], quoting=csv.QUOTE_ALL)
    assert text.delimiter_of(data.decode(), whole=True) == ","
