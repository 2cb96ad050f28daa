"""Where a dataset stands with what its frequency promises, and what may be confirmed.

"Nothing new this period" counts as a new content would, twice after a content at most.
It may be said once the promised time is over: while it runs, nobody knows yet what it
will bring, and to say it early would only push the next date away.

Pure: the facts and the day come in, the answer goes out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from . import frame
from .errors import (
    UNCHANGED_NO_CONTENT,
    UNCHANGED_NO_PROMISE,
    UNCHANGED_NOT_DUE,
    UNCHANGED_TWICE,
    Error,
)

IN_A_ROW = 2
"""How many confirmations may follow a content."""


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """The promise of one public dataset and the days on which it was kept."""

    frequency: str
    """The slug of the frequency, which may promise nothing measurable."""
    content: dt.date | None
    """The last day on which new content came; none where the portal keeps no file."""
    last: dt.date | None
    """The last day that counts: of the content, or of a confirmation after it."""
    confirmations: int
    """How many confirmations count since the content."""

    @property
    def promise(self) -> tuple[int, int] | None:
        """The days that the frequency allows, and the days of grace after them."""
        return frame.frequencies().get(self.frequency)

    @property
    def confirmed_on(self) -> dt.date | None:
        """The day of the last confirmation, if the freshness stands on one."""
        return self.last if self.confirmations else None

    @property
    def due_on(self) -> dt.date | None:
        """The day on which new content is due."""
        if self.last is None or self.promise is None:
            return None
        return self.last + dt.timedelta(days=self.promise[0])

    @property
    def fresh_until(self) -> dt.date | None:
        """The last day on which the dataset is up to date, grace included."""
        if self.due_on is None or self.promise is None:
            return None
        return self.due_on + dt.timedelta(days=self.promise[1])


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why nothing can be confirmed, with what its sentence says."""

    error: Error
    given: dict[str, Any]


def obstacle(freshness: Freshness, today: dt.date) -> Obstacle | None:
    """Return why "nothing new" cannot be confirmed today; None where it can."""
    if freshness.promise is None:
        return Obstacle(error=UNCHANGED_NO_PROMISE, given={})
    if freshness.due_on is None:
        return Obstacle(error=UNCHANGED_NO_CONTENT, given={})
    if freshness.confirmations >= IN_A_ROW:
        return Obstacle(error=UNCHANGED_TWICE, given={"day": freshness.last})
    if today < freshness.due_on:
        return Obstacle(error=UNCHANGED_NOT_DUE, given={"day": freshness.due_on})
    return None
