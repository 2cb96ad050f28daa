"""Text answers travel compressed; files to keep travel as they are."""

from __future__ import annotations

from flask_compress import Compress

from ckan.types import CKANApp, Response

MIMETYPES = (
    "application/atom+xml",
    "application/geo+json",
    "application/javascript",
    "application/json",
    "application/ld+json",
    "application/manifest+json",
    "application/n-triples",
    "application/rdf+xml",
    "application/rss+xml",
    "application/xml",
    "image/svg+xml",
    "image/vnd.microsoft.icon",
    "image/x-icon",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/n3",
    "text/plain",
    "text/turtle",
    "text/xml",
)
"""What gains by it; images, archives and fonts are compressed already."""

_SETTINGS = {
    "COMPRESS_MIMETYPES": list(MIMETYPES),
    "COMPRESS_ALGORITHM": ["br", "gzip"],
    "COMPRESS_ALGORITHM_STREAMING": ["br", "gzip"],
    # Static files answer 304 to the tag of their compressed form.
    "COMPRESS_STREAMING_ENDPOINT_CONDITIONAL": ["static", "webassets.index"],
    "COMPRESS_REGISTER": False,
}


def install(app: CKANApp) -> None:
    """Compress what the application answers, after everything else is done to it."""
    app.config.update(_SETTINGS)
    compress = Compress()
    compress.init_app(app)

    def after(response: Response) -> Response:
        if app.debug or travels_as_it_is(response):
            return response
        compress.after_request(response)
        if "Content-Encoding" in response.headers:
            # A range counts the bytes of the file, not of its compressed form.
            response.headers.pop("Accept-Ranges", None)
        return response

    # The first one registered is the last one called.
    app.after_request_funcs.setdefault(None, []).insert(0, after)


def travels_as_it_is(response: Response) -> bool:
    """Whether a response is a file to keep or a piece of one.

    A download says its length, can be taken up again where it broke, and arrives byte
    for byte what its publisher gave.
    """
    disposition = response.headers.get("Content-Disposition", "")
    return response.status_code == 206 or disposition.partition(";")[0] == "attachment"
