"""The API: one page of documentation an action, and refusals that say the way out."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from click.testing import CliRunner

import ckan.plugins.toolkit as tk

from ckanext.maroc_kpi import compute
from ckanext.maroc_kpi.cli import maroc_kpi
from ckanext.maroc_kpi.definition import indicators
from ckanext.maroc_kpi.errors import ERRORS
from ckanext.maroc_kpi.logic import action
from ckanext.maroc_kpi.words import LANGS
from ckanext.maroc_portal import outbox

from .conftest import act, publish, shown

pytestmark = pytest.mark.usefixtures("empty")


def test_the_list_gives_every_indicator_in_order(fes: dict[str, Any]):
    compute.refresh()
    listed = act("maroc_kpi_list")
    assert [it["name"] for it in listed] == list(indicators())
    assert listed[0] == shown("public_datasets")


def test_an_institution_is_named_by_its_name_or_its_id(fes: dict[str, Any]):
    compute.refresh()
    by_name = shown("public_datasets", "commune-fes")
    assert by_name == shown("public_datasets", fes["id"])
    assert by_name["scope"] == {
        "type": "organization",
        "id": fes["id"],
        "name": "commune-fes",
        "title": {"fr": "Commune de Fès", "ar": "جماعة فاس"},
    }


def test_what_it_was_is_told_of_a_day_that_is_over(fes: dict[str, Any], day: Any):
    first, second = dt.date(2030, 1, 31), dt.date(2030, 2, 1)
    for each, name in ((first, "parcs"), (second, "bus")):
        day(each)
        publish(fes, name, "CSV")
        outbox.dispatch()
        compute.refresh()
    asked = {"id": "public_datasets", "institution": "commune-fes"}
    assert act("maroc_kpi_show", **asked)["value"] == 2
    for period in ("2030-01", "2030-01-31"):
        then = act("maroc_kpi_show", **asked, period=period)
        assert (then["value"], then["as_of"]) == (1, "2030-01-31")
    never = act("maroc_kpi_show", **asked, period="2029-12")
    assert (never["state"], never["value"]) == ("not_measured", None)
    assert never["reason"]["fr"]
    with pytest.raises(tk.ValidationError):
        act("maroc_kpi_show", **asked, period="hier")


def test_ckan_s_own_words_are_understood_too(fes: dict[str, Any]):
    compute.refresh()
    told = act("maroc_kpi_show", id="downloads", institution="commune-fes")
    older = act("maroc_kpi_show", name="downloads", organization="commune-fes")
    assert told == older
    assert told["formula"] == told["method"]["formula"]


@pytest.mark.parametrize("name", list(indicators()))
def test_an_indicator_is_told_in_three_languages(name: str, fes: dict[str, Any]):
    publish(fes, "parcs", "CSV")
    compute.refresh()
    it = shown(name)
    method = it["method"]
    texts = [it["label"], it["description"], it["unit"], it["text"], it["state_label"]]
    texts += [it["source_label"], method["formula"], method["reference"]["text"]]
    for text in texts:
        assert set(text) == set(LANGS)
        assert all(text.values())
    asked = indicators()[name].sql
    assert method["sql"] == (asked or None)
    assert bool(asked) or it["state"] == "not_measured"
    assert it["scope"] == {"type": "country"}


def test_anyone_may_ask_over_http(app: Any, fes: dict[str, Any]):
    compute.refresh()
    answer = app.get("/api/3/action/maroc_kpi_show?name=public_datasets")
    assert answer.json["result"]["value"] == 0
    listed = app.get("/api/3/action/maroc_kpi_list?organization=commune-fes")
    assert [it["scope"]["name"] for it in listed.json["result"]] == ["commune-fes"] * 19


def test_the_api_works_with_the_address_of_a_language(app: Any, fes: dict[str, Any]):
    answer = app.get("/ar/api/3/action/maroc_kpi_show?name=nothing", status=404)
    assert "unknown_indicator" in answer.json["error"]["message"]
    assert "لا يوجد أي مؤشر باسم «nothing»" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "no_such"}, "unknown_indicator"),
        ({"name": "../../etc/passwd"}, "unknown_indicator"),
        ({"name": "downloads", "organization": "nowhere"}, "unknown_institution"),
        ({"name": "downloads", "organization": "x" * 5000}, "unknown_institution"),
    ],
)
def test_what_does_not_exist_is_said_with_its_code(given: dict[str, str], code: str):
    with pytest.raises(tk.ObjectNotFound) as refused:
        act("maroc_kpi_show", **given)
    assert str(refused.value).startswith(f"{code}: ")
    assert len(str(refused.value)) < 400


def test_a_list_for_an_unknown_institution_is_refused():
    with pytest.raises(tk.ObjectNotFound, match="unknown_institution"):
        act("maroc_kpi_list", organization="nowhere")


def test_a_deleted_institution_is_unknown(fes: dict[str, Any]):
    act("organization_delete", id=fes["id"])
    with pytest.raises(tk.ObjectNotFound, match="unknown_institution"):
        act("maroc_kpi_list", organization="commune-fes")


def test_an_id_is_asked_for():
    with pytest.raises(tk.ValidationError) as refused:
        act("maroc_kpi_show")
    assert list(refused.value.error_dict) == ["id"]


@pytest.mark.parametrize("error", ERRORS, ids=lambda it: it.code)
def test_an_error_has_its_sentence_and_way_out_in_three_languages(error: Any):
    for text in (error.sentence, error.way_out):
        assert set(text) == set(LANGS)


@pytest.mark.parametrize("name", action.__all__)
def test_an_action_is_documented_and_changes_nothing_unless_it_says_so(name: str):
    function = getattr(action, name)
    writes = name.endswith(("_create", "_answer", "_confirm_unchanged"))
    assert getattr(function, "side_effect_free", False) != writes
    assert ":returns:" in function.__doc__


# The command


def test_the_command_computes_lists_and_shows(fes: dict[str, Any]):
    run = CliRunner().invoke
    done = run(maroc_kpi, ["refresh"], catch_exceptions=False)
    assert done.output.startswith("19 indicators for the country and 1 institutions")
    listed = run(maroc_kpi, ["list", "--lang", "fr"], catch_exceptions=False)
    assert "0 jeu de données" in listed.output
    told = run(
        maroc_kpi,
        ["show", "downloads", "--organization", "commune-fes"],
        catch_exceptions=False,
    )
    assert json.loads(told.output)["state"] == "not_applicable"


def test_the_command_says_what_does_not_exist():
    refused = CliRunner().invoke(maroc_kpi, ["show", "no_such"])
    assert refused.exit_code == 1
    assert "unknown_indicator" in refused.output
