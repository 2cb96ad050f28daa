"""File names in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.maroc_files import names


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("إحصاء السكان.xlsx", "إحصاء السكان.xlsx"),
        ("C:\\Users\\x\\Données 2024.csv", "Données 2024.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.csv", "aSet-Cookie: x.csv"),
        ("\u202egpj.exe\u202c.csv", "gpj.exe.csv"),
        ("  .csv  ", "csv"),
        (None, ""),
        ("e\u0301te\u0301.csv", "été.csv"),
    ],
)
def test_the_name_is_kept_without_path_and_hidden_signs(given_name, kept):
    assert names.original(given_name) == kept


def test_a_very_long_name_keeps_its_ending():
    kept = names.original("ن" * 400 + ".xlsx")
    assert len(kept) == names.LONGEST
    assert kept.endswith(".xlsx")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("communes.csv", 'attachment; filename="communes.csv"'),
        (
            "إحصاء.xlsx",
            'attachment; filename="donnees.xlsx";'
            " filename*=UTF-8''%D8%A5%D8%AD%D8%B5%D8%A7%D8%A1.xlsx",
        ),
        (
            "Élèves à Fès.csv",
            'attachment; filename="Eleves-a-Fes.csv";'
            " filename*=UTF-8''%C3%89l%C3%A8ves%20%C3%A0%20F%C3%A8s.csv",
        ),
        (
            'a"; filename="b.exe.csv',
            'attachment; filename="a-filename-b.exe.csv";'
            " filename*=UTF-8''a%22%3B%20filename%3D%22b.exe.csv",
        ),
    ],
)
def test_a_download_is_named_for_new_clients_and_for_old_ones(name, header):
    assert names.disposition(name) == header


@given(st.text())
def test_any_name_makes_one_line_of_ascii(name):
    header = names.disposition(names.original(name) or names.FALLBACK)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
