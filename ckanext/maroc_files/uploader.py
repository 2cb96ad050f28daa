"""What happens to an uploaded file: kept by its hash before anything is decided.

Core makes the uploader before it validates, and writes the row after. So the bytes are
in the store, under a name that nobody can ask for, when the row that refers to them is
committed or refused; the file that was there before is not touched by either.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import files

from ckanext.maroc_portal.interfaces import CARRIED
from ckanext.maroc_schema import languages

from . import ledger, names
from .errors import CannotStore
from .settings import settings
from .store import Stored, is_hash, location_of, the_store

# What the bytes leave open, the name tells.
_OPEN = frozenset({"text/plain", "application/zip", "application/octet-stream"})
_BY_NAME = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


class MarocResourceUpload:
    """Core's protocol of uploaders, over the store.

    Core keeps only the ASCII letters of a name: « إحصاء.xlsx » would be « .xlsx ».
    The resource's field ``file_name`` holds the name as it came.
    """

    mimetype: str | None = None
    filename: str | None = None

    def __init__(self, resource: dict[str, Any]) -> None:
        """Put the file in the store and say of it what is known.

        :raises ValidationError: where the file is not taken in
        """
        upload = resource.pop("upload", None)
        self.clear = resource.pop("clear_upload", None)
        if isinstance(upload, FileStorage) and upload.filename:
            self._take(resource, upload)
        else:
            if self.clear:
                resource["url_type"] = ""
            keep(resource)

    def _take(self, resource: dict[str, Any], upload: FileStorage) -> None:
        given = names.original(upload.filename)
        stored = put(upload)
        self.filesize = stored.size
        self.mimetype = mimetype_of(stored, given)
        # The address of the download ends with a name that can be read.
        self.filename = names.ascii_name(given)
        resource.update(
            url=self.filename,
            url_type="upload",
            last_modified=dt.datetime.now(dt.UTC).replace(tzinfo=None),
            file_name=given or names.FALLBACK,
            hash=stored.sha256,
            size=stored.size,
            mimetype=self.mimetype,
        )

    # What core's download asks for

    @property
    def storage(self) -> files.Storage:
        """Where the file lies."""
        return the_store().storage

    def get_path(self, id: str) -> files.Location:  # noqa: A002 - core's name
        """Return where the file lies that the resource's row refers to."""
        stored = model.Resource.get(id)
        sha256 = stored.hash if stored else None
        # A row that was never given a hash has no file: core says so.
        return location_of(str(sha256)) if is_hash(sha256) else files.Location("none")

    def upload(self, id: str, max_size: int = 10) -> None:  # noqa: A002 - core's name
        """Do nothing: the bytes are in the store since before the validation."""


def put(upload: FileStorage) -> Stored:
    """Put an uploaded file in the store.

    :raises ValidationError: where it is not taken in, in the reader's language
    """
    try:
        upload.stream.seek(0)
        return the_store().put(
            upload.stream, limit=settings().max_bytes, guard=ledger.put
        )
    except CannotStore as problem:
        told = problem.told(languages.of_reader())
        # The form asks for a file or a link in one question.
        raise tk.ValidationError({"url": [told]}) from problem


def keep(resource: dict[str, Any]) -> None:
    """Put back what is known of the stored file, whatever the caller says of it.

    Forms do not send it along, and callers may invent it: a hash would open the file
    of another. Only code in this process carries files by their hash.
    """
    if resource.get("url_type") != "upload" and resource.get("hash") == "":
        # A link that never had a file: nothing to ask, however many there are.
        resource.pop("file_name", None)
        return
    resource_id = resource.get("id")
    stored = model.Resource.get(resource_id) if isinstance(resource_id, str) else None
    if stored is None or stored.url_type != "upload" or stored.state != "active":
        stored = None
    if resource.get("url_type") != "upload":
        # A link that took the place of a file has nothing of it.
        if stored is not None and resource.get("hash") in (stored.hash, None):
            take_away(resource)
            resource["mimetype"] = ""
        resource.pop("file_name", None)
    elif not is_carried(resource):
        take_away(resource)
        if stored is not None:
            _put_back(resource, stored)


def _put_back(resource: dict[str, Any], stored: model.Resource) -> None:
    known = {
        "hash": stored.hash,
        "size": stored.size,
        "mimetype": stored.mimetype,
        "file_name": stored.extras.get("file_name"),
    }
    resource.update({name: value for name, value in known.items() if value})


def is_carried(resource: Mapping[str, Any]) -> bool:
    """Whether code of this process carries the file that the resource names."""
    return is_hash(resource.get("hash")) and resource["hash"] in CARRIED.get()


def take_away(resource: dict[str, Any]) -> None:
    """Take away what only the portal says of a file.

    Blank, not absent: core leaves a column of the row as it is when nothing is said
    of it, and the row may be one that had another file.
    """
    resource["hash"] = resource["size"] = ""
    resource.pop("file_name", None)


def mimetype_of(stored: Stored, name: str) -> str:
    """Return what the bytes say, made precise by the name where they leave it open."""
    ending = PurePath(name).suffix.lower().lstrip(".")
    if stored.mimetype in _OPEN:
        return _BY_NAME.get(ending, stored.mimetype)
    return stored.mimetype
