"""Names of columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ckanext.datastore.helpers import is_valid_field_name
from ckanext.maroc_files.reading.columns import LONGEST, identifiers


def test_names_stay_as_near_to_the_titles_as_may_be():
    assert identifiers(
        ["Code", "Population (2024)", "الجماعة", "العُمّال", "Taux de chômage, %"]
    ) == ["Code", "Population_2024", "الجماعة", "العمال", "Taux_de_chômage"]


def test_empty_and_twice_used_titles_get_names_of_their_own():
    assert identifiers(["2014", "", "2014", "%", "Total", "TOTAL"]) == [
        "2014",
        "column_2",
        "2014_2",
        "column_4",
        "Total",
        "TOTAL_2",
    ]


def test_names_that_the_database_uses_itself_are_not_taken():
    assert identifiers(["rank", "_id", "ctid", "_full_text"]) == [
        "rank_2",
        "id",
        "ctid_2",
        "full_text",
    ]


@given(st.lists(st.text(max_size=120), max_size=30))
def test_any_titles_give_names_that_the_datastore_takes(labels):
    names = identifiers(labels)
    assert len(names) == len(labels)
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert is_valid_field_name(name)
        assert len(name.encode()) <= LONGEST
