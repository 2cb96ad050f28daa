"""The account of the store: since when each file is there, and whether it is needed.

A file's row is locked while the file gets its name and while it is deleted, so that
an upload never ends with the name of a file that is just being collected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from ckan import model

from .store import Store, Stored

_PUT = sa.text(
    """
    INSERT INTO maroc_files_file (sha256, size, mimetype)
    VALUES (:sha256, :size, :mimetype)
    ON CONFLICT (sha256) DO UPDATE SET put_at = now()
    """
)
_OLD = (
    "put_at < now() - interval '1 day'"
    " AND NOT EXISTS (SELECT FROM resource WHERE hash = sha256)"
)
_ORPHANS = sa.text(
    f"SELECT sha256 FROM maroc_files_file WHERE {_OLD} ORDER BY put_at"  # noqa: S608
)
_LET_GO = sa.text(
    f"DELETE FROM maroc_files_file WHERE sha256 = :sha256 AND {_OLD}"  # noqa: S608
    " RETURNING sha256"
)
_KNOWN = sa.text("SELECT sha256 FROM maroc_files_file")
_ADOPT = sa.text(
    "INSERT INTO maroc_files_file (sha256, size, mimetype)"
    " VALUES (:sha256, :size, 'application/octet-stream') ON CONFLICT DO NOTHING"
)


@contextmanager
def put(stored: Stored) -> Iterator[None]:
    """Write that a file is put in now; hold its row meanwhile.

    Not in the session's transaction: what that one refuses leaves a file without a
    reference, which is an orphan tomorrow.
    """
    with model.ensure_engine().begin() as connection:
        connection.execute(
            _PUT,
            {
                "sha256": stored.sha256,
                "size": stored.size,
                "mimetype": stored.mimetype,
            },
        )
        yield


def orphans() -> list[str]:
    """Return the files of yesterday and before that no resource refers to."""
    with model.ensure_engine().begin() as connection:
        return list(connection.execute(_ORPHANS).scalars())


def let_go(store: Store, sha256: str) -> bool:
    """Delete a file that is still an orphan; return whether it was."""
    with model.ensure_engine().begin() as connection:
        if connection.execute(_LET_GO, {"sha256": sha256}).one_or_none() is None:
            return False
        store.delete(sha256)
    return True


def adopt(store: Store, found: Iterable[str]) -> int:
    """Write down the files that nobody wrote down; return how many they are.

    A process that was killed between the file and its row leaves such a one.
    """
    with model.ensure_engine().begin() as connection:
        known = set(connection.execute(_KNOWN).scalars())
    strange = [each for each in found if each not in known]
    for sha256 in strange:
        try:
            size = store.size(sha256)
        except FileNotFoundError:
            continue
        with model.ensure_engine().begin() as connection:
            connection.execute(_ADOPT, {"sha256": sha256, "size": size})
    return len(strange)
