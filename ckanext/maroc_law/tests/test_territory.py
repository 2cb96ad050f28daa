"""Every commune is in a province, every province in a region, every region inside."""

from __future__ import annotations

from collections import Counter

import pytest

from ckanext.maroc_law import territory

KINDS = {
    "country": 1,
    "region": 12,
    "prefecture": 13,
    "province": 62,
    "urban": 242,
    "rural": 1261,
}


def test_there_are_as_many_places_as_the_census_counts():
    assert Counter(place.kind for place in territory.places()) == KINDS


def test_each_code_is_one_place():
    codes = [place.code for place in territory.places()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("kind", "above"),
    [
        ("region", {"country"}),
        ("province", {"region"}),
        ("prefecture", {"region"}),
        ("urban", {"province", "prefecture"}),
        ("rural", {"province", "prefecture"}),
    ],
)
def test_each_place_is_inside_the_one_above(kind, above):
    inside = [place for place in territory.places() if place.kind == kind]
    assert {territory.find(place.parent).kind for place in inside} == above


def test_a_commune_knows_all_that_holds_it():
    assert territory.above("01.511.01.09") == ("01.511", "01", "MA")
    # Tanger has arrondissements and breaks the rule of the codes, not that of the tree.
    assert territory.above("01.511.01.0") == ("01.511", "01", "MA")
    assert territory.above("MA") == ()


def test_the_tree_holds_every_place_once():
    def codes(branch):
        yield branch.place.code
        for each in branch.inside:
            yield from codes(each)

    assert sorted(codes(territory.tree())) == sorted(
        place.code for place in territory.places()
    )


def test_the_south_bears_its_own_names():
    # A list often used elsewhere tags these provinces and cannot serve as labels.
    assert territory.find("12").names["fr"] == "Dakhla-Oued Ed-Dahab"
    assert not any("EH" in place.names["fr"].split() for place in territory.places())


def test_an_unknown_code_is_no_place():
    assert territory.find("99") is None
    assert territory.above("99") == ()
