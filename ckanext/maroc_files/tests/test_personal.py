"""The check of personal data: what it holds, lets go, and never says."""

from __future__ import annotations

import io
import json
import random
import tempfile

import pytest
from hypothesis import Phase, example, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from ckanext.maroc_files import personal
from ckanext.maroc_files.reading import scan
from ckanext.maroc_files.reading.child import Limits
from ckanext.maroc_files.tests.making import (
    FILES,
    census,
    communes,
    csv_bytes,
    ods_bytes,
    xlsx_bytes,
)
from ckanext.maroc_law import identifiers
from ckanext.maroc_portal.interfaces import FileFacts, Report

LIMITS = Limits(memory=1 << 30, disk=1 << 30, seconds=60, rows=10_000, columns=50)
FACTS = FileFacts(sha256="0" * 64, size=1, mimetype="text/plain", names=())


def key_of(first: str) -> str:
    return f"{first}{97 - int(first) * 100 % 97:02}"


def look(data: bytes, tmp_path) -> Report:
    """Look through a file as the worker does: in the limited process."""
    path = tmp_path / "fichier"
    path.write_bytes(data)
    return personal.run(path, FACTS)


def look_here(data: bytes) -> list[personal.Find]:
    """Look through a file in this process."""
    told = scan.scan(io.BytesIO(data), io.StringIO(), LIMITS)
    told = json.loads(json.dumps(told))
    return [each for sheet in told["sheets"] for each in personal.of_sheet(sheet)]


def kinds(report: Report) -> list[tuple[str, str, int]]:
    return [
        (each["column"], each["kind"], each["count"])
        for each in report.detail["columns"]
    ]


# Stories


def test_a_list_of_people_is_held_with_columns_kinds_and_counts(tmp_path):
    rows = [["Nom", "CIN", "Téléphone", "Montant"]]
    rows += [[f"Nom{n}", f"AB12345{n}", f"06 12 34 56 7{n}", "12"] for n in range(9)]
    report = look(csv_bytes(rows, delimiter=";"), tmp_path)
    assert report.verdict == "alert"
    assert kinds(report) == [("CIN", "cin", 9), ("Téléphone", "telephone", 9)]
    assert report.reasons[0]["fr"] == (
        "Colonne « CIN » : Carte nationale d'identité (CIN, CNIE). Cellules : 9."
    )
    assert set(report.reasons[0]) == {"fr", "ar", "en"}


def test_a_file_of_no_disk_is_looked_through_too():
    with tempfile.TemporaryFile() as copy:
        copy.write(csv_bytes([["CIN"], ["AB123456"]]))
        copy.flush()
        assert personal.run(copy, FACTS).verdict == "alert"


def test_one_identifier_under_its_title_is_enough(tmp_path):
    rows = [["الجماعة", "رقم البطاقة الوطنية"], *([f"ج{n}", ""] for n in range(500))]
    rows[400][1] = "AB123456"
    report = look(csv_bytes(rows), tmp_path)
    assert kinds(report) == [("رقم البطاقة الوطنية", "cin", 1)]


@pytest.mark.parametrize("hidden", [(), (1,)])
def test_a_second_sheet_is_read_too_hidden_or_not(tmp_path, hidden):
    people = [["Code", "RIB"], *([n, key_of(f"{n:022}")] for n in range(1, 9))]
    data = xlsx_bytes([["a", "b"], ["1", "2"]], people, hidden=hidden)
    report = look(data, tmp_path)
    assert kinds(report) == [("RIB", "rib", 8)]
    assert report.reasons[0]["en"].startswith("Sheet “Feuille 2”, column “RIB”")


def test_what_stands_above_the_header_is_read_too(tmp_path):
    rows = [["Dossier de", key_of("0" * 21 + "7")], [], ["a", "b", "c", "d"]]
    rows += [["x", "y", "z", "t"]] * 30
    report = look(csv_bytes(rows), tmp_path)
    assert report.verdict == "alert"
    assert report.detail["columns"][0]["kind"] == "rib"


@pytest.mark.parametrize(
    ("titles", "held"),
    [
        (["Prénom", "Score"], True),
        (["الاسم الكامل", "النقطة"], True),
        (["Date de naissance", "Score"], True),
        (["Nom", "Prénom", "Adresse"], True),
        (["Nom de la commune", "Adresse"], False),
        (["الجماعة", "العنوان"], False),
        (["Nom de l'école", "Montant"], False),
    ],
)
def test_a_title_that_only_people_have_is_enough(titles, held):
    rows = [titles, *([f"mot{'a' * n}" for _ in titles] for n in range(20))]
    assert bool(look_here(csv_bytes(rows))) is held


@pytest.mark.parametrize(
    "data",
    [
        csv_bytes(communes()),
        census(),
        (FILES / "communes.xls").read_bytes(),
        csv_bytes(
            [["code", "budget"], *([f"{n}-{n:03}", n * 1000] for n in range(99))]
        ),
    ],
)
def test_the_census_and_a_budget_are_clean(tmp_path, data):
    report = look(data, tmp_path)
    assert (report.verdict, report.reasons) == ("clean", ())
    assert report.detail["rows"] > 3


def test_numbers_that_pass_by_chance_are_no_alert():
    """Of random numbers of fifteen digits one in 97 is a valid ICE."""
    chance = random.Random(7)  # noqa: S311 - no secret
    rows = [
        ["mesure"],
        *([f"{chance.randrange(10**14, 10**15)}"] for _ in range(2_000)),
    ]
    assert look_here(csv_bytes(rows)) == []
    rows += [[key_of(f"{n:013}")] for n in range(200)]
    assert [each.kind for each in look_here(csv_bytes(rows))] == ["ice"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\n", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", "not_a_table"),
        (b"PK\x05\x06" + b"\0" * 18, "not_a_table"),
        (b"<html><table><tr><td>AB123456", "markup"),
    ],
)
def test_what_is_no_table_is_not_examined_and_says_so(tmp_path, data, code):
    report = look(data, tmp_path)
    assert (report.verdict, report.detail) == ("clean", {"not_examined": code})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ((FILES / "encrypted.xlsx").read_bytes(), "encrypted"),
        (census()[:3000], "unreadable"),
        (b'a,b\n"1,2\n3,4', "malformed"),
        (csv_bytes([[f"c{n}" for n in range(300)]]), "too_many_columns"),
    ],
)
def test_what_cannot_be_read_has_failed(tmp_path, data, code):
    report = look(data, tmp_path)
    assert (report.verdict, report.detail) == ("failed", {"error": code})
    assert all(report.reasons[0][lang] for lang in ("fr", "ar", "en"))


def test_a_first_line_of_data_is_not_told_as_titles(tmp_path):
    rows = [[f"AB12345{n}", f"Nom{n}"] for n in range(9)]
    report = look(csv_bytes(rows), tmp_path)
    assert report.verdict == "alert"
    told = json.dumps([report.detail, list(report.reasons)], ensure_ascii=False)
    assert "AB12345" not in told
    assert "Nom" not in told
    assert report.detail["columns"][0]["number"] == 1


# Never


WORDS = st.text("abcdefghijklmnoprstuvàéèابتثجحدرسعفقلمنهوي ", min_size=1, max_size=12)
NOISE = WORDS.map(str.strip).filter(bool)
TITLES = st.sampled_from(["libellé", "catégorie", "المنطقة", "observation", "domaine"])


def valid(kind: identifiers.Kind) -> st.SearchStrategy[str]:
    """Return identifiers of a kind, all of them valid."""
    digits = st.text("0123456789", min_size=22, max_size=22)
    made = {
        "rib": digits.map(key_of),
        "iban": digits.map(key_of).map("MA64{}".format),
        "ice": digits.map(lambda each: key_of(each[:13])),
    }
    return made.get(kind.id, st.from_regex(kind.pattern, fullmatch=True)).filter(
        kind.check
    )


@st.composite
def planted(draw):
    """Return a table, the kind that was planted in it and the values."""
    kind = draw(st.sampled_from(identifiers.KINDS))
    values = draw(st.lists(valid(kind), min_size=5, max_size=12))
    width = draw(st.integers(2, 5))
    at = draw(st.integers(0, width - 1))
    titles = [f"{draw(TITLES)} {'x' * n}" for n in range(1, width + 1)]
    if kind.cue_needed:
        titles[at] = draw(st.sampled_from(kind.cues))
    rows = [
        [draw(NOISE) for _ in range(width)]
        for _ in range(len(values) + draw(st.integers(0, 15)))
    ]
    places = draw(st.permutations(range(len(rows))))
    for row, value in zip(places, values, strict=False):
        rows[row][at] = value
    return [titles, *rows], kind, values


@tries(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    planted(),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "xlsx", "ods"]),
)
def test_planted_identifiers_are_never_missed_and_never_told(table, delimiter, form):
    rows, kind, values = table
    if form == "xlsx":
        data = xlsx_bytes(rows)
    elif form == "ods":
        data = ods_bytes(rows)
    else:
        data = csv_bytes(rows, delimiter=delimiter, encoding=form)
    finds = look_here(data)
    assert kind.id in {each.kind for each in finds}, kind.id
    told = json.dumps([[each.told(), each.column] for each in finds])
    for value in values:
        # A number of one or two digits is also that of a column or a count.
        if len(value) > 4:
            assert value not in told


@tries(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate])
@example(b"a;b\n\xff\xfe\n")
@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_are_looked_at_without_a_fall(data):
    try:
        look_here(data)
    except personal.CannotLoad as problem:
        assert problem.error.code  # noqa: PT017 - either ending is right
