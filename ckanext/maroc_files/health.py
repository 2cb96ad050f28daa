"""What of the files can fail while the rest of the portal works."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from ckanext.datastore.backend.postgres import get_read_engine

from . import loads

LATE = dt.timedelta(hours=3)
"""Longer than a load and its second attempt can take."""


def datastore() -> None:
    """Ask the DataStore's database, which is not the main one."""
    with get_read_engine().connect() as connection:
        connection.execute(sa.text("SELECT 1"))


def loading() -> None:
    """Fail when uploaded tables wait and nothing loads them."""
    stuck = loads.stuck(LATE)
    if stuck:
        raise RuntimeError(f"{stuck} tables wait to be loaded")
