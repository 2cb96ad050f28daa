"""A question in one language finds what is described in another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from requests import HTTPError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.lib.search.common import make_connection

from ckanext.maroc_law import territory
from ckanext.maroc_portal import clock
from ckanext.maroc_search import concepts, glossary, other, places, settings, upkeep

from .conftest import Publish

Found = Callable[..., list[str]]

needs_services = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")


@needs_services
def test_a_word_finds_its_equivalents_after_itself(publish: Publish, found: Found):
    publish({"fr": "Hôpitaux publics"}, name="hopitaux")
    publish({"ar": "المستشفيات العمومية"}, name="mustashfayat")
    publish({"fr": "Routes"}, name="routes")
    assert found("عدد المستشفيات", "ar") == ["mustashfayat", "hopitaux"]
    assert found("nombre d'hôpitaux", "fr") == ["hopitaux", "mustashfayat"]
    assert set(found("hospital", "en")) == {"hopitaux", "mustashfayat"}


@needs_services
def test_what_answers_the_whole_question_comes_first(publish: Publish, found: Found):
    publish({"fr": "Taux de chômage des jeunes"}, name="both")
    publish({"fr": "Chômage", "en": "Unemployment, unemployed"}, name="unemployed")
    publish({"fr": "Les jeunes, la jeunesse et les maisons de jeunes"}, name="young")
    publish({"fr": "Taux de croissance"}, name="rate")
    assert found("نسبة البطالة لدى الشباب", "ar")[0] == "both"
    assert set(found("نسبة البطالة لدى الشباب", "ar")) == {
        "both",
        "unemployed",
        "young",
    }


@needs_services
def test_a_theme_or_a_keyword_is_found_in_the_other_language(
    publish: Publish, found: Found
):
    publish({"fr": "Relevés"}, name="themed", theme="sante")
    publish(
        {"fr": "Points"}, name="tagged", tags_translated={"fr": ["poissons", "eau"]}
    )
    assert found("الصحة", "ar") == ["themed"]
    assert found("سمك", "ar") == ["tagged"]


@needs_services
def test_a_place_finds_what_is_inside_it_and_what_holds_it(
    publish: Publish, found: Found
):
    commune = [p for p in territory.places() if p.parent == "03.561"][-1]
    assert "Taza" not in commune.names["fr"]
    publish({"fr": "Budget A"}, name="of-commune", geographic_coverage=[commune.code])
    publish({"fr": "Budget B"}, name="of-province", geographic_coverage=["03.561"])
    publish({"fr": "Budget C"}, name="of-region", geographic_coverage=["03"])
    publish({"fr": "Budget D"}, name="of-country", geographic_coverage=["MA"])
    publish({"fr": "Budget E"}, name="elsewhere", geographic_coverage=["09.581"])
    for asked in ("ميزانية تازة", "الميزانية بإقليم تازة", "budget province de Taza"):
        names = found(asked, "ar")
        assert names[:2] == ["of-province", "of-commune"], asked
        assert names[2:4] == ["of-region", "of-country"], asked
    # The place alone: what is of the whole country is not of the place.
    assert found("تازة", "ar") == ["of-province", "of-commune", "of-region"]
    assert found("جهة فاس مكناس", "ar")[0] == "of-region"
    assert set(found("Fès-Meknès")) == {"of-region", "of-province", "of-commune"}


@needs_services
def test_the_administrations_own_glossary_is_added_and_a_broken_one_left_out(
    publish: Publish, found: Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    publish({"fr": "Registre des zorbigles"}, name="zorbigles")
    assert found("زربغل", "ar") == []
    own = tmp_path / "own.yaml"
    monkeypatch.setitem(tk.config, "ckanext.maroc_search.glossary", str(own))
    own.write_text("entries:\n  - {fr: [zorbigle], ar: [زربغل]}\n", encoding="utf-8")
    assert found("زربغل", "ar") == ["zorbigles"]
    own.write_text("entries:\n  - {fr: [zorbigle]}\n", encoding="utf-8")
    assert found("زربغل", "ar") == []
    assert found("zorbigle", "ar") == ["zorbigles"]
    assert settings.lexicon() is glossary.load()


@needs_services
def test_datasets_are_read_by_downloads_or_by_title(
    publish: Publish, found: Found, app: Any
):
    made = {
        name: publish({"fr": title, "ar": arabic}, name=name)["id"]
        for name, title, arabic in (
            ("seldom", "École", "ورقة"),
            ("often", "Eau", "الماء"),
            ("never", "Zones", "أرض"),
        )
    }
    downloaded(made["often"], 7)
    downloaded(made["seldom"], 2)
    downloaded(made["never"], 9, agent="robot")
    downloaded(made["never"], 50, days=30)
    assert upkeep.recount() == 2
    assert upkeep.recount() == 0
    # Nothing else of the dataset was touched: it is found by its words as before.
    assert found("eau") == ["often"]
    assert found("الماء", "ar") == ["often"]
    order = "downloads_30d desc, metadata_modified desc"
    assert found(sort=order) == ["often", "seldom", "never"]
    # Indexed for another reason, a dataset keeps its count.
    search.rebuild(package_ids=[made["often"]])
    assert upkeep.recount() == 0
    assert found(sort="sort_title_fr asc") == ["often", "seldom", "never"]
    assert found(sort="sort_title_ar asc") == ["never", "often", "seldom"]
    page = BeautifulSoup(
        app.get("/ar/dataset/", query_string={"sort": order}).body, "html.parser"
    )
    options = {each["value"]: each for each in page.select("#field-order-by option")}
    assert list(options) == [
        "score desc, metadata_modified desc",
        "metadata_modified desc",
        order,
        "sort_title_ar asc",
        "sort_title_ar desc",
    ]
    assert options[order].has_attr("selected")
    front = BeautifulSoup(app.get("/fr/").body, "html.parser")
    most = front.select("section[aria-labelledby=front-downloaded] .dataset-heading a")
    assert [link["href"] for link in most] == [
        "/fr/dataset/often",
        "/fr/dataset/seldom",
    ]


def downloaded(dataset: str, times: int, agent: str = "regular", days: int = 0) -> None:
    """Count downloads of a dataset, some days ago, as the counter of uses does."""
    model.Session.execute(
        sa.text(
            "INSERT INTO maroc_usage_daily (day, kind, agent_class, dataset_id,"
            " resource_id, organization_id, total, uniq, uniq_resource) VALUES"
            " (:day, 'download', :agent, :dataset, '', '', :times, 1, 1)"
        ),
        {
            "day": clock.today() - dt.timedelta(days=days),
            "agent": agent,
            "dataset": dataset,
            "times": times,
        },
    )
    model.Session.commit()


@needs_services
def test_a_count_is_written_in_place_or_not_at_all(publish: Publish, found: Found):
    made = publish({"fr": "Barrages", "ar": "السدود"}, name="barrages")
    (row,) = upkeep._documents("index_id,_version_")
    key = row["index_id"]
    upkeep._write_in_place(upkeep.FIELD, [(key, 4)])
    # What left the index does not come back as a number without a dataset; and what
    # cannot be written in place is not written at the price of the other fields.
    for field, gone in ((upkeep.FIELD, "gone"), ("theme", key)):
        with pytest.raises(HTTPError):
            upkeep._write_in_place(field, [(gone, 3)])
    make_connection().commit()
    (after,) = upkeep._documents(f"index_id,{upkeep.FIELD}")
    assert after == {"id": made["id"], "index_id": key, upkeep.FIELD: 4}
    assert found("barrage") == found("السد", "ar") == ["barrages"]


@needs_services
def test_who_finds_nothing_is_offered_the_question_in_the_other_language(
    publish: Publish, app: Any
):
    publish({"fr": "Hôpitaux de la province"}, geographic_coverage=["03.561"])
    page = nothing(app, '"المستشفيات"')
    links = {link.text: link["href"] for link in page.select("a")}
    assert list(links) == ["hôpital"]
    assert "datasets" not in page.text
    again = BeautifulSoup(app.get(links["hôpital"]).body, "html.parser")
    assert len(again.select(".dataset-item")) == 1
    assert not again.select(".search-nothing")


@needs_services
def test_no_question_is_offered_that_would_find_nothing_either(
    publish: Publish, app: Any
):
    publish({"fr": "Routes"})
    page = nothing(app, '"المستشفيات"')
    assert page.select("li")
    assert not page.select("a")
    assert nothing(app, "title:rien").select("li")
    filtered = nothing(app, "route", theme="sante")
    assert [link["href"] for link in filtered.select("a")] == ["/ar/dataset/?q=route"]


def nothing(app: Any, asked: str, **filters: str) -> Any:
    body = app.get("/ar/dataset/", query_string={"q": asked, **filters}).body
    [section] = BeautifulSoup(body, "html.parser").select(".search-nothing")
    return section


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("المستشفيات بتازة 2024", {"fr": "hôpital Taza 2024"}),
        ('"hôpitaux" introuvable', {"ar": "مستشفى"}),
        ("hôpital -école", {"ar": "مستشفى"}),
        ("introuvable", {}),
        ("title:hôpital", {}),
        ("?!", {}),
    ],
)
def test_a_question_is_said_in_the_other_language(asked: str, said: dict[str, str]):
    assert other.questions(asked, glossary.load()) == said


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("إقليم تازة", ["03.561"]),
        ("بتازة", None),
        ("جهة فاس مكناس", ["03"]),
        ("région Fès-Meknès", ["03"]),
        ("عمالة الدار البيضاء", ["06.141"]),
        ("المستشفيات", []),
    ],
)
def test_places_are_known_by_their_names(words: str, codes: list[str] | None):
    found = [code for each in places.named(words.split()) for code in each.codes]
    if codes is None:
        assert "03.561" in found
    else:
        assert found == codes


@pytest.mark.parametrize(
    ("word", "general"),
    [
        ("عدد", True),
        ("الأعداد", True),
        ("نسبة", True),
        ("liste", True),
        ("Taux", True),
        ("listes", True),
        ("ماء", False),
        ("مستشفى", False),
        ("hôpital", False),
    ],
)
def test_some_words_may_be_said_of_any_subject(word: str, general: bool):
    assert concepts.is_general(word) is general


@needs_services
def test_solr_takes_questions_of_many_words_with_many_equivalents(
    publish: Publish, found: Found
):
    publish({"fr": "Hôpitaux"}, name="hopitaux")
    richest = sorted(
        (
            entry
            for entry in glossary.load().entries
            if len(glossary.key(entry.ar[0])) > 1
        ),
        key=lambda entry: -sum(map(len, (entry.fr, entry.ar, entry.en))),
    )
    asked = " ".join(entry.ar[0] for entry in richest[:30])
    assert found(f"{asked} مستشفى") == []
    assert found(f"مستشفى OR {asked}") == ["hopitaux"]


def test_a_question_of_any_length_has_a_clause_a_thing():
    words = ("hôpital", "école", "eau", "budget", "route") * 20
    clauses = [each.clause for each in concepts.of(words, glossary.load())]
    assert len(clauses) == len(words)
    assert all(each.count("(") == each.count(")") for each in clauses)
