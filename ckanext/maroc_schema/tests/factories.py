"""Datasets and institutions that the schema accepts."""

from __future__ import annotations

import itertools
from typing import Any

from ckan.tests import factories, helpers

from ckanext.maroc_law.tests import cases

_NUMBERS = itertools.count(1)


def lawful(**changes: Any) -> dict[str, Any]:
    """Return a dataset that may be public, with these changes."""
    number = next(_NUMBERS)
    return {
        **cases.lawful(),
        "title_translated": {"fr": f"Écoles {number}", "ar": f"مدارس {number}"},
        "notes_translated": {"fr": "Une ligne par école.", "ar": "سطر لكل مدرسة."},
        "classification": "non-classifie",
        "art10_category": "statistiques",
        "collection_frequency": "ANNUAL",
        "geographic_coverage": ["03.231.01.0"],
        "license_id": "odc-odbl",
        "source": "Commune de Fès",
        **changes,
    }


def dataset(user: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Create a dataset by the API, as an editor of its institution unless told."""
    user = user or factories.User()
    if "owner_org" not in changes:
        changes["owner_org"] = institution(
            users=[{"name": user["name"], "capacity": "editor"}]
        )["id"]
    return helpers.call_action(
        "package_create",
        context={"user": user["name"], "ignore_auth": False},
        **lawful(**changes),
    )


def public(user: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Publish a dataset by the API, as its editor does."""
    made = dataset(user, **changes)
    site = helpers.call_action("get_site_user")
    helpers.call_action(
        "maroc_workflow_submit", context={"user": site["name"]}, id=made["id"]
    )
    return helpers.call_action("package_show", id=made["id"])


def institution(**changes: Any) -> dict[str, Any]:
    """Create an institution."""
    number = next(_NUMBERS)
    sysadmin = factories.Sysadmin()
    return helpers.call_action(
        "organization_create",
        context={"user": sysadmin["name"]},
        **{
            "title_translated": {"fr": f"Commune {number}", "ar": f"جماعة {number}"},
            "body_kind": "collectivite-territoriale",
            **changes,
        },
    )
