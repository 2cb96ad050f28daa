"""Which resources are tables."""

from __future__ import annotations

import pytest

from ckanext.maroc_files.tabular import is_table


@pytest.mark.parametrize(
    ("said", "table"),
    [
        ({"format": "CSV", "url": "x"}, True),
        ({"format": ".xlsx", "url": "x"}, True),
        ({"format": "text/csv", "url": "x"}, True),
        ({"format": "Excel", "url": "x"}, True),
        ({"format": "", "url": "http://x/download/a.ods"}, True),
        ({"format": "", "url": "http://x/donnees", "file_name": "إحصاء.XLSX"}, True),
        ({"format": "PDF", "url": "http://x/a.pdf"}, False),
        ({"format": None, "url": None}, False),
        ({"format": "CSV", "url": "http://x/a.csv", "url_type": ""}, False),
    ],
)
def test_an_upload_is_a_table_by_its_format_or_its_name(said, table):
    assert is_table({"url_type": "upload", **said}) is table
