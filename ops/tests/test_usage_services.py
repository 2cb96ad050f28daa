"""Services killed at random while someone reads: what was answered counts once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
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
        subprocess.run(
            [*bringup.ckan_command(instance), "maroc-usage", command],
            env=settings.environment(instance, "owner"),
            check=True,
        )
    return int(postgres.execute(instance, settings.MAIN_DATABASE, COUNTED).strip())


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
