"""Addresses that can be read, in French and in Arabic, and that no two things share."""

from __future__ import annotations

import doctest
import re
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.maroc_schema import addresses

OTHERWISE = "jeu-de-donnees"


@pytest.mark.parametrize(
    ("title", "made"),
    [
        ("Écoles de Fès, 2025", "ecoles-de-fes-2025"),
        ("L’œuvre d'art", "l-oeuvre-d-art"),
        ("الجماعة", "aljmaaa"),
        ("ميزانية جماعة فاس 2025", "mizania-jmaaa-fas-2025"),
        ("ميزانية جماعة تازة ٢٠٢٥", "mizania-jmaaa-taza-2025"),
        ("بُنْيَةٌ", "bnia"),
        ("ﻣﺪارس", "mdars"),
        ("أڭادير", "agadir"),
        ("2025", "jeu-de-donnees-2025"),
        ("٢٠٢٥", "jeu-de-donnees-2025"),
        ("؟", "jeu-de-donnees"),
        ("日本", "jeu-de-donnees"),
        ("", "jeu-de-donnees"),
        ("a", "jeu-de-donnees-a"),
        ("--a--b--", "a-b"),
    ],
)
def test_a_title_makes_an_address(title, made):
    assert addresses.address(title, otherwise=OTHERWISE) == made


def test_a_long_title_is_cut_between_words():
    made = addresses.address("commune de " * 40, otherwise=OTHERWISE)
    assert made.endswith("-commune-de")
    assert 80 < len(made) <= addresses.LONGEST


def test_a_word_longer_than_an_address_is_cut():
    assert addresses.address("x" * 200, otherwise=OTHERWISE) == "x" * addresses.LONGEST


def test_a_taken_address_gets_a_number():
    assert addresses.free("budget", {"budget", "budget-2"}) == "budget-3"


def test_an_address_of_ckans_own_pages_is_never_given():
    assert list(islice(addresses.candidates("new"), 2)) == ["new-2", "new-3"]


@given(st.text(max_size=300))
def test_every_title_makes_an_address_that_ckan_accepts(title):
    made = addresses.address(title, otherwise=OTHERWISE)
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", made)
    assert 2 <= len(made) <= 100
    assert not made.replace("-", "").isdigit()


def test_the_examples_of_the_documentation_hold():
    assert doctest.testmod(addresses).failed == 0
