"""What the web's database role may not do, tried as that role."""

from __future__ import annotations

import contextlib
import os

import pytest
import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal import grants
from ckanext.maroc_portal.settings import settings

pytestmark = pytest.mark.usefixtures("with_plugins", "non_clean_db")

DENIED = "permission denied|must be owner|must be superuser"


@pytest.fixture
def web():
    """Connect as the web processes do."""
    engine = sa.create_engine(os.environ["TEST_WEB_ROLE_URL"])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def ours() -> list[str]:
    return list(grants.table())


def columns(name: str) -> list[str]:
    with model.ensure_engine().connect() as connection:
        return [it["name"] for it in sa.inspect(connection).get_columns(name)]


def test_the_web_role_is_the_one_that_the_configuration_names(web: sa.Connection):
    role = web.execute(sa.text("SELECT current_user")).scalar_one()
    assert role == settings().web_role


def test_the_web_role_owns_nothing(web: sa.Connection):
    owned = web.execute(
        sa.text(
            "SELECT relname FROM pg_class WHERE relowner = "
            "(SELECT oid FROM pg_roles WHERE rolname = current_user)"
        )
    ).all()
    assert owned == []


def test_there_are_append_only_tables():
    assert "maroc_portal_outbox" in grants.append_only()


def test_every_table_of_the_bundle_has_its_rights_written_down(web: sa.Connection):
    tables = web.execute(
        sa.text(
            "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p')"
            " AND NOT c.relispartition AND c.relname LIKE 'maroc%'"
            " AND c.relname NOT LIKE '%alembic_version'"
        )
    ).scalars()
    assert sorted(tables) == sorted(ours())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "ALTER TABLE {table} ADD COLUMN smuggled text",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TABLE {table}",
        "GRANT ALL ON {table} TO PUBLIC",
    ],
)
def test_the_web_role_cannot_change_what_was_written(
    web: sa.Connection, statement: str
):
    tried = 0
    for table, allowed in grants.table().items():
        first = statement.split(maxsplit=1)[0]
        if first in allowed:
            continue
        sql = statement.format(table=table, column=columns(table)[-1])
        if first == "GRANT":
            # PostgreSQL may only warn here: what counts is that nothing was granted.
            with contextlib.suppress(sa.exc.ProgrammingError):
                web.execute(sa.text(sql))
            web.rollback()
            granted = web.execute(
                sa.text("SELECT has_table_privilege('datastore_read', :t, 'SELECT')"),
                {"t": table},
            ).scalar_one()
            assert not granted, table
        else:
            with pytest.raises(sa.exc.ProgrammingError, match=DENIED):
                web.execute(sa.text(sql))
        web.rollback()
        tried += 1
    assert tried


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE package ADD COLUMN smuggled text",
        "DROP TABLE package",
        "CREATE TABLE smuggled (x int)",
        "CREATE SCHEMA smuggled",
        "UPDATE maroc_portal_alembic_version SET version_num = 'x'",
        "SET ROLE ckan_owner",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_the_web_role_cannot_alter_the_database(web: sa.Connection, statement: str):
    with pytest.raises(sa.exc.ProgrammingError, match=DENIED):
        web.execute(sa.text(statement))


def test_the_web_role_may_add_to_the_outbox(web: sa.Connection):
    web.execute(sa.text("INSERT INTO maroc_portal_outbox (topic) VALUES ('test.web')"))
    web.rollback()


def test_applying_the_rights_again_changes_nothing(web: sa.Connection):
    seen = sa.text(
        "SELECT table_name, privilege_type FROM information_schema.table_privileges"
        " WHERE grantee = current_user ORDER BY 1, 2"
    )
    before = web.execute(seen).all()
    web.rollback()
    with model.ensure_engine().begin() as connection:
        grants.apply(connection, settings().web_role)
    assert web.execute(seen).all() == before
