"""The criteria: one file, from which the facts, the API and the page are made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from ckanext.maroc_kpi import criteria, examining, frame, quality
from ckanext.maroc_kpi.criteria import FILE, Criterion
from ckanext.maroc_kpi.definition import indicators
from ckanext.maroc_kpi.reading import DefinitionError
from ckanext.maroc_law import vocabulary

KNOWN = criteria.criteria()
ASSESSED = [each for each in KNOWN.criteria if not each.own]


def test_the_points_are_the_405_of_data_europa_eu():
    by_dimension = {
        each.name: sum(it.points for it in ASSESSED if it.dimension == each.name)
        for each in KNOWN.dimensions
    }
    assert by_dimension == {
        "findability": 100,
        "accessibility": 100,
        "interoperability": 110,
        "reusability": 75,
        "contextuality": 20,
    }
    assert sum(by_dimension.values()) == criteria.OF == 405


@pytest.mark.parametrize(
    ("points", "rating"),
    [
        (405, "excellent"),
        (351, "excellent"),
        (350, "good"),
        (221, "good"),
        (220, "sufficient"),
        (121, "sufficient"),
        (120, "bad"),
        (0, "bad"),
    ],
)
def test_the_ratings_are_those_of_data_europa_eu(points: int, rating: str):
    assert KNOWN.rating(points).name == rating


def test_the_indicator_counts_by_the_same_ratings():
    counts = indicators()["metadata"].counts
    for better, rating in zip(KNOWN.ratings, KNOWN.ratings[1:], strict=False):
        between = f"BETWEEN {rating.least} AND {better.least - 1}"
        assert between in counts[rating.name] or rating.name == "bad"
    assert f">= {KNOWN.ratings[0].least}" in counts["excellent"]
    assert f"<= {KNOWN.ratings[-2].least - 1}" in counts["bad"]


def test_what_nothing_measures_is_told_to_the_indicator():
    never = sum(each.points for each in ASSESSED if each.never)
    assert never == 30
    assert (
        f"f.points_unknown + {never} < 221"
        in indicators()["metadata"].counts["covered"]
    )


def test_the_index_decides_each_of_its_own_questions():
    own = {each.name for each in KNOWN.criteria if each.own}
    decided = {*quality.OWN_OF_DATASETS, *quality.OWN_OF_FILES, "columns"}
    assert own == decided


@pytest.mark.parametrize("each", KNOWN.criteria, ids=lambda it: it.name)
def test_a_question_that_may_not_arise_names_words_that_the_form_has(each: Criterion):
    lists = {
        "collection_frequency": "frequencies",
        "art10_category": "art10-categories",
    }
    for field, words in each.absent_when.items():
        known = {item.slug for item in vocabulary.get(lists[field]).choices}
        assert set(words) <= known


def test_the_facts_ask_a_condition_once_and_read_no_other_table():
    facts = {each.name: each.sql for each in indicators()["metadata"].facts}
    for column in ("sniffed", "kind", "load", "size"):
        assert facts["points_files"].count(f"file.{column}") == 1
    assert not any(
        unwanted in sql
        for sql in facts.values()
        for unwanted in ("SELECT", "jsonb", "{criteria", "{licences")
    )


# Each criterion by itself: what meets it, and what does not. A dataset and a file that
# meet nothing are given one thing at a time.

BARE = {"id": "d", "type": "dataset", "state": "active", "private": False}
FILE_ROW = {"id": "r", "package_id": "d", "state": "active", "url": "", "format": ""}
STORED = [
    {"sha256": "csv", "mimetype": "text/csv"},
    {"sha256": "pdf", "mimetype": "application/pdf"},
    {"sha256": "xls", "mimetype": "application/vnd.ms-excel"},
]
LOADED = {"resource_id": "r", "package_id": "d", "state": "loaded", "stamp": ""}

DATASETS: list[tuple[str, dict[str, Any], bool]] = [
    ("keywords", {"extras": {"tags_translated": '{"fr": ["eau"]}'}}, True),
    ("keywords", {"extras": {"tags_translated": "{}"}}, False),
    ("theme", {"extras": {"theme": "culture"}}, True),
    ("theme", {"extras": {"theme": ""}}, False),
    ("spatial", {"extras": {"geographic_coverage": '["MA"]'}}, True),
    ("spatial", {"extras": {"geographic_coverage": "[]"}}, False),
    ("temporal", {"extras": {"temporal_start": "2024-01-01"}}, True),
    ("temporal", {"extras": {"temporal_start": "", "temporal_end": "2024"}}, True),
    ("temporal", {"extras": {"temporal_start": ""}}, False),
    ("licence", {"license_id": "other"}, True),
    ("licence", {"license_id": ""}, False),
    ("licence_listed", {"license_id": "cc-by"}, True),
    ("licence_listed", {"license_id": "other"}, False),
    ("licence_listed", {"license_id": None}, False),
    ("access_rights", {"extras": {"classification": "non-classifie"}}, True),
    ("access_rights", {}, False),
    ("access_rights_listed", {"extras": {"classification": "non-classifie"}}, True),
    ("access_rights_listed", {}, False),
    ("contact", {"extras": {"contact_email": "a@b.ma"}}, True),
    ("contact", {}, False),
    ("publisher", {"owner_org": "fes"}, True),
    ("publisher", {"owner_org": ""}, False),
    ("rights", {"extras": {"source": "HCP"}}, True),
    ("rights", {}, False),
    ("issued", {"extras": {"issued": "2026-01-01"}}, True),
    ("issued", {}, False),
    ("modified", {}, True),
]
FILES: list[tuple[str, dict[str, Any], bool | None]] = [
    ("access_answers", {"hash": "csv"}, True),
    ("access_answers", {"url": "https://a.org/a.csv"}, None),
    ("access_answers", {}, False),
    ("download_address", {"url": "a.csv"}, True),
    ("download_address", {}, False),
    ("download_answers", {"hash": "csv"}, True),
    ("download_answers", {"url": "https://a.org/a.csv"}, None),
    ("download_answers", {}, False),
    ("format", {"format": "CSV"}, True),
    ("format", {}, False),
    ("media_type", {"mimetype": "text/csv"}, True),
    ("media_type", {}, False),
    ("types_known", {"format": "CSV", "mimetype": "text/csv"}, True),
    ("types_known", {"format": "CSV"}, False),
    ("types_known", {"mimetype": "text/csv"}, False),
    ("non_proprietary", {"format": "CSV"}, True),
    ("non_proprietary", {"format": "CSV", "hash": "pdf"}, False),
    ("non_proprietary", {"format": "XLS", "hash": "xls"}, False),
    ("machine_readable", {"format": "CSV"}, True),
    ("machine_readable", {"format": "PDF"}, False),
    ("size", {"size": 3}, True),
    ("size", {}, False),
]


@pytest.mark.parametrize(("name", "given", "met"), DATASETS)
def test_a_dataset_meets_a_criterion_or_misses_it(
    planted: Any, name: str, given: dict[str, Any], met: bool
):
    connection = planted({"package": [{**BARE, **given}]})
    assert examining.examine(connection, "d").dataset[name] is met


@pytest.mark.parametrize(("name", "given", "met"), FILES)
def test_a_file_meets_a_criterion_misses_it_or_is_not_measured(
    planted: Any, name: str, given: dict[str, Any], met: bool | None
):
    connection = planted(
        {
            "package": [BARE],
            "resource": [{**FILE_ROW, **given}],
            "maroc_files_file": STORED,
        }
    )
    assert examining.examine(connection, "d").files["r"][name] is met


def test_an_old_spreadsheet_that_was_read_as_a_table_is_readable_by_machines(
    planted: Any,
):
    connection = planted(
        {
            "package": [BARE],
            "resource": [{**FILE_ROW, "format": "XLS", "hash": "xls"}],
            "maroc_files_file": STORED,
            "maroc_files_load": [{**LOADED, "columns": [{"id": "code"}]}],
        }
    )
    found = examining.examine(connection, "d")
    assert found.files["r"]["machine_readable"] is True
    assert found.files["r"]["non_proprietary"] is False
    assert found.columns == {"r": ["code"]}


def test_every_criterion_that_sql_answers_is_tried_both_ways():
    for over, cases in (("dataset", DATASETS), ("files", FILES)):
        tried = {(name, met) for name, _, met in cases}
        for each in KNOWN.asked(over):
            assert (each.name, True) in tried
            assert (each.name, False) in tried or each.sql == "true"
            assert not each.unmeasured or (each.name, None) in tried


def test_documents_and_deleted_files_are_not_judged(planted: Any):
    connection = planted(
        {
            "package": [BARE],
            "resource": [
                {**FILE_ROW, "id": "doc", "extras": '{"role": "documentation"}'},
                {**FILE_ROW, "id": "gone", "state": "deleted"},
                {**FILE_ROW, "id": "other", "package_id": "another"},
            ],
        }
    )
    assert examining.examine(connection, "d").files == {}


def test_without_the_plugin_of_files_nothing_of_their_bytes_is_known(
    planted: Any, monkeypatch: pytest.MonkeyPatch
):
    connection = planted(
        {
            "package": [BARE],
            "resource": [{**FILE_ROW, "url": "a.csv", "hash": "csv"}],
            "maroc_files_file": STORED,
        }
    )
    monkeypatch.setattr(examining.facts, "present", lambda _: [])
    found = examining.examine(connection, "d")
    assert found.files["r"]["download_answers"] is None
    assert found.columns == {}


# What the file may not say. Each changes one thing of it.


def spoil(change: Any, folder: Path) -> Path:
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    change(raw)
    file = folder / "spoilt.yaml"
    file.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return file


def first(raw: Any, **changes: Any) -> None:
    raw["criteria"][0].update(changes)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda it: it.update(colour="red"), "it has unknown keys: colour"),
        (lambda it: first(it, colour="red"), "criteria has unknown keys: colour"),
        (lambda it: it["criteria"][0].pop("advice"), "criteria lacks: advice"),
        (lambda it: first(it, points=31), "findability has 101 points, not 100"),
        (lambda it: first(it, minutes=0), "keywords: points and minutes are whole"),
        (lambda it: first(it, minutes=True), "keywords: points and minutes are whole"),
        (lambda it: first(it, label={"fr": "Mots"}), "keywords: label: a text in each"),
        (lambda it: first(it, over="themes"), "it is over a dataset or files"),
        (lambda it: first(it, dimension="beauty"), "its dimension is none of them"),
        (lambda it: first(it, own=True), "an own criterion has no sql"),
        (lambda it: first(it, sql=""), "says what would measure it"),
        (lambda it: first(it, no_file="missing"), "only a file's criterion"),
        (lambda it: first(it, implied_by="beauty"), "nothing can imply it that is"),
        (lambda it: first(it, implied_by="format"), "nothing can imply it that is"),
        (
            lambda it: [one.update(implied_by="theme") for one in it["criteria"][:3:2]],
            "two criteria are implied by one",
        ),
        (lambda it: first(it, absent_when={"theme": ["x"]}), "may be absent says why"),
        (
            lambda it: it["criteria"].append(it["criteria"][4]),
            "two criteria have the same name",
        ),
        (lambda it: it["ratings"].reverse(), "ratings go down to 0"),
        (lambda it: it["dimensions"].pop(), "do not add up to 405"),
        (lambda it: it["ratings"][0].update(label={}), "excellent.label"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, change: Any, sentence: str
):
    with pytest.raises(DefinitionError, match=r"spoilt\.yaml") as refused:
        criteria.load(spoil(change, tmp_path))
    assert sentence in str(refused.value)


def test_the_conditions_run_alone_over_the_rows_that_facts_see(
    connection: sa.Connection,
):
    """The page and the facts read the same rows, so that they cannot part."""
    rows = frame.rows_of(frame.PLACES["files"], (), "AND r.id = one.id")
    assert rows in examining._of_files(())
    assert connection.execute(
        sa.text(f"EXPLAIN {examining._of_files(())}"), {"dataset": "d"}
    ).all()
