"""An institution's people are called as the Charter calls them."""

from __future__ import annotations

import pytest

import ckan.plugins as p
from ckan import authz
from ckan.tests import factories, helpers

from ckanext.maroc_portal import roles

NAMES = {
    "fr": (
        "ROD – Responsable open data",
        "GdD – Gestionnaire de données",
        "Lecteur",
    ),
    "ar": ("ROD – مسؤول البيانات المفتوحة", "GdD – مدبر البيانات", "قارئ"),
    "en": ("ROD – Open data officer", "GdD – Data manager", "Reader"),
}


@pytest.fixture(scope="module")
def app():
    made = helpers._get_test_app()
    yield made
    p.unload_all()


@pytest.mark.parametrize("lang", NAMES)
def test_the_api_names_the_roles_in_the_callers_language(app, lang):
    answer = app.get(f"/{lang}/api/3/action/member_roles_list").json["result"]
    assert [role["value"] for role in answer] == ["admin", "editor", "member"]
    assert tuple(role["text"] for role in answer) == NAMES[lang]


@pytest.mark.parametrize("lang", NAMES)
def test_the_page_of_a_new_member_names_and_explains_the_roles(app, lang):
    rod = factories.UserWithToken()
    organization = factories.Organization(
        title_translated={"fr": "Commune d'essai", "ar": "جماعة تجريبية"},
        users=[{"name": rod["name"], "capacity": "admin"}],
    )
    page = app.get(
        f"/{lang}/organization/member_new/{organization['name']}",
        headers={"Authorization": rod["token"]},
    ).body
    for name in NAMES[lang]:
        assert page.count(name) == 2, "once in the list, once explained"
    assert "<strong>Admin:</strong>" not in page


def test_naming_the_roles_again_changes_nothing():
    before = dict(authz._trans_functions)
    roles.name_roles()
    assert authz._trans_functions == before
    assert list(authz.ROLE_PERMISSIONS) == ["admin", "editor", "member"]
