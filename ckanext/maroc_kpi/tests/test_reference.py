"""Random catalogues, computed by the one statement and by the slow reference: equal."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ckan import model

from ckanext.maroc_kpi import compute
from ckanext.maroc_kpi.definition import indicators

from . import reference
from .conftest import derive, shadow
from .reference import SHEET, Catalogue

UNTIL = dt.date(2026, 3, 1)
OWNERS = ("ministry", "office", "commune")
STORED = {
    "csv": "text/csv",
    "json": "application/json",
    "pdf": "application/pdf",
    "sheet": SHEET,
}

days = st.integers(0, 400).map(
    lambda back: dt.datetime.combine(
        UNTIL - dt.timedelta(days=back), dt.time(11), dt.UTC
    )
)
texts = st.sampled_from(
    [
        None,
        {"fr": "Parcs", "ar": "حدائق"},
        {"fr": "Parcs", "ar": "Parcs"},
        {"ar": "حدائق"},
    ]
).map(lambda it: None if it is None else json.dumps(it, ensure_ascii=False))


def maybe(*words: str) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, "", *words])


extras = st.fixed_dictionaries(
    {
        "theme": maybe("culture", "finance", "astrology"),
        "series": maybe("Budget", "Budget ", "Parcs"),
        "collection_frequency": maybe("DAILY", "WEEKLY", "MONTHLY", "AS_NEEDED"),
        "art10_category": maybe("statistiques", "marches-publics", "hors-liste"),
        "classification": maybe("non-classifie", "secret"),
        "personal_data": maybe("aucune", "ne-sais-pas"),
        "art7_scope": maybe("aucune", "ne-sais-pas"),
        "contact_email": maybe("a@b.ma"),
        "temporal_start": maybe("2024-01-01"),
        "temporal_end": maybe("2024-12-31"),
        "title_translated": texts,
        "notes_translated": texts,
    }
).map(lambda it: {key: value for key, value in it.items() if value is not None})


@st.composite
def catalogues(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Catalogue:
    rows: dict[str, list[dict[str, Any]]] = {
        "group": [_institution(draw, name) for name in OWNERS],
        **_around(draw),
        "package": [],
        "resource": [],
        "maroc_files_file": [
            {"sha256": key, "mimetype": value} for key, value in STORED.items()
        ],
        "maroc_files_load": [],
        "maroc_workflow_version": [],
        "maroc_workflow_decision": [],
        "maroc_kpi_confirmation": [],
    }
    for number in range(draw(st.integers(0, 12))):
        dataset = f"d{number}"
        created = UNTIL + dt.timedelta(days=draw(st.integers(-30, 3)))
        rows["package"].append(
            {
                "id": dataset,
                "type": draw(st.sampled_from(["dataset"] * 9 + ["showcase"])),
                "state": draw(st.sampled_from(["active"] * 9 + ["deleted"])),
                "private": draw(st.integers(0, 9)) == 0,
                "owner_org": draw(st.sampled_from([*OWNERS, None])),
                "license_id": draw(maybe("cc-by", "other")),
                "metadata_created": dt.datetime.combine(created, dt.time(11)),
                "extras": draw(extras),
            }
        )
        for place in range(draw(st.integers(0, 4))):
            _file(draw, rows, dataset, f"r{number}-{place}")
        rows["maroc_kpi_confirmation"] += [
            {"dataset": dataset, "day": moment.date()}
            for moment in draw(st.lists(days, max_size=4, unique=True))
        ]
        for n in range(draw(st.integers(0, 2))):
            rows["maroc_workflow_decision"].append(
                {
                    "package_id": dataset,
                    "n": n,
                    "kind": draw(
                        st.sampled_from(["review", "policy", "batch", "feed"])
                    ),
                    "author_id": "a",
                    "authors": draw(st.sampled_from([[], ["a"], ["b"]])),
                    "approver_id": draw(st.sampled_from([None, "a", "b", "c"])),
                    "verdict": draw(st.sampled_from([{}, {"outcome": "ok"}])),
                    "owner_org": draw(st.sampled_from(OWNERS)),
                    "at": draw(days),
                }
            )
    parents: dict[str, str | None] = {"ministry": None, "office": "ministry"}
    parents["commune"] = draw(st.sampled_from([None, "office", "commune"]))
    return Catalogue(until=UNTIL, rows=rows, institutions=parents)


def _institution(draw: Any, name: str) -> dict[str, Any]:
    """Draw an institution: how it is called, and what it says of its roles."""
    titles = {"fr": f"{name.title()} de Fès ", "ar": "جماعة فاس"}
    appointed = {
        "rod_deputy": draw(maybe("Salma")),
        "rod_decision": draw(maybe("12/2026")),
        "rod_date": draw(maybe("2026-01-01")),
        "title_translated": draw(
            st.sampled_from([None, json.dumps(titles, ensure_ascii=False)])
        ),
    }
    return {
        "id": name,
        "name": name,
        "title": draw(st.sampled_from([None, name.title()])),
        "is_organization": True,
        "state": "active",
        "extras": {key: each for key, each in appointed.items() if each is not None},
    }


def _around(draw: Any) -> dict[str, list[dict[str, Any]]]:
    """Draw what is around the datasets: people, uses and official lists."""
    people = st.fixed_dictionaries(
        {
            "group_id": st.sampled_from(OWNERS),
            "table_name": st.sampled_from(["user", "user", "user", "package"]),
            "state": st.sampled_from(["active", "active", "active", "deleted"]),
            "capacity": st.sampled_from(["admin", "editor", "member"]),
        }
    )
    uses = st.fixed_dictionaries(
        {
            "day": st.integers(-3, 60).map(lambda it: UNTIL - dt.timedelta(days=it)),
            "kind": st.sampled_from(["download", "download", "view", "outlink"]),
            "agent_class": st.sampled_from(["regular", "machine", "robot"]),
            # Of some, the institution is gone, or never was.
            "organization_id": st.sampled_from([*OWNERS, "gone", ""]),
            "total": st.integers(0, 9),
        }
    )
    lists = [
        {"id": number, "as_of": UNTIL + dt.timedelta(days=days)}
        for number, days in enumerate(draw(st.lists(st.integers(-9, 2), max_size=3)))
    ]
    names = ["Ministry", " commune de fès", "جماعة فاس", "office", "Absente"]
    return {
        "member": draw(st.lists(people, max_size=6)),
        "maroc_usage_daily": draw(st.lists(uses, max_size=12)),
        "maroc_kpi_roster": lists,
        "maroc_kpi_roster_row": [
            {"roster": each["id"], "name": name}
            for each in lists
            for name in draw(st.lists(st.sampled_from(names), max_size=4, unique=True))
        ],
    }


def _file(draw: Any, rows: Any, dataset: str, name: str) -> None:
    role = draw(st.sampled_from([None, None, "donnees", "documentation"]))
    rows["resource"].append(
        {
            "id": name,
            "package_id": dataset,
            "state": draw(st.sampled_from(["active"] * 6 + ["deleted"])),
            "format": draw(st.sampled_from(["CSV", "JSON", "PDF", "XLSX", ""])),
            "hash": draw(st.sampled_from([*STORED, "", "unknown"])),
            "name": draw(st.sampled_from(["a.csv", "a.pdf", "A.PDF", "b", None])),
            "url": draw(st.sampled_from(["x", ""])),
            "url_type": draw(st.sampled_from(["upload", "upload", "", None])),
            "mimetype": draw(maybe("text/csv")),
            "extras": json.dumps({"role": role}) if role else None,
        }
    )
    if draw(st.booleans()):
        state = draw(st.sampled_from(["loaded", "failed", "queued", "skipped"]))
        rows["maroc_files_load"].append({"resource_id": name, "state": state})
    for moment in draw(st.lists(days, max_size=3)):
        rows["maroc_workflow_version"].append(
            {"package_id": dataset, "resource_id": name, "opened_at": moment}
        )


WHOLE: dict[str, Callable[..., dict[str, Any]]] = {
    "downloads": reference.downloads,
    "institutions_involved": reference.involved,
    "clarity_of_roles": reference.roles,
}
"""Figures that the slow reference tells whole: state, numbers and components."""


def so_many(examples: int) -> settings:
    """Return how random catalogues are tried: without shrinking, made anew each."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@so_many(20)
@given(catalogue=catalogues())
def test_the_statement_and_the_slow_reference_agree_in_every_scope(
    portal: Any, catalogue: Catalogue
):
    with model.ensure_engine().connect() as connection:
        shadow(connection, catalogue.rows)
        derive(connection, UNTIL)
        values = compute.compute_all(connection, UNTIL, catalogue.institutions)
        connection.rollback()
    for scope, holds in reference.scopes(catalogue).items():
        mine = [each for each in reference.public(catalogue) if holds(each)]
        for name, expected in reference.counted(catalogue, mine).items():
            agree(name, scope, values[name][scope], expected)
        country = scope == ""
        assert values["sector_diversity"][scope].numerator == reference.themes(
            mine, country=country
        )
        owners = {each for each in catalogue.institutions if holds({"owner_org": each})}
        article = values["article_10"][scope]
        assert article.numerator == reference.categories(mine, owners)
        assert article.denominator == 19 * len(owners)
        for name, slowly in WHOLE.items():
            same(name, scope, values[name][scope], slowly(catalogue, mine, holds))


def test_uses_of_no_institution_and_datasets_of_none_count_together(portal: Any):
    use = {"kind": "download", "agent_class": "regular", "organization_id": ""}
    nobody = {
        "package": [
            {
                "id": "d",
                "type": "dataset",
                "state": "active",
                "private": False,
                "metadata_created": "2026-01-10 11:00",
                "extras": {},
            }
        ],
        "resource": [
            {"id": "r", "package_id": "d", "state": "active", "url_type": "upload"}
        ],
        "maroc_usage_daily": [
            {**use, "day": dt.date(2026, 1, 20), "dataset_id": "d", "total": 3}
        ],
    }
    downloads = indicators()["downloads"]
    with model.ensure_engine().connect() as connection:
        shadow(connection, nobody)
        derive(connection, UNTIL)
        together = compute.compute_all(connection, UNTIL, {})["downloads"][""]
        alone = compute.compute(connection, downloads, UNTIL, {})[""]
        connection.rollback()
    assert (together.value, together.n) == (3, 1)
    assert (alone.value, alone.n) == (3, 1)


def agree(name: str, scope: str, value: Any, expected: dict[str, Any]) -> None:
    """Compare what stands in the value; an absence has only components."""
    for key, number in expected.items():
        if key in ("numerator", "denominator", "covered"):
            if value.value is None:
                continue
            if key == "covered" and value.covered is None:
                continue
            found = getattr(value, key)
            if key == "denominator" and found is None:
                continue
        else:
            found = value.components.get(key, 0)
        assert found == number, f"{name} of {scope or 'the country'}: {key}"
    if "denominator" in expected and value.value is None:
        assert not expected["denominator"] or not expected.get("covered")


def same(name: str, scope: str, value: Any, expected: dict[str, Any]) -> None:
    """Compare a whole value; a component that was not counted is none."""
    where = f"{name} of {scope or 'the country'}"
    assert value.state == expected["state"], where
    for key in ("value", "numerator", "denominator", "since"):
        if key == "since" and expected["state"] not in {"measured", "partial"}:
            continue
        assert getattr(value, key) == expected.get(key), f"{where}: {key}"
    for key in ("n", "covered"):
        if key in expected:
            assert getattr(value, key) == expected[key], f"{where}: {key}"
    for key, number in expected["components"].items():
        assert value.components.get(key, 0) == number, f"{where}: {key}"
