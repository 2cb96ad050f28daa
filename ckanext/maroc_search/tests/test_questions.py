"""The questions that measure the search are sound, and nobody has edited them."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import pytest

from ckanext.maroc_law import vocabulary

HERE = Path(__file__).parent / "questions"

FROZEN = {
    "datasets.csv": "f1405b5020cc333db507a4e0a4ae3ba095f4e5ebf8bfa93a34a5d869ec9fdd59",
    "questions.csv": "095bd54b5745c7a4abe5834509fc21d76c6b7a27ba65527f818699f4f7ffe0a4",
}
"""SHA-256 of each file. A new value here is a new evaluation, not a correction."""

ARABIC = re.compile("[\u0600-\u06ff]")
LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
TAG = re.compile(r"[\w .-]{2,100}")

THEMES = {
    "",
    "administration",
    "agriculture",
    "culture-social",
    "education",
    "emploi",
    "environnement-energie",
    "finance",
    "habitat",
    "industrie-commerce",
    "justice",
    "sante",
    "tourisme",
    "transport",
}


def rows(file: str) -> list[dict[str, str]]:
    with (HERE / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


DATASETS = rows("datasets.csv")
QUESTIONS = rows("questions.csv")


@pytest.mark.parametrize("file", FROZEN)
def test_the_file_is_the_one_that_was_frozen(file: str):
    assert hashlib.sha256((HERE / file).read_bytes()).hexdigest() == FROZEN[file]


def test_there_are_a_hundred_questions_to_a_thousand_datasets():
    assert len({each["question"] for each in QUESTIONS}) == len(QUESTIONS) == 100
    assert len(DATASETS) >= 1_050


@pytest.mark.parametrize("field", ["name", "title"])
def test_no_two_datasets_share_a_name_or_a_title(field: str):
    assert len({each[field] for each in DATASETS}) == len(DATASETS)


def test_a_dataset_speaks_french_only_and_a_question_arabic_only():
    assert not [each for each in DATASETS if ARABIC.search("".join(each.values()))]
    for each in QUESTIONS:
        assert ARABIC.search(each["question"])
        assert not LATIN.search(each["question"])
        assert 1 <= len(each["question"].split()) <= 6


def test_a_dataset_could_be_published():
    for each in DATASETS:
        assert re.fullmatch("[a-z0-9-]{2,100}", each["name"])
        assert each["title"].strip()
        assert each["notes"].strip()
        assert each["theme"] in THEMES
        assert vocabulary.find("art10-categories", each["art10_category"])
        for code in each["geographic_coverage"].split(";"):
            assert vocabulary.find("territory", code), code
        for keyword in each["keywords"].split(";"):
            assert TAG.fullmatch(keyword), keyword


def test_each_question_has_one_to_five_answers_in_the_catalogue():
    names = {each["name"] for each in DATASETS}
    for each in QUESTIONS:
        expected = each["expected"].split(";")
        assert 1 <= len(expected) == len(set(expected)) <= 5
        assert set(expected) <= names, each["question"]
