"""Fixtures for the tests of every plugin: real databases, emptied between tests.

CKAN's own fixtures load every plugin anew and build the whole web application for each
test that asks for them: three seconds a test. Here both stand for the whole session,
and only a test that changes the configuration gets its own.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pytest
import redis
import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.app_globals import _CONFIG_CACHE
from ckan.plugins import core
from ckan.tests import helpers

# CKAN's fixture copies the whole configuration, in which the sessions' Redis client
# stands; a client holds a lock, which cannot be copied.
redis.Redis.__deepcopy__ = lambda self, memo: self  # type: ignore[attr-defined]

# Core reads the metadata of every installed package for each plugin of each test.
core.entry_points = functools.cache(core.entry_points)

# ``./portal test`` has migrated every table; core would drop them at the first use of
# its fixtures, ours included, and make only its own again.
model.repo.tables_created_and_initialised = True


class Portal:
    """The plugins and the application that tests share."""

    standing = False
    app: Any = None


def is_special(item: pytest.Item) -> bool:
    """Whether a test has a configuration, or plugins, of its own."""
    marks = {mark.name for mark in item.iter_markers()}
    return bool(marks & {"ckan_config", "with_plugins"}) or "make_app" in getattr(
        item, "fixturenames", ()
    )


@pytest.fixture(autouse=True)
def portal(request: pytest.FixtureRequest) -> Iterator[type[Portal]]:
    """Let every test find the portal's plugins loaded.

    This one comes before the fixture that keeps the configuration and gives it back,
    so that what the plugins put in the configuration stays.
    """
    special = is_special(request.node)
    loaded = tk.aslist(tk.config["ckan.plugins"]) == core._PLUGINS
    if not special and not (Portal.standing and loaded):
        p.load_all()
        Portal.standing, Portal.app = True, None
    yield Portal
    if special:
        Portal.standing = False


@pytest.fixture
def with_plugins(
    ckan_config: Any, provide_plugin: Any, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Load the plugins of a test that has its own; the others are loaded."""
    if not is_special(request.node):
        yield
        return
    p.load_all()
    yield
    p.unload_all()


@pytest.fixture
def app(ckan_config: Any, request: pytest.FixtureRequest) -> helpers.CKANTestApp:
    """Return a client of the application, which most tests share."""
    _CONFIG_CACHE.clear()
    if is_special(request.node):
        return helpers._get_test_app()
    if Portal.app is None:
        Portal.app = helpers._get_test_app().app
    return helpers.CKANTestApp(Portal.app)


@pytest.fixture
def clean_db(reset_db: Any) -> None:
    """Empty core's tables and ours."""
    reset_db()
    with model.ensure_engine().begin() as connection:
        names = connection.execute(
            sa.text(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename LIKE 'maroc%' AND tablename NOT LIKE '%alembic_version'"
            )
        ).scalars()
        tables = ", ".join(names)
        if tables:
            connection.execute(sa.text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
