"""The files that officials read and edit are whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import ckan.plugins.toolkit as tk
from ckan.tests import helpers

from ckanext.maroc_law import vocabulary
from ckanext.maroc_schema import errors

HERE = Path(__file__).parents[3] / "schemas"
LANGUAGES = {"fr", "ar", "en"}


def load(name):
    return yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))


PRESETS = {each["preset_name"]: each["values"] for each in load("presets")["presets"]}
FIELDS = [
    *load("dataset")["dataset_fields"],
    *load("dataset")["resource_fields"],
    *load("organization")["fields"],
]
TEMPLATES = Path(errors.__file__).parent / "templates"


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field["field_name"])
def test_every_field_has_a_kind_of_ours_and_three_labels(field):
    assert field["preset"] in PRESETS
    assert field.get("section") in (None, "deposit", "essential", "legal", "improve")
    for text in ("label", "help_text", "shown_as"):
        if text in field:
            assert set(field[text]) == LANGUAGES
            # A number with hyphens turns around after Arabic letters.
            assert not re.search(r"\d-\d", field[text]["ar"])
    assert "label" in field


@pytest.mark.parametrize("preset", PRESETS)
def test_every_kind_of_field_is_used_and_its_templates_exist(preset):
    assert preset in {field["preset"] for field in FIELDS}
    for snippet in ("form_snippet", "display_snippet"):
        if path := PRESETS[preset].get(snippet):
            assert (TEMPLATES / path).is_file()


def test_every_vocabulary_that_a_field_chooses_from_exists():
    chosen = {
        {**PRESETS[field["preset"]], **field}.get("vocabulary") for field in FIELDS
    } - {None}
    assert chosen <= set(vocabulary.ids())
    assert {"art10-categories", "frequencies", "licences", "territory"} < chosen


def test_the_question_of_classification_comes_before_all_others():
    assert load("dataset")["dataset_fields"][0]["field_name"] == "classification"


@pytest.mark.usefixtures("with_plugins")
def test_every_validator_exists():
    for values in PRESETS.values():
        for (
            name
        ) in f"{values['validators']} {values.get('output_validators', '')}".split():
            assert tk.get_validator(name)


@pytest.mark.usefixtures("with_plugins")
def test_ckan_serves_the_schemas_by_its_api():
    dataset = helpers.call_action("scheming_dataset_schema_show", type="dataset")
    assert [each["field_name"] for each in dataset["dataset_fields"]][:2] == [
        "classification",
        "owner_org",
    ]
    organization = helpers.call_action(
        "scheming_organization_schema_show", type="organization"
    )
    assert organization["fields"][0]["field_name"] == "title_translated"
