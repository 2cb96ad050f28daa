"""Fixtures for the tests of every plugin: real databases, emptied between tests."""

from __future__ import annotations

import functools
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from ckan import model
from ckan.plugins import core

# CKAN's fixture copies the whole configuration, in which the sessions' Redis client
# stands; a client holds a lock, which cannot be copied.
redis.Redis.__deepcopy__ = lambda self, memo: self  # type: ignore[attr-defined]

# Core reads the metadata of every installed package for each plugin of each test.
core.entry_points = functools.cache(core.entry_points)

# ``./portal test`` has migrated every table; core would drop them at the first use of
# its fixtures, ours included, and make only its own again.
model.repo.tables_created_and_initialised = True


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
