"""Reads a file in a process of its own, so that whatever it holds cannot harm ours."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, Any, BinaryIO

from ckanext.maroc_files.errors import CannotLoad

from .child import Limits

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the reading process found; ``rows`` can be read once."""

    columns: list[dict[str, Any]]
    rows: Iterator[list[str]]
    count: int
    about: dict[str, Any]


@contextmanager
def read(file: BinaryIO, limits: Limits) -> Iterator[Reading]:
    """Read the open file.

    :raises CannotLoad: where it holds no table, or takes more than the limits
    """
    file.seek(0)
    # Without a name: nothing is left behind when this process is killed.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as rows:
        answer = _ask_child("child", file, rows, limits)
        if "error" in answer:
            raise CannotLoad(answer["error"], **answer["detail"])
        rows.seek(0)
        yield Reading(
            columns=answer["columns"],
            rows=(json.loads(line) for line in rows),
            count=answer["rows"],
            about=answer["about"],
        )


def scan(file: BinaryIO, limits: Limits) -> dict[str, Any]:
    """Count the identifiers of the open file, see :mod:`.scan`.

    :raises CannotLoad: where it cannot be read, or takes more than the limits
    """
    file.seek(0)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as unused:
        answer = _ask_child("scan", file, unused, limits)
    if "error" in answer:
        raise CannotLoad(answer["error"], **answer["detail"])
    return answer


def _ask_child(
    module: str, file: BinaryIO, rows: IO[str], limits: Limits
) -> dict[str, Any]:
    with subprocess.Popen(  # noqa: S603 - our own module, no name from outside
        [
            sys.executable,
            # Isolated: neither this environment nor this folder speaks to it.
            "-I",
            "-m",
            f"ckanext.maroc_files.reading.{module}",
            str(rows.fileno()),
            json.dumps(asdict(limits)),
        ],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(rows.fileno(),),
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    ) as child:
        try:
            told, complaint = child.communicate(timeout=2 * limits.seconds)
        except subprocess.TimeoutExpired as error:
            os.killpg(child.pid, signal.SIGKILL)
            raise CannotLoad("too_large") from error
        except BaseException:
            os.killpg(child.pid, signal.SIGKILL)
            raise
    if child.returncode == 0:
        answer: dict[str, Any] = json.loads(told)
        return answer
    log.warning(
        "reading ended with %s: %s", child.returncode, complaint.decode()[-2000:]
    )
    # A process that hit its limits is killed, or aborts where memory lacks.
    raise CannotLoad("too_large" if child.returncode < 0 else "unreadable")
