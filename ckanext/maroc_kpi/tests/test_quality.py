"""What a dataset's description is worth: judged, told by the API, shown on its page."""

from __future__ import annotations

import io
import json
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

from ckanext.maroc_kpi import (
    compute,
    examining,
    facts,
    frame,
    quality,
    quality_told,
    store,
)
from ckanext.maroc_kpi.criteria import Criterion, criteria
from ckanext.maroc_kpi.quality import Found, Item, Quality
from ckanext.maroc_kpi.words import LANGS
from ckanext.maroc_portal import outbox
from ckanext.maroc_portal.tests.cases import settle

from .conftest import act, publish, shadow
from .reference import Catalogue
from .test_reference import catalogues, so_many

ASKED = criteria()
BOTH = {"fr": "Parcs", "ar": "حدائق"}

# A dataset as it is judged, and what SQL would have found of it


def dataset(*files: dict[str, Any], **fields: Any) -> dict[str, Any]:
    named = {"title_translated": BOTH, "notes_translated": BOTH}
    return {"id": "d", "resources": list(files), **named, **fields}


def file(name: str = "r", **fields: Any) -> dict[str, Any]:
    return {"id": name, "name_translated": BOTH, **fields}


def all_of(over: str, known: bool | None, **but: bool | None) -> dict[str, Any]:
    return {**{each.name: known for each in ASKED.asked(over)}, **but}


def found(*files: str, columns: dict[str, Any] | None = None, **but: Any) -> Found:
    """Return that everything is met, but for some."""
    of_files = {key: but.pop(key) for key in list(but) if key in FILES}
    return Found(
        dataset=all_of("dataset", known=True, **but),
        files={name: all_of("files", known=True, **of_files) for name in files},
        columns=columns or {},
    )


FILES = {each.name for each in ASKED.asked("files")}


def states(judged: Quality, name: str) -> list[str]:
    return [item.state for item in judged.items if item.criterion.name == name]


def judge(given: dict[str, Any], known: Found) -> Quality:
    return quality.judge(given, known, ASKED)


def test_a_full_description_wins_all_that_can_be_measured():
    judged = judge(dataset(file()), found("r"))
    assert (judged.points, judged.measured_of) == (375, 375)
    assert judged.index.value == 100
    assert judged.index.state == "partial"
    assert states(judged, "dcat_ap") == ["not_measured"]


def test_a_link_that_was_never_checked_is_not_measured_and_the_coverage_says_so():
    """Defect 1 of the best portals: what is unknown counts there as good."""
    known = found("r", access_answers=None, download_answers=None)
    judged = judge(dataset(file()), known)
    assert states(judged, "access_answers") == ["not_measured"]
    assert (judged.points, judged.measured_of) == (295, 295)
    # Neither good nor bad: the value is of the rest, and what it leaves out is told.
    assert judged.index.value == 100
    assert judged.index.coverage == 1 - Fraction(110, 455)
    assert judged.index.low == 100 * judged.index.coverage
    assert judged.index.high == 100
    bad = judge(dataset(file()), found("r", access_answers=False))
    assert bad.index.value is not None
    assert bad.index.value < 100


def test_what_does_not_apply_leaves_the_denominator_of_the_index_alone():
    register = dataset(file(), collection_frequency="CONT")
    judged = judge(register, found("r", temporal=False))
    assert states(judged, "temporal") == ["not_applicable"]
    assert judged.index.value == 100
    assert judged.points == 355
    late = dataset(file(), collection_frequency="ANNUAL")
    judged = judge(late, found("r", temporal=False))
    assert states(judged, "temporal") == ["missing"]
    assert judged.index.value == 100 * Fraction(405, 425)


def test_a_period_that_a_register_gives_all_the_same_counts():
    register = dataset(file(), collection_frequency="CONT")
    assert states(judge(register, found("r")), "temporal") == ["met"]


def test_a_text_in_force_has_no_period():
    law = dataset(file(), art10_category="textes-legislatifs")
    assert states(judge(law, found("r", temporal=False)), "temporal") == [
        "not_applicable"
    ]


@pytest.mark.parametrize(
    ("title", "state"),
    [
        (BOTH, "met"),
        ({"fr": "Parcs", "ar": "Parcs"}, "missing"),
        ({"fr": "حدائق", "ar": "حدائق"}, "missing"),
        ({"fr": "Parcs"}, "missing"),
        ({"fr": "Parcs", "ar": "2024"}, "missing"),
        ({}, "missing"),
        (None, "missing"),
    ],
)
def test_arabic_without_arabic_letters_is_no_arabic(title: Any, state: str):
    judged = judge(dataset(title_translated=title), found())
    assert states(judged, "title_both") == [state]
    judged = judge(dataset(notes_translated=title), found())
    assert states(judged, "notes_both") == [state]
    judged = judge(dataset(file(name_translated=title)), found("r"))
    assert states(judged, "file_name_both") == [state]


def test_a_file_s_points_are_its_share_of_the_criterion_s():
    known = found("a", "b", "c")
    known = Found(
        dataset=known.dataset,
        files={**known.files, "b": all_of("files", known=True, format=False)},
    )
    judged = judge(dataset(file("a"), file("b"), file("c")), known)
    missed = next(item for item in judged.items if item.state == "missing")
    assert missed.file == file("b")
    assert missed.points == Fraction(20, 3)
    assert judged.points == round(375 - 20 / 3)


def test_a_document_beside_the_data_is_not_judged():
    judged = judge(dataset(file("data"), file("document")), found("data"))
    assert {item.file["id"] for item in judged.items if item.file} == {"data"}


def test_without_a_file_nothing_is_reached_and_what_is_asked_of_files_is_left_out():
    judged = judge(dataset(), found())
    assert judged.points == 190
    of_files = {
        each.name: states(judged, each.name)
        for each in ASKED.criteria
        if each.over == "files"
    }
    reached = {"access_answers", "download_address", "download_answers"}
    assert {name for name, told in of_files.items() if told == ["missing"]} == reached
    rest = [told for name, told in of_files.items() if name not in reached]
    assert rest == [["not_applicable"]] * len(rest)
    assert judged.index.value == 100 * Fraction(230, 330)


COLUMNS = ["code", "nom", "population", "part"]


@pytest.mark.parametrize(
    ("entries", "state", "got", "column"),
    [
        ([], "missing", 0, 1),
        ([("code", {"label": "Code"})], "missing", 5, 2),
        ([("code", {"type_override": "text"})], "missing", 0, 1),
        ([(name, {"notes": "Dit."}) for name in COLUMNS], "met", 20, 0),
        ([(name, {"notes": "Dit."}) for name in COLUMNS[1:]], "missing", 15, 1),
    ],
)
def test_each_column_that_is_described_brings_its_part(
    entries: Any, state: str, got: int, column: int
):
    given = json.dumps([{"id": name, "info": info} for name, info in entries])
    known = found("r", columns={"r": COLUMNS})
    judged = judge(dataset(file(data_dictionary=given)), known)
    item = next(it for it in judged.items if it.criterion.name == "columns")
    assert (item.state, item.got, item.column) == (state, got, column)


@pytest.mark.parametrize("given", ["", "not JSON", "{}", None])
def test_a_dictionary_that_cannot_be_read_describes_nothing(given: Any):
    known = found("r", columns={"r": COLUMNS})
    judged = judge(dataset(file(data_dictionary=given)), known)
    assert states(judged, "columns") == ["missing"]


def test_a_file_without_a_table_has_no_columns_to_describe():
    judged = judge(dataset(file()), found("r"))
    assert states(judged, "columns") == ["not_applicable"]


def test_what_brings_most_for_its_time_comes_first():
    judged = judge(
        dataset(file()), found("r", theme=False, keywords=False, issued=False)
    )
    missing = [it.criterion.name for it in judged.items if it.state == "missing"]
    assert missing == ["theme", "keywords", "issued"]
    order = [quality.ORDER.index(item.state) for item in judged.items]
    assert order == sorted(order)


def test_a_description_of_which_nothing_is_known_has_no_index():
    nothing = Found(dataset={}, files={"r": {}})
    asked = [each for each in ASKED.criteria if not each.own]
    only = quality.judge(
        dataset(file()),
        nothing,
        type(ASKED)(dimensions=ASKED.dimensions, ratings=ASKED.ratings, criteria=asked),
    )
    assert only.index.value is None
    assert only.index.state == "not_measured"
    assert (only.points, only.unknown) == (0, 405)


# The points of one dataset are those that the country's figure counts


@so_many(12)
@given(catalogue=catalogues())
def test_the_points_told_of_a_dataset_are_those_counted_of_it(
    portal: Any, catalogue: Catalogue
):
    with model.ensure_engine().connect() as connection:
        shadow(connection, catalogue.rows)
        built = facts.built()[frame.TABLE]
        for fact in connection.execute(sa.text(built)).mappings().all():
            row = catalogue.of("package", id=fact["dataset"])[0]
            shown = {
                **row["extras"],
                "id": row["id"],
                "resources": catalogue.of(
                    "resource", package_id=row["id"], state="active"
                ),
            }
            judged = judge(shown, examining.examine(connection, row["id"]))
            assert judged.points == fact["points_dataset"] + fact["points_files"]
            assert judged.unknown == fact["points_unknown"] + 30
        connection.rollback()


@pytest.mark.parametrize(
    ("datasets", "expected"),
    [
        ({}, None),
        ({100: 3}, None),
        ({100: 4}, (100, 100, 100)),
        ({10: 1, 20: 1, 30: 1, 40: 1}, (10, 20, 30)),
        ({400: 1, 10: 1, 200: 1, 30: 1, 50: 1}, (30, 50, 200)),
        ({0: 99, 405: 1}, (0, 0, 0)),
        ({0: 1, 405: 99}, (405, 405, 405)),
        ({0: 50, 405: 50}, (0, 0, 405)),
    ],
)
def test_quartiles_are_points_that_some_dataset_has(datasets: Any, expected: Any):
    assert quality.quartiles(datasets) == expected


@given(st.dictionaries(st.integers(0, 405), st.integers(1, 50), min_size=4))
def test_quartiles_of_a_histogram_are_those_of_the_list(datasets: dict[int, int]):
    each = sorted(points for points, many in datasets.items() for _ in range(many))
    at = [each[-(-len(each) * quarter // 4) - 1] for quarter in (1, 2, 3)]
    assert quality.quartiles(datasets) == tuple(at)


def test_the_indicator_s_page_tells_how_the_points_spread(
    app: Any, fes: dict[str, Any]
):
    compute.refresh(anew=True)
    assert "Médiane" not in app.get("/indicateurs/metadata").body
    for name in ("parcs", "bus", "eau"):
        publish(fes, name, "CSV")
    publish(fes, "plan", "PDF")
    outbox.dispatch()
    compute.refresh(anew=True)
    for scope in ("", "?organization=commune-fes"):
        shown = soup(app, f"/indicateurs/metadata{scope}").select(".kpi-numbers div")
        told = {text(one.dt): text(one.dd) for one in shown}
        assert told["Médiane : la moitié des jeux de données ont au plus"] == "270"
    other = soup(app, "/indicateurs/downloads")
    assert "Médiane" not in text(other)


def test_before_the_facts_are_first_built_no_points_are_told(portal: Any):
    model.Session.execute(
        sa.text("CREATE TEMP TABLE maroc_kpi_facts (dataset text) ON COMMIT DROP")
    )
    assert store.points(None) == {}
    model.Session.rollback()


# Told by the API


@pytest.fixture
def parcs(fes: dict[str, Any]) -> dict[str, Any]:
    return publish(fes, "parcs", "CSV", "PDF")


def asked_by(user: str | None, name: str) -> dict[str, Any]:
    context: Any = {"user": user or "", "ignore_auth": False}
    return tk.get_action("maroc_kpi_quality_show")(context, {"id": name})


def test_the_api_tells_the_points_that_the_table_of_facts_has(parcs: dict[str, Any]):
    outbox.dispatch()
    compute.refresh(anew=True)
    told = asked_by(None, "parcs")
    with model.ensure_engine().connect() as connection:
        fact = connection.execute(
            sa.text(f"SELECT points_dataset + points_files FROM {frame.TABLE}")
        )
        assert told["mqa"]["points"] == fact.scalar_one()
    assert told["id"] == parcs["id"]
    assert told["mqa"]["of"] == 405
    assert told["mqa"]["measured_of"] == 375
    assert told["mqa"]["rating"] == "good"
    assert told["index"]["state"] == "partial"
    assert 0 < told["index"]["low"] < told["index"]["value"] < 100
    won = sum(each["got"] for each in told["criteria"] if not each["own"])
    assert won == pytest.approx(told["mqa"]["points"], abs=0.5)


def test_each_criterion_says_what_to_do_and_where(parcs: dict[str, Any]):
    told = asked_by(None, "parcs")["criteria"]
    theme = next(each for each in told if each["name"] == "theme")
    assert theme["state"] == "missing"
    assert (theme["points"], theme["got"], theme["minutes"]) == (30, 0, 1)
    assert theme["field"] == "theme"
    assert theme["url"].endswith("/dataset/edit/parcs#field-theme")
    assert "file" not in theme
    closed = [each for each in told if each["name"] == "non_proprietary"]
    assert {each["file"]["format"]: each["state"] for each in closed} == {
        "CSV": "met",
        "PDF": "missing",
    }
    dcat = next(each for each in told if each["name"] == "dcat_ap")
    assert dcat["url"] is None
    for each in told:
        unsaid = each["state"] in {"not_measured", "not_applicable"}
        assert bool(each["reason"]) == unsaid
        for text in (each["label"], each["advice"], each["reason"] or each["label"]):
            assert all(text[lang] for lang in LANGS)


def test_a_dataset_is_asked_for_by_its_id_too(parcs: dict[str, Any]):
    assert asked_by(None, parcs["id"])["name"] == "parcs"


def test_what_does_not_exist_has_its_code(fes: dict[str, Any]):
    with pytest.raises(tk.ObjectNotFound, match="unknown_dataset"):
        asked_by(None, "nowhere")
    with pytest.raises(tk.ValidationError):
        act("maroc_kpi_quality_show")


def test_before_it_is_public_its_institution_alone_reads_it(
    app: Any, fes: dict[str, Any]
):
    publish(fes, "secret", "CSV", private=True)
    editor, stranger = factories.User(), factories.User()
    act(
        "organization_member_create",
        id=fes["id"],
        username=editor["name"],
        role="editor",
    )
    for user in (None, stranger["name"]):
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            asked_by(user, "secret")
    app.get("/dataset/secret/qualite", status=404)
    assert asked_by(editor["name"], "secret")["mqa"]["points"] > 0
    model.Session.remove()
    page = app.get("/dataset/secret/qualite", headers=signed(editor))
    assert "kpi-quality" in page.body


# Shown on its page


def signed(user: dict[str, Any]) -> dict[str, str]:
    token = factories.APIToken(user=user["name"])["token"]
    return {"Authorization": token}


def soup(app: Any, path: str, **more: Any) -> BeautifulSoup:
    return BeautifulSoup(app.get(path, **more).body, "html.parser")


def text(node: Any) -> str:
    return " ".join(node.get_text(" ").split())


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("", ["Ce qui manque", "Points acquis : 250 sur 405.", "Bon", "Thème"]),
        ("/ar", ["ما ينقص", "النقاط المحصلة: 250 من أصل 405.", "جيد", "الموضوع"]),
        ("/en", ["What is missing", "250 points of 405 are won.", "Good", "Theme"]),
    ],
)
def test_the_page_tells_the_figures_in_the_reader_s_language(
    app: Any, parcs: dict[str, Any], prefix: str, words: list[str]
):
    shown = soup(app, f"{prefix}/dataset/parcs/qualite")
    told = text(shown.select_one(".kpi-quality"))
    assert [word for word in words if word not in told] == []
    rows = shown.select(".kpi-quality .kpi-table tbody tr")
    assert len(rows) == 5
    # What is not measured says what would measure it.
    assert text(shown.select_one("#quality-dcat_ap")).count("DCAT-AP") == 2


def test_only_who_may_edit_is_led_to_the_fields(app: Any, parcs: dict[str, Any]):
    assert soup(app, "/dataset/parcs/qualite").select(".kpi-tasks a") == []
    add = factories.Sysadmin()
    shown = soup(app, "/dataset/parcs/qualite", headers=signed(add))
    links = [link["href"] for link in shown.select(".kpi-tasks a")]
    assert "/dataset/edit/parcs#field-theme" in links
    assert all("#field-" in link for link in links)


def test_the_dataset_s_page_leads_to_it(app: Any, parcs: dict[str, Any]):
    tabs = soup(app, "/dataset/parcs").select(".page-header a, .nav a")
    assert "/dataset/parcs/qualite" in [tab.get("href") for tab in tabs]


def test_an_address_by_id_leads_to_the_name_s(app: Any, parcs: dict[str, Any]):
    answer = app.get(
        f"/dataset/{parcs['id']}/qualite", follow_redirects=False, status=302
    )
    assert answer.headers["Location"].endswith("/dataset/parcs/qualite")
    app.get("/dataset/nowhere/qualite", status=404)


def test_where_nothing_is_missing_the_page_says_what_to_watch(
    app: Any, parcs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    full = judge(dataset(file()), found("r"))
    monkeypatch.setattr(quality_told, "of", lambda _: full)
    shown = soup(app, "/dataset/parcs/qualite")
    assert text(shown.select_one(".kpi-empty")).startswith("Rien ne manque.")
    assert shown.select("[aria-labelledby=quality-missing] .kpi-tasks") == []


def test_a_little_measured_index_is_told_by_its_bounds(
    app: Any, parcs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    known = found("r", access_answers=None, download_answers=None, theme=False)
    monkeypatch.setattr(quality_told, "of", lambda _: judge(dataset(file()), known))
    told = text(soup(app, "/dataset/parcs/qualite").select("#quality-index ~ p")[0])
    assert told.startswith("Entre 69 % et 93 %")


# Each link goes to a field that the form has


def anchors(app: Any, url: str, headers: dict[str, str]) -> set[str]:
    return {node["id"] for node in soup(app, url, headers=headers).select("[id]")}


def test_every_link_goes_to_a_field_that_the_form_has(app: Any, parcs: dict[str, Any]):
    headers = signed(factories.Sysadmin())
    shown = act("package_show", id="parcs")
    known: dict[str, set[str]] = {}
    for each in (it for it in ASKED.criteria if it.field and it.name != "columns"):
        for item in items(each, shown):
            with app.flask_app.test_request_context():
                url, anchor = quality_told.address(item, shown).split("#")
            if url not in known:
                known[url] = anchors(app, url, headers)
            assert anchor in known[url], f"{each.name}: {url} has no {anchor}"
    assert len(known) == 3


def items(each: Criterion, shown: dict[str, Any]) -> list[Item]:
    """Return how a criterion is missed: of the dataset, of a file, for want of one."""
    of_file = [None] if each.over == "dataset" else [None, shown["resources"][0]]
    return [
        Item(criterion=each, state="missing", points=Fraction(1), file=one)
        for one in of_file
    ]


def test_the_link_of_a_column_goes_to_it_in_the_table_s_dictionary(
    app: Any, fes: dict[str, Any]
):
    publish(fes, "bus", private=True)
    table = "ligne,arrêts\n1,20\n2,31\n".encode()
    made = act(
        "resource_create",
        package_id="bus",
        name="Lignes",
        upload=FileStorage(io.BytesIO(table), "lignes.csv"),
    )
    settle()
    described = json.dumps([{"id": "ligne", "info": {"label": "Ligne"}}])
    act("resource_patch", id=made["id"], data_dictionary=described)
    settle()
    add = factories.Sysadmin()
    told = asked_by(add["name"], "bus")["criteria"]
    columns = next(each for each in told if each["name"] == "columns")
    assert (columns["state"], columns["points"], columns["got"]) == ("missing", 20, 10)
    url, anchor = columns["url"].split("#")
    page = soup(app, url.partition("5210")[2] or url, headers=signed(add))
    assert "arrêts" in text(page.select_one(f"#{anchor}"))
