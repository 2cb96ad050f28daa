"""What was answered counts once: services killed at random, two machines of the web."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import redis
from portalctl import bringup, postgres, settings, supervision
from portalctl.instance import Instance

pytestmark = pytest.mark.services

# A feed is asked for by nobody else here, and has no rule of 30 seconds.
COUNTED = "SELECT coalesce(sum(total), 0) FROM maroc_usage_daily WHERE kind = 'feed'"
SPOOL_DIR = "CKAN___CKANEXT__MAROC_USAGE__SPOOL_DIR"
VICTIMS = ("web", "worker", "postgresql", "redis")


@dataclass
class Reader:
    """Somebody who asks for a feed again and again."""

    site: str
    answered: int = 0
    unanswered: int = 0
    """Asked without an answer: nobody knows whether they count."""
    gone: bool = False

    def read(self) -> None:
        while not self.gone:
            try:
                with urlopen(f"{self.site}/feeds/dataset.atom", timeout=30) as answer:
                    answer.read()
                self.answered += 1
            except HTTPError:
                # An answer that is no feed: a store was away. It counts as nothing.
                time.sleep(0.05)
            except (OSError, HTTPException):
                self.unanswered += 1
                time.sleep(0.05)


def kill(instance: Instance, name: str) -> None:
    """Kill a service and all that it started, at once."""
    first = int(supervision.process(instance, name)["pid"])
    assert first > 1
    pids, seen = [first], []
    while pids:
        pid = pids.pop()
        seen.append(pid)
        with contextlib.suppress(FileNotFoundError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            pids += [int(each) for each in children]
    for pid in seen:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def counted(instance: Instance) -> int:
    """Load and add up by hand what the worker has not yet; return the feeds read."""
    for command in ("load", "rollup", "verify"):
        do(instance, command)
    return int(postgres.execute(instance, settings.MAIN_DATABASE, COUNTED).strip())


def do(instance: Instance, command: str, **variables: str) -> None:
    """Run a command of the counter, as the tables' owner."""
    subprocess.run(
        [*bringup.ckan_command(instance), "maroc-usage", command],
        env=settings.environment(instance, "owner") | variables,
        check=True,
    )


@contextlib.contextmanager
def another_web(instance: Instance, **variables: str) -> Iterator[str]:
    """Start a second web server, as on another machine; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            str(instance.venv / "bin" / "gunicorn"),
            f"--bind=127.0.0.1:{port}",
            "--worker-class=gthread",
            "--threads=4",
            "ckanext.maroc_portal.wsgi:application",
        ],
        cwd=instance.var,
        env=settings.environment(instance, "web") | variables,
    )
    site = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            with contextlib.suppress(OSError), urlopen(f"{site}/about") as answer:
                answer.read()
                break
            time.sleep(0.5)
        yield site
    finally:
        server.terminate()
        server.wait(30)


def read_feeds(site: str, times: int) -> None:
    for _ in range(times):
        with urlopen(f"{site}/feeds/dataset.atom", timeout=60) as answer:
            answer.read()


def test_two_machines_of_the_web_with_spools_of_their_own_are_counted_together(
    instance: Instance, tmp_path: Path
):
    bringup.start_services(instance, demo=False)
    before = counted(instance)
    spool = {SPOOL_DIR: str(tmp_path)}
    with another_web(instance, **spool) as second:
        readers = [
            threading.Thread(target=read_feeds, args=(site, 20))
            for site in (instance.site_url, second)
        ]
        for each in readers:
            each.start()
        for each in readers:
            each.join()
        # Its records stand in its own folder, where the loader beside it takes them.
        assert list(tmp_path.iterdir())
        do(instance, "load", **spool)
        assert counted(instance) == before + 40


def test_no_use_that_was_answered_is_lost_or_counted_twice(instance: Instance):
    bringup.start_services(instance, demo=False)
    before = counted(instance)
    reader = Reader(instance.site_url)
    reading = threading.Thread(target=reader.read)
    reading.start()
    dice = random.Random()  # noqa: S311 - an order, no secret
    try:
        for name in (*VICTIMS, *dice.choices(VICTIMS, k=4)):
            time.sleep(dice.uniform(1, 4))
            kill(instance, name)
            time.sleep(dice.uniform(0, 1))
            bringup.start_services(instance, demo=False)
            if name == "redis":
                redis.Redis(
                    port=instance.port_of("redis"),
                    password=settings.secrets(instance)["redis"],
                ).flushall()
        time.sleep(2)
    finally:
        reader.gone = True
        reading.join()
    found = counted(instance) - before
    assert reader.answered > 50
    assert reader.answered <= found <= reader.answered + reader.unanswered
