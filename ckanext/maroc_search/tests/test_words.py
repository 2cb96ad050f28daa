"""How Solr cuts a text into words, asked of the running Solr."""

from __future__ import annotations

import pytest
import requests

import ckan.plugins.toolkit as tk

from ckanext.maroc_search.document import plain


def cut(text: str) -> list[str]:
    """Return the words that a text is found by."""
    answer = requests.get(
        f"{tk.config['solr_url']}/analysis/field",
        params={
            "analysis.fieldtype": "words",
            "analysis.fieldvalue": plain(text),
            "wt": "json",
        },
        timeout=10,
    )
    answer.raise_for_status()
    steps = answer.json()["analysis"]["field_types"]["words"]["index"]
    return [word["text"] for word in steps[-1]]


SAME = {
    "accents, plural": ("écoles", "ecole"),
    "capitals": ("ÉCOLES", "école"),
    "straight apostrophe": ("l'enseignement", "enseignement"),
    "curly apostrophe": ("l’enseignement", "enseignement"),
    "the accent key for an apostrophe": ("l´eau", "eau"),
    "an accent apart from its letter": ("Fe\u0300s", "Fès"),
    "no accent typed before a stemmed end": ("activités", "activite"),
    "irregular plural": ("hôpitaux", "hopital"),
    "ligature": ("œuvres", "oeuvre"),
    "a name with an apostrophe": ("M'hamed", "mhamed"),
    "a name with h and an apostrophe": ("Ouled H’cine", "ouled hcine"),
    "an acronym with points": ("R.A.M.E.D.", "RAMED"),
    "a file's name": ("population_communes-2024.csv", "population communes 2024 csv"),
    "article": ("العمال", "عمال"),
    "vowel marks and shadda": ("العُمّال", "عمال"),
    "alif with hamza": ("إحصاء", "احصاء"),
    "alif with madda": ("آبار", "ابار"),
    "alif wasla": ("ٱلمغرب", "المغرب"),
    "small alif": ("الرحمٰن", "الرحمن"),
    "tatweel": ("الـعـمـال", "العمال"),
    "ta marbuta": ("مدرسة", "مدرسه"),
    "alif maqsura": ("مستشفى", "مستشفي"),
    "regular plural": ("الجماعات", "جماعة"),
    "the three letters of Agadir": ("أڭادير أݣادير أگادير", "أكادير أكادير أكادير"),
    "a Persian keyboard": ("یک", "يك"),
    "Eastern digits": ("٢٠٢٤", "2024"),
    "presentation forms": ("ﺍﻟﻤﻐﺮﺏ", "المغرب"),
    "direction marks": ("\u200fفاس\u200e", "فاس"),
    "both scripts": ("إحصاءات Fès", "احصاءات fes"),
}


@pytest.mark.parametrize(("written", "asked"), SAME.values(), ids=SAME.keys())
def test_a_word_is_found_however_it_is_written(written: str, asked: str):
    assert cut(written) == cut(asked) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("commune", "région"),
        ("مدرسة", "مستشفى"),
        ("المغرب", "الغرب"),
        ("ممتلكات", "متلكات"),  # French stemming would drop one of the two mim
        ("2024", "2014"),
        ("l'hôpital", "lhopital"),
    ],
)
def test_different_words_stay_different(one: str, other: str):
    assert cut(one) != cut(other)


@pytest.mark.parametrize(
    "text", ["la population de l'Est et des Avions d'été", "عدد السكان حسب الجهة"]
)
def test_only_words_without_a_subject_are_dropped(text: str):
    dropped = {"la", "de", "et", "des", "حسب"}
    words = set(text.replace("l'", "").replace("d'", "").split())
    assert len(cut(text)) == len(words - dropped)


def test_stop_words_are_written_as_the_analysis_leaves_them():
    """A stop word in another form than the folded one would never be met."""
    answer = requests.get(
        f"{tk.config['solr_url']}/analysis/field",
        params={
            "analysis.fieldtype": "words",
            "analysis.fieldvalue": "à aux إلى أو اِنَّ التـي ou",
            "wt": "json",
        },
        timeout=10,
    )
    assert answer.json()["analysis"]["field_types"]["words"]["index"][-1] == []
