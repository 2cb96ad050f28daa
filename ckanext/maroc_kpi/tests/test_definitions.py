"""Each definition carries its own worked examples; this module replays them all."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

import ckan.plugins.toolkit as tk

from ckanext.maroc_kpi import compute
from ckanext.maroc_kpi.definition import (
    HERE,
    DefinitionError,
    Example,
    Indicator,
    fingerprint,
    indicators,
    load,
    load_all,
)
from ckanext.maroc_kpi.words import FAMILIES, LANGS

from .conftest import derive

each = pytest.mark.parametrize(
    "indicator",
    [one for one in indicators().values() if one.sql],
    ids=lambda it: it.name,
)
each_example = pytest.mark.parametrize(
    ("indicator", "example"),
    [
        pytest.param(one, example, id=f"{one.name}-{number}")
        for one in indicators().values()
        for number, example in enumerate(one.examples, 1)
    ],
)


@each_example
def test_a_worked_example_gives_what_it_says(
    planted: Any, indicator: Indicator, example: Example
):
    connection = planted(example.given)
    known = institutions(example)
    told(example, compute.compute(connection, indicator, example.until, known))


@each_example
def test_all_asked_at_once_over_the_facts_give_what_the_example_says(
    planted: Any, indicator: Indicator, example: Example
):
    connection = planted(example.given)
    derive(connection, example.until)
    known = institutions(example)
    values = compute.compute_all(connection, example.until, known)
    told(example, values[indicator.name])


def institutions(example: Example) -> dict[str, str | None]:
    """Return the institutions that an example speaks of, with those above them."""
    scopes = [
        each for each in example.expect if not each.startswith(("country", "tree:"))
    ]
    above = {
        row["id"]: (row.get("extras") or {}).get("parent_institution")
        for row in example.given.get("group", ())
    }
    return {scope: above.get(scope) for scope in scopes}


def told(example: Example, values: Any) -> None:
    found = {scope or "country": value for scope, value in values.items()}
    for scope, expected in example.expect.items():
        assert {key: getattr(found[scope], key) for key in expected} == expected, (
            f"{scope}: {example.story}"
        )
    assert set(found) == set(example.expect)


@each_example
def test_the_query_of_one_institution_counts_what_the_query_of_all_does(
    planted: Any, indicator: Indicator, example: Example
):
    connection = planted(example.given)
    known = institutions(example)
    together = compute.count(connection, indicator, example.until, institutions=known)
    for scope, counted in together.items():
        if scope is not None:
            alone = compute.count(
                connection, indicator, example.until, scope, institutions=known
            )
            assert alone == {scope: counted}


@pytest.mark.parametrize("name", indicators())
def test_every_figure_says_what_it_does_not_say(name: str):
    limits = indicators()[name].limits
    assert limits
    assert all(limits[lang] for lang in LANGS)


@each_example
def test_parts_add_up_to_the_value(
    planted: Any, indicator: Indicator, example: Example
):
    connection = planted(example.given)
    for value in compute.compute(
        connection, indicator, example.until, institutions(example)
    ).values():
        if indicator.parts and value.value is not None:
            parts = [value.components[one.name] for one in indicator.parts]
            assert sum(parts) == value.value


@each
def test_the_query_reads_only_tables_that_the_examples_shadow(
    planted: Any, indicator: Indicator
):
    plan = planted({}).execute(
        sa.text(f"EXPLAIN (VERBOSE, FORMAT JSON) {indicator.sql}"),
        {"until": dt.date(2026, 1, 1), "scope": None, "scopes": "[]"},
    )
    read = list(relations(plan.scalar_one()))
    assert read
    assert [name for schema, name in read if not schema.startswith("pg_temp")] == []


def relations(plan: Any) -> Any:
    if isinstance(plan, dict):
        if "Relation Name" in plan:
            yield plan["Schema"], plan["Relation Name"]
        for under in plan.values():
            yield from relations(under)
    elif isinstance(plan, list):
        for under in plan:
            yield from relations(under)


@each
def test_a_changed_query_takes_a_new_version(indicator: Indicator):
    now = fingerprint(indicator.sql)
    versions = indicator.fingerprints
    assert versions.get(indicator.version) == now, (
        f"The SQL of {indicator.name} is not that of version {indicator.version}: "
        f'set version: {indicator.version + 1} and add {indicator.version + 1}: "{now}"'
        " to its fingerprints; published figures keep the version that gave them."
    )


@each
def test_versions_follow_one_another_and_each_has_its_own_query(indicator: Indicator):
    versions = indicator.fingerprints
    assert list(versions) == list(range(1, indicator.version + 1))
    assert len(set(versions.values())) == len(versions)


@each
def test_spaces_alone_do_not_make_a_version(indicator: Indicator):
    assert fingerprint(indicator.sql.replace("\n", "\n   ")) == fingerprint(
        indicator.sql
    )


def test_each_family_has_its_three_and_governance_the_nineteenth():
    known = [(it.number, it.family) for it in indicators().values()]
    families = [family for family in FAMILIES for _ in range(3)]
    assert known == list(enumerate([*families, "governance"], 1))


def test_what_nothing_measures_yet_says_what_would_and_who_must_act():
    awaited = {it.number for it in indicators().values() if it.awaits}
    assert awaited == {8, 9, 10, 11, 12, 13, 14, 15}
    assert all(it.entered for it in indicators().values() if it.awaits)


# What a definition may not say. Each changes one thing of a good definition.

GOOD = yaml.safe_load((HERE / "downloads.yaml").read_text(encoding="utf-8"))


def spoil(change: Any, path: Path, name: str = "spoilt") -> Path:
    raw = yaml.safe_load((HERE / "downloads.yaml").read_text(encoding="utf-8"))
    change(raw)
    file = path / f"{name}.yaml"
    file.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda it: it.update(colour="red"), "unknown keys: colour"),
        (lambda it: it["needs"].update(more=1), "needs has unknown keys: more"),
        (
            lambda it: it["components"][0].update(icon="x"),
            "components has unknown keys: icon",
        ),
        (lambda it: it["examples"][0].update(x=1), "examples has unknown keys: x"),
        (lambda it: it.pop("formula"), "lacks: formula"),
        (lambda it: it.pop("reference"), "reference is not a table of keys"),
        (lambda it: it["label"].pop("ar"), "label needs a text in each of fr, ar, en"),
        (
            lambda it: it["label"].update(es="Descargas"),
            "label needs a text in each of fr, ar, en",
        ),
        (
            lambda it: it["phrase"]["ar"].pop("two"),
            "phrase.ar needs few, many, one, other, two, zero",
        ),
        (
            lambda it: it["phrase"]["fr"].update(one="{n} {unit}"),
            "phrase.fr may use {n} and {of} alone",
        ),
        (lambda it: it.update(family="speed"), "family is not one of quantity"),
        (lambda it: it.update(source="F"), "source is not one of A, B, C, D, E"),
        (lambda it: it.update(version="1.2"), "version is a whole number"),
        (lambda it: it.update(measure="share"), "a share has a denominator"),
        (lambda it: it["reasons"].pop("partial"), "go together"),
        (lambda it: it["reasons"].pop("not_applicable"), "not_applicable is missing"),
        (lambda it: it["components"][0].update(role="whole"), "is a part, or beside"),
        (lambda it: it.update(examples=[]), "there is no worked example"),
        (lambda it: it.update(sql="SELECT 1"), "reads :until and :scope"),
        (
            lambda it: it.update(sql=it["sql"] + " LIMIT :most"),
            "reads :until and :scope, and no other parameter",
        ),
        (lambda it: it.update(sql=it["sql"] + "; SELECT 1"), "must be one SELECT"),
        (lambda it: it.update(sql="DELETE FROM package"), "must be one SELECT"),
        (
            lambda it: it.update(
                sql="WITH x AS (DELETE FROM package RETURNING 1) SELECT :scope, :until"
            ),
            "may not say DELETE",
        ),
        (
            lambda it: it["needs"].update(pulse="SELECT nextval('x')"),
            "pulse: may not say NEXTVAL",
        ),
    ],
)
def test_a_spoilt_definition_is_refused_with_its_file_and_the_reason(
    tmp_path: Path, change: Any, sentence: str
):
    with pytest.raises(DefinitionError) as refused:
        load(spoil(change, tmp_path))
    assert "spoilt.yaml" in str(refused.value)
    assert sentence in str(refused.value)


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path):
    file = tmp_path / "broken.yaml"
    file.write_text("label: [", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"broken\.yaml"):
        load(file)


def test_a_number_is_given_once(tmp_path: Path):
    spoil(lambda it: None, tmp_path, "one")
    spoil(lambda it: None, tmp_path, "two")
    with pytest.raises(DefinitionError, match="same number"):
        load_all(tmp_path)


def test_the_unspoilt_definition_is_accepted(tmp_path: Path):
    assert load(spoil(lambda it: None, tmp_path)).number == GOOD["number"]


def test_postgresql_itself_refuses_a_definition_that_writes(portal: Any):
    with (
        compute.reading() as reader,
        pytest.raises(sa.exc.InternalError, match="read-only transaction"),
    ):
        reader.execute(sa.text("DELETE FROM package"))


def test_postgresql_itself_stops_a_definition_that_is_too_slow(
    portal: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(tk.config, "ckanext.maroc_kpi.statement_timeout", 1)
    with (
        compute.reading() as reader,
        pytest.raises(sa.exc.OperationalError, match="statement timeout"),
    ):
        reader.execute(sa.text("SELECT pg_sleep(3)"))
