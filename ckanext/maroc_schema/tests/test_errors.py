"""Every refusal is said in three languages, with its way out."""

from __future__ import annotations

import doctest
import re
import string

import pytest

from ckanext.maroc_schema import errors

FIGURES = {"field": "X", "value": "Y", "vocabulary": "Z", "length": 2, "limit": 1}
FIGURES["other"] = FIGURES["example"] = "V"
ARABIC = re.compile("[\u0621-\u064a]")


@pytest.mark.parametrize("code", errors.REFUSALS)
def test_a_refusal_speaks_three_languages_and_shows_the_way_out(code):
    refusal = errors.REFUSALS[code]
    assert refusal.status == 409
    for texts in (refusal.sentence, refusal.way_out):
        assert set(texts) == {"fr", "ar", "en"}
        assert all(text.endswith(".") for text in texts.values())
        assert ARABIC.search(texts["ar"])
        # A number with hyphens turns around after Arabic letters.
        assert not re.search(r"\d-\d", texts["ar"])
        assert not ARABIC.search(texts["fr"] + texts["en"])
    assert errors.say(code, "fr", **FIGURES) != errors.say(code, "ar", **FIGURES)


@pytest.mark.parametrize("code", errors.REFUSALS)
def test_the_three_languages_say_the_same_figures(code):
    refusal = errors.REFUSALS[code]

    def figures(lang):
        both = refusal.sentence[lang] + refusal.way_out[lang]
        return {name for _, name, _, _ in string.Formatter().parse(both) if name}

    assert figures("fr") == figures("ar") == figures("en")
    assert figures("fr") <= set(FIGURES)


def test_the_refusal_of_classified_data_names_the_decree_and_whom_to_ask():
    for lang in ("fr", "ar", "en"):
        said = errors.say("classified", lang, value="Secret")
        assert ("2.21.406" if lang == "ar" else "2-21-406") in said
        assert "RSSI" in said


def test_a_language_of_the_site_that_has_no_sentence_reads_french():
    assert errors.say("choice_required", "zgh", field="Licence").startswith("La quest")


def test_the_examples_of_the_documentation_hold():
    assert doctest.testmod(errors).failed == 0
