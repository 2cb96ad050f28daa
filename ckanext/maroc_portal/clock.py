"""What day it is in Morocco: the one place that asks."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

CASABLANCA = ZoneInfo("Africa/Casablanca")


def now() -> dt.datetime:
    """Return the present moment, with its zone."""
    return dt.datetime.now(CASABLANCA)


def today() -> dt.date:
    """Return today's date in Africa/Casablanca, Ramadan's hour included."""
    return now().date()
