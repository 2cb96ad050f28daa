"""What the index is told of a dataset, without any service."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.maroc_law import territory
from ckanext.maroc_search import document, geometry, glossary


def indexed(institution: dict[str, str] | None = None, **dataset: Any) -> Any:
    return document.document(dataset, institution or {})


def test_each_text_goes_to_the_field_of_its_language():
    found = indexed(
        title_translated='{"fr": "Eau", "ar": "الماء"}',
        notes_translated={"ar": "وصف", "en": "About"},
        title="Eau",
        notes="وصف",
    )
    assert (found["title_fr"], found["title_ar"]) == ("Eau", "الماء")
    assert (found["notes_ar"], found["notes_en"]) == ("وصف", "About")
    assert "title_en" not in found
    assert "notes_fr" not in found
    assert "title_translated" not in found


@pytest.mark.parametrize(
    ("title", "field"), [("Les écoles", "title_fr"), ("المدارس 2024", "title_ar")]
)
def test_a_title_without_translation_goes_to_the_language_of_its_script(
    title: str, field: str
):
    assert indexed(title=title)[field] == title


def test_a_core_text_that_no_translation_holds_is_still_found():
    found = indexed(title="Ancien titre", title_translated={"fr": "Nouveau titre"})
    assert found["title_fr"] == "Nouveau titre"
    assert found["text_fr"] == ["Ancien titre"]


def test_codes_bring_their_names_in_every_language():
    found = indexed(art10_category="statistiques", geographic_coverage='["03", "99"]')
    assert found["geographic_coverage"] == ["03", "99"]
    assert found["places"] == ["Fès-Meknès", "فاس-مكناس"]
    assert found["places_above"] == []
    assert found["labels"] == [
        "Statistiques économiques et sociales",
        "الإحصائيات الاقتصادية والاجتماعية",
        "Economic and social statistics",
    ]


def test_a_place_is_found_by_those_that_hold_it():
    found = indexed(geographic_coverage='["03.231.01.00."]')
    assert found["territory"] == ["03.231.01.00."]
    place = next(p for p in territory.places() if p.names["fr"] == "Taza")
    commune = next(p for p in territory.places() if p.parent == place.code)
    found = indexed(geographic_coverage=json.dumps([commune.code]))
    assert found["geographic_coverage"] == [commune.code]
    assert found["territory"] == [commune.code, "03.561", "03"]
    levels = {name: found[name] for name in ("region", "province", "commune")}
    assert levels == {
        "region": ["03"],
        "province": ["03.561"],
        "commune": [commune.code],
    }
    assert found["places"] == [commune.names["fr"], commune.names["ar"]]
    assert found["places_above"] == ["Taza", "تازة", "Fès-Meknès", "فاس-مكناس"]


def test_the_whole_country_stands_among_the_regions():
    found = indexed(geographic_coverage="MA")
    assert (found["territory"], found["region"]) == (["MA"], ["MA"])


def test_known_keywords_bring_what_is_said_for_them_in_the_other_languages():
    found = document.document(
        {"tags_translated": {"fr": ["hôpital", "xyz"], "ar": ["ماء"]}, "tags": ["xyz"]},
        {},
        glossary.load(),
    )
    assert found["keywords_fr"] == ["hôpital", "xyz"]
    assert found["keywords_ar"] == ["ماء"]
    assert {"مستشفى", "hospital", "eau"} <= set(found["equivalents"])


def test_titles_are_sorted_as_each_reader_sees_them():
    found = indexed(title_translated={"fr": "Eau", "ar": "الماء"})
    assert found["sort_title_fr"] == found["sort_title_en"] == "eau"
    assert found["sort_title_ar"] == "الماء"


def test_all_words_holds_each_word_that_a_dataset_is_found_by():
    found = indexed(
        {"fr": "Commune de Fès"},
        title="Eau",
        tags=["pluie"],
        theme="sante",
        geographic_coverage=["03"],
        name="eau-2024",
    )
    assert {"Eau", "pluie", "eau-2024", "Commune de Fès", "Fès-Meknès"} < set(
        found["all_words"]
    )
    assert any("الصحة" in each for each in found["all_words"])


def test_every_other_word_goes_to_the_language_of_its_script():
    whole = {
        "resources": [
            {"name": "Table", "name_translated": {"ar": "جدول"}, "format": "CSV"}
        ]
    }
    found = indexed(
        {"fr": "Commune de Fès", "ar": "جماعة فاس"},
        name="eau-2024",
        organization="commune-fes",
        validated_data_dict=json.dumps(whole),
        extras_source="المندوبية",
        extras_period="2019-2024",
        author="Service de l'eau",
        tags=["pluie", "مطر"],
    )
    assert found["text_fr"] == [
        "eau-2024",
        "commune-fes",
        "Service de l'eau",
        "Table",
        "CSV",
        "2019-2024",
    ]
    assert found["text_ar"] == ["جدول", "المندوبية"]
    assert found["labels"] == ["Commune de Fès", "جماعة فاس"]
    assert found["keywords_fr"] == ["pluie"]
    assert found["keywords_ar"] == ["مطر"]


def test_words_in_the_form_of_pdf_files_and_file_names_are_made_plain():
    assert indexed(title="Fe\u0300s")["title_fr"] == "Fès"
    assert indexed(title="\ufe8d\ufedf\ufee4\ufea0\ufe8e\ufead")["title_ar"] == "المجار"


def test_nothing_in_the_index_is_longer_than_solr_takes():
    found = indexed(
        extras_remark="é" * 40_000, remark="é" * 40_000, res_url=["x" * 40_000, "y"]
    )
    assert len(found["remark"].encode()) == document.LARGEST
    assert [len(url) for url in found["res_url"]] == [document.LARGEST, 1]
    assert found["extras_remark"] == "é" * 40_000


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ('["03", "03.231"]', ["03", "03.231"]),
        (["03"], ["03"]),
        ("MA", ["MA"]),
        ("[broken", ["[broken"]),
        ('[1, null, "", "MA"]', ["MA"]),
        ("", [""]),
        (None, []),
        (5, []),
    ],
)
def test_codes_are_read_from_a_list_or_from_its_json(value: Any, codes: list[str]):
    assert document.codes(value) == [code for code in codes if code]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometries", "fr", "ar", "x"]),
            inner | st.sampled_from(["Point", "Polygon", "GeometryCollection"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON, JSON)
def test_any_value_of_a_field_can_be_indexed(title: Any, places: Any, spatial: Any):
    for shaped in (lambda value: value, json.dumps):
        found = indexed(
            title_translated=shaped(title),
            geographic_coverage=shaped(places),
            spatial=shaped(spatial),
        )
        assert isinstance(found["spatial_geom"], list)


@pytest.mark.parametrize(
    ("geojson", "wkt"),
    [
        ({"type": "Point", "coordinates": [-5, 34, 1200]}, ["POINT (-5 34)"]),
        (
            {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Point", "coordinates": [-5, 34]},
                    {"type": "Point", "coordinates": [-5, 95]},
                    {"type": "LineString", "coordinates": [[-5, 34], [-4, 34]]},
                ],
            },
            ["POINT (-5 34)", "LINESTRING (-5 34, -4 34)"],
        ),
        ({"type": "Point", "coordinates": []}, []),
        ({"type": "Point", "coordinates": [float("nan"), 3]}, []),
        ({"type": "Point"}, []),
        ({"type": "Circle", "coordinates": [1, 2]}, []),
        ("not json", []),
        ("[" * 100_000, []),
        ("", []),
        (None, []),
        (5, []),
    ],
)
def test_a_place_is_its_shapes_or_nothing(geojson: Any, wkt: list[str]):
    for given_as in (geojson, json.dumps(geojson)):
        if isinstance(geojson, str) or given_as is geojson:
            assert geometry.wkt(geojson) == wkt
        else:
            assert geometry.wkt(given_as) == wkt
