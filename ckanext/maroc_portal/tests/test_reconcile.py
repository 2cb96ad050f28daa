"""Index and database come back in step, whatever happened to either."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.lib.search.common import make_connection

from ckanext.maroc_portal import health, indexing, outbox, reconcile

from .cases import dataset, in_sql, publish

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

NOW = dt.timedelta(0)


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return three datasets in step, the first of them public; pages hold two."""
    monkeypatch.setattr(reconcile, "PAGE", 2)
    made = [dataset() for _ in range(3)]
    publish(made[0]["id"])
    outbox.dispatch()
    return made


def behind_every_trigger(statement: str, **values: Any) -> None:
    """Write to the database as a restored copy would: no trigger hears of it."""
    with model.ensure_engine().begin() as connection:
        for switch in ("DISABLE", "ENABLE"):
            connection.execute(
                sa.text(f"ALTER TABLE package {switch} TRIGGER maroc_portal_changed")
            )
            if switch == "DISABLE":
                connection.execute(sa.text(statement), values)


def document(package_id: str, **changed: Any) -> None:
    """Change a dataset's document in Solr alone."""
    solr = make_connection(decode_dates=False)
    site = f"site_id:{tk.config['ckan.site_id']}"
    [found] = solr.search(f'id:"{package_id}"', fq=site, fl="*").docs
    del found["_version_"], found["indexed_ts"]
    solr.add([found | changed], commit=True)


def mended() -> tuple[int, int, int]:
    """Return the drift, what the outbox did of it, and the drift of a second run."""
    drift = reconcile.reconcile(NOW)
    return drift, outbox.dispatch(), reconcile.reconcile(NOW)


def test_what_is_in_step_is_left_alone(three: list[dict]):
    assert mended() == (0, 0, 0)


def test_a_missing_document_comes_back(three: list[dict]):
    search.clear(three[1]["id"])
    assert mended() == (1, 1, 0)
    assert search.show(three[1]["id"])


def test_an_index_that_was_lost_comes_back(three: list[dict]):
    search.clear_all()
    assert mended() == (3, 3, 0)


def test_ghosts_leave(three: list[dict]):
    for ghost in ("0-first", "zz-last"):
        document(three[0]["id"], id=ghost, index_id=ghost, name=ghost)
    assert mended() == (2, 2, 0)
    with pytest.raises(search.SearchError):
        search.show("zz-last")


@pytest.mark.parametrize("closed", ["private = true", "state = 'deleted'"])
def test_a_public_document_of_what_was_closed_is_closed(three: list[dict], closed: str):
    behind_every_trigger(
        f"UPDATE package SET {closed} WHERE id = :id", id=three[0]["id"]
    )
    assert mended() == (1, 1, 0)
    if "private" in closed:
        assert search.show(three[0]["id"])["capacity"] == "private"


@pytest.mark.parametrize("labels", [["public"], ["member-elsewhere"], []])
def test_a_document_with_other_people_s_labels_is_mended(
    three: list[dict], labels: list[str]
):
    document(three[1]["id"], permission_labels=labels)
    assert mended() == (1, 1, 0)


def test_an_outdated_document_is_mended(three: list[dict]):
    behind_every_trigger(
        "UPDATE package SET url = 'https://example.ma/new',"
        " metadata_modified = now() AT TIME ZONE 'UTC' WHERE id = :id",
        id=three[1]["id"],
    )
    assert mended() == (1, 1, 0)
    assert search.show(three[1]["id"])["url"] == "https://example.ma/new"


def test_what_was_indexed_just_now_may_not_be_committed_yet(three: list[dict]):
    document(three[0]["id"], id="young", index_id="young", name="young")
    assert reconcile.reconcile() == 0
    assert reconcile.reconcile(NOW) == 1


def test_what_the_outbox_has_is_no_drift(three: list[dict]):
    in_sql("SELECT maroc_portal_touch(:id)", id=three[1]["id"])
    search.clear(three[1]["id"])
    assert reconcile.reconcile(NOW) == 0


def test_nothing_is_published_by_a_repair(three: list[dict]):
    """A row that something made public past the gate leaves the index instead."""
    behind_every_trigger(
        "UPDATE package SET private = false WHERE id = :id", id=three[1]["id"]
    )
    search.clear(three[2]["id"])
    assert reconcile.reconcile(NOW) == 2
    outbox.dispatch()
    with pytest.raises(search.SearchError):
        search.show(three[1]["id"])
    assert search.show(three[2]["id"])


def test_health_speaks_of_what_differs_for_long(three: list[dict]):
    search.clear(three[1]["id"])
    assert reconcile.reconcile(NOW) == 1
    assert health.results()["index"] is None
    in_sql("UPDATE maroc_portal_reconciled SET agreed_at = now() - interval '1 hour'")
    assert health.results()["index"] == "RuntimeError"
    assert indexing.update(three[1]["id"])
    assert reconcile.reconcile(NOW) == 0
    assert health.results()["index"] is None
