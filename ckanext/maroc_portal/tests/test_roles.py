"""An institution's people are called as the Charter calls them."""

from __future__ import annotations

import pytest

import ckan.plugins.toolkit as tk
from ckan import authz
from ckan.tests import factories

from ckanext.maroc_law.tests.cases import lawful
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


# The Comité


def as_user(user, action, **data):
    context = {"user": user["name"], "ignore_auth": False}
    return tk.get_action(action)(context, data)


def may_read_dashboards(user):
    try:
        tk.check_access("maroc_portal_dashboards_read", {"user": user["name"]})
    except tk.NotAuthorized:
        return False
    return True


def test_add_names_the_comite_and_takes_its_seats_back():
    add, member = factories.Sysadmin(), factories.User()
    assert not may_read_dashboards(member)
    as_user(add, "maroc_portal_comite_set", id=member["name"])
    assert member["name"] in as_user(add, "maroc_portal_comite_list")
    assert may_read_dashboards(member)
    as_user(add, "maroc_portal_comite_set", id=member["name"], sits=False)
    assert not may_read_dashboards(member)
    assert member["name"] not in as_user(add, "maroc_portal_comite_list")


def test_nobody_seats_themselves():
    user = factories.User()
    for action in ("maroc_portal_comite_set", "maroc_portal_comite_list"):
        with pytest.raises(tk.NotAuthorized):
            as_user(user, action, id=user["name"])
    as_user(
        user,
        "user_patch",
        id=user["name"],
        email=user["email"],
        sysadmin=True,
        plugin_extras={"maroc_portal": {"comite": True}},
    )
    assert not roles.is_comite(user["name"])
    assert not authz.is_sysadmin(user["name"])


def test_the_comite_writes_nothing():
    member, other = factories.User(), factories.User()
    owner = factories.Organization(users=[{"name": other["name"], "capacity": "admin"}])
    dataset = factories.Dataset(**lawful(owner_org=owner["id"]))
    as_user(factories.Sysadmin(), "maroc_portal_comite_set", id=member["name"])
    for action, data in (
        ("package_create", lawful(owner_org=owner["id"])),
        ("package_patch", {"id": dataset["id"], "version": "2"}),
        ("package_delete", {"id": dataset["id"]}),
        ("organization_patch", {"id": owner["id"], "description": "x"}),
        ("organization_create", {"title_translated": {"fr": "Une autre"}}),
    ):
        with pytest.raises(tk.NotAuthorized):
            as_user(member, action, **data)
