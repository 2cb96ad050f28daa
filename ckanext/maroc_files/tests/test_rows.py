"""Rows that are added to a table: the table stays the one that was decided on."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.maroc_files import ledger, loading, rows
from ckanext.maroc_files.reading.reader import read
from ckanext.maroc_files.store import the_store
from ckanext.maroc_portal.interfaces import Column, TableShape

BASE = (
    "commune;habitants;taux;jour\nFès;1150131;12,5;25/11/2026\n"
    "Taza;148406;9,75;26/11/2026\n"
)


def stored(text: str, encoding: str = "utf-8") -> str:
    data = io.BytesIO(text.encode(encoding))
    return the_store().put(data, guard=ledger.put).sha256


def table(sha256: str):
    """Return the columns and the rows of a file, as the loader reads them."""
    with (
        the_store().open(sha256) as file,
        read(file, loading.limits()) as reading,
    ):
        return reading.columns, [list(row) for row in reading.rows], reading.about


def shape_of(sha256: str) -> TableShape:
    columns, _, about = table(sha256)
    return TableShape(
        sha256=sha256,
        columns=tuple(
            Column(**{key: each[key] for key in ("at", "id", "label", "kind", "type")})
            for each in columns
        ),
        encoding=about["encoding"],
        delimiter=about["delimiter"],
    )


def kinds(sha256: str):
    return [(each["id"], each["kind"]) for each in table(sha256)[0]]


VALUES = {
    "commune": st.text(max_size=20) | st.none(),
    "habitants": st.integers(-(10**6), 10**8) | st.text(max_size=8) | st.none(),
    "taux": st.floats(-1e6, 1e6) | st.integers(0, 100) | st.text("0123456789,.-"),
    "jour": st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)).map(str) | st.text(),
}


@pytest.mark.usefixtures("clean_db")
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.fixed_dictionaries({}, optional=VALUES), max_size=6))
def test_whatever_is_sent_the_columns_and_the_rows_of_before_stay(sent):
    base = stored(BASE)
    added = rows.add(shape_of(base), base, sent)
    assert kinds(added.sha256) == kinds(base)
    before, after = table(base)[1], table(added.sha256)[1]
    assert after[: len(before)] == before
    assert len(after) == len(before) + added.accepted
    assert added.accepted == len(sent) - len({each.row for each in added.refused})


@pytest.mark.usefixtures("clean_db")
@pytest.mark.parametrize("encoding", ["cp1256", "utf-8-sig", "utf-16"])
def test_letters_that_the_old_encoding_lacks_come_in_all_the_same(encoding):
    text = "ville,nombre\nفاس,1\nمكناس,2\nتازة,3\n"
    base = stored(text, encoding)
    added = rows.add(shape_of(base), base, [{"ville": "ⵜⴰⵣⴰ", "nombre": 4}])
    assert table(added.sha256)[1][-1] == ["ⵜⴰⵣⴰ", "4"]
    assert table(added.sha256)[1][0] == ["فاس", "1"]


@pytest.mark.usefixtures("clean_db")
def test_a_last_line_without_an_end_is_ended():
    base = stored(BASE.rstrip("\n").replace("\n", "\r\n"))
    added = rows.add(shape_of(base), base, [{"commune": "Sefrou"}])
    with the_store().open(added.sha256) as file:
        assert file.read().endswith(b"9,75;26/11/2026\r\nSefrou;;;\r\n")
