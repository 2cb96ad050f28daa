"""Nobody reads a sentence in a language that the page is not in."""

from __future__ import annotations

import gettext
from pathlib import Path

import flask_babel
import pytest

import ckan.plugins as p
from ckan.tests import factories, helpers

ROOT = Path(__file__).resolve().parents[3]

ANYONE, GDD, ROD, ADD = "anyone", "gdd", "rod", "add"

# Who opens which page; {d} is a dataset, {r} its resource, {o} its institution.
PAGES = (
    (ANYONE, "/"),
    (ANYONE, "/about"),
    (ANYONE, "/accessibilite"),
    (ANYONE, "/dataset/"),
    (ANYONE, "/dataset/?q=rien-de-tel"),
    (ANYONE, "/dataset/?res_format=CSV"),
    (ANYONE, "/dataset/{d}"),
    (ANYONE, "/dataset/{d}/resource/{r}"),
    (ANYONE, "/organization/"),
    (ANYONE, "/organization/?q=rien-de-tel"),
    (ANYONE, "/organization/{o}"),
    (ANYONE, "/organization/about/{o}"),
    (ANYONE, "/indicateurs"),
    (ANYONE, "/organization/{o}/tableau-de-bord"),
    (ANYONE, "/user/login"),
    (ANYONE, "/user/reset"),
    (ANYONE, "/page-qui-n-existe-pas"),
    (GDD, "/"),
    (GDD, "/dataset/new"),
    (GDD, "/dataset/edit/{d}"),
    (GDD, "/dataset/resources/{d}"),
    (GDD, "/dataset/{d}/resource/new"),
    (GDD, "/dataset/{d}/resource/{r}"),
    (GDD, "/dataset/{d}/resource/{r}/edit"),
    (GDD, "/dashboard/"),
    (GDD, "/dashboard/datasets"),
    (GDD, "/dashboard/organizations"),
    (GDD, "/user/{gdd}"),
    (GDD, "/user/edit/{gdd}"),
    (GDD, "/user/{gdd}/api-tokens"),
    (ROD, "/organization/{o}"),
    (ROD, "/organization/edit/{o}"),
    (ROD, "/organization/manage_members/{o}"),
    (ROD, "/organization/member_new/{o}"),
    (ROD, "/organization/bulk_process/{o}"),
    (ADD, "/organization/new"),
    (ADD, "/user/"),
    (ADD, "/ckan-admin/"),
)
# Forms sent as they are not accepted: what is wrong is said in the reader's language.
REFUSED = (
    (GDD, "/dataset/new", {"save": ""}),
    (GDD, "/dataset/{d}/resource/new", {"save": "go-metadata", "url": "", "id": ""}),
    (ROD, "/organization/edit/{o}", {"save": "", "title": ""}),
)


class Missing(gettext.NullTranslations):
    """What is asked of the catalogues and is in none of them."""

    def __init__(self):
        super().__init__()
        self.strings = set()

    def gettext(self, message):
        self.strings.add(message)
        return message

    def ngettext(self, msgid1, msgid2, n):
        self.strings.add(msgid1)
        return msgid1 if n == 1 else msgid2


@pytest.fixture(scope="module")
def app():
    made = helpers._get_test_app()
    yield made
    p.unload_all()


@pytest.fixture
def missing(monkeypatch):
    """Record the strings without a translation, while pages are made."""
    found = Missing()
    load = flask_babel.Domain.get_translations

    def recorded(domain):
        translations = load(domain)
        translations._fallback = found
        return translations

    monkeypatch.setattr(flask_babel.Domain, "get_translations", recorded)
    return found


@pytest.fixture(scope="module")
def catalogue(app):
    """An institution with its people, and a dataset with a file."""
    with app.flask_app.test_request_context():
        people = {
            role: factories.UserWithToken(sysadmin=role == ADD)
            for role in (GDD, ROD, ADD)
        }
        organization = factories.Organization(
            title_translated={"fr": "Commune d'essai", "ar": "جماعة تجريبية"},
            users=[
                {"name": people[GDD]["name"], "capacity": "editor"},
                {"name": people[ROD]["name"], "capacity": "admin"},
            ],
        )
        dataset = factories.Dataset(
            owner_org=organization["id"],
            title_translated={"fr": "Écoles", "ar": "المدارس"},
            notes_translated={"fr": "Les écoles de la commune", "ar": "مدارس الجماعة"},
            classification="non-classifie",
            art10_category="statistiques",
            collection_frequency="ANNUAL",
            geographic_coverage=["MA"],
            license_id="cc-by",
        )
        resource = factories.Resource(
            package_id=dataset["id"], url="https://example.ma/e.csv", format="CSV"
        )
    names = {
        "d": dataset["name"],
        "o": organization["name"],
        "r": resource["id"],
        "gdd": people[GDD]["name"],
    }
    return people, names


def headers(people, role):
    return {"Authorization": people[role]["token"]} if role in people else {}


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_every_string_of_the_first_walk_is_translated(app, catalogue, missing, lang):
    people, names = catalogue
    for role, path in PAGES:
        page = app.get(
            f"/{lang}{path.format(**names)}",
            headers=headers(people, role),
            follow_redirects=True,
        )
        expected = 404 if "n-existe-pas" in path else 200
        assert page.status_code == expected, (role, path)
    for role, path, form in REFUSED:
        page = app.post(
            f"/{lang}{path.format(**names)}", data=form, headers=headers(people, role)
        )
        assert page.status_code == 200, (role, path)
    # Data that core passes to _() are no strings: names of tags, of organizations…
    assert sorted(missing.strings) == [], "add them to ops/i18n_core_strings.txt"
