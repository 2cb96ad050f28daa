"""Datasets are found as people look for them: in two languages, by words and places."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckan.lib import search
from ckan.lib.search.common import make_connection
from ckan.tests import factories, helpers

from ckanext.maroc_portal import outbox

from .conftest import Publish

Found = Callable[..., list[str]]

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

FES = {"type": "Point", "coordinates": [-5.0, 34.03]}


WRITTEN_AND_ASKED = [
    ({"ar": "إحصاء العُمّال في المصانع"}, "عمال"),
    ({"ar": "الإحصاء السنوي"}, "احصاء سنوي"),
    ({"fr": "Les écoles primaires"}, "ecole"),
    ({"fr": "Budget de l’enseignement"}, "enseignement"),
    ({"fr": "Points d'eau de M’diq"}, "mdiq"),
    ({"fr": "Hôpitaux", "ar": "المستشفيات"}, "hopital مستشفى"),
]


def test_a_dataset_is_found_by_each_reader_in_either_language(
    publish: Publish, found: Found, subtests: pytest.Subtests
):
    names = [publish(title)["name"] for title, _ in WRITTEN_AND_ASKED]
    for name, (_, asked) in zip(names, WRITTEN_AND_ASKED, strict=True):
        for lang in ("fr", "ar", "en"):
            with subtests.test(asked=asked, lang=lang):
                assert found(asked, lang)[0] == name


def test_a_word_is_found_anywhere_in_the_dataset(
    publish: Publish, found: Found, subtests: pytest.Subtests
):
    name = publish(
        {"fr": "Comptes", "ar": "حسابات"},
        notes_translated={"fr": "Recettes des marchés", "ar": "مداخيل الأسواق"},
        tag_string="fiscalité,جبايات",
        source="Trésorerie générale",
        geographic_coverage=["03", "01"],
        resources=[
            {
                "url": "https://fes.ma/comptes_2024.csv",
                "name_translated": {"fr": "Les bilans", "ar": "الموازنات"},
                "description": "Trimestres",
                "format": "CSV",
            }
        ],
    )["name"]
    publish({"fr": "Autre chose"}, art10_category="budgets-collectivites")
    for asked in (
        "marchés",
        "الأسواق",
        "fiscalite",
        "جبايات",
        "trésorerie",
        "bilan",
        "الموازنات",
        "trimestre",
        "CSV",
        "Fès-Meknès",
        "فاس-مكناس",
        "statistiques",
    ):
        with subtests.test(asked=asked):
            assert found(asked) == [name]
    for code, names in {"03": [name], "01": [name], "02": []}.items():
        with subtests.test(territory=code):
            assert found(fq=f'geographic_coverage:"{code}"') == names


def test_the_institutions_names_of_the_day_find_its_datasets(
    publish: Publish, found: Found, institution: dict[str, Any]
):
    name = publish({"fr": "Des données"})["name"]
    assert found("commune de Fès", "ar") == found("جماعة فاس") == [name]
    helpers.call_action(
        "organization_patch",
        context={"user": factories.Sysadmin()["name"]},
        id=institution["id"],
        title_translated={"fr": "Ville impériale", "ar": "المدينة"},
    )
    assert found("impériale") == []
    outbox.dispatch()
    assert found("impériale") == [name]
    assert found('"جماعة فاس"') == []


def test_the_reader_sees_first_their_language_then_titles(
    publish: Publish, found: Found
):
    """A year or an acronym is written alike in both languages."""
    publish({"fr": "RAMED 2024"}, name="en-francais")
    publish({"ar": "نظام RAMED 2024"}, name="en-arabe")
    publish({"ar": "تقرير"}, notes_translated={"ar": "عن RAMED 2024"}, name="mention")
    in_arabic, in_french = found("RAMED 2024", "ar"), found("RAMED 2024", "fr")
    assert in_arabic[0] == "en-arabe"
    assert in_french == ["en-francais", "en-arabe", "mention"]
    assert set(in_arabic) == set(in_french)


def test_questions_of_readers_and_of_programs(
    publish: Publish, found: Found, subtests: pytest.Subtests
):
    publish({"fr": "Eau potable des écoles"}, name="potable")
    publish({"fr": "Eau de pluie"}, name="pluie")
    publish({"fr": "Forêts publiques"}, name="forets")
    # Another portal's harvest, or an old client, gives core's fields alone.
    publish(title="المدارس", name="madaris")
    everything = {"potable", "pluie", "forets", "madaris"}
    expected: dict[str, set[str]] = {
        "eau -pluie": {"potable"},
        "pluie OR forêt": {"pluie", "forets"},
        '"eau potable"': {"potable"},
        '"potable eau"': set(),
        # A word that is missing does not hide what the others find, nor does one that
        # any dataset could say.
        "eau introuvable": {"potable", "pluie"},
        "liste forêts": {"forets"},
        "liste introuvable": set(),
        "eau AND introuvable": set(),
        "+introuvable eau": set(),
        "-eau": {"forets", "madaris"},
        "eau NOT pluie": {"potable"},
        "مدرسة OR مدارس": {"madaris", "potable"},
        # Between quotes, only the words themselves.
        '"مدارس" OR "مدرسة"': {"madaris"},
        "": everything,
        "*:*": everything,
        "?!": set(),
        "de la": set(),
        "title:potable": {"potable"},
        "name:potable": {"potable"},
        "title:pluie OR title:potable": {"pluie", "potable"},
        "organization:commune-fes": everything,
        "organization:hcp": set(),
    }
    for asked, names in expected.items():
        with subtests.test(asked=asked):
            assert set(found(asked)) == names


def test_datasets_are_found_on_the_map_where_they_are(
    publish: Publish, found: Found, subtests: pytest.Subtests
):
    box = [[-9.8, 30.2], [-9.4, 30.2], [-9.4, 30.6], [-9.8, 30.6], [-9.8, 30.2]]
    diamond = [[-3, 34.5], [-2, 33.5], [-1, 34.5], [-2, 35.5], [-3, 34.5]]
    places = {
        "fes": FES,
        "agadir": {"type": "Polygon", "coordinates": [box]},
        "agadir-clockwise": {"type": "Polygon", "coordinates": [box[::-1]]},
        "oujda": {"type": "Polygon", "coordinates": [diamond]},
        "two-towns": {"type": "MultiPoint", "coordinates": [[-8, 31.6], [-6.8, 34]]},
        "off-the-world": {"type": "Point", "coordinates": [-5, 95]},
    }
    for name, geometry in places.items():
        spatial = {"key": "spatial", "value": json.dumps(geometry)}
        publish({"fr": "Un lieu"}, name=name, extras=[spatial])
    publish({"fr": "Un lieu sans carte"}, name="nowhere")
    expected: dict[str, set[str]] = {
        "-6,33,-4,35": {"fes"},
        "-10,30,-9,31": {"agadir", "agadir-clockwise"},
        "-9.7,30.3,-9.5,30.5": {"agadir", "agadir-clockwise"},
        "-2.1,34.4,-1.9,34.6": {"oujda"},
        # The corner of the diamond's box, where the diamond is not.
        "-2.95,35.3,-2.8,35.45": set(),
        "-6.9,33.9,-6.7,34.1": {"two-towns"},
        "2,48,3,49": set(),
        "-200,-90,200,90": places.keys() - {"off-the-world"},
    }
    for asked, names in expected.items():
        with subtests.test(box=asked):
            assert set(found(ext_bbox=asked)) == names
            assert set(found("lieu", "ar", ext_bbox=asked)) == names
    assert len(found("lieu")) == len(places) + 1


def test_private_datasets_are_found_by_their_own_and_never_by_strangers(
    publish: Publish, found: Found, app: Any, subtests: pytest.Subtests
):
    publish({"fr": "Secret eau"}, name="secret", private=True)
    admin = factories.SysadminWithToken()
    for asked in ("eau", "", "*:*", "name:secret", "title:eau", "secret OR eau"):
        with subtests.test(asked=asked):
            assert found(asked, include_private=True, include_drafts=True) == []
            assert found(asked, fq="capacity:private", include_private=True) == []
            assert "Secret" not in app.get("/dataset/", query_string={"q": asked}).body
            seen = helpers.call_action(
                "package_search",
                context={"user": admin["name"], "ignore_auth": False},
                q=asked,
                include_private=True,
            )
            assert [each["name"] for each in seen["results"]] == ["secret"]


STRANGE = st.one_of(
    st.text(max_size=40),
    st.text("\"\\:(){}[]^~*?!+-/&|'.,_ aأé", max_size=20),
    st.lists(
        st.sampled_from(
            [
                "AND",
                "OR",
                "NOT",
                "eau",
                "title:",
                "{!",
                "}",
                '"',
                "*:*",
                "_query_:",
                "TO",
            ]
        ),
        max_size=8,
    ).map(" ".join),
)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(asked=STRANGE, lang=st.sampled_from(["fr", "ar", "en"]))
def test_no_question_breaks_the_page(app: Any, asked: str, lang: str):
    answer = app.get(f"/{lang}/dataset/", query_string={"q": asked})
    assert answer.status_code in (200, 400)


WRONG: list[dict[str, Any]] = [
    {"q": "\ud800"},
    {"q": "name:\udfff"},
    {"q": "title:("},
    {"q": "{!lucene}x"},
    {"q": ["eau"]},
    {"q": {"eau": 1}},
    {"q": "eau", "extras": "x"},
    {"q": "eau", "extras": ["x"]},
    {"q": "eau", "extras": {"ext_bbox": {"a": 1}}},
    {"q": "eau", "ext_bbox": 5},
    {"q": "eau", "ext_bbox": [1, None, "x", []]},
    {"q": "eau", "ext_bbox": "1,2"},
    {"q": "eau", "ext_bbox": "nan,1,2,3"},
    {"q": "eau", "fq": "((("},
    {"q": "eau", "sort": "nothing sideways"},
    {"q": "eau", "qf": "nothing^x"},
    {"q": "eau", "defType": "nothing"},
    {"q": "eau " * 3000},
    {"q": "x" * 40_000},
]


def test_no_parameter_breaks_the_api(app: Any, subtests: pytest.Subtests):
    for params in WRONG:
        with subtests.test(params=str(params)[:80]):
            answer = app.post(
                "/api/3/action/package_search",
                data=json.dumps(params),
                headers={"Content-Type": "application/json"},
            )
            assert answer.status_code in (200, 400, 409), answer.body
            assert "success" in answer.json


def test_no_parameter_breaks_the_pages(
    app: Any, institution: dict[str, Any], subtests: pytest.Subtests
):
    for page in ("/dataset/", f"/organization/{institution['name']}"):
        for params in (
            {"q": "title:("},
            {"q": "{!x}"},
            {"ext_bbox": "1,2"},
            {"sort": "nothing sideways"},
            {"art10_category": '"'},
            {"a b": "c"},
            {"page": "99999999999"},
        ):
            with subtests.test(page=page, params=str(params)):
                answer = app.get(page, query_string=params)
                assert answer.status_code in (200, 400)


def test_a_long_text_does_not_keep_a_dataset_from_being_found(
    publish: Publish, found: Found
):
    """Solr refuses a document for one string of more than 32,766 bytes."""
    name = publish(
        {"fr": "Long"}, extras=[{"key": "remark", "value": "كلمة " * 10_000 + "fin"}]
    )["name"]
    assert found("long") == found("fin") == [name]


def test_a_rebuilt_index_is_the_same(publish: Publish):
    publish(
        {"fr": "Eau", "ar": "الماء"},
        name="eau",
        tag_string="pluie",
        extras=[{"key": "spatial", "value": json.dumps(FES)}],
    )
    publish({"ar": "سري"}, name="secret", private=True)
    before = stored()
    assert sorted(each["name"] for each in before) == ["eau", "secret"]
    search.clear_all()
    assert stored() == []
    search.rebuild()
    assert stored() == before


def stored() -> list[dict[str, Any]]:
    """Return what Solr keeps, and the words it finds each dataset by."""
    solr = make_connection(decode_dates=False)
    solr.commit()
    documents = solr.search("site_id:pytest", rows=100, sort="name asc").docs
    for each in documents:
        # The moment of the indexing, and Solr's own counter.
        del each["indexed_ts"], each["_version_"]
        for kept in ("data_dict", "validated_data_dict"):
            each[kept] = json.loads(each[kept])
            # As the caller gave them at first, as PostgreSQL orders them later.
            each[kept]["extras"] = {
                extra["key"]: extra["value"] for extra in each[kept].get("extras", ())
            }
        each["found_by"] = [
            asked
            for asked in ("eau", "الماء", "pluie", "سري", "فاس", "fès", "statistique")
            if solr.search(
                asked,
                fq=f"id:{each['id']}",
                defType="dismax",
                qf="title_fr title_ar notes_fr text_fr text_ar keywords",
            ).hits
        ]
        assert each["found_by"]
    return documents
