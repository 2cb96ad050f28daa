"""Filters beside a search speak the reader's language."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from ckan import model
from ckan.lib import search

from ckanext.maroc_law import territory
from ckanext.maroc_portal.tests import cases

from .conftest import Publish

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

SLUGS = {
    "theme": "environnement",
    "organization": "commune-fes",
    "art10_category": "statistiques",
    "region": "03",
    "res_format": "CSV",
    "collection_frequency": "ANNUAL",
    "license_id": "cc-by",
}
LABELS = {
    "fr": {
        "theme": "Environnement, eau et climat",
        "organization": "Commune de Fès",
        "art10_category": "Statistiques économiques et sociales",
        "region": "Fès-Meknès",
        "res_format": "CSV",
        "collection_frequency": "Tous les ans",
        "license_id": "Creative Commons Attribution (CC BY) 4.0",
    },
    "ar": {
        "theme": "البيئة والماء والمناخ",
        "organization": "جماعة فاس",
        "art10_category": "الإحصائيات الاقتصادية والاجتماعية",
        "region": "فاس-مكناس",
        "res_format": "CSV",
        "collection_frequency": "سنويا",
        "license_id": "المشاع الإبداعي، الإسناد (CC BY) 4.0",
    },
}


def counted(app: Any, lang: str, *fields: str) -> dict[str, Any]:
    answer = app.get(
        f"/{lang}/api/3/action/package_search",
        query_string={"facet.field": json.dumps(fields)},
    )
    facets = answer.json["result"]["search_facets"]
    return {name: facet["items"] for name, facet in facets.items()}


def test_filters_are_in_the_readers_words_on_every_page(
    publish: Publish, app: Any, subtests: pytest.Subtests
):
    publish(
        {"fr": "Eau"},
        theme="environnement",
        geographic_coverage=["03"],
        resources=[{"url": "https://fes.ma/eau.csv", "name": "Eau", "format": "CSV"}],
    )
    for lang, labels in LABELS.items():
        for page, filters in {
            "dataset/": list(SLUGS),
            "organization/commune-fes": [n for n in SLUGS if n != "organization"],
        }.items():
            with subtests.test(lang=lang, page=page):
                body = app.get(f"/{lang}/{page}").body
                links = BeautifulSoup(body, "html.parser").select(".nav-facet a")
                shown = [link.select_one(".item-label").text for link in links]
                assert shown == [labels[name] for name in filters]
                for name, link in zip(filters, links, strict=True):
                    assert f"{name}={SLUGS[name]}" in link["href"]


def test_the_api_counts_by_slug_and_labels_for_the_reader(publish: Publish, app: Any):
    publish({"fr": "Eau"})
    publish({"fr": "Forêts"}, license_id="odc-odbl")
    items = counted(app, "ar", "organization", "art10_category", "dataset_type")
    assert items["organization"] == [
        {"name": "commune-fes", "display_name": "جماعة فاس", "count": 2}
    ]
    assert items["art10_category"][0]["display_name"] == LABELS["ar"]["art10_category"]
    assert items["dataset_type"][0]["display_name"] == "dataset"


def test_a_category_that_the_vocabulary_lost_is_still_counted(
    publish: Publish, app: Any
):
    made = publish({"fr": "Eau"}, private=True)
    model.Session.execute(
        sa.text("""UPDATE package SET extras = extras || '{"art10_category": "old"}'""")
    )
    model.Session.commit()
    cases.publish(made["id"])
    search.rebuild()
    assert counted(app, "fr", "art10_category")["art10_category"] == [
        {"name": "old", "display_name": "old", "count": 1}
    ]


def shown(body: str) -> dict[str, list[str]]:
    """Return the facets of a page, by their titles, with the values they offer."""
    return {
        module.h2.text.strip(): [each.text for each in module.select(".item-label")]
        for module in BeautifulSoup(body, "html.parser").select(
            "#search-facets section"
        )
    }


def test_places_open_from_the_region_to_the_commune(publish: Publish, app: Any):
    taza = next(p for p in territory.places() if p.parent == "03.561")
    publish({"fr": "Une commune"}, geographic_coverage=[taza.code])
    publish({"fr": "Deux provinces"}, geographic_coverage=["03.231", "01.571"])
    publish({"fr": "Le pays"})
    pages = {
        "": {"region": ["Fès-Meknès", "Morocco", "Tanger-Tétouan-Al Hoceima"]},
        "?region=03": {
            "region": ["Fès-Meknès", "Tanger-Tétouan-Al Hoceima"],
            "province": ["Fès", "Taza"],
        },
        "?region=03&province=03.561": {
            "region": ["Fès-Meknès"],
            "province": ["Taza"],
            "commune": [taza.names["fr"]],
        },
        "?region=MA": {"region": ["Morocco"]},
    }
    for asked, expected in pages.items():
        found = shown(app.get(f"/en/dataset/{asked}").body)
        titles = {
            "region": "Regions",
            "province": "Prefectures and provinces",
            "commune": "Communes",
        }
        assert {
            name: found[title] for name, title in titles.items() if title in found
        } == expected, asked


def test_a_chosen_place_is_named_in_the_readers_language(publish: Publish, app: Any):
    publish({"fr": "Une province"}, geographic_coverage=["03.561"])
    body = app.get("/ar/dataset/?region=03&province=03.561").body
    pills = BeautifulSoup(body, "html.parser").select(".filtered.pill bdi")
    assert [pill.text for pill in pills] == ["فاس-مكناس", "تازة"]
