"""Core's own store of files, which also keeps the name that the file came with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage

from ckan import model
from ckan.lib.uploader import ResourceUpload

from . import names


class MarocResourceUpload(ResourceUpload):
    """Core keeps only the ASCII letters of a name: « إحصاء.xlsx » would be « .xlsx ».

    The resource's field ``file_name`` holds the name as it came. The server alone
    fills it: what a form or an API call says of it does not count.
    """

    def __init__(self, resource: dict[str, Any]) -> None:
        upload = resource.get("upload")
        super().__init__(resource)
        if isinstance(upload, FileStorage) and upload.filename:
            given = names.original(upload.filename)
            resource["file_name"] = given
            # Of « مدارس.csv » core keeps ".csv", whose stem is empty.
            stem = (self.filename or "").rpartition(".")[0]
            if not any(letter.isalnum() for letter in stem):
                # The address of the download ends with a name that can be read.
                self.filename = resource["url"] = names.ascii_name(given)
        elif self.clear or resource.get("url_type") != "upload":
            resource.pop("file_name", None)
        else:
            _keep(resource)


def _keep(resource: dict[str, Any]) -> None:
    """Put back the stored name, which forms do not send along."""
    stored = model.Resource.get(resource["id"]) if resource.get("id") else None
    name = stored.extras.get("file_name") if stored else None
    if name:
        resource["file_name"] = name
    else:
        resource.pop("file_name", None)


def path_of(resource_id: str) -> Path:
    """Return where a resource's uploaded file lies."""
    return Path(MarocResourceUpload({"id": resource_id}).get_path(resource_id))
