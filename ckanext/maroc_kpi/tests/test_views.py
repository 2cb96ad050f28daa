"""The pages: what people read there, in which language, and what a page costs."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan.tests import factories

from ckanext.maroc_kpi import compute, views
from ckanext.maroc_kpi.definition import indicators
from ckanext.maroc_kpi.words import FAMILIES
from ckanext.maroc_portal import cells

from .conftest import act, execute, institution, institutions, publish, used

pytestmark = pytest.mark.usefixtures("empty")

DASHBOARD = "/organization/commune-fes/tableau-de-bord"


def page(app: Any, path: str, **more: Any) -> BeautifulSoup:
    return BeautifulSoup(app.get(path, **more).body, "html.parser")


def text(node: Any) -> str:
    return " ".join(node.get_text(" ").split())


def headline(soup: BeautifulSoup, name: str) -> str:
    return text(soup.select_one(f"#kpi-{name} .kpi-headline"))


def test_the_rod_reads_the_institution_s_figures(app: Any, fes: dict[str, Any]):
    publish(fes, "parcs", "CSV")
    used(fes, 1)
    used(fes, 1, agent_class="machine")
    compute.refresh()
    soup = page(app, DASHBOARD)
    assert headline(soup, "public_datasets") == "1 jeu de données"
    assert headline(soup, "downloads") == (
        "2 téléchargements, dont 1 par une personne et 1 par un outil"
    )
    assert soup.select_one("#kpi-downloads data")["value"] == "2"
    assert soup.select_one(".kpi-empty") is None


@pytest.mark.parametrize(
    ("prefix", "name", "datasets"),
    [
        ("", "Commune de Fès", "1 jeu de données"),
        ("/fr", "Commune de Fès", "1 jeu de données"),
        ("/ar", "جماعة فاس", "مجموعة بيانات واحدة"),
        ("/en", "Commune de Fès", "1 dataset"),
    ],
)
def test_names_and_numbers_are_in_the_reader_s_language(
    app: Any, fes: dict[str, Any], prefix: str, name: str, datasets: str
):
    publish(fes, "parcs", "CSV")
    compute.refresh()
    soup = page(app, prefix + DASHBOARD)
    assert name in text(soup.select_one("h1"))
    assert headline(soup, "public_datasets") == datasets
    national = page(app, prefix + "/indicateurs")
    assert text(national.select_one("tbody th")) == name
    assert text(national.select_one("tbody td")) == datasets


def test_a_name_in_another_language_says_which(app: Any, fes: dict[str, Any]):
    heading = page(app, "/en" + DASHBOARD).select_one("h1")
    assert (heading["lang"], heading["dir"]) == ("fr", "ltr")
    arabic = page(app, "/ar/indicateurs").select_one("tbody bdi")
    assert (arabic["lang"], arabic["dir"]) == ("ar", "rtl")


def test_the_country_s_page_has_six_bands_and_all_cards(app: Any, fes: dict[str, Any]):
    compute.refresh()
    soup = page(app, "/indicateurs")
    bands = soup.select(".kpi-band[aria-labelledby^=kpi-family]")
    assert [text(band.h2) for band in bands] == [it["fr"] for it in FAMILIES.values()]
    cards = [card["id"] for card in soup.select(".kpi-card")]
    assert cards == [f"kpi-{name}" for name in indicators()]


def test_a_card_says_its_state_source_and_method(app: Any, fes: dict[str, Any]):
    publish(fes, "parcs", "CSV", "PDF")
    compute.refresh()
    card = page(app, "/indicateurs").select_one("#kpi-open_standards")
    assert card["data-state"] == "measured"
    facts = text(card.select_one(".kpi-facts"))
    assert "Mesuré" in facts
    assert "A (mesure automatique, faite par le portail)" in facts
    method = card.select_one("details.kpi-method")
    assert text(method.select_one("pre")).startswith("WITH facts AS")
    assert method.select_one('a[href^="https://data.europa.eu/"]')
    api = method.select_one('a[href*="maroc_kpi_show"]')["href"]
    answer = app.get(api[api.index("/api/") :]).json["result"]
    assert answer["name"] == "open_standards"
    assert answer["value"] == float(card.select_one("data")["value"])


def test_what_is_not_measured_is_never_shown_as_zero(app: Any, fes: dict[str, Any]):
    publish(fes, "parcs", "CSV")
    compute.refresh()
    card = page(app, DASHBOARD).select_one("#kpi-downloads")
    assert card.select_one("data") is None
    assert headline(card.parent, "downloads") == "Non mesuré"
    assert "zéro téléchargement" in text(card.select_one(".kpi-detail"))


def test_before_the_first_refresh_the_pages_say_so(app: Any, fes: dict[str, Any]):
    for path in ("/indicateurs", DASHBOARD):
        card = page(app, path).select_one("#kpi-public_datasets")
        assert "moins d’une minute" in text(card)


def test_on_an_empty_portal_the_page_stands(app: Any):
    compute.refresh()
    soup = page(app, "/indicateurs")
    assert headline(soup, "public_datasets") == "0 jeu de données"
    assert headline(soup, "open_standards") == "Sans objet"
    assert soup.select("tbody tr") == []


def test_an_empty_institution_says_what_to_do_to_who_may_do_it(
    app: Any, fes: dict[str, Any]
):
    compute.refresh()
    assert page(app, DASHBOARD).select_one(".kpi-empty a") is None
    user = factories.UserWithToken()
    act(
        "organization_member_create",
        id=fes["id"],
        username=user["name"],
        role="editor",
    )
    headers = {"Authorization": user["token"]}
    link = page(app, DASHBOARD, headers=headers).select_one(".kpi-empty a")
    assert "/dataset/new" in link["href"]
    assert fes["id"] in link["href"]


def test_the_organization_s_page_has_the_tab(app: Any, fes: dict[str, Any]):
    soup = page(app, "/organization/commune-fes")
    assert soup.select_one(f'ul.nav a[href$="{DASHBOARD}"]')


def test_an_id_leads_to_the_name(app: Any, fes: dict[str, Any]):
    answer = app.get(
        f"/organization/{fes['id']}/tableau-de-bord", follow_redirects=False
    )
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(DASHBOARD)


@pytest.mark.parametrize(
    ("prefix", "sentence"),
    [
        ("", "Aucune institution ne s’appelle « nulle-part » sur ce portail."),
        ("/ar", "لا توجد على هذه البوابة أي مؤسسة باسم «nulle-part»."),
        ("/en", "There is no institution called “nulle-part” on this portal."),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/organization/nulle-part/tableau-de-bord",
        "/indicateurs.csv?organization=nulle-part",
    ],
)
def test_an_unknown_institution_is_a_page_with_a_sentence(
    app: Any, prefix: str, sentence: str, path: str
):
    soup = page(app, prefix + path, status=404)
    assert sentence in text(soup.select_one("#content"))


def test_a_deleted_institution_has_no_page(app: Any, fes: dict[str, Any]):
    act("organization_delete", id=fes["id"])
    app.get(DASHBOARD, status=404)


def renamed(institution: dict[str, Any], fr: str, ar: str) -> None:
    """Give names that the form would refuse; the database has no form."""
    execute(
        """UPDATE "group" SET title = :fr,
               extras = jsonb_build_object('title_translated', :titles)
           WHERE id = :id""",
        id=institution["id"],
        fr=fr,
        titles=json.dumps({"fr": fr, "ar": ar}),
    )


@pytest.mark.parametrize(
    ("fr", "ar"),
    [
        ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>"),
        ("{{ 7 * 191 }}", "ا" * 200),
        ("x" * 2000, "\u202eجماعة"),
    ],
)
def test_what_an_institution_calls_itself_cannot_break_the_page(
    app: Any, fes: dict[str, Any], fr: str, ar: str
):
    renamed(fes, fr, ar)
    compute.refresh()
    for path in ("/indicateurs", DASHBOARD, "/ar/indicateurs", "/ar" + DASHBOARD):
        body = app.get(path).body
        assert "<script>alert(1)" not in body
        assert "<img src=x" not in body
        assert "1337" not in body


def test_a_name_that_is_no_json_is_replaced_by_the_core_title(
    app: Any, fes: dict[str, Any]
):
    execute("""UPDATE "group" SET extras = '{"title_translated": "{broken"}'""")
    assert text(page(app, "/ar/indicateurs").select_one("tbody th")) == "Commune de Fès"


def test_no_page_of_ours_carries_a_script_or_a_style_of_its_own(
    app: Any, fes: dict[str, Any]
):
    compute.refresh()
    for path in ("/indicateurs", DASHBOARD):
        block = page(app, path).select_one(".kpi-page")
        assert block.select("script, style, [style]") == []
        handlers = [
            name
            for node in block.find_all(True)
            for name in node.attrs
            if name.startswith("on")
        ]
        assert handlers == []


# The table for machines


def lines(app: Any, path: str = "/indicateurs.csv") -> list[dict[str, str]]:
    answer = app.get(path)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    body = answer.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body)))


def test_the_csv_has_a_line_for_each_indicator_and_scope(app: Any, fes: dict[str, Any]):
    publish(fes, "parcs", "CSV")
    used(fes, 2)
    compute.refresh()
    found = lines(app)
    assert list(found[0]) == list(views.COLUMNS)
    assert [(it["indicator"], it["institution"]) for it in found] == [
        (name, scope) for scope in ("", "commune-fes") for name in indicators()
    ]
    downloads = next(it for it in reversed(found) if it["indicator"] == "downloads")
    assert downloads["value"] == "2"
    assert downloads["institution_ar"] == "جماعة فاس"
    assert downloads["components"] == "person=2;tool=0;robot=0"


def test_the_csv_leaves_an_absence_empty(app: Any, fes: dict[str, Any]):
    compute.refresh()
    share = next(it for it in lines(app) if it["indicator"] == "open_standards")
    assert (share["state"], share["value"]) == ("not_applicable", "")
    assert share["reason_ar"]


def test_the_csv_of_one_institution_has_its_lines_alone(app: Any, fes: dict[str, Any]):
    institution("hcp", "Haut-Commissariat au Plan", "المندوبية السامية للتخطيط")
    compute.refresh()
    found = lines(app, "/indicateurs.csv?organization=hcp")
    assert {it["institution"] for it in found} == {"hcp"}


def test_no_cell_of_the_csv_is_a_formula(app: Any, fes: dict[str, Any]):
    renamed(fes, "=HYPERLINK(1)", "+cmd|' /C calc'!A0")
    compute.refresh()
    found = lines(app)[-1]
    assert found["institution_fr"] == "'=HYPERLINK(1)"
    assert found["institution_ar"].startswith("'+cmd")


@pytest.mark.parametrize(
    ("cell", "given"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("\r=1", "'\r=1"),
        ("Fès", "Fès"),
        (-1, -1),
        (0, 0),
        (None, None),
    ],
)
def test_a_cell_is_safe(cell: Any, given: Any):
    assert cells.safe(cell) == given


# What a page costs


def test_a_page_costs_the_same_statements_for_one_institution_or_two_hundred(
    app: Any, fes: dict[str, Any], statements: Any
):
    compute.refresh()
    paths = ("/indicateurs", DASHBOARD, "/indicateurs.csv")
    few = {}
    for path in paths:
        app.get(path)
        with statements() as sent:
            app.get(path)
        few[path] = len(sent)
    institutions(199)
    compute.refresh()
    many = {}
    for path in paths:
        with statements() as sent:
            answer = app.get(path)
        many[path] = len(sent)
    assert many == few
    assert BeautifulSoup(app.get("/indicateurs").body, "html.parser").select(
        "tbody tr:nth-of-type(200)"
    )
    # Ours are two, two and two; the rest is CKAN's own frame of a page.
    assert many["/indicateurs"] <= 6
    assert many["/indicateurs.csv"] <= 4
    assert many[DASHBOARD] <= 30
    assert answer.status_code == 200
