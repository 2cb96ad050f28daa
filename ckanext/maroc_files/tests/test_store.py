"""The store of files: the same promises on a disk and in a bucket."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import resource
import signal
import time
import uuid
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from moto.server import ThreadedMotoServer

from ckan.lib import files

from ckanext.maroc_files import store as store_module
from ckanext.maroc_files.adapters import Disk
from ckanext.maroc_files.bucket import Bucket
from ckanext.maroc_files.errors import CannotStore
from ckanext.maroc_files.store import MIB, Store, location_of
from ckanext.maroc_files.tests.making import FILES, census

DATA = b"code;nom\n01;F\xc3\xa8s\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
HASH = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def s3_server():
    """Run a server that speaks S3, on this machine alone."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def disk(tmp_path) -> Store:
    return Store(Disk({"name": "essai", "path": str(tmp_path / "files"),
                       "initialize": True}))  # fmt: skip


@pytest.fixture
def bucket(s3_server) -> Store:
    return Store(
        Bucket(
            {
                "name": "essai",
                "bucket": f"essai-{uuid.uuid4().hex[:8]}",
                "path": "fichiers",
                "endpoint": s3_server,
                "key": "essai",
                "secret": "essai",
                "region": "us-east-1",
                "initialize": True,
            }
        )
    )


@pytest.fixture(params=["disk", "bucket"])
def store(request) -> Store:
    return request.getfixturevalue(request.param)


def put(store: Store, data: bytes, **asked):
    return store.put(io.BytesIO(data), **asked)


# What both promise


def test_a_file_comes_back_by_its_hash_byte_for_byte(store):
    stored = put(store, DATA)
    assert (stored.sha256, stored.size) == (HASH, len(DATA))
    assert store.exists(HASH)
    assert store.size(HASH) == len(DATA)
    with store.open(HASH) as file:
        assert file.read() == DATA
        file.seek(5)
        assert file.read() == DATA[5:]
        assert os.fstat(file.fileno()).st_size == len(DATA)


def test_a_large_file_is_read_once_and_comes_back_whole(store):
    data = os.urandom(5 * MIB + 17)
    reads = []

    class Once(io.BytesIO):
        def read(self, size: int = -1, /) -> bytes:
            reads.append(size)
            return super().read(size)

    stored = store.put(Once(data))
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert reads == [MIB] * 7
    with store.open(stored.sha256) as file:
        assert file.read() == data


@pytest.mark.parametrize(
    ("data", "mimetype"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf"),
        (DATA, "text/plain"),
        (b"<!DOCTYPE html><html><body>", "text/html"),
        (
            census(),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ((FILES / "communes.xls").read_bytes(), "application/vnd.ms-excel"),
        (PNG, "image/png"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_bytes_say_what_they_are(disk, data, mimetype):
    assert put(disk, data).mimetype == mimetype


def test_the_same_bytes_twice_are_one_file(store):
    assert put(store, DATA) == put(store, DATA)
    assert list(store.hashes()) == [HASH]


def test_what_is_not_there_is_said(store):
    other = "0" * 64
    assert not store.exists(other)
    assert not store.delete(other)
    for ask in (store.open, store.size):
        with pytest.raises(FileNotFoundError):
            ask(other)


def test_a_deleted_file_is_gone(store):
    put(store, DATA)
    assert store.delete(HASH)
    assert not store.exists(HASH)
    assert list(store.hashes()) == []


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a" * 63, "A" * 64, "a/" * 32, "", "%2e%2e", f"{'a' * 64}\n",
     f"{'a' * 64}\0", f"../{'a' * 61}"],
)  # fmt: skip
def test_nothing_but_a_hash_has_a_place_in_the_store(store, name):
    assert not store.exists(name)
    for ask in (store.open, store.size, store.delete, location_of):
        with pytest.raises(ValueError, match="not a SHA-256"):
            ask(name)


def test_no_bytes_are_no_file(store):
    with pytest.raises(CannotStore, match="empty"):
        put(store, b"")
    assert list(store.hashes()) == []


def test_more_than_the_limit_is_refused_and_leaves_nothing(store):
    put(store, b"x" * MIB, limit=MIB)
    with pytest.raises(CannotStore, match="too_big") as refused:
        put(store, b"x" * (MIB + 1), limit=MIB)
    assert refused.value.detail == {"limit": 1}
    assert len(list(store.hashes())) == 1
    assert leftovers(store) == []


def test_a_source_that_breaks_off_leaves_nothing(store):
    class Broken(io.BytesIO):
        def read(self, size: int = -1, /) -> bytes:
            if self.tell():
                raise ConnectionResetError
            return super().read(4)

    with pytest.raises(ConnectionResetError):
        store.put(Broken(DATA))
    assert list(store.hashes()) == []
    assert leftovers(store) == []


def test_a_guard_that_refuses_keeps_the_file_out(store):
    def guard(stored):
        raise LookupError(stored.sha256)

    with pytest.raises(LookupError, match=HASH):
        put(store, DATA, guard=guard)
    assert not store.exists(HASH)


def leftovers(store: Store) -> list[Path]:
    """Return what lies half-written in the store's own folder."""
    if not isinstance(store.storage, Disk):
        return []
    return list(Path(store.storage.incoming()).iterdir())


# A disk


def test_a_full_disk_is_a_sentence_and_leaves_nothing(disk):
    """The kernel refuses to write on, as on a full disk; only the number differs."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, before[1]))
    try:
        with pytest.raises(CannotStore, match="disk_full"):
            put(disk, b"x" * (2 * MIB))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list(disk.hashes()) == []
    assert leftovers(disk) == []


def test_the_kernel_s_own_number_for_a_full_disk_is_known():
    with (
        pytest.raises(OSError, match="No space") as full,
        Path("/dev/full").open("wb", buffering=0) as sink,
    ):
        sink.write(b"x")
    assert full.value.errno in store_module._FULL


def test_a_killed_process_leaves_no_file_under_a_hash(disk):
    def die() -> None:
        class Deadly(io.BytesIO):
            def read(self, size: int = -1, /) -> bytes:
                if self.tell():
                    os.kill(os.getpid(), signal.SIGKILL)
                return super().read(4)

        disk.put(Deadly(DATA))

    child = multiprocessing.get_context("fork").Process(target=die)
    child.start()
    child.join(20)
    assert child.exitcode == -signal.SIGKILL
    assert list(disk.hashes()) == []
    (left,) = leftovers(disk)
    disk.sweep()
    assert leftovers(disk) == [left], "it might still be written"
    os.utime(left, (0, time.time() - 90_000))
    disk.sweep()
    assert leftovers(disk) == []


def test_a_file_that_is_there_is_never_written_again(disk):
    put(disk, DATA)
    path = disk.path_or_stream(HASH)
    before = path.stat()
    put(disk, DATA)
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_link_in_the_folder_leads_nowhere(disk, tmp_path):
    put(disk, DATA)
    path = disk.path_or_stream(HASH)
    path.unlink()
    path.symlink_to("/etc/passwd")
    with pytest.raises(files.exc.LocationError):
        disk.path_or_stream(HASH)


# A bucket


@pytest.mark.long
def test_the_names_of_a_bucket_are_read_to_the_last(bucket):
    settings = bucket.storage.settings
    names = sorted(hashlib.sha256(str(n).encode()).hexdigest() for n in range(1_050))
    for name in names:
        key = f"{settings.path}/{location_of(name)}"
        settings.client.put_object(Bucket=settings.bucket, Key=key, Body=b"x")
    assert sorted(bucket.hashes()) == names


def test_a_link_to_the_bucket_s_own_server_lives_five_minutes_at_most(bucket):
    put(bucket, DATA)
    data = files.FileData(location_of(HASH))
    link = bucket.storage.temporary_link(data, 86_400)
    (until,) = parse_qs(urlsplit(link).query)["Expires"]
    assert 290 <= int(until) - time.time() <= 301
    assert bucket.storage.permanent_link(data) is None
