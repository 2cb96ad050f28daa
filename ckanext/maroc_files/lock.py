"""A table of the DataStore says what its file says: only the loading job writes it.

What was decided on is the file, by its hash. A row that someone adds to its table would
be public without a decision, so nobody may: no sysadmin, and no ``force``. Tables that
came by the API, without a file, are closed once their dataset was public.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.datastore.backend import DatastoreBackend
from ckanext.datastore.backend.postgres import get_read_engine
from ckanext.maroc_portal.interfaces import was_public
from ckanext.maroc_schema import languages

from .errors import ERRORS

_TABLES = sa.text(
    "SELECT tablename FROM pg_tables"
    " WHERE schemaname = 'public' AND tablename = ANY(:ids)"
)
_OURS: ContextVar[bool] = ContextVar("maroc_files_ours", default=False)


@contextmanager
def ours() -> Iterator[None]:
    """Write tables meanwhile: for the loading job, which no caller can be taken for."""
    token = _OURS.set(True)
    try:
        yield
    finally:
        _OURS.reset(token)


def is_ours() -> bool:
    """Whether the loading job is writing."""
    return _OURS.get()


def resource_of(resource_id: object) -> model.Resource | None:
    """Return the resource of a table that is called by its id or by an alias."""
    if not isinstance(resource_id, str) or not resource_id:
        return None
    found = model.Resource.get(resource_id)
    if found is None:
        backend: Any = DatastoreBackend.get_active_backend()
        _, real = backend.resource_id_from_alias(resource_id)
        found = model.Resource.get(real) if real else None
    return found


def is_locked(resource: model.Resource) -> bool:
    """Whether nobody but the loading job may write the resource's table."""
    return resource.url_type == "upload" or was_public(str(resource.package_id))


def refuse(field: str = "resource_id", code: str = "locked_table") -> None:
    """Refuse to write a table, in the reader's language.

    :raises ValidationError: always
    """
    raise tk.ValidationError({field: [said(code)]})


def said(code: str = "locked_table") -> str:
    """Return why a table is not written and what to do, in the reader's language."""
    error, lang = ERRORS[code], languages.of_reader()
    return f"{error.told(lang)} {error.help(lang)}"


def tables(resource_ids: Sequence[str]) -> set[str]:
    """Return those of some resources that have a table, whatever their rows say."""
    with get_read_engine().connect() as connection:
        return set(connection.execute(_TABLES, {"ids": list(resource_ids)}).scalars())
