"""The process that reads one file, with its memory and its time limited.

``python -m ckanext.maroc_files.reading.child 7 '{"memory": …}'``: the file is standard
input, the rows go to descriptor 7 as one JSON list a line, and standard output says
in one JSON object what was found, or the code of what is wrong.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TextIO

from ckanext.maroc_files.errors import CannotLoad

from . import columns, header, sheets, text, types


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a file may take; ``memory`` and ``disk`` in bytes, ``seconds`` of CPU."""

    memory: int
    disk: int
    seconds: int
    rows: int
    columns: int


Work = Callable[[BinaryIO, TextIO, "Limits"], dict[str, Any]]


def main(work: Work | None = None) -> None:
    """Read standard input as told by the two arguments.

    :param work: what to do with it; :func:`read` unless another module says otherwise
    """
    work = work or read
    rows_to, limits = int(sys.argv[1]), Limits(**json.loads(sys.argv[2]))
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    with (
        os.fdopen(0, "rb", closefd=False) as stream,
        os.fdopen(rows_to, "w", encoding="utf-8", closefd=False) as sink,
    ):
        try:
            answer: dict[str, Any] = work(stream, sink, limits)
        except CannotLoad as problem:
            answer = {"error": problem.error.code, "detail": problem.detail}
        except MemoryError:
            answer = {"error": "too_large", "detail": {}}
        except OSError as problem:
            if problem.errno != errno.EFBIG:
                raise
            answer = {"error": "too_large", "detail": {}}
    sys.stdout.write(json.dumps(answer))


def read(stream: BinaryIO, sink: TextIO, limits: Limits) -> dict[str, Any]:
    """Write the rows of the table to ``sink``; return what is known of it.

    :returns: ``columns`` (each with ``at``, ``id``, ``label``, ``kind``, ``type``),
        ``rows`` and ``about``
    """
    about: dict[str, object] = {}
    table = header.find_table(_rows(stream, about))
    if table is None:
        raise CannotLoad("no_table")
    if table.title:
        about["title"] = table.title
    _check_width(len(table.labels), limits)
    guesses = [types.Guess() for _ in table.labels]
    count = 0
    for row in table.body:
        count += 1
        if count > limits.rows:
            raise CannotLoad("too_many_rows", limit=limits.rows)
        cells = _trimmed(row)
        if len(cells) > len(guesses):
            _check_width(len(cells), limits)
            guesses += [types.Guess() for _ in cells[len(guesses) :]]
        for guess, cell in zip(guesses, cells):  # noqa: B905 - short rows are usual
            if cell:
                if len(cell) > text.CELL:
                    raise CannotLoad("cell_too_long", line=count)
                guess.see(cell)
        sink.write(json.dumps(cells, ensure_ascii=False) + "\n")
    sink.flush()
    return {"columns": _columns(table.labels, guesses), "rows": count, "about": about}


def _rows(stream: BinaryIO, about: dict[str, object]) -> Iterator[list[str]]:
    head = stream.read(len(sheets.OLE))
    if not head:
        raise CannotLoad("empty")
    if head.startswith((sheets.ZIP, sheets.OLE)):
        return sheets.rows(stream, about)
    return text.rows(stream, about)


def _trimmed(row: Any) -> list[str]:
    cells = list(row)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _check_width(width: int, limits: Limits) -> None:
    if width > limits.columns:
        raise CannotLoad("too_many_columns", columns=width, limit=limits.columns)


def _columns(
    labels: list[str], guesses: list[types.Guess]
) -> list[dict[str, str | int]]:
    """Describe the columns, but for those with neither a title nor a value."""
    padded = labels + [""] * (len(guesses) - len(labels))
    kept = [
        at
        for at, (label, guess) in enumerate(zip(padded, guesses, strict=True))
        if label or guess.seen
    ]
    names = columns.identifiers([padded[at] for at in kept])
    return [
        {
            "at": at,
            "id": name,
            "label": padded[at],
            "kind": guesses[at].kind,
            "type": guesses[at].type,
        }
        for name, at in zip(names, kept, strict=True)
    ]


if __name__ == "__main__":
    main()
