"""One JSON line a request: what, how long, with an id, and never who."""

from __future__ import annotations

import json
import logging
import time
import uuid

from flask import g, request

from ckan.types import CKANApp, Response

log = logging.getLogger("maroc.request")


def install(app: CKANApp) -> None:
    """Time every request of the application and write its line."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.maroc_started = time.perf_counter()
    g.maroc_request_id = uuid.uuid4().hex


def _end(response: Response) -> Response:
    started = g.get("maroc_started")
    identifier = g.get("maroc_request_id")
    if started is None or identifier is None:
        return response
    response.headers["X-Request-ID"] = identifier
    log.info(
        json.dumps(
            {
                "id": identifier,
                "method": request.method,
                # The path without its query: a search may hold a name.
                "path": request.path,
                "endpoint": request.endpoint,
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            },
            ensure_ascii=False,
        )
    )
    return response
