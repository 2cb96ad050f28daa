"""The glossary, as those who ask and those who edit it meet it."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.maroc_law import territory
from ckanext.maroc_search import glossary

ARABIC = re.compile("[\u0621-\u064a]")
LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
ENTRIES = glossary.load().entries


def found(question: str) -> dict[str, glossary.Match]:
    """Return what is found in a question, by the words it is found in."""
    words = question.split()
    return {" ".join(words[m.start : m.end]): m for m in glossary.terms(words)}


def additions(tmp_path, *lines: str):
    file = tmp_path / "additions.yaml"
    file.write_text("entries:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return file


# What it holds.


def test_it_holds_more_than_a_thousand_entries_in_three_languages():
    assert len(ENTRIES) > 1_000
    assert all(entry.fr and entry.ar and entry.en for entry in ENTRIES)


def test_it_says_since_when():
    raw = yaml.safe_load(glossary.HERE.read_text(encoding="utf-8"))
    assert isinstance(raw["since"], dt.date)
    assert set(raw["label"]) == set(glossary.LANGUAGES)


def test_each_language_is_written_in_its_script():
    for entry in ENTRIES:
        assert not ARABIC.search(" ".join(entry.fr + entry.en)), entry
        assert not LATIN.search(" ".join(entry.ar)), entry


def test_no_french_and_arabic_term_are_together_twice():
    pairs = [
        (glossary.key(fr), glossary.key(ar))
        for entry in ENTRIES
        for fr in entry.fr
        for ar in entry.ar
    ]
    assert len(set(pairs)) == len(pairs)


def test_no_region_prefecture_or_province_is_a_term():
    names = {
        glossary.key(name)
        for place in territory.places()
        if place.kind in ("country", "region", *territory.PROVINCES)
        for name in place.names.values()
    }
    terms = {glossary.key(t) for e in ENTRIES for t in e.fr + e.ar + e.en}
    assert not terms & names


@pytest.mark.parametrize(
    "place",
    [
        each
        for each in territory.places()
        if each.kind in ("country", "region", *territory.PROVINCES)
    ],
    ids=lambda place: place.code,
)
@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_a_region_or_a_province_asked_for_is_no_word_of_the_glossary(place, lang):
    assert found(place.names[lang]) == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "est ce que les une dans avec sans entre qui quoi où combien quel sont même",
        "what where how many is are be with this that or an it not my can does will",
        "هل كم أين متى كيف ما هو هي هذا التي بين كان مع أو كل كبير بعد شحال فين بغيت",
    ],
)
def test_words_that_every_sentence_holds_are_no_terms(sentence):
    assert found(sentence) == {}


# What it finds.


@pytest.mark.parametrize(
    ("asked", "word", "equivalent"),
    [
        ("عدد المستشفيات", "المستشفيات", "hôpital"),
        ("مستشفى", "مستشفى", "hospital"),
        ("ثمن الخبز", "الخبز", "pain"),
        ("سوق الجملة", "سوق الجملة", "marché de gros"),
        ("الطبيب", "الطبيب", "médecin"),
        ("école", "école", "مدرسة"),
        ("schools", "schools", "مدرسة"),
        ("unemployment rate", "unemployment", "chômage"),
        ("طوبيس", "طوبيس", "autobus"),
        ("الكار", "الكار", "autocar"),
        ("الطرامواي", "الطرامواي", "tramway"),
        ("البطاقة الوطنية", "البطاقة الوطنية", "carte nationale"),
        ("السكانير", "السكانير", "scanner"),
        ("صفقات عمومية", "صفقات عمومية", "marché public"),
        ("CNSS", "CNSS", "الصندوق الوطني للضمان الاجتماعي"),
        ("C.N.S.S.", "C.N.S.S.", "الصندوق الوطني للضمان الاجتماعي"),
        ("الصندوق الوطني للضمان الاجتماعي", "الصندوق الوطني للضمان الاجتماعي", "CNSS"),
    ],
)
def test_a_word_finds_its_equivalents(asked, word, equivalent):
    match = found(asked)[word]
    assert equivalent in match.fr + match.ar + match.en


@pytest.mark.parametrize(
    "written",
    [
        "مدرسة",
        "مدرسه",
        "المدرسة",
        "المدارس",
        "مدارس",
        "والمدرسة",
        "بالمدارس",
        "للمدارس",
        "وبالمدرسة",
        "بمدرسة",
        "مَدْرَسَة",
        "مـــدرسة",
    ],
)
def test_an_arabic_word_is_found_however_it_is_written(written):
    assert "école" in found(written)[written].fr


@pytest.mark.parametrize(
    ("written", "equivalent"),
    [
        ("سدود", "barrage"),
        ("موانئ", "port"),
        ("الموانىء", "port"),
        ("أطباء", "médecin"),
        ("اطباء", "médecin"),
        ("المستشفيات", "hôpital"),
        ("الجماعات", "commune"),
        ("الأقاليم", "province"),
        ("إلكترونية", None),
        ("التجارة الالكترونية", "commerce électronique"),
        ("الالتهاب", None),
    ],
)
def test_plurals_and_hamzas_are_found(written, equivalent):
    matches = found(written)
    if equivalent is None:
        assert matches == {}
    else:
        assert equivalent in matches[written].fr


@pytest.mark.parametrize(
    "written", ["hôpital", "hopital", "HÔPITAUX", "hopitaux", "l'hôpital", "L’HOPITAL"]
)
def test_accents_capitals_and_elisions_are_optional(written):
    assert "مستشفى" in found(written)[written].ar


def test_a_word_with_an_accent_is_not_the_small_word_without():
    assert "شاي" in found("thé vert")["thé"].ar


def test_small_words_may_be_left_out_or_said():
    for asked in ("accident de la route", "accident route"):
        assert "حادثة سير" in found(asked)[asked].ar


def test_a_small_word_around_a_term_is_not_part_of_it():
    (match,) = glossary.terms(["le", "prix", "de"])
    assert (match.start, match.end) == (1, 2)


def test_the_longest_term_wins():
    matches = found("taux eau potable écoles")
    assert list(matches) == ["taux", "eau potable", "écoles"]
    assert "ماء صالح للشرب" in matches["eau potable"].ar
    assert "ماء" not in matches["eau potable"].ar


def test_a_term_begun_and_not_ended_leaves_its_words():
    assert list(found("البطاقة الصحة")) == ["البطاقة", "الصحة"]
    assert list(found("protection barrage")) == ["barrage"]


def test_what_was_typed_is_not_its_own_equivalent():
    match = found("transports")["transports"]
    assert "transport" not in match.fr + match.en
    assert "نقل" in match.ar


def test_a_word_with_two_meanings_brings_both():
    assert {"navire", "port"} & set(found("الميناء")["الميناء"].fr) == {"port"}
    assert {"sucre"} <= set(found("سكر")["سكر"].fr)
    both = found("خدمة")["خدمة"].fr
    assert {"service", "emploi"} <= set(both)


def test_a_place_whose_name_holds_a_word_is_left_alone():
    assert list(found("مدارس الدار البيضاء")) == ["مدارس"]
    assert list(found("دار الشباب")) == ["دار الشباب"]


def test_a_question_names_its_entries_once():
    words = ["hôpital", "مستشفى", "hospital"]
    assert [entry.fr[0] for entry in glossary.known(words)] == ["hôpital"]


# What it suggests.


@pytest.mark.parametrize(
    ("typed", "lang", "usual"),
    [
        ("ecol", "fr", "école"),
        ("Écol", "fr", "école"),
        ("protection soc", "fr", "protection sociale"),
        ("مدر", "ar", "مدرسة"),
        ("المدر", "ar", "مدرسة"),
        ("الحماية الاج", "ar", "حماية اجتماعية"),
        ("unem", "en", "unemployment"),
    ],
)
def test_a_keyword_is_suggested_from_its_beginning(typed, lang, usual):
    found_terms = [entry.terms(lang)[0] for entry in glossary.suggest(typed, lang)]
    assert any(glossary.key(usual) == glossary.key(term) for term in found_terms)


def test_usual_terms_are_suggested_before_variants_and_no_more_than_asked():
    firsts = [entry.fr[0] for entry in glossary.suggest("pr", "fr", limit=5)]
    assert len(firsts) == 5
    assert all(first.startswith("pr") for first in firsts)
    assert firsts == [entry.fr[0] for entry in glossary.suggest("PR", "fr", limit=5)]


def test_nothing_is_suggested_for_nothing_or_in_another_language():
    assert glossary.suggest(" ", "fr") == []
    assert glossary.suggest("é", "fr", limit=0) == []
    with pytest.raises(LookupError):
        glossary.suggest("a", "es")


# Who edits it.

GOOD = "  - {fr: [fourmilière], ar: [مستعمرة نمل], en: [anthill]}"


def test_a_second_file_adds_its_entries(tmp_path):
    file = additions(tmp_path, GOOD)
    (match,) = glossary.terms(["fourmilières"], extra=file)
    assert match.ar == ("مستعمرة نمل",)
    assert glossary.terms(["fourmilières"]) == []


def test_a_list_alone_is_a_file_too(tmp_path):
    file = tmp_path / "list.yaml"
    file.write_text("- {fr: [fourmilière], ar: [مستعمرة نمل]}\n", encoding="utf-8")
    assert glossary.read(file)[0].en == ()


def test_a_changed_file_is_read_again(tmp_path):
    file = additions(tmp_path, GOOD)
    glossary.load(file)
    additions(tmp_path, GOOD, "  - {fr: [termitière], ar: [مستعمرة الأرضة]}")
    assert glossary.known(["termitière"], extra=file)
    assert glossary.load(file) is glossary.load(file)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("  - {fr: [nid], ar: [عش], es: [nido]}", "“es” is no language"),
        ("  - {fr: [], ar: [عش]}", "“fr” is an empty list"),
        ("  - {fr: [nid]}", "“ar” is missing"),
        ("  - {ar: [عش]}", "“fr” is missing"),
        ("  - {fr: [عش], ar: [عش]}", "“عش” is in “fr” and not in Latin letters"),
        ("  - {fr: [nid], ar: [nid]}", "“nid” is in “ar” and not in Arabic letters"),
        ("  - {fr: [nid], ar: [عش], en: [гнездо]}", "not in Latin letters"),
        ("  - {fr: [nid, nids], ar: [عش]}", "“nids” is the same as “nid”"),
        ("  - {fr: [nid], ar: [عش, العش]}", "“العش” is the same as “عش”"),
        ("  - {fr: nid, ar: [عش]}", "“fr” is a list in brackets"),
        ("  - {fr: [[nid]], ar: [عش]}", "“fr” holds a word that is none"),
        ("  - {fr: [2024], ar: [عش]}", "a word without letters: “2024”"),
        ("  - {fr: [nid, ''], ar: [عش]}", "a word without letters: “”"),
        ("  - {fr: [un deux trois quatre cinq six sept], ar: [عش]}", "more than 6"),
        ("  - {fr: [nid], fr: [aire], ar: [عش]}", "“fr” is said twice"),
        ("  - nid", "an entry is {fr: […], ar: […], en: […]}"),
        (GOOD, "“fourmilière” and “مستعمرة نمل” are together in entry 1"),
        ("  - {fr: [hopital], ar: [المستشفى]}", "in the portal's glossary"),
    ],
)
def test_a_bad_entry_is_refused_with_its_place(tmp_path, line, problem):
    file = additions(tmp_path, GOOD, line)
    with pytest.raises(glossary.GlossaryError) as refused:
        glossary.load(file)
    assert problem in str(refused.value)
    assert "additions.yaml, line 3, entry 2: " in str(refused.value)
    assert (refused.value.line, refused.value.entry) == (3, 2)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"entries: [}", "line 1: is no YAML"),
        (b"", "has no list of entries"),
        (b"entries: 3", "has no list of entries"),
        (b"\xff\xfe\xff", "cannot be read"),
    ],
)
def test_a_file_that_is_no_glossary_is_refused(tmp_path, text, problem):
    file = tmp_path / "bad.yaml"
    file.write_bytes(text)
    with pytest.raises(glossary.GlossaryError, match=problem):
        glossary.load(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(glossary.GlossaryError, match=r"none\.yaml: cannot be read"):
        glossary.load(tmp_path / "none.yaml")


# What it never does.

WORDS = sorted({w for e in ENTRIES for t in e.fr + e.ar for w in t.split()})


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=20),
            st.sampled_from(WORDS),
            st.sampled_from(WORDS).map("وال{}".format),
            st.tuples(*[st.sampled_from(WORDS)] * 2).map("-".join),
        ),
        max_size=12,
    )
)
def test_any_text_gives_spans_in_order_that_do_not_overlap(words):
    matches = glossary.terms(words)
    assert matches == glossary.terms(words)
    end = 0
    for match in matches:
        assert end <= match.start < match.end <= len(words)
        end = match.end


@settings(deadline=None)
@given(st.text(), st.sampled_from(glossary.LANGUAGES), st.integers(-1, 20))
def test_any_beginning_gives_suggestions_or_none(prefix, lang, limit):
    assert len(glossary.suggest(prefix, lang, limit)) <= max(limit, 0)


def test_a_very_long_question_is_soon_read():
    began = time.perf_counter()
    glossary.terms(["ال" * 5_000, "و" * 5_000, *WORDS[:2_000]])
    assert time.perf_counter() - began < 1


def test_every_term_is_found_by_itself():
    lost = [
        term
        for entry in ENTRIES
        for term in entry.fr + entry.ar + entry.en
        if entry not in glossary.known(term.split())
    ]
    assert lost == []
