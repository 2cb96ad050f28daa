"""The database itself lets each reader see what is theirs, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.plugins import DefaultPermissionLabels
from ckan.logic.action import get as core
from ckan.tests import factories, helpers

from ckanext.maroc_portal import readers
from ckanext.maroc_portal.interfaces import IMarocReaders

from .cases import dataset, in_sql, publish

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db")

REFUSED = "permission denied|must be owner"


@pytest.fixture
def web() -> Iterator[sa.Connection]:
    """Connect as the web processes do; told nothing yet."""
    engine = sa.create_engine(os.environ["TEST_WEB_ROLE_URL"])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def told(web: sa.Connection, *reader: str) -> sa.Connection:
    web.rollback()
    web.execute(readers._TELL, {"reader": ",".join(reader)})
    return web


def count(web: sa.Connection, statement: str, **values: Any) -> int:
    return web.execute(
        sa.text(f"SELECT count(*) FROM {statement}"), values
    ).scalar_one()


@pytest.fixture
def draft() -> dict[str, Any]:
    """Return an institution's private dataset, with a keyword and an activity."""
    made = dataset(tag_string="confidentiel")
    owner = factories.Sysadmin()
    helpers.call_action(
        "package_patch", context={"user": owner["name"]}, id=made["id"], version="2"
    )
    return made


WHERE = {
    "the dataset": "package WHERE id = :id",
    "its keywords": "package_tag WHERE package_id = :id",
    "its place in the institution": "member WHERE table_id = :id",
    "its activities": "activity WHERE object_id = :id",
}


@pytest.mark.parametrize("rows", WHERE.values(), ids=WHERE.keys())
def test_a_draft_is_its_institution_s(web: sa.Connection, draft: dict, rows: str):
    elsewhere = factories.Organization()["id"]
    assert count(told(web), rows, id=draft["id"]) == 0
    assert count(told(web, "somebody", elsewhere), rows, id=draft["id"]) == 0
    assert count(told(web, "somebody", draft["owner_org"]), rows, id=draft["id"]) > 0
    assert count(told(web, "*"), rows, id=draft["id"]) > 0
    publish(draft["id"])
    assert count(told(web), rows, id=draft["id"]) > 0


@pytest.mark.parametrize("rows", WHERE.values(), ids=WHERE.keys())
@pytest.mark.parametrize("closed", ["private = true", "state = 'deleted'"])
def test_what_was_public_is_closed_in_the_same_moment(
    web: sa.Connection, draft: dict, rows: str, closed: str
):
    publish(draft["id"])
    in_sql(f"UPDATE package SET {closed} WHERE id = :id", id=draft["id"])
    assert count(told(web), rows, id=draft["id"]) == 0


def test_a_purge_empties_the_streams(web: sa.Connection, draft: dict):
    publish(draft["id"])
    administrator = factories.Sysadmin()["name"]
    helpers.call_action(
        "dataset_purge", context={"user": administrator}, id=draft["id"]
    )
    assert in_sql("SELECT FROM activity WHERE object_id = :id", id=draft["id"])
    assert count(told(web), "activity WHERE object_id = :id", id=draft["id"]) == 0


def test_the_activities_of_views_go_with_their_dataset(web: sa.Connection, draft: dict):
    in_sql(
        "INSERT INTO activity (id, timestamp, user_id, object_id, activity_type, data)"
        " VALUES ('view', now(), 'u', :id, 'new resource view', '{}')",
        id=draft["id"],
    )
    assert count(told(web), "activity WHERE id = 'view'") == 0


def test_other_activities_stay(web: sa.Connection):
    made = factories.Organization(user=factories.Sysadmin())
    assert count(told(web), "activity WHERE object_id = :id", id=made["id"]) > 0


def test_a_draft_without_an_institution_is_its_creator_s(web: sa.Connection):
    made = dataset()
    in_sql(
        "UPDATE package SET owner_org = NULL, creator_user_id = 'me' WHERE id = :id",
        id=made["id"],
    )
    rows = WHERE["the dataset"]
    assert count(told(web, "me"), rows, id=made["id"]) == 1
    assert count(told(web, "you", made["owner_org"]), rows, id=made["id"]) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE maroc_workflow_decision SET reason = 'other'",
        "DELETE FROM maroc_workflow_decision",
        "ALTER TABLE package DISABLE TRIGGER maroc_portal_changed",
        "ALTER TABLE maroc_portal_outbox DISABLE TRIGGER maroc_workflow_gate",
        "ALTER TABLE package ADD COLUMN smuggled text",
        "ALTER TABLE package DISABLE ROW LEVEL SECURITY",
        "DROP POLICY maroc_portal_read ON package",
        "CREATE POLICY mine ON package USING (true)",
        "CREATE OR REPLACE FUNCTION maroc_portal_reader() RETURNS text[]"
        " LANGUAGE sql AS $$ SELECT NULL::text[] $$",
    ],
)
def test_the_web_role_opens_no_lock(web: sa.Connection, draft: dict, statement: str):
    publish(draft["id"])
    with pytest.raises(sa.exc.ProgrammingError, match=REFUSED):
        web.execute(sa.text(statement))


def test_a_change_of_what_one_may_not_read_changes_nothing(
    web: sa.Connection, draft: dict
):
    done = told(web).execute(
        sa.text("UPDATE package SET title = 'x' WHERE id = :id"), {"id": draft["id"]}
    )
    assert done.rowcount == 0


def test_a_name_is_taken_whoever_asks(web: sa.Connection, draft: dict):
    taken = sa.text("SELECT maroc_portal_name_taken(:name, :id)")
    ask = told(web).execute
    assert ask(taken, {"name": draft["name"], "id": None}).scalar_one()
    assert not ask(taken, {"name": draft["name"], "id": draft["id"]}).scalar_one()
    assert not ask(taken, {"name": "free", "id": None}).scalar_one()


# Whose institutions


def by_core(user_id: str) -> set[str]:
    found = DefaultPermissionLabels().get_user_dataset_labels(model.User.get(user_id))
    return set(found)


@pytest.mark.parametrize("role", ["admin", "editor", "member"])
def test_the_institutions_are_those_of_core_s_permissions(role: str):
    person = factories.User()
    top, left = factories.Organization(), factories.Organization()
    below = factories.Organization(groups=[{"name": top["name"]}])
    lowest = factories.Organization(groups=[{"name": below["name"]}])
    helpers.call_action(
        "organization_member_create", id=top["id"], username=person["id"], role=role
    )
    found = readers.institutions(person["id"])
    assert found == (
        {top["id"], below["id"], lowest["id"]} if role == "admin" else {top["id"]}
    )
    assert left["id"] not in found
    user = model.User.get(person["id"])
    assert set(readers.Labels().get_user_dataset_labels(user)) == by_core(person["id"])

    in_sql("""UPDATE "group" SET state = 'deleted' WHERE id = :id""", id=below["id"])
    assert set(readers.Labels().get_user_dataset_labels(user)) == by_core(person["id"])


def test_an_anonymous_reader_has_the_public_label_alone():
    assert readers.Labels().get_user_dataset_labels(model.AnonymousUser()) == ["public"]


class Deputies(p.SingletonPlugin):
    """Lets one person read one more institution."""

    p.implements(IMarocReaders, inherit=True)

    def get_institutions(self, user_id: str):
        return ["in-whose-stead"] if user_id == "deputy" else []


def test_a_plugin_may_let_people_read_more(provide_plugin: Any):
    provide_plugin("deputies", Deputies)
    with p.use_plugin("deputies"):
        assert readers.institutions("deputy") == {"in-whose-stead"}
        assert readers.institutions("other") == frozenset()


# The reader of a transaction


def now() -> str:
    return model.Session.execute(
        sa.text("SELECT current_setting('maroc.reader', true)")
    ).scalar_one()


def test_what_runs_outside_a_request_reads_everything():
    model.Session.rollback()
    assert now() == "*"


def test_a_request_that_knows_nobody_reads_what_is_public(app: Any):
    with app.flask_app.test_request_context():
        model.Session.rollback()
        assert not now()
        with readers.everything():
            assert now() == "*"
        assert not now()


def test_nothing_is_told_beyond_a_failure(app: Any):
    with app.flask_app.test_request_context():
        model.Session.rollback()
        with pytest.raises(sa.exc.ProgrammingError), readers.everything():
            model.Session.execute(sa.text("SELECT FROM nowhere"))
        assert not now()


@pytest.mark.parametrize(
    "asked", [{}, {"all_fields": True}, {"query": "eau"}, {"vocabulary_id": ""}]
)
def test_the_keywords_in_use_are_those_of_core(asked):
    for tags in (["eau", "forêt"], ["eau"]):
        dataset(tags=[{"name": each} for each in tags])
    model.Session.add(model.Tag(name="eau de personne"))
    model.repo.commit()
    context = {"user": "", "ignore_auth": True}
    ours = tk.get_action("tag_list")({**context}, asked)
    theirs = core.tag_list({**context}, asked)
    assert sorted(map(str, ours)) == sorted(map(str, theirs))
    assert ours
