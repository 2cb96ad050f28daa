"""What the index says of a dataset counts only as long as the database agrees."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories, helpers

from ckanext.maroc_portal import hits, indexing, outbox

from .cases import dataset, in_sql, publish

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

CLOSED = {
    "private": "UPDATE package SET private = true WHERE id = :id",
    "deleted": "UPDATE package SET state = 'deleted' WHERE id = :id",
}


@pytest.fixture
def shown() -> dict[str, Any]:
    """Return a public dataset that the index knows."""
    made = dataset(name="budget-ouvert")
    publish(made["id"])
    assert indexing.update(made["id"])
    outbox.dispatch()
    return made


def told() -> None:
    """Let the outbox owe nothing: as if the index had heard of every change."""
    in_sql("DELETE FROM maroc_portal_outbox")


def search(app: Any, token: str = "", **asked: Any) -> dict[str, Any]:
    answer = app.post(
        "/api/3/action/package_search",
        json=asked,
        headers={"Authorization": token} if token else {},
    )
    return answer.json["result"]


def stale() -> int:
    """Return how many documents Solr holds, whatever the database says."""
    asked = {"q": "*:*", "fq": f"+site_id:{tk.config['ckan.site_id']}", "rows": 0}
    return indexing.core_index.make_connection().search(**asked).hits


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
@pytest.mark.parametrize("owed", [True, False], ids=["owed", "forgotten"])
def test_what_was_closed_is_not_found_though_the_index_has_it(
    app: Any, shown: dict, closed: str, owed: bool
):
    in_sql(closed, id=shown["id"])
    if not owed:
        told()
    assert stale() == 1
    found = search(app, **{"facet.field": ["organization"]})
    assert (found["count"], found["results"]) == (0, [])
    if owed:
        assert found["search_facets"]["organization"]["items"] == []
    assert search(app, fl=["name", "title"])["results"] == []
    assert search(app, fl="name", q="budget")["results"] == []
    for page in ("/fr/dataset/", "/feeds/dataset.atom", "/catalog.ttl"):
        assert shown["name"] not in app.get(page).body
    suggested = app.get("/api/3/action/package_autocomplete?q=budget")
    assert suggested.json["result"] == []


def test_what_is_public_is_found_whether_or_not_it_is_owed(app: Any, shown: dict):
    in_sql("SELECT maroc_portal_touch(:id)", **key(shown))
    found = search(app)
    assert (found["count"], found["results"][0]["id"]) == (1, shown["id"])
    assert search(app, fl=["name"])["results"] == [{"name": shown["name"]}]


def key(shown: dict[str, Any]) -> dict[str, str]:
    return {"id": shown["id"]}


@pytest.mark.parametrize("field", ["maroc_hit:name", "id:name", "maroc_hit:id"])
def test_no_field_stands_in_for_the_id(app: Any, shown: dict, field: str):
    in_sql(CLOSED["private"], **key(shown))
    told()
    assert search(app, fl=[field])["results"] == []


def test_its_own_people_find_what_is_not_public(app: Any, shown: dict):
    in_sql(CLOSED["private"], **key(shown))
    assert indexing.update(shown["id"])
    own, other = factories.User(), factories.User()
    helpers.call_action(
        "organization_member_create",
        id=shown["owner_org"],
        username=own["id"],
        role="member",
    )
    tokens = [factories.APIToken(user=each["id"])["token"] for each in (own, other)]
    counts = [
        search(app, token, include_private=True)["count"] for token in (*tokens, "")
    ]
    assert counts == [1, 0, 0]


def test_a_search_asks_the_database_twice_however_much_it_finds(shown: dict):
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    engine = model.ensure_engine()
    found = {"count": 500, "results": [{"id": shown["id"]} for _ in range(500)]}
    model.Session.execute(sa.text("SELECT 1"))
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        hits.ask({})
        hits.keep(found, {})
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 2
    assert found["count"] == 500
