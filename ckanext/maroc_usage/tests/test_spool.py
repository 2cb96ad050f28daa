"""A record is whole or it is not there, whatever happens to the disk or the process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ckanext.maroc_usage import spool
from ckanext.maroc_usage.spool import LONGEST_REFERENCE, SIZE, Record, Spool

RECORD = Record(
    moment=1_795_000_000_000_000,
    visitor=-42,
    kind="d",
    agent_class="p",
    subject="r",
    reference="0f0a6f4e-5a1d-4a4e-9df5-0b8f3f8f7d11",
)


def written(folder: Path) -> list[Record | None]:
    found: list[Record | None] = []
    for path in spool.segments(folder):
        found += spool.unpack(path.read_bytes()[SIZE:])
    return found


@pytest.mark.parametrize(
    "record",
    [
        RECORD,
        RECORD._replace(own=True),
        RECORD._replace(subject=" ", reference=""),
        RECORD._replace(reference="x" * LONGEST_REFERENCE),
        RECORD._replace(reference="جدول"),
        RECORD._replace(visitor=2**63 - 1, moment=2**63),
    ],
)
def test_a_record_comes_back_as_it_was_written(tmp_path: Path, record: Record):
    Spool(tmp_path, "lists").append(record)
    assert written(tmp_path) == [record]


def test_a_reference_too_long_to_be_one_is_left_out(tmp_path: Path):
    Spool(tmp_path, "lists").append(RECORD._replace(reference="x" * 101))
    assert written(tmp_path) == [RECORD._replace(reference="")]


def test_threads_and_processes_write_side_by_side(tmp_path: Path):
    mine = Spool(tmp_path, "lists")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: mine.append(RECORD._replace(visitor=i)), range(2000)))
    child = os.fork()
    if not child:
        mine.append(RECORD._replace(visitor=2000))
        os._exit(0)
    os.waitpid(child, 0)
    mine.append(RECORD._replace(visitor=2001))
    found = [record.visitor for record in written(tmp_path) if record]
    assert sorted(found) == list(range(2002))
    assert len(spool.segments(tmp_path)) == 2


def test_a_damaged_record_is_told_from_the_others(tmp_path: Path):
    mine = Spool(tmp_path, "lists")
    for number in range(3):
        mine.append(RECORD._replace(visitor=number))
    (path,) = spool.segments(tmp_path)
    data = bytearray(path.read_bytes())
    data[2 * SIZE + 9] ^= 1
    path.write_bytes(data)
    first, second, third = written(tmp_path)
    assert (first, second, third) == (
        RECORD._replace(visitor=0),
        None,
        RECORD._replace(visitor=2),
    )


def test_a_segment_says_which_lists_were_in_force(tmp_path: Path):
    Spool(tmp_path, "counter-robots 2025.11").append(RECORD)
    (path,) = spool.segments(tmp_path)
    with spool.opened(path) as segment:
        assert segment is not None
        assert segment.lists == "counter-robots 2025.11"


def test_a_segment_is_open_while_its_writer_lives(tmp_path: Path):
    mine = Spool(tmp_path, "lists")
    mine.append(RECORD)
    (path,) = spool.segments(tmp_path)
    with spool.opened(path) as segment:
        assert segment is not None
        assert not segment.closed
    mine.close()
    with spool.opened(path) as segment:
        assert segment is not None
        assert segment.closed


def test_a_full_segment_is_left_to_the_loader(tmp_path: Path):
    mine = Spool(tmp_path, "lists", limit=4 * SIZE)
    for number in range(7):
        mine.append(RECORD._replace(visitor=number))
    closed = []
    for path in spool.segments(tmp_path):
        with spool.opened(path) as segment:
            assert segment is not None
            closed.append((segment.closed, segment.size() // SIZE - 1))
    assert sorted(closed) == [(False, 1), (True, 3), (True, 3)]


def test_a_spool_that_was_cleared_away_is_begun_again(tmp_path: Path):
    mine = Spool(tmp_path / "spool", "lists")
    mine.append(RECORD)
    for path in spool.segments(tmp_path / "spool"):
        path.unlink()
    (tmp_path / "spool").rmdir()
    mine.append(RECORD)
    assert written(tmp_path / "spool") == [RECORD]


def test_a_draft_left_by_a_dead_process_is_cleared_away(tmp_path: Path):
    fresh, old = tmp_path / "fresh.new", tmp_path / "old.new"
    fresh.touch()
    old.touch()
    long_ago = time.time() - 7200
    os.utime(old, (long_ago, long_ago))
    assert spool.segments(tmp_path) == []
    assert fresh.exists()
    assert not old.exists()


WRITER = """
import sys
from ckanext.maroc_usage.spool import Record, Spool
record = Record({record})
mine = Spool(__import__("pathlib").Path(sys.argv[1]), "lists")
number = 0
while True:
    mine.append(record._replace(visitor=number))
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("wait", [0.05, 0.15, 0.3])
def test_a_killed_writer_leaves_every_record_it_acknowledged(
    tmp_path: Path, wait: float
):
    fields = ", ".join(f"{name}={value!r}" for name, value in RECORD._asdict().items())
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER.format(record=fields), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(wait)
    process.send_signal(signal.SIGKILL)
    acknowledged = [0, *(int(line) for line in process.stdout if line.endswith("\n"))]
    process.wait()
    found = [record.visitor for record in written(tmp_path) if record]
    assert None not in written(tmp_path)
    assert found == list(range(len(found)))
    assert len(found) >= len(acknowledged)
    (path,) = spool.segments(tmp_path)
    with spool.opened(path) as segment:
        assert segment is not None
        assert segment.closed


LIMITED = """
import json, resource, sys
from pathlib import Path
from ckanext.maroc_usage.spool import SIZE, Record, Spool
record = Record({record})
mine = Spool(Path(sys.argv[1]), "lists")
mine.append(record)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, -1))
for _ in range(10):
    mine.append(record)
told = mine.dropped
resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
mine.append(record)
print(json.dumps([told, mine.dropped]))
"""


@pytest.mark.parametrize("room", [5 * SIZE, 5 * SIZE + 50])
def test_a_disk_without_room_drops_records_and_the_next_one_tells_how_many(
    tmp_path: Path, room: int
):
    fields = ", ".join(f"{name}={value!r}" for name, value in RECORD._asdict().items())
    script = LIMITED.format(record=fields, limit=room)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    # The header, one record before and three more fit; seven of ten do not.
    assert done.stdout == "[7, 0]\n"
    assert done.stderr.count("\n") == 1
    assert "could not be recorded" in done.stderr
    found = written(tmp_path)
    assert found == [*[RECORD] * 4, RECORD._replace(dropped=7)]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_drops_records_and_recovers(tmp_path: Path):
    with small_disk(tmp_path / "disk") as disk:
        mine = Spool(disk, "lists")
        for _ in range(200):
            mine.append(RECORD)
        dropped = mine.dropped
        kept = written(disk)
        assert dropped > 0
        assert dropped + len(kept) == 200
        assert None not in kept
        # Room again: a segment that is loaded is deleted.
        mine.close()
        for path in spool.segments(disk):
            path.unlink()
        mine.append(RECORD)
        assert written(disk) == [RECORD._replace(dropped=dropped)]
        assert mine.dropped == 0
        mine.close()


def test_a_full_disk_from_the_first_record_on_leaves_no_draft(tmp_path: Path):
    with small_disk(tmp_path / "disk") as disk:
        (disk / "full").write_bytes(b"")
        with contextlib.suppress(OSError), (disk / "full").open("wb") as sink:
            sink.write(b"x" * (1 << 20))
        mine = Spool(disk, "lists")
        mine.append(RECORD)
        assert mine.dropped == 1
        assert [path.name for path in disk.iterdir()] == ["full"]


def test_a_folder_that_cannot_be_made_costs_no_answer(tmp_path: Path):
    (tmp_path / "file").touch()
    mine = Spool(tmp_path / "file" / "spool", "lists")
    mine.append(RECORD)
    mine.append(RECORD)
    assert mine.dropped == 2
