"""Filters beside a search speak the reader's language."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from ckan import model
from ckan.lib import search

from .conftest import Publish

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

SLUGS = {
    "organization": "commune-fes",
    "art10_category": "statistiques",
    "res_format": "CSV",
    "license_id": "cc-by",
}
LABELS = {
    "fr": {
        "organization": "Commune de Fès",
        "art10_category": "Statistiques économiques et sociales",
        "res_format": "CSV",
        "license_id": "Creative Commons Attribution (CC BY) 4.0",
    },
    "ar": {
        "organization": "جماعة فاس",
        "art10_category": "الإحصائيات الاقتصادية والاجتماعية",
        "res_format": "CSV",
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
        resources=[{"url": "https://fes.ma/eau.csv", "name": "Eau", "format": "CSV"}],
    )
    for lang, labels in LABELS.items():
        for page, filters in {
            "dataset/": list(SLUGS),
            "organization/commune-fes": ["art10_category", "res_format", "license_id"],
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
    publish({"fr": "Eau"})
    model.Session.execute(
        sa.text("""UPDATE package SET extras = extras || '{"art10_category": "old"}'""")
    )
    model.Session.commit()
    search.rebuild()
    assert counted(app, "fr", "art10_category")["art10_category"] == [
        {"name": "old", "display_name": "old", "count": 1}
    ]
