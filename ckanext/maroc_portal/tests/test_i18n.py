"""Nobody reads a sentence in a language that the page is not in."""

from __future__ import annotations

import gettext
import re
import subprocess
import sys
from pathlib import Path

import flask_babel
import pytest

import ckan.plugins as p
from ckan.tests import factories, helpers

from ckanext.maroc_law.tests.cases import lawful

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
    (ANYONE, "/dataset/{d}/qualite"),
    (ANYONE, "/dataset/{d}/resource/{r}"),
    (ANYONE, "/organization/"),
    (ANYONE, "/organization/?q=rien-de-tel"),
    (ANYONE, "/organization/{o}"),
    (ANYONE, "/organization/about/{o}"),
    (ANYONE, "/indicateurs"),
    (ANYONE, "/indicateurs/downloads"),
    (ANYONE, "/organization/{o}/tableau-de-bord"),
    (ANYONE, "/vocabulaires"),
    (ANYONE, "/vocabulaires/art7-exceptions"),
    (ANYONE, "/user/login"),
    (ANYONE, "/user/reset"),
    (ANYONE, "/page-qui-n-existe-pas"),
    (GDD, "/"),
    (GDD, "/dataset/new"),
    (GDD, "/dataset/new?classification=non-classifie&step=file"),
    (GDD, "/dataset/edit/{d}"),
    (GDD, "/dataset/{d}"),
    (GDD, "/dataset/{d}/qualite"),
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
    (GDD, "/dataset/edit/{d}", {"save": "publish", "source": "", "theme": "x"}),
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
    """Return an institution's people, and the names of its dataset and file."""
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
            **lawful(
                owner_org=organization["id"],
                notes_translated={"fr": "Un budget", "ar": "ميزانية"},
            )
        )
        resource = factories.Resource(
            package_id=dataset["id"], url="https://example.ma/e.csv", format="CSV"
        )
        add = {"user": people[ADD]["name"]}
        helpers.call_action("maroc_workflow_submit", add, id=dataset["id"])
    names = {
        "d": dataset["name"],
        "o": organization["name"],
        "r": resource["id"],
        "gdd": people[GDD]["name"],
    }
    return people, names


def headers(people, role):
    return {"Authorization": people[role]["token"]} if role in people else {}


def fields(app):
    """Return the names of the forms' fields, which core passes through _() unseen."""
    with app.flask_app.test_request_context():
        schemas = [
            p.toolkit.h.scheming_get_dataset_schema("dataset"),
            p.toolkit.h.scheming_get_organization_schema("organization"),
        ]
    names = {
        field["field_name"]
        for schema in schemas
        for key in ("dataset_fields", "resource_fields", "fields")
        for field in schema.get(key, ())
    }
    return names | {name.replace("_", " ").capitalize() for name in names}


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
    lacking = missing.strings - fields(app)
    assert sorted(lacking) == [], "add them to ops/i18n_core_strings.txt"


@pytest.mark.parametrize(
    ("lang", "number", "told"),
    [
        ("fr", 0, "0 jeu de données"),
        ("fr", 1, "1 jeu de données"),
        ("fr", 2, "2 jeux de données"),
        ("fr", 1_000_000, "1000000 jeux de données"),
        ("ar", 0, "لا مجموعات بيانات"),
        ("ar", 1, "مجموعة بيانات واحدة"),
        ("ar", 2, "مجموعتا بيانات"),
        ("ar", 3, "3 مجموعات بيانات"),
        ("ar", 11, "11 مجموعة بيانات"),
        ("ar", 100, "100 مجموعة بيانات"),
    ],
)
def test_numbers_agree_with_their_nouns(app, lang, number, told):
    with app.flask_app.test_request_context(environ_overrides={"CKAN_LANG": lang}):
        text = p.toolkit.ungettext("{number} dataset", "{number} datasets", number)
    assert text.format(number=number) == told


@pytest.mark.parametrize(
    ("lang", "told"),
    [("fr", "Mes institutions"), ("ar", "مؤسساتي"), ("en", "My Institutions")],
)
def test_our_words_win_over_cores(app, lang, told):
    with app.flask_app.test_request_context(environ_overrides={"CKAN_LANG": lang}):
        assert p.toolkit._("My Organizations") == told


def test_the_catalogues_are_whole_up_to_date_and_compiled():
    done = subprocess.run(
        [sys.executable, "ops/i18n.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("lang", "before", "after"),
    [
        ("fr", "Page précédente", "Page suivante"),
        ("ar", "الصفحة السابقة", "الصفحة التالية"),
    ],
)
def test_the_arrows_between_pages_are_drawn_and_have_names(lang, before, after, app):
    for _ in range(45):
        factories.Organization()
    prefix = "" if lang == "fr" else f"/{lang}"
    page = app.get(f"{prefix}/organization/?page=2").get_data(as_text=True)
    links = re.findall(r'<a class="page-link"[^>]*>(.*?)</a>', page, re.S)
    assert links, "two pages of institutions, and no link from one to the other"
    assert "&lt;" not in "".join(links)
    assert "fa-chevron-left" in links[0]
    assert f'<span class="visually-hidden">{before}</span>' in links[0]
    assert "fa-chevron-right" in links[-1]
    assert f'<span class="visually-hidden">{after}</span>' in links[-1]
