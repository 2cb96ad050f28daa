"""Where files lie: CKAN's own storages, made to write once and to answer by hash."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any, BinaryIO

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from ckan.lib import files
from ckan.lib.files.default import fs

INCOMING = "new"
"""The folder of what is being written, beside what is."""
CHUNK = 1 << 16


class Answering(files.Storage):
    """A storage whose answers can be asked for in part, or for news alone."""

    def as_response(
        self,
        data: files.FileData,
        filename: str | None = None,
        /,
        send_inline: bool = False,
        **kwargs: Any,
    ) -> Response:
        """Return the file, a part of it (206), or that nothing changed (304).

        Its name in the storage is the hash of its bytes: that is the ETag.
        """
        response = Response(
            FileWrapper(self.body(data), CHUNK),
            mimetype=data.content_type or "application/octet-stream",
            direct_passthrough=True,
        )
        response.content_length = data.size
        response.set_etag(Path(data.location).name)
        response.make_conditional(
            request.environ, accept_ranges=True, complete_length=data.size
        )
        return response

    def body(self, data: files.FileData) -> BinaryIO:
        """Return the file's bytes, which can be read from any place.

        :raises MissingFileError: where there is no such file
        """
        raise NotImplementedError

    def incoming(self) -> str:
        """Return the folder in which a file is written before it has its name."""
        return tempfile.gettempdir()

    def settle(self, temporary: Path, location: files.Location, mimetype: str) -> None:
        """Give the whole, closed file its name at once."""
        with temporary.open("rb") as stream:
            self.upload(
                location,
                files.Upload(stream, location, temporary.stat().st_size, mimetype),
            )

    def sweep(self, seconds: float) -> None:
        """Delete what a killed process left half-written so long ago."""


class Disk(Answering, fs.FsStorage):
    """A folder; a file in it is whole or absent, whatever dies meanwhile."""

    def body(self, data: files.FileData) -> BinaryIO:
        return self.stream(data)  # pyright: ignore[reportReturnType]

    def incoming(self) -> str:
        folder = Path(self.settings.path) / INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        return str(folder)

    def settle(self, temporary: Path, location: files.Location, mimetype: str) -> None:
        target = Path(self.full_path(location))
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.chmod(0o640)
        temporary.replace(target)
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sweep(self, seconds: float) -> None:
        before = time.time() - seconds
        for left in Path(self.incoming()).iterdir():
            if left.stat().st_mtime < before:
                left.unlink(missing_ok=True)


def known() -> dict[str, type[files.Storage]]:
    """Return the adapters by type; that of buckets where its packages are installed."""
    try:
        from .bucket import Bucket  # noqa: PLC0415 - optional
    except ImportError:
        return {"maroc:fs": Disk}
    return {"maroc:fs": Disk, "maroc:s3": Bucket}
