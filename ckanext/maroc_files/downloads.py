"""Uploaded files leave as attachments, under the name that they came with.

Core sends them inline: opened on the portal's own address, a web page among them could
act as its reader. The other headers of a download are maroc_portal's.
"""

from __future__ import annotations

from urllib.parse import unquote

from flask import request

from ckan import model
from ckan.lib import files
from ckan.types import CKANApp, Response

from . import names
from .store import location_of, the_store


def install(app: CKANApp) -> None:
    """Name every download of the application."""
    app.after_request(_name)


def of_hash(sha256: str) -> Response | None:
    """Return the answer that gives the bytes of a hash, or None where there are none.

    Whether anyone may have them is for the caller to know.
    """
    store = the_store()
    if not store.exists(sha256):
        return None
    data = files.FileData(
        location_of(sha256),
        size=store.size(sha256),
        content_type="application/octet-stream",
    )
    return store.storage.as_response(data)


def _name(response: Response) -> Response:
    if not is_download(request.endpoint) or response.status_code not in (200, 206):
        return response
    resource = model.Resource.get((request.view_args or {}).get("resource_id"))  # pyright: ignore[reportArgumentType]
    if resource is None or resource.url_type != "upload":
        return response
    last = unquote(resource.url or "").rsplit("/", 1)[-1]
    name = resource.extras.get("file_name") or names.original(last)
    response.headers["Content-Disposition"] = names.disposition(
        name or names.FALLBACK, resource.package.name
    )
    return response


def is_download(endpoint: str | None) -> bool:
    """Whether the endpoint is core's download of a resource, of any dataset type."""
    return bool(endpoint) and str(endpoint).endswith("resource.download")
