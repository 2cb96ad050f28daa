"""Files in a bucket, of any server that speaks S3. It needs the extra ``[s3]``."""

# Core and the library both declare these attributes, each with its own class; core's
# adapters inherit from both as well.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Iterable
from typing import Any, BinaryIO

import file_keeper as fk
from file_keeper.default.adapters import s3

from ckan.config.declaration import Declaration, Key
from ckan.lib import files

from .adapters import Answering

LINK_SECONDS = 300
"""A link that the bucket's own server would answer lives no longer."""


@dataclasses.dataclass()
class BucketSettings(files.Settings, s3.Settings):
    """Core's settings and those of S3."""


class _BucketReader(files.Reader, s3.Reader):
    # Nothing here has an address of its own.
    capabilities = fk.Capability.STREAM | fk.Capability.LINK_TEMPORARY

    def temporary_link(
        self, data: files.FileData, duration: int, extras: dict[str, Any]
    ) -> str:
        return super().temporary_link(data, min(duration, LINK_SECONDS), extras)


class _BucketManager(files.Manager, s3.Manager):
    def _head(self, location: files.Location) -> dict[str, Any] | None:
        settings = self.storage.settings
        try:
            return settings.client.head_object(
                Bucket=settings.bucket, Key=self.storage.full_path(location)
            )
        except settings.client.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise

    def exists(self, data: files.FileData, extras: dict[str, Any]) -> bool:
        return self._head(data.location) is not None

    def size(self, location: files.Location, extras: dict[str, Any]) -> int:
        found = self._head(location)
        if found is None:
            raise files.exc.MissingFileError(self.storage, location)
        return found["ContentLength"]

    def scan(self, extras: dict[str, Any]) -> Iterable[str]:
        # The adapter that this builds on stops after a thousand.
        settings = self.storage.settings
        prefix = f"{settings.path}/" if settings.path else ""
        pages = settings.client.get_paginator("list_objects_v2").paginate(
            Bucket=settings.bucket, Prefix=prefix
        )
        for page in pages:
            for each in page.get("Contents", ()):
                yield each["Key"].removeprefix(prefix)


class _Object(io.RawIOBase):
    """An object of the bucket, read from wherever one seeks to."""

    def __init__(self, settings: Any, key: str, size: int) -> None:
        self._settings, self._key, self._size = settings, key, size
        self._at, self._stream = 0, None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}
        self._at = start[whence] + offset
        self._leave()
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        if self._stream is None:
            found = self._settings.client.get_object(
                Bucket=self._settings.bucket,
                Key=self._key,
                Range=f"bytes={self._at}-",
            )
            self._stream = found["Body"]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._leave()
        super().close()

    def _leave(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class Bucket(Answering, s3.S3Storage):
    """A bucket: a PUT there is whole or absent by itself."""

    SettingsFactory = BucketSettings
    UploaderFactory = type("Uploader", (files.Uploader, s3.Uploader), {})
    ReaderFactory = _BucketReader
    ManagerFactory = _BucketManager

    @classmethod
    def declare_config_options(cls, declaration: Declaration, key: Key) -> None:
        """Declare what says which bucket; the values come from the environment."""
        super().declare_config_options(declaration, key)
        declaration.declare(key.bucket).required()
        for option in (key.key, key.secret, key.region, key.endpoint):
            declaration.declare(option)

    def body(self, data: files.FileData) -> BinaryIO:
        return io.BufferedReader(
            _Object(
                self.settings,
                self.full_path(data.location),
                self.size(data.location),
            ),
            buffer_size=1 << 20,
        )
