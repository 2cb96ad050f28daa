"""The index says what is committed: at once, in whatever order changes cross."""

from __future__ import annotations

import os
import socket
import time
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.lib import search
from ckan.logic.action import create
from ckan.tests import factories, helpers

from ckanext.maroc_law.tests.cases import lawful
from ckanext.maroc_portal import indexing, outbox

from .cases import dataset, in_sql, publish

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")


def found(package_id: str) -> dict[str, Any] | None:
    """Return the dataset's document in the index."""
    try:
        return search.show(package_id)
    except search.SearchError:
        return None


def owed() -> list[str]:
    rows = in_sql("SELECT package_id FROM maroc_portal_outbox WHERE NOT indexed")
    return [row.package_id for row in rows]


def rename(package_id: str, url: str) -> None:
    in_sql("UPDATE package SET url = :url WHERE id = :id", id=package_id, url=url)


@pytest.fixture
def settled() -> dict[str, Any]:
    """Return a dataset of which nothing waits."""
    made = dataset()
    outbox.dispatch()
    return made


def test_what_was_committed_is_indexed_at_once_and_owed_no_more(settled: dict):
    publish(settled["id"])
    assert owed() == [settled["id"]]
    assert indexing.update(settled["id"])
    assert found(settled["id"])["capacity"] == "public"
    assert owed() == []


@pytest.mark.parametrize(
    "gone",
    [
        "UPDATE package SET state = 'deleted' WHERE id = :id",
        "DELETE FROM package WHERE id = :id",
    ],
)
def test_what_is_gone_leaves_the_index(settled: dict, gone: str):
    in_sql("DELETE FROM member WHERE table_id = :id", id=settled["id"])
    in_sql("DELETE FROM package_tag WHERE package_id = :id", id=settled["id"])
    in_sql(gone, id=settled["id"])
    assert found(settled["id"])
    assert indexing.update(settled["id"])
    assert found(settled["id"]) is None
    assert owed() == []


def test_with_solr_down_the_change_waits_for_the_worker(
    settled: dict, monkeypatch: pytest.MonkeyPatch
):
    rename(settled["id"], "https://example.ma/2")
    with monkeypatch.context() as down:
        down.setitem(tk.config, "solr_url", "http://127.0.0.1:9/solr/ckan")
        assert not indexing.update(settled["id"])
        assert outbox.dispatch() == 0
    assert "url" not in found(settled["id"])
    [kept] = in_sql("SELECT indexed, error FROM maroc_portal_outbox")
    assert not kept.indexed
    assert "Solr" in kept.error or "SearchIndexError" in kept.error
    in_sql("UPDATE maroc_portal_outbox SET retry_at = now()")
    assert outbox.dispatch() == 1
    assert found(settled["id"])["url"] == "https://example.ma/2"


def test_a_solr_that_does_not_answer_holds_nobody_up(
    settled: dict, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(indexing, "SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setitem(tk.config, "solr_url", f"http://127.0.0.1:{port}/solr/ckan")
        rename(settled["id"], "https://example.ma/2")
        begun = time.monotonic()
        assert not indexing.update(settled["id"])
        assert time.monotonic() - begun < 3
    assert owed() == [settled["id"]]


def written(package_id: str, url: str) -> tuple[indexing.Dicts, indexing.Moment]:
    """Change a dataset in the session, uncommitted, and read it as a page does."""
    model.Session.execute(
        sa.text("UPDATE package SET url = :url WHERE id = :id"),
        {"id": package_id, "url": url},
    )
    model.Session.expire_all()
    seen = indexing.moment()
    both = logic.package_show_default_and_custom_schemas(
        {"ignore_auth": True}, package_id
    )
    return both, seen


@pytest.mark.parametrize("told", [True, False], ids=["told when", "not told when"])
def test_an_older_reading_that_comes_last_does_not_stay(settled: dict, told: bool):
    older, seen = written(settled["id"], "https://example.ma/older")
    model.Session.commit()
    rename(settled["id"], "https://example.ma/newer")
    assert indexing.update(settled["id"])
    assert indexing.update(settled["id"], older, seen if told else None)
    assert found(settled["id"])["url"] == "https://example.ma/newer"
    assert owed() == []


@pytest.mark.parametrize("told", [True, False], ids=["told when", "not told when"])
def test_a_reading_that_another_change_crossed_is_made_anew(settled: dict, told: bool):
    mine, seen = written(settled["id"], "https://example.ma/mine")
    # Another table of the same dataset: the two do not wait for each other.
    in_sql(
        "INSERT INTO resource (id, package_id, url, position, state)"
        " VALUES ('r', :id, 'https://example.ma/crossed.csv', 0, 'active')",
        id=settled["id"],
    )
    model.Session.commit()
    assert indexing.update(settled["id"], mine, seen if told else None)
    document = found(settled["id"])
    assert document["url"] == "https://example.ma/mine"
    assert document["res_url"] == ["https://example.ma/crossed.csv"]
    assert owed() == []


def test_a_reading_that_nothing_crossed_is_not_made_twice(
    settled: dict, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(indexing, "_read", lambda package_id: pytest.fail("read twice"))
    both, _ = written(settled["id"], "https://example.ma/one")
    model.Session.commit()
    assert indexing.update(settled["id"], both)
    both, seen = written(settled["id"], "https://example.ma/two")
    model.Session.commit()
    assert indexing.update(settled["id"], both, seen)
    assert found(settled["id"])["url"] == "https://example.ma/two"
    assert owed() == []


def test_what_a_reading_did_not_see_stays_owed(settled: dict):
    seen = indexing.moment()
    rename(settled["id"], "https://example.ma/later")
    model.Session.execute(indexing._INDEXED, {"id": settled["id"], **vars(seen)})
    model.Session.commit()
    assert owed() == [settled["id"]]


def test_what_no_decision_opens_never_reaches_solr():
    """Core's own action, called past every chain, sends to Solr before the commit."""
    owner = factories.Organization()["id"]
    site = helpers.call_action("get_site_user")
    context: Any = {"user": site["name"], "ignore_auth": True, "model": model}
    with pytest.raises(tk.ValidationError):
        create.package_create(
            {**context, "session": model.Session},
            lawful(name="too-early", owner_org=owner, private=False),
        )
    model.Session.rollback()
    assert found("too-early") is None


def test_the_web_role_marks_by_the_function_alone(settled: dict):
    rename(settled["id"], "https://example.ma/web")
    engine = sa.create_engine(os.environ["TEST_WEB_ROLE_URL"])
    with engine.connect() as web:
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            web.execute(sa.text("UPDATE maroc_portal_outbox SET indexed = true"))
        web.rollback()
        seen = indexing._moment(web)
        web.execute(indexing._INDEXED, {"id": settled["id"], **vars(seen)})
        web.commit()
    engine.dispose()
    assert owed() == []
