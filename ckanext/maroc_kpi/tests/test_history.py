"""What an indicator was, in the API, as a table, on its page, in RDF and explained."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from rdflib import RDF, Graph, Literal, URIRef

import ckan.plugins.toolkit as tk

from ckanext.maroc_kpi import compute, dqv, drawing, freezing, history
from ckanext.maroc_kpi.cli import maroc_kpi
from ckanext.maroc_kpi.definition import indicators
from ckanext.maroc_kpi.history import Point
from ckanext.maroc_kpi.value import Value

from .conftest import act, execute, used

TWO_DAYS = (dt.date(2030, 1, 30), dt.date(2030, 1, 31))


@pytest.fixture
def past(empty: None, fes: dict[str, Any], day: Any) -> dict[str, Any]:
    """Freeze January (one download), close days of February (three) and March."""
    used(fes, 1, on=dt.date(2030, 1, 20))
    for each in (*TWO_DAYS, dt.date(2030, 2, 1), dt.date(2030, 2, 16)):
        day(each)
        compute.refresh()
        freezing.freeze()
    used(fes, 2, on=dt.date(2030, 2, 17))
    for each in (dt.date(2030, 2, 28), dt.date(2030, 3, 1), dt.date(2030, 3, 2)):
        day(each)
        compute.refresh()
    return fes


def told(**asked: Any) -> list[tuple[str, Any, bool]]:
    found = act("maroc_kpi_history", **{"name": "downloads", **asked})
    return [(it["period"], it["value"], it["final"]) for it in found["points"]]


def page(app: Any, path: str) -> BeautifulSoup:
    return BeautifulSoup(app.get(path).body, "html.parser")


def text(node: Any) -> str:
    return " ".join(node.get_text(" ").split())


# The API and the table


def test_months_are_told_and_those_not_frozen_yet_say_so(past: dict[str, Any]):
    months = [("2030-01", 1, True), ("2030-02", 3, False), ("2030-03", 3, False)]
    assert told() == months
    assert told(organization="commune-fes") == months


def test_days_are_told_once_they_are_over(past: dict[str, Any]):
    assert told(by="day") == [
        ("2030-01-30", 1, True),
        ("2030-01-31", 1, True),
        ("2030-02-01", 1, True),
        ("2030-02-16", 1, True),
        ("2030-02-28", 3, True),
        ("2030-03-01", 3, True),
    ]


def test_a_part_is_asked_for_by_months_or_days(past: dict[str, Any]):
    for asked, periods in (
        ({"since": "2030-02"}, ["2030-02", "2030-03"]),
        ({"since": "2030-02-15"}, ["2030-02", "2030-03"]),
        ({"until": "2030-01"}, ["2030-01"]),
        ({"since": "2030-02", "until": "2030-02"}, ["2030-02"]),
        ({"by": "day", "since": "2030-01-31", "until": "2030-01"}, ["2030-01-31"]),
        ({"by": "day", "until": "2030-01-30"}, ["2030-01-30"]),
        ({"since": "2031-01"}, []),
    ):
        assert [period for period, _, _ in told(**asked)] == periods, asked


@pytest.mark.parametrize("given", ["2030", "2030-13", "2030-02-30", "hier", "2030-1"])
def test_what_is_no_month_and_no_day_has_no_first_day(given: str):
    for read in (history.first_day, history.last_day):
        with pytest.raises(ValueError):  # noqa: PT011 - the wording is Python's
            read(given)


def test_what_is_no_month_and_no_day_is_refused_with_the_way_out(empty: None):
    with pytest.raises(tk.ValidationError) as refused:
        act("maroc_kpi_history", name="downloads", since="hier")
    [sentence] = refused.value.error_dict["since"]
    assert "hier" in sentence
    assert "2026-01" in sentence


def test_a_point_says_its_version_its_state_and_what_it_came_from(
    past: dict[str, Any],
):
    execute("UPDATE maroc_kpi_value SET version = 2")
    compute.refresh()
    [january, *_] = act("maroc_kpi_history", name="open_standards")["points"]
    assert (january["state"], january["value"]) == ("not_applicable", None)
    assert january["reason"]["fr"]
    [january, *_] = act("maroc_kpi_history", name="downloads")["points"]
    assert january["version"] == 1
    assert january["numerator"] == 1
    assert january["components"] == {"person": 1, "tool": 0, "robot": 0}
    assert january["as_of"] == "2030-01-31"


def test_an_institution_that_is_gone_keeps_its_months(past: dict[str, Any]):
    act("organization_delete", id=past["id"])
    act("organization_purge", id=past["id"])
    found = act("maroc_kpi_history", name="downloads", organization="commune-fes")
    assert found["scope"]["title"] == {"fr": "Commune de Fès", "ar": "جماعة فاس"}
    assert found["points"][0]["value"] == 1


def test_one_statement_reads_a_history(past: dict[str, Any], statements: Any):
    with statements() as sent:
        history.points("downloads", past["id"])
    assert len([each for each in sent if "maroc_kpi" in each]) == 1


def test_the_history_is_a_table_too(past: dict[str, Any], app: Any):
    address = "/indicateurs/downloads/historique.csv?organization=commune-fes"
    body = app.get(address).body.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [(row["period"], row["value"], row["final"]) for row in rows] == [
        ("2030-01", "1", "yes"),
        ("2030-02", "3", "no"),
        ("2030-03", "3", "no"),
    ]
    assert rows[0]["components"] == "person=1;robot=0;tool=0"
    assert rows[0]["institution"] == "commune-fes"


def test_what_does_not_exist_has_its_answer(empty: None, app: Any):
    for path, status in (
        ("/indicateurs/nothing", 404),
        ("/indicateurs/downloads?organization=nowhere", 404),
        ("/indicateurs/nothing/historique.csv", 404),
        ("/indicateurs/downloads/historique.csv?organization=nowhere", 404),
        ("/indicateurs/downloads/historique.csv?since=hier", 400),
        ("/indicateurs/historique.json?since=hier", 400),
        ("/indicateurs/historique.xml", 404),
        ("/indicateurs.xml", 404),
        ("/organization/nowhere/tableau-de-bord.ttl", 404),
    ):
        assert app.get(path, status=status).status_code == status, path


# The page of an indicator


@pytest.mark.parametrize("prefix", ["", "/ar", "/en"])
def test_each_indicator_has_a_page_made_of_its_definition(
    empty: None, app: Any, prefix: str
):
    lang = prefix.strip("/") or "fr"
    for name, indicator in indicators().items():
        soup = page(app, f"{prefix}/indicateurs/{name}")
        assert text(soup.select_one("h1")) == indicator.label[lang]
        said = text(soup.select_one(".kpi-method-page"))
        for part in (indicator.description, indicator.formula, indicator.limits):
            assert part is None or " ".join(part[lang].split()) in said


def test_the_page_shows_the_numbers_behind_the_value(past: dict[str, Any], app: Any):
    soup = page(app, "/indicateurs/downloads?organization=commune-fes")
    numbers = [text(it) for it in soup.select(".kpi-numbers dd")]
    assert numbers == ["3", "3", "0", "0"]
    assert "Commune de Fès" in text(soup.select_one(".kpi-scope"))
    assert "3 téléchargements" in text(soup.select_one(".kpi-headline"))


def test_the_drawing_and_the_table_have_the_same_months(past: dict[str, Any], app: Any):
    soup = page(app, "/indicateurs/downloads")
    marks = [text(it) for it in soup.select(".kpi-chart circle title")]
    assert marks == [
        "janvier 2030 : 1 téléchargement",
        "février 2030 : 3 téléchargements",
        "mars 2030 : 3 téléchargements",
    ]
    assert len(soup.select("circle.kpi-open")) == 2
    rows = {row["data-month"]: text(row.td) for row in soup.select("tbody tr")}
    assert list(rows) == ["2030-03", "2030-02", "2030-01"]
    assert rows["2030-01"] == "1 téléchargement"


def test_what_has_no_value_is_in_the_table_and_not_in_the_drawing(
    past: dict[str, Any], app: Any
):
    soup = page(app, "/indicateurs/open_standards")
    assert soup.select(".kpi-chart") == []
    assert "Sans objet" in text(soup.select_one("tbody td"))


def test_before_the_first_day_is_over_the_page_says_when_the_history_begins(
    fes: dict[str, Any], app: Any
):
    compute.refresh()
    soup = page(app, "/indicateurs/downloads")
    assert soup.select("tbody tr") == []
    assert "demain" in text(soup.select_one("[aria-labelledby=kpi-history]"))


def test_a_card_leads_to_the_page_of_its_indicator(fes: dict[str, Any], app: Any):
    card = page(app, "/ar/organization/commune-fes/tableau-de-bord").select_one(
        "#kpi-downloads"
    )
    address = "/ar/indicateurs/downloads?organization=commune-fes"
    assert card.select_one(f'a[href="{address}"]')


# The line


def point(month: int, value: float | None, version: int = 1) -> Point:
    date = dt.date(2030, month, 1)
    state = "not_measured" if value is None else "measured"
    return Point(
        period=date,
        final=True,
        value=Value(indicator="x", version=version, state=state, value=value),
    )


def test_a_line_joins_months_that_follow_one_another():
    line = drawing.line([point(1, 0), point(2, 5), point(3, 10)], share=False)
    assert line is not None
    assert line.strokes == ("8.0,152.0 300.0,80.0 592.0,8.0",)
    assert line.top == 10


@pytest.mark.parametrize(
    ("points", "strokes"),
    [
        ([point(1, 1), point(2, 1), point(3, None), point(4, 1), point(5, 1)], 2),
        ([point(1, 1), point(2, 1), point(4, 1), point(5, 1)], 2),
        ([point(1, 1), point(2, 1), point(3, 1, 2), point(4, 1, 2)], 2),
        ([point(1, None), point(2, 1), point(3, 1)], 1),
        ([point(1, 1)], 0),
    ],
    ids=["an absence", "a missing month", "a new formula", "late", "one"],
)
def test_a_line_is_broken_where_values_are_not_to_be_joined(
    points: list[Point], strokes: int
):
    line = drawing.line(points, share=True)
    assert line is not None
    assert len(line.strokes) == strokes
    assert len(line.dots) == len([it for it in points if it.value.value is not None])


def test_a_new_formula_is_marked_where_it_begins_even_without_a_value():
    line = drawing.line([point(1, 1), point(2, None, 2), point(3, 1, 2)], share=True)
    assert line is not None
    assert line.changes == (300.0,)


def test_nothing_measured_is_not_drawn():
    assert drawing.line([point(1, None)], share=False) is None
    assert drawing.line([], share=False) is None


# The Data Quality Vocabulary


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/indicateurs.ttl", "turtle"),
        ("/organization/commune-fes/tableau-de-bord.jsonld", "json-ld"),
    ],
)
def test_a_value_is_a_measurement_and_an_absence_has_no_number(
    past: dict[str, Any], app: Any, path: str, form: str
):
    answer = app.get(path)
    media, _ = dqv.FORMATS[path.rsplit(".", 1)[1]]
    assert answer.headers["Content-Type"] == f"{media}; charset=utf-8"
    graph = Graph().parse(data=answer.body, format=form)
    site = tk.config["ckan.site_url"]
    base = f"{site}{path.rsplit('.', 1)[0]}"
    measured = URIRef(f"{base}#kpi-downloads")
    assert (measured, RDF.type, dqv.DQV.QualityMeasurement) in graph
    assert (measured, dqv.DQV.value, Literal(3)) in graph
    assert (
        measured,
        dqv.DQV.isMeasurementOf,
        URIRef(f"{site}/indicateurs/downloads"),
    ) in graph
    absent = URIRef(f"{base}#kpi-open_standards")
    assert (absent, RDF.type, dqv.DQV.QualityAnnotation) in graph
    assert (absent, dqv.DQV.value, None) not in graph
    reasons = {it.language for it in graph.objects(absent, dqv.OA.bodyValue)}
    assert reasons == {"fr", "ar", "en"}
    assert len(set(graph.subjects(RDF.type, dqv.DQV.Metric))) == len(indicators())
    assert len(set(graph.subjects(RDF.type, dqv.DQV.Dimension))) == 6


def test_a_program_that_follows_a_measurement_gets_it(fes: dict[str, Any], app: Any):
    for path in ("/indicateurs", "/organization/commune-fes/tableau-de-bord"):
        answer = app.get(path, headers={"Accept": "text/turtle"})
        assert answer.headers["Content-Type"].startswith("text/turtle")
        assert f"{path}#kpi-downloads" in answer.body
        assert "<html" in app.get(path, headers={"Accept": "*/*"}).body


# Explained at the keyboard


def explained(*arguments: str) -> Any:
    return CliRunner().invoke(maroc_kpi, ["explain", *arguments])


def test_a_figure_is_explained_with_the_rows_behind_it(past: dict[str, Any]):
    lines = explained("downloads", "commune-fes").output.splitlines()
    assert lines[0].startswith("7. Téléchargements: commune-fes (")
    assert f"parameters: until = 2030-03-02, scope = {past['id']}" in lines
    assert "  FROM maroc_usage_daily" in "\n".join(lines)
    at = lines.index("rows: 1, of which the first 1 are shown")
    assert lines[at + 1].split("\t")[:2] == ["organization", "numerator"]
    assert lines[at + 2].split("\t")[:2] == [past["id"], "3"]
    assert any(line.startswith("state: measured (Mesuré)") for line in lines)
    assert any(line.startswith("value: 3: 3 téléchargements") for line in lines)


def test_more_rows_than_are_shown_are_counted(
    past: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    used({"id": "another"}, 1)
    monkeypatch.setattr("ckanext.maroc_kpi.explain.SHOWN", 1)
    told = explained("downloads", "--lang", "en").output
    assert "rows: 2, of which the first 1 are shown" in told
    assert "scope = NULL" in told


def test_an_absence_is_explained_with_its_reason(fes: dict[str, Any]):
    compute.refresh()
    told = explained("open_standards", "commune-fes").output
    assert "value: none: Sans objet." in told
    assert "rows: 0" in told


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nothing",), "Aucun indicateur ne s’appelle « nothing »."),
        (("downloads", "nowhere"), "Aucune institution ne s’appelle « nowhere »"),
    ],
)
def test_what_cannot_be_explained_is_said(
    empty: None, arguments: tuple[str, ...], sentence: str
):
    refused = explained(*arguments)
    assert refused.exit_code == 1
    assert sentence in refused.output


def test_a_share_is_explained_with_its_denominator(fes: dict[str, Any]):
    told = explained("open_standards").output
    assert "denominator: jeux de données publics avec" in told
    assert "numerator none, denominator none" in told
    assert "computed: not yet" in told
