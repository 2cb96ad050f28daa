"""What an indicator was, day by day or month by month, in one scope.

A month is told by its frozen value once it is frozen; before that by the last of its
days that is over, and it is said that this is not final. Each point says the version of
the formula that it was computed with: values of two versions are two series.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from ckan import model

from . import freezing, scopes, store
from .definition import Indicator
from .store import Institution
from .value import Value
from .words import NOT_KEPT

By = Literal["month", "day"]

_PERIOD = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")

_COLUMNS = (
    "indicator, day, version, state, value, numerator, denominator, n, covered,"
    " components, since, low, high, entry, reason"
)
_SCOPE = "indicator = :indicator AND scope_type = :scope_type AND scope_id = :scope_id"
_DAYS = sa.text(
    f"""
    SELECT day AS period, true AS final, {_COLUMNS} FROM maroc_kpi_history
    WHERE {_SCOPE} AND day >= :since AND day <= :until
    ORDER BY day
    """  # noqa: S608 - our own text, above
)
_MONTHS = sa.text(
    f"""
    (
        SELECT month AS period, true AS final, {_COLUMNS} FROM maroc_kpi_frozen
        WHERE {_SCOPE} AND month >= date_trunc('month', CAST(:since AS date))
          AND month <= :until
    )
    UNION ALL
    (
        SELECT DISTINCT ON (period)
            CAST(date_trunc('month', day) AS date) AS period, false AS final, {_COLUMNS}
        FROM maroc_kpi_history
        WHERE {_SCOPE} AND day >= date_trunc('month', CAST(:since AS date))
          AND day <= :until AND day >= coalesce(
            (SELECT max(month) + interval '1 month' FROM maroc_kpi_month), '-infinity')
        ORDER BY period, day DESC
    )
    ORDER BY period, version
    """  # noqa: S608 - our own text, above
)
_ONCE = sa.text(
    """
    SELECT scope_id AS id, scope_name AS name, scope_name AS title,
           CAST(scope_titles AS text) AS titles
    FROM maroc_kpi_frozen
    WHERE scope_type = 'organization' AND :given IN (scope_id, scope_name)
    ORDER BY month DESC LIMIT 1
    """
)


@dataclass(frozen=True, kw_only=True)
class Point:
    """The value of a day or a month."""

    period: dt.date
    """The day, or the first of the month."""
    final: bool
    """Whether it stays as it is: a frozen month, or a day that is over."""
    value: Value

    def named(self, by: By) -> str:
        """Return the period as programs write it."""
        return self.period.isoformat()[: 7 if by == "month" else 10]

    def as_dict(self, by: By) -> dict[str, Any]:
        """Return what the action gives of the point."""
        value = self.value
        return {
            "period": self.named(by),
            "final": self.final,
            "version": value.version,
            "state": value.state,
            "value": value.value,
            "numerator": value.numerator,
            "denominator": value.denominator,
            "n": value.n,
            "coverage": value.coverage,
            "components": value.components,
            "since": value.since.isoformat() if value.since else None,
            "as_of": value.day.isoformat() if value.day else None,
            "reason": value.reason,
        }


def points(
    indicator: str,
    scope: str = "",
    *,
    by: By = "month",
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> list[Point]:
    """Return an indicator's values in one scope, the oldest first; one statement."""
    kind, identifier = scopes.split(scope)
    rows = model.Session.execute(
        _MONTHS if by == "month" else _DAYS,
        {
            "indicator": indicator,
            "scope_type": kind,
            "scope_id": identifier,
            "since": since or dt.date.min,
            "until": until or dt.date.max,
        },
    )
    return [_point(row._mapping) for row in rows]  # pyright: ignore[reportArgumentType]


def at(indicator: Indicator, scope: str, period: str) -> Value:
    """Return the value at the end of ``2026-01`` or ``2026-01-31``, or why none is."""
    by: By = "month" if len(period) == len("2026-01") else "day"
    found = points(
        indicator.name,
        scope,
        by=by,
        since=first_day(period),
        until=last_day(period),
    )
    if found:
        return found[-1].value
    return Value(
        indicator=indicator.name,
        version=indicator.version,
        state="not_measured",
        reason=NOT_KEPT,
    )


def institution(given: str) -> Institution | None:
    """Return an institution by its name or id: one that is gone too, if frozen once."""
    found = store.institution(given)
    if found is not None:
        return found
    row = model.Session.execute(_ONCE, {"given": given}).mappings().first()
    return store.institution_of(row) if row else None  # pyright: ignore[reportArgumentType]


def first_day(period: str) -> dt.date:
    """Return the first day of ``2026-01`` or ``2026-01-31``; raise ValueError else."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        raise ValueError(period)
    year, month, day = found.groups(default="1")
    return dt.date(int(year), int(month), int(day))


def last_day(period: str) -> dt.date:
    """Return the last day of ``2026-01`` or ``2026-01-31``; raise ValueError else."""
    first = first_day(period)
    if len(period) > len("2026-01"):
        return first
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _point(row: Mapping[str, Any]) -> Point:
    numbers = ("value", "numerator", "denominator", "n", "covered", "low", "high")
    told = {**row, **{name: freezing.number(row[name]) for name in numbers}}
    period, final = told.pop("period"), told.pop("final")
    return Point(period=period, final=final, value=Value(**told))
