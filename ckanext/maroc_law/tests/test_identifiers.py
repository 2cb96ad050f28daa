"""A number is what its digits say it is, and says nothing of itself in a log.

The numbers are generated, but for one sample that every bank's documentation prints.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.maroc_law import identifiers, vocabulary

SAMPLE = "011519000001205000534921"
IDS = [each.id for each in identifiers.KINDS]
DIGITS = st.text("0123456789", min_size=22, max_size=22)


def rib(first: str) -> str:
    return f"{first}{97 - int(first) * 100 % 97:02}"


ribs = DIGITS.map(rib)
ices = DIGITS.map(lambda digits: rib(digits[:13]))


def is_a(kind: str, text: str) -> bool:
    return identifiers.kind(kind).check(text)


def found(text: str) -> set[str]:
    return {each.id for each in identifiers.find(text)}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("rib", SAMPLE),
        ("rib", "011 519 0000012050005349 21"),
        ("iban", f"MA64{SAMPLE}"),
        ("iban", "ma64 0115 1900 0001 2050 0053 4921"),
        ("ice", rib("0000000000000")),
        ("cin", "AB123456"),
        ("cin", "k 12345"),
        ("cin", "AB١٢٣٤٥٦"),
        ("massar", "A000000000"),
        ("cne", "1000000000"),
        ("telephone", "06 00 00 00 00"),
        ("telephone", "+212 (0)5.00.00.00.00"),
        ("telephone", "00212-600-000000"),
        ("plaque", "12345 | أ | 6"),
        ("plaque", "1-ب-88"),
        ("cnss", "100000000"),
        ("cnss", "100000000.0"),
        ("cnss-employeur", "1000000"),
        ("passeport", "XX0000000"),
        ("if", "10000000"),
        ("rc", "12"),
        ("ppr", "100000"),
    ],
)
def test_it_is_one_however_it_is_written(kind, text):
    assert is_a(kind, text)
    assert kind in found(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("rib", SAMPLE[:-1]),
        ("rib", SAMPLE[:-2] + "00"),
        # A key of zero is never given, although zero is a multiple of 97.
        ("rib", "0" * 24),
        ("rib", SAMPLE[:-2] + "98"),
        ("ice", "0" * 15),
        ("iban", f"MA63{SAMPLE}"),
        ("iban", f"FR64{SAMPLE}"),
        ("cin", "ABC12345"),
        ("cin", "A1234"),
        ("telephone", "0412345678"),
        ("telephone", "0600000"),
        # A share with nine decimals, a longitude: numbers with a point are measures.
        ("telephone", "0.612345678"),
        ("ice", "-5.12345678901234"),
        ("plaque", "12345 A 6"),
        ("plaque", "123456 أ 6"),
        ("plaque", "1 أ 90"),
        ("massar", "0000000000"),
    ],
)
def test_it_is_none(kind, text):
    assert not is_a(kind, text)
    assert identifiers.kind(kind).parse(text) is None
    assert kind not in found(text)


@given(ribs)
def test_every_valid_rib_makes_an_iban_that_begins_ma64(number):
    iban = identifiers.iban_of(number)
    assert iban == f"MA64{number}"
    assert is_a("iban", iban)
    # ISO 7064: the country and its key go last, letters count from 10.
    assert int(f"{number}221064") % 97 == 1


def test_no_iban_is_made_of_another_number():
    with pytest.raises(ValueError, match="Not a RIB"):
        identifiers.iban_of(SAMPLE[:-1] + "0")


@pytest.mark.parametrize(("kind", "numbers"), [("rib", ribs), ("ice", ices)])
@given(data=st.data())
def test_one_wrong_digit_is_always_seen(kind, numbers, data):
    number = data.draw(numbers)
    place = data.draw(st.integers(0, len(number) - 1))
    digit = data.draw(st.sampled_from("0123456789").filter(number[place].__ne__))
    assert is_a(kind, number)
    assert not is_a(kind, number[:place] + digit + number[place + 1 :])


@pytest.mark.parametrize(("kind", "numbers"), [("rib", ribs), ("ice", ices)])
@given(data=st.data())
def test_two_digits_in_the_wrong_order_are_always_seen(kind, numbers, data):
    number = data.draw(numbers)
    place = data.draw(st.integers(0, len(number) - 2))
    first, second = number[place], number[place + 1]
    swapped = number[:place] + second + first + number[place + 2 :]
    assert is_a(kind, swapped) == (first == second)


@pytest.mark.parametrize(("kind", "length"), [("rib", 24), ("ice", 15)])
def test_a_random_number_passes_one_time_in_97(kind, length):
    chance = random.Random(97)  # noqa: S311
    tries = 40_000
    passed = sum(
        is_a(kind, f"{chance.randrange(10**length):0{length}}") for _ in range(tries)
    )
    assert identifiers.kind(kind).one_in == 97
    assert passed == pytest.approx(tries / 97, rel=0.15)


@given(st.text())
def test_any_text_is_read_without_a_fall(text):
    for each in identifiers.find(text):
        assert each.check(text)
        assert each.parse(text).value == identifiers.normalise(text)
    identifiers.announced(text)


def test_a_value_stays_out_of_the_logs():
    read = identifiers.kind("rib").parse(SAMPLE)
    assert read.value == SAMPLE
    assert SAMPLE not in repr(read)


@pytest.mark.parametrize(
    ("title", "ids"),
    [
        ("N° CIN", {"cin"}),
        ("num_cnie", {"cin"}),
        ("numeroCIN", {"cin"}),
        ("رقم البطاقة الوطنية", {"cin"}),
        ("ب.ت.و", {"cin"}),
        ("Tél.", {"telephone"}),
        ("الهاتف", {"telephone"}),
        ("رمز مسار", {"massar"}),
        ("Nom et prénom", {"nom"}),
        ("الاسم الكامل", {"nom"}),
        ("Date de naissance", {"date-naissance"}),
        ("Affilié CNSS", {"cnss", "cnss-employeur"}),
        ("Code de la commune", set()),
        ("Vaccination", set()),
        ("Distribution", set()),
        ("", set()),
    ],
)
def test_the_title_of_a_column_announces_what_it_holds(title, ids):
    assert identifiers.announced(title) == ids
    assert all(each.announced(title) == (each.id in ids) for each in identifiers.KINDS)


def test_what_has_no_check_and_a_common_shape_needs_a_title():
    for each in identifiers.KINDS:
        assert each.cue_needed == (each.confidence == "low"), each.id
        assert (each.one_in > 1) == (each.confidence == "high"), each.id
        assert each.cues, each.id


def test_each_kind_is_one_that_a_dataset_can_declare():
    assert len(set(IDS)) == len(IDS)
    for each in identifiers.KINDS:
        assert set(each.label) == {"fr", "ar", "en"}
        assert vocabulary.find("personal-identifiers", each.declared_as), each.id
    for slug in identifiers.TITLES:
        assert vocabulary.find("personal-identifiers", slug), slug


def test_a_text_is_no_identifier():
    assert identifiers.find("1" * 65) == ()
    assert identifiers.find("") == ()
    assert identifiers.find("1" + "ß" * 63) == ()
    assert identifiers.find("Commune de Fès") == ()


def test_there_is_no_other_kind():
    with pytest.raises(LookupError):
        identifiers.kind("inconnu")
