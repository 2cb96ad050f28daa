"""From counts to a value: a table of what is known, and what is said of it."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from ckanext.maroc_kpi import cards
from ckanext.maroc_kpi.definition import indicators
from ckanext.maroc_kpi.value import Counted, judge, total
from ckanext.maroc_kpi.words import LANGS, STATES

DAY = dt.date(2026, 1, 5)
NOTHING = Counted()


def downloads(person: int, tool: int, robot: int = 0, **more: int) -> Counted:
    return Counted(
        numerator=person + tool,
        components={"person": person, "tool": tool, "robot": robot},
        since=DAY,
        **{"eligible": 1, "covered": 1, **more},
    )


def share(numerator: int, denominator: int) -> Counted:
    return Counted(
        numerator=numerator,
        denominator=denominator,
        eligible=denominator,
        covered=denominator,
        components={"tolerated": 0, "renamed": 0},
    )


@pytest.mark.parametrize(
    ("name", "counted", "state", "value"),
    [
        ("public_datasets", NOTHING, "measured", 0),
        ("public_datasets", Counted(numerator=3), "measured", 3),
        ("open_standards", NOTHING, "not_applicable", None),
        ("open_standards", share(0, 4), "measured", 0),
        ("open_standards", share(2, 3), "measured", 66.67),
        ("downloads", NOTHING, "not_applicable", None),
        ("downloads", downloads(0, 0), "measured", 0),
        ("downloads", downloads(1, 1), "measured", 2),
        ("downloads", downloads(1, 1, eligible=0, covered=0), "measured", 2),
        ("downloads", downloads(1, 1, eligible=2, covered=1), "partial", 2),
        ("downloads", downloads(0, 0, eligible=2, covered=1), "partial", 0),
        ("downloads", downloads(0, 0, eligible=2, covered=0), "not_measured", None),
        ("downloads", downloads(3, 0, eligible=2, covered=0), "partial", 3),
        ("downloads", Counted(eligible=1, covered=1), "not_measured", None),
    ],
)
def test_a_count_has_its_state(
    name: str, counted: Counted, state: str, value: float | None
):
    judged = judge(indicators()[name], counted)
    assert (judged.state, judged.value) == (state, value)
    assert (judged.reason is None) == (state in ("measured", "declared"))


def test_a_share_of_nothing_is_not_zero():
    void = judge(indicators()["open_standards"], share(0, 0))
    none = judge(indicators()["open_standards"], share(0, 1))
    assert (void.value, none.value) == (None, 0)


def test_an_obstacle_stands_before_every_number():
    why = {"fr": "parce que", "ar": "لأن", "en": "because"}
    judged = judge(indicators()["downloads"], downloads(9, 9), why)
    assert (judged.state, judged.value, judged.reason) == ("not_measured", None, why)


def test_coverage_is_the_measured_part():
    judged = judge(indicators()["downloads"], downloads(1, 1, eligible=3, covered=1))
    assert (judged.n, judged.covered, judged.coverage) == (3, 1, 0.3333)


def test_the_country_is_the_sum_of_its_institutions():
    fes = downloads(1, 2, 3, eligible=2, covered=1)
    hcp = dataclasses.replace(downloads(4, 0, 1), since=dt.date(2025, 12, 1))
    assert total([fes, hcp]) == Counted(
        numerator=7,
        eligible=3,
        covered=2,
        since=dt.date(2025, 12, 1),
        components={"person": 5, "tool": 2, "robot": 4},
    )


def test_the_sum_of_no_institution_counts_nothing():
    assert total([]) == Counted()


def test_every_state_has_its_words_in_three_languages():
    assert len(STATES) == 6
    for word in STATES.values():
        assert set(word.label) == set(word.meaning) == set(LANGS)


# What people read. The forms are each language's own: Arabic has six.

SENTENCES = [
    ("public_datasets", Counted(), "fr", "0 jeu de données"),
    ("public_datasets", Counted(numerator=1), "fr", "1 jeu de données"),
    ("public_datasets", Counted(numerator=2), "fr", "2 jeux de données"),
    ("public_datasets", Counted(numerator=1234), "fr", "1\u202f234 jeux de données"),
    (
        "public_datasets",
        Counted(numerator=1_000_000),
        "fr",
        "1\u202f000\u202f000 de jeux de données",
    ),
    ("public_datasets", Counted(), "en", "0 datasets"),
    ("public_datasets", Counted(numerator=1), "en", "1 dataset"),
    ("public_datasets", Counted(), "ar", "0 مجموعة بيانات"),
    ("public_datasets", Counted(numerator=1), "ar", "مجموعة بيانات واحدة"),
    ("public_datasets", Counted(numerator=2), "ar", "مجموعتا بيانات"),
    ("public_datasets", Counted(numerator=3), "ar", "3 مجموعات بيانات"),
    ("public_datasets", Counted(numerator=11), "ar", "11 مجموعة بيانات"),
    ("public_datasets", Counted(numerator=100), "ar", "100 مجموعة بيانات"),
    (
        "downloads",
        downloads(1, 1),
        "fr",
        "2 téléchargements, dont 1 par une personne et 1 par un outil",
    ),
    (
        "downloads",
        downloads(5, 0),
        "fr",
        "5 téléchargements, dont 5 par des personnes et 0 par un outil",
    ),
    ("downloads", downloads(0, 0), "fr", "0 téléchargement"),
    (
        "downloads",
        downloads(1, 1),
        "en",
        "2 downloads, of which 1 by a person and 1 by a tool",
    ),
    (
        "downloads",
        downloads(1, 1),
        "ar",
        "تنزيلان: واحد من طرف شخص وواحد بواسطة أداة",
    ),
    (
        "downloads",
        downloads(3, 12),
        "ar",
        "15 تنزيلًا: 3 من طرف أشخاص و12 بواسطة أدوات",
    ),
    (
        "downloads",
        downloads(2, 0, eligible=2, covered=1),
        "fr",
        "au moins 2 téléchargements, dont 2 par des personnes et 0 par un outil",
    ),
    ("open_standards", share(2, 3), "fr", "67\u00a0% (2 jeux de données sur 3)"),
    ("open_standards", share(1, 3), "ar", "33% (مجموعة بيانات واحدة من أصل 3)"),
    ("open_standards", share(1, 1000), "en", "0.1% (1 dataset of 1,000)"),
    (
        "open_standards",
        share(999, 1000),
        "fr",
        "99,9\u00a0% (999 jeux de données sur 1\u202f000)",
    ),
    ("open_standards", share(199, 200), "en", "99% (199 datasets of 200)"),
    ("open_standards", share(1, 900), "en", "1% (1 dataset of 900)"),
    ("open_standards", share(900, 900), "en", "100% (900 datasets of 900)"),
    (
        "open_standards",
        NOTHING,
        "fr",
        "Sans objet. Aucun jeu de données public n’a de fichier de données.",
    ),
]


@pytest.mark.parametrize(("name", "counted", "lang", "sentence"), SENTENCES)
def test_a_value_is_told_in_the_reader_s_language(
    name: str, counted: Counted, lang: str, sentence: str
):
    indicator = indicators()[name]
    assert cards.tell(indicator, judge(indicator, counted), lang).sentence == sentence


def test_robots_are_told_apart():
    indicator = indicators()["downloads"]
    told = cards.tell(indicator, judge(indicator, downloads(1, 1, robot=3)), "fr")
    assert "3" not in told.sentence
    assert told.beside == ("À part : 3 téléchargements par des robots d’indexation",)


def test_what_is_partial_says_what_escapes_in_three_languages():
    indicator = indicators()["downloads"]
    reason = judge(indicator, downloads(1, 0, eligible=3, covered=1)).reason
    assert reason is not None
    assert reason["fr"].startswith("2 jeux de données sur 3 ont des fichiers")
    assert reason["ar"].startswith("مجموعتا بيانات من أصل 3")
    assert reason["en"].startswith("2 datasets of 3 have files")


def test_six_bands_hold_their_cards():
    known = indicators()
    values = {name: judge(each, NOTHING) for name, each in known.items()}
    bands = cards.bands(known.values(), values, "fr")
    assert [(band.name, len(band.cards)) for band in bands] == [
        ("quantity", 3),
        ("quality", 3),
        ("reuse", 3),
        ("participation", 3),
        ("impact", 3),
        ("governance", 4),
    ]
