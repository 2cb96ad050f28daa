"""Reasons, as data."""

from __future__ import annotations

import pytest

from ckanext.maroc_files.errors import ERRORS, CannotLoad


@pytest.mark.parametrize("error", ERRORS.values(), ids=lambda error: error.code)
def test_every_reason_says_what_is_wrong_and_what_to_do_in_three_languages(error):
    for texts in (error.sentence, error.way_out):
        assert set(texts) == {"fr", "ar", "en"}
        assert all(text.endswith(".") for text in texts.values())
        assert any("\u0600" < letter < "\u06ff" for letter in texts["ar"])
    assert 400 <= error.status < 600
    assert error.state in ("failed", "skipped")


def test_the_details_stand_in_the_sentence():
    problem = CannotLoad("too_many_columns", columns=300, limit=250)
    told = problem.error.told("fr", problem.detail)
    assert told == "Cette table a 300 colonnes ; la limite est de 250."


def test_a_language_that_is_missing_falls_back_to_french():
    assert ERRORS["empty"].told("es") == "Ce fichier est vide."


def test_a_detail_that_an_old_row_lacks_is_no_error():
    assert "?" in ERRORS["malformed"].told("en", {})
