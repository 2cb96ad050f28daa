"""Each step with its time, so that nobody wonders whether something still happens."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import PortalError


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def step(title: str, expected: str = "") -> Iterator[None]:
    """Print the step when it starts, its running time on a terminal, and its end."""
    hint = f" ({expected})" if expected else ""
    start = time.monotonic()
    done = threading.Event()
    live = sys.stdout.isatty()

    def tick() -> None:
        while not done.wait(1):
            seconds = int(time.monotonic() - start)
            sys.stdout.write(f"\r  … {title}{hint} {seconds} s")
            sys.stdout.flush()

    if live:
        threading.Thread(target=tick, daemon=True).start()
    elif expected:
        say(f"  … {title}{hint}")
    ok = False
    try:
        yield
        ok = True
    finally:
        done.set()
        seconds = time.monotonic() - start
        mark = "✓" if ok else "✗"
        start_of_line = "\r" if live else ""
        say(f"{start_of_line}  {mark} {title} {seconds:.1f} s".ljust(70 if live else 0))


def run(  # noqa: PLR0913 - each is a plain fact about the command
    command: list[str],
    *,
    log: Path,
    problem: str,
    way_out: str = "",
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Run a command with its output in ``log``; a failure shows the last lines."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        sink.write(f"\n$ {' '.join(command)}\n".encode())
        sink.flush()
        code = subprocess.run(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        text = log.read_bytes()[-65536:].decode("utf-8", "replace")
        tail = "\n".join(text.splitlines()[-15:])
        raise PortalError(problem, way_out or f"The whole output is in {log}.", tail)
