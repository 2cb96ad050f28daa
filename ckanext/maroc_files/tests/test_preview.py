"""The pages of a table, as browsers without JavaScript see them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polib
import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk

from ckanext.maroc_files.tests.conftest import act
from ckanext.maroc_files.tests.making import CENSUS, census, communes, csv_bytes


def page(desk, resource, *, lang: str = "fr", status: int = 200, **params: Any):
    found = desk.get(
        tk.h.url_for(
            "dataset_resource.read",
            id=resource["package_id"],
            resource_id=resource["id"],
            locale=lang,
        ),
        query_string=params,
        status=status,
    )
    return BeautifulSoup(found.data, "html.parser")


def cells(soup) -> list[list[str]]:
    return [
        [cell.get_text(strip=True) for cell in row.select("td")]
        for row in soup.select(".maroc-files-table tbody tr")
    ]


def text(soup, selector: str) -> str:
    return " ".join(soup.select_one(selector).get_text(" ", strip=True).split())


@pytest.fixture
def table(institution, work):
    resource = institution.deposit(csv_bytes(communes()), "communes.csv")
    work()
    return resource


def test_the_first_hundred_rows_stand_in_an_accessible_table(desk, table):
    soup = page(desk, table)
    rows = cells(soup)
    assert len(rows) == 100
    assert rows[0] == ["01.511.01.0", "Tanger", "طنجة", "01", "1275428"]
    region = soup.select_one(".maroc-files-scroll")
    assert (region["role"], region["tabindex"]) == ("region", "0")
    caption = soup.select_one("caption")
    assert region["aria-labelledby"] == caption["id"]
    assert "communes.csv" in caption.text
    titles = soup.select("thead th")
    assert [title["scope"] for title in titles] == ["col"] * 5
    assert [title.bdi["dir"] for title in titles] == ["auto"] * 5
    assert soup.select_one("tbody td.maroc-files-number bdi")["dir"] == "ltr"
    assert soup.select("iframe") == []
    # Nothing inline, which the portal's policy would refuse.
    section = soup.select_one(".maroc-files")
    assert section.select("script, style, [style]") == []
    names = {name for tag in section.find_all(True) for name in tag.attrs}
    assert not [name for name in names if name.startswith("on")]


def test_links_lead_through_all_pages(desk, table):
    soup = page(desk, table)
    assert soup.select_one(".maroc-files-pages [rel=prev]") is None
    seen = len(cells(soup))
    while following := soup.select_one(".maroc-files-pages [rel=next]"):
        soup = BeautifulSoup(desk.get(following["href"]).data, "html.parser")
        seen += len(cells(soup))
    assert seen == 1503
    assert soup.select_one(".maroc-files-pages [rel=prev]") is not None


def test_an_address_beyond_the_last_page_shows_the_last_page(desk, table):
    assert len(cells(page(desk, table, page=999))) == 3


def test_the_links_of_the_titles_sort(desk, table):
    soup = page(desk, table)
    by_population = soup.select("thead th a")[4]["href"]
    up = BeautifulSoup(desk.get(by_population).data, "html.parser")
    assert up.select("thead th")[4]["aria-sort"] == "ascending"
    figures = [int(row[4]) for row in cells(up)]
    assert figures == sorted(figures)
    down = BeautifulSoup(
        desk.get(up.select("thead th a")[4]["href"]).data, "html.parser"
    )
    assert down.select("thead th")[4]["aria-sort"] == "descending"
    assert cells(down)[0][4] == str(max(row[4] for row in communes()[1:]))


def test_the_search_finds_words_of_both_scripts_codes_and_beginnings(desk, table):
    for q in ("طنجة", "tang", "01.511.01.0"):
        soup = page(desk, table, q=q)
        assert "Tanger" in [row[1] for row in cells(soup)], q
        assert len(cells(soup)) < 100, q
        assert soup.select_one(".maroc-files-search input[name=q]")["value"] == q


def test_the_search_form_keeps_the_order_and_begins_at_the_first_page(desk, table):
    soup = page(desk, table, sort="name_fr", order="desc", page=2)
    hidden = soup.select(".maroc-files-search input[type=hidden]")
    assert {each["name"]: each["value"] for each in hidden} == {
        "sort": "name_fr",
        "order": "desc",
    }
    assert soup.select_one(".maroc-files-search")["method"] == "get"


def test_a_search_that_finds_nothing_says_so_whatever_its_signs(desk, table):
    for q in ("introuvable", "'", "\\", "a & | !", "<b>", "%_", ":*", "\u202e"):
        soup = page(desk, table, q=q, lang="en")
        assert cells(soup) == [["No row has these words."]] or len(cells(soup)) == 100
        assert soup.select(".maroc-files-table b") == [], q


def test_what_a_cell_holds_is_text_and_never_markup(desk, institution, work):
    resource = institution.deposit(
        b"nom,lien\n<script>alert(1)</script>,<b>x</b>\n", "a.csv"
    )
    work()
    soup = page(desk, resource)
    assert cells(soup) == [["<script>alert(1)</script>", "<b>x</b>"]]


def test_dates_truths_and_decimals_are_shown_as_people_write_them(
    desk, institution, work
):
    resource = institution.deposit(
        b"jour,moment,vrai,prix\n2024-09-01,2024-09-01 10:30,true,12.50\n"
        b"2024-09-02,2024-09-02 00:00,false,3\n",
        "a.csv",
    )
    work()
    assert cells(page(desk, resource, lang="en")) == [
        ["2024-09-01", "2024-09-01 10:30:00", "Yes", "12.50"],
        ["2024-09-02", "2024-09-02", "No", "3"],
    ]


def test_an_arabic_table_is_shown_with_the_title_of_its_sheet(desk, institution, work):
    resource = institution.deposit(census(), CENSUS)
    work()
    soup = page(desk, resource, lang="ar")
    assert soup.html["dir"] == "rtl"
    assert "السكان القانونيون حسب الجهات، إحصاء 2024" in text(soup, "caption")
    assert text(soup, "thead th") == "رمز الجهة"
    assert len(cells(soup)) == 12


def test_a_table_that_is_being_prepared_says_so_and_can_be_looked_at_again(
    desk, institution, work
):
    resource = institution.deposit(census(), CENSUS)
    soup = page(desk, resource)
    section = soup.select_one(".maroc-files")
    assert section.select_one("[role=status]") is not None
    again = section.select_one("a")["href"]
    # With JavaScript the page asks by itself, of the page with the table alone.
    alone = section["hx-get"]
    assert section["hx-select"] == f"#{section['id']}"
    work()
    for address in (again, alone):
        ready = BeautifulSoup(desk.get(address).data, "html.parser")
        shown = ready.select_one(f"#{section['id']}")
        assert len(shown.select("tbody tr")) == 12
        assert "hx-get" not in shown.attrs


def test_everyone_reads_why_there_is_no_table_and_its_own_people_what_to_do(
    app, institution, work
):
    resource = institution.publish(b"<html></html>", "export.xls")
    work()
    anyone = page(app, resource)
    assert "page web" in text(anyone, ".maroc-files-state")
    assert anyone.select(".maroc-files-way-out") == []
    found = app.get(
        f"/dataset/{resource['package_id']}/resource/{resource['id']}",
        headers={"Authorization": institution.gdd["token"]},
    )
    theirs = BeautifulSoup(found.data, "html.parser")
    assert ".xlsx" in text(theirs, ".maroc-files-way-out")


def test_a_file_without_a_table_says_so(desk, institution, work):
    resource = institution.deposit(b",,\n", "vide.csv")
    work()
    state = page(desk, resource, lang="ar").select_one(".maroc-files-state")
    assert state["data-state"] == "skipped"
    assert "لا يحتوي هذا الملف على جدول." in state.text


def test_a_table_without_rows_shows_its_titles(desk, institution, work):
    resource = institution.deposit(b"nom,age\n", "a.csv")
    work()
    soup = page(desk, resource)
    assert len(soup.select("thead th")) == 2
    assert len(cells(soup)) == 1


def test_a_private_table_is_for_its_institution_alone(app, institution, work):
    resource = institution.deposit(census(), CENSUS)
    work()
    view = act("resource_view_list", id=resource["id"])[0]
    address = f"/dataset/{resource['package_id']}/resource/{resource['id']}"
    alone = f"{address}/view/{view['id']}"
    for closed in (address, alone):
        answer = app.get(closed)
        assert answer.status_code == 404
        assert "طنجة" not in answer.text
    with pytest.raises(tk.NotAuthorized):
        act("datastore_search", user="", resource_id=resource["id"])
    theirs = {"Authorization": institution.gdd["token"]}
    for open_ in (address, alone):
        assert "طنجة" in app.get(open_, headers=theirs).text


def test_the_dataset_s_page_shows_the_first_rows(desk, table):
    found = desk.get(f"/dataset/{table['package_id']}")
    soup = BeautifulSoup(found.data, "html.parser")
    assert cells(soup)[0][1] == "Tanger"
    assert len(cells(soup)) == 5
    whole = soup.select_one(".maroc-files-pages a")["href"]
    assert len(cells(BeautifulSoup(desk.get(whole).data, "html.parser"))) == 100


def test_a_table_that_came_by_the_api_is_shown_too(desk, institution):
    dataset = institution.dataset()
    made = act(
        "datastore_create",
        resource={"package_id": dataset["id"], "name": "api"},
        fields=[{"id": "nom", "type": "text"}],
        records=[{"nom": "فاس"}],
    )
    act(
        "resource_view_create",
        resource_id=made["resource_id"],
        view_type="maroc_table",
        title="Table",
    )
    resource = act("resource_show", id=made["resource_id"])
    assert cells(page(desk, resource)) == [["فاس"]]


def test_the_view_has_one_title_in_the_database_and_the_reader_s_on_the_page(
    desk, institution, work
):
    dataset = institution.dataset()
    made = desk.post(
        "/ar/api/3/action/resource_create",
        data={
            "package_id": dataset["id"],
            "url": "a.csv",
            "upload": (io.BytesIO(b"a,b\n1,2\n"), "a.csv"),
        },
    )
    resource = made.json["result"]
    work()
    (view,) = act("resource_view_list", id=resource["id"])
    assert view["title"] == "Table"
    act(
        "resource_view_create",
        resource_id=resource["id"],
        view_type="maroc_table",
        title="Table des communes",
    )
    titles = {
        lang: [
            each.get_text(strip=True)
            for each in page(desk, resource, lang=lang).select(".view-item")
        ]
        for lang in ("fr", "ar", "en")
    }
    assert titles["en"] == ["Table", "Table des communes"]
    assert titles["ar"] == [tk_in("ar"), "Table des communes"]


def tk_in(lang: str) -> str:
    """Return the catalogue's word for a table."""
    po = Path(__file__).parents[2] / f"maroc_portal/i18n/{lang}/LC_MESSAGES"
    return polib.pofile(str(po / "ckanext-maroc.po")).find("Table").msgstr
