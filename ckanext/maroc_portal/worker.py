"""CKAN's worker, with the clock of the periodic work beside it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan.lib import jobs

from . import periodic

log = logging.getLogger(__name__)

SECONDS = 5


class Worker(jobs.Worker):
    """A worker that queues what is due every few seconds."""

    def __init__(self, beat: Path | None = None) -> None:
        super().__init__()
        self._beat = beat
        # A fork while the clock's thread holds a connection would share its
        # socket with the child: the lock keeps the two apart.
        self._quiet = threading.Lock()
        self._ending = threading.Event()

    def work(self, *args: Any, **kwargs: Any) -> bool:
        """Work until told to stop, with the clock running."""
        clock = threading.Thread(target=self._clock, name="clock", daemon=True)
        clock.start()
        try:
            return super().work(*args, **kwargs)
        finally:
            self._ending.set()

    def fork_work_horse(self, *args: Any, **kwargs: Any) -> None:
        """Fork only while the clock is quiet."""
        with self._quiet:
            super().fork_work_horse(*args, **kwargs)

    def _clock(self) -> None:
        engine = sa.create_engine(
            tk.config["sqlalchemy.url"], poolclass=sa.pool.NullPool
        )
        while not self._ending.wait(SECONDS):
            try:
                with self._quiet, engine.connect() as connection:
                    periodic.queue_due(connection)
                if self._beat:
                    self._beat.touch()
            except Exception:
                # A store that is away comes back; the clock must outlive it.
                log.exception("the periodic work could not be queued")
