"""A hundred questions in Arabic to a catalogue in French: how many are answered.

The datasets are indexed by CKAN's own way in, and asked for by its API. Of their rows
in PostgreSQL they have only what a search asks for: who may read them.
"""

from __future__ import annotations

import json
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from ckan.lib import search
from ckan.lib.search.common import make_connection
from ckan.tests import factories

from ckanext.maroc_portal.tests.cases import in_sql
from ckanext.maroc_search import glossary, plugin, question

from .test_questions import DATASETS, QUESTIONS

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db")

FIRST = 10
ENOUGH = 80
NOTHING_KNOWN = glossary.Glossary(entries=())


@dataclass(frozen=True, kw_only=True)
class Result:
    """How many questions found one of their datasets, and the time of one."""

    found: int
    milliseconds: float


@pytest.fixture
def catalogue(clean_index: Any) -> Iterator[None]:
    """Index the datasets; leave nothing of them in the index."""
    in_sql(
        "INSERT INTO package (id, name, type, state, private)"
        " SELECT id, name, 'dataset', 'active', true"
        " FROM unnest(CAST(:ids AS text[]), CAST(:names AS text[])) AS row (id, name)",
        ids=[_id(row) for row in DATASETS],
        names=[row["name"] for row in DATASETS],
    )
    _index()
    yield
    search.clear_all()


def test_most_questions_in_arabic_find_their_dataset_in_french(
    catalogue: None,
    app: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    ask = _asker(app)
    known = _evaluate(ask)
    monkeypatch.setattr(plugin, "lexicon", lambda: NOTHING_KNOWN)
    labels = {k: v for k, v in question.LABELS.items() if k != "equivalents"}
    monkeypatch.setattr(question, "LABELS", labels)
    search.clear_all()
    _index()
    unknown = _evaluate(ask)
    with capsys.disabled():
        print(  # noqa: T201 - the figure is what this is for
            f"\n{len(QUESTIONS)} questions in Arabic to {len(DATASETS)} datasets in"
            f" French, the dataset in the first {FIRST}:"
            f" with glossary {known.found} ({known.milliseconds:.0f} ms a question),"
            f" without {unknown.found} ({unknown.milliseconds:.0f} ms)"
        )
    assert known.found >= ENOUGH
    assert known.found > unknown.found


def _index() -> None:
    index = search.index_for("package")
    for row in DATASETS:
        index.update_dict(_dataset(row), defer_commit=True)
    make_connection().commit()


def _dataset(row: dict[str, str]) -> dict[str, Any]:
    """Return a dataset as ``package_show`` would for the index."""
    words = row["keywords"].split(";")
    own = {
        "title_translated": json.dumps({"fr": row["title"]}),
        "notes_translated": json.dumps({"fr": row["notes"]}),
        "theme": row["theme"],
        "art10_category": row["art10_category"],
        "geographic_coverage": json.dumps(row["geographic_coverage"].split(";")),
        "tags_translated": json.dumps({"fr": words}),
    }
    core = {
        "id": _id(row),
        "name": row["name"],
        "title": row["title"],
        "notes": row["notes"],
        "type": "dataset",
        "state": "active",
        "private": True,
        "metadata_created": "2026-11-22T00:00:00",
        "metadata_modified": "2026-11-22T00:00:00",
        "tags": [{"name": word} for word in words],
        "resources": [],
        "organization": None,
    }
    return {
        **core,
        "extras": [{"key": key, "value": value} for key, value in own.items()],
        "with_custom_schema": {**core, **own},
    }


def _id(row: dict[str, str]) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, row["name"]))


def _asker(app: Any) -> Callable[[str], list[str]]:
    """Return a reader of Arabic, who may see what nobody has published."""
    reader = factories.SysadminWithToken()

    def ask(asked: str) -> list[str]:
        answer = app.get(
            "/ar/api/3/action/package_search",
            query_string={
                "q": asked,
                "rows": FIRST,
                "fl": "name",
                "include_private": "true",
            },
            headers={"Authorization": reader["token"]},
            status=200,
        )
        return [each["name"] for each in answer.json["result"]["results"]]

    return ask


def _evaluate(ask: Callable[[str], list[str]]) -> Result:
    found, took = 0, []
    for each in QUESTIONS:
        start = time.perf_counter()
        names = ask(each["question"])
        took.append((time.perf_counter() - start) * 1000)
        found += bool(set(names) & set(each["expected"].split(";")))
    return Result(found=found, milliseconds=statistics.median(took))
