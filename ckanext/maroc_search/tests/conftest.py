"""A small catalogue, published as people publish, found on the running Solr."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckan.tests import factories, helpers

from ckanext.maroc_law.tests.cases import lawful

Publish = Callable[..., dict[str, Any]]


@pytest.fixture
def institution() -> dict[str, Any]:
    return factories.Organization(
        name="commune-fes",
        title_translated={"fr": "Commune de Fès", "ar": "جماعة فاس"},
    )


@pytest.fixture
def publish(institution: dict[str, Any]) -> Publish:
    """Publish a dataset: its title by language, and what else is not the usual."""
    user = factories.Sysadmin()

    def published(title: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
        usual = {
            **lawful(),
            "notes_translated": {"fr": "Ce qu'elles disent."},
            "owner_org": institution["id"],
            "classification": "non-classifie",
            "art10_category": "statistiques",
            "collection_frequency": "ANNUAL",
            "geographic_coverage": ["MA"],
            "license_id": "cc-by",
            "private": False,
        }
        if "title" not in fields:
            usual["title_translated"] = title or {"fr": "Des données"}
        asked = {**usual, **fields}
        context = {"user": user["name"], "ignore_auth": False}
        made = helpers.call_action("package_create", context=context, **asked)
        if not asked["private"]:
            helpers.call_action("maroc_workflow_submit", context, id=made["id"])
        return made

    return published


@pytest.fixture
def found(app: Any) -> Callable[..., list[str]]:
    """Ask as a stranger, in a language, and return the names found, in their order."""

    def names(q: str = "", lang: str = "fr", **params: Any) -> list[str]:
        answer = app.get(
            f"/{lang}/api/3/action/package_search",
            query_string={"q": q, **params},
            status=200,
        )
        return [each["name"] for each in answer.json["result"]["results"]]

    return names
