"""A history as a line: the places of its points in a drawing, and nothing of a page.

Time runs from left to right in every language. The line is broken where there is no
value, which is not zero, and where the formula changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from .history import Point

WIDTH, HEIGHT, EDGE = 600, 160, 8


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A month that has a value."""

    x: float
    y: float
    point: Point


@dataclass(frozen=True, kw_only=True)
class Line:
    """A drawn history."""

    dots: tuple[Dot, ...]
    strokes: tuple[str, ...]
    """The places that each stroke joins, as SVG writes them."""
    changes: tuple[float, ...]
    """Where a new formula begins."""
    top: float
    """The value at the upper edge; zero is at the lower one."""


def line(points: Sequence[Point], *, share: bool) -> Line | None:
    """Draw a history of months; None where no month has a value."""
    valued = [each for each in points if each.value.value is not None]
    if not valued:
        return None
    top = 100.0 if share else max(1, *(each.value.value or 0 for each in valued))
    first = _number(points[0].period)
    span = _number(points[-1].period) - first
    dots: list[Dot] = []
    strokes: list[list[str]] = []
    changes: list[float] = []
    before: Point | None = None
    for each in points:
        step = (_number(each.period) - first) / span if span else 0.5
        x = round(EDGE + (WIDTH - 2 * EDGE) * step, 1)
        changed = before is not None and before.value.version != each.value.version
        if changed:
            changes.append(x)
        if each.value.value is None:
            before = each
            continue
        y = round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * each.value.value / top, 1)
        if before is None or changed or not _joins(before, each):
            strokes.append([])
        strokes[-1].append(f"{x},{y}")
        dots.append(Dot(x=x, y=y, point=each))
        before = each
    return Line(
        dots=tuple(dots),
        strokes=tuple(" ".join(stroke) for stroke in strokes if len(stroke) > 1),
        changes=tuple(changes),
        top=top,
    )


def _joins(before: Point, after: Point) -> bool:
    """Whether a month follows another that has a value."""
    following = _number(after.period) == _number(before.period) + 1
    return following and before.value.value is not None


def _number(month: dt.date) -> int:
    return 12 * month.year + month.month
