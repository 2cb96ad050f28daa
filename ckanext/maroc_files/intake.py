"""Files of core's old layout are taken into the store, and their rows get the hash.

Before the store, core kept a file under its resource's id:
``resources/<3 letters>/<3 letters>/<the rest>`` below ``ckan.storage_path``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DatabaseError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search

from . import ledger, names
from .errors import CannotStore
from .store import is_hash, the_store
from .uploader import mimetype_of

log = logging.getLogger(__name__)

_UNDECIDED = "MA001"
"""What the database says of a public dataset whose change nobody decided."""


@dataclass(kw_only=True)
class Taken:
    """What became of the files of the old layout."""

    taken: int = 0
    missing: int = 0
    """Rows whose file lies nowhere."""
    refused: int = 0
    """Files that hold no byte: nothing to keep."""
    undecided: int = 0
    """Files of public datasets that no decision lets change: they stay in place."""


def take_in() -> Taken:
    """Take every file of the old layout in, one transaction each. Repeatable."""
    told = Taken()
    waiting = _waiting()
    model.Session.rollback()
    for resource_id in waiting:
        path = old_path(resource_id)
        if not path.is_file():
            told.missing += 1
            continue
        try:
            fill(resource_id, path)
            model.Session.commit()
        except CannotStore as refused:
            _unless_empty(refused)
            told.refused += 1
        except tk.ValidationError:
            # The gate says in a sentence what the database says by its code.
            model.Session.rollback()
            told.undecided += 1
        except DatabaseError as error:
            model.Session.rollback()
            if getattr(error.orig, "pgcode", None) != _UNDECIDED:
                raise
            told.undecided += 1
        else:
            path.unlink()
            told.taken += 1
            _reindex(resource_id)
    return told


def fill_dataset(package_id: str) -> list[Path]:
    """Put the files of one dataset in the store, as far as they lie anywhere.

    The change is the session's, for the caller to commit; then the files that are
    returned are needed no more.
    """
    taken = []
    for resource_id in _waiting(package_id=package_id):
        path = old_path(resource_id)
        if not path.is_file():
            continue
        try:
            fill(resource_id, path)
        except CannotStore as refused:
            _unless_empty(refused)
        else:
            taken.append(path)
    return taken


def _unless_empty(refused: CannotStore) -> None:
    """Go on after a file without a byte, which there is no use in keeping."""
    if refused.error.code != "empty":
        raise refused


def _waiting(**of: str) -> list[str]:
    rows = (
        model.Session.query(model.Resource)
        .filter_by(url_type="upload", **of)
        .order_by(model.Resource.created, model.Resource.id)
    )
    store = the_store()
    return [
        row.id for row in rows if not (is_hash(row.hash) and store.exists(row.hash))
    ]


def old_path(resource_id: str) -> Path:
    """Return where core kept the file of a resource.

    :raises ValueError: for an id that leads elsewhere
    """
    root = Path(tk.config["ckan.storage_path"]).resolve() / "resources"
    path = root / resource_id[:3] / resource_id[3:6] / resource_id[6:]
    if not path.resolve().is_relative_to(root):
        raise ValueError("not the id of a resource")
    return path


def fill(resource_id: str, path: Path) -> None:
    """Put the file in the store and write on its row what is known of it.

    The change is the session's, for the caller to commit.
    """
    resource = model.Resource.get(resource_id)
    if resource is None:
        return
    with path.open("rb") as stream:
        stored = the_store().put(stream, guard=ledger.put)
    name = resource.extras.get("file_name") or (resource.url or "").rsplit("/", 1)[-1]
    resource.hash = stored.sha256
    resource.size = stored.size
    resource.mimetype = resource.mimetype or mimetype_of(stored, names.original(name))


def _reindex(resource_id: str) -> None:
    resource = model.Resource.get(resource_id)
    if resource and resource.package and resource.package.state == "active":
        search.rebuild(resource.package_id)
