"""Reading the counts: one query, whatever is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from ckan import model

from .kinds import API, DATASTORE, DOWNLOAD, FEED, OUTLINK, RDF, VIEW, Kind

Period = Literal["day", "month", "year"]
# How much of an ISO date names the period.
_LABELS: Mapping[str, int] = {"day": 10, "month": 7, "year": 4}

# A query of the DataStore is a call of the API; the two kinds are apart in the table.
SHOWN: Mapping[str, tuple[Kind, ...]] = {
    "downloads": (DOWNLOAD,),
    "views": (VIEW,),
    "outlinks": (OUTLINK,),
    "queries": (DATASTORE,),
    "api_calls": (API, DATASTORE),
    "feeds": (FEED,),
    "rdf": (RDF,),
}

_COUNTS = sa.text(
    """
    SELECT CAST(date_trunc(:by, day) AS date) AS period, kind, agent_class,
        CAST(sum(total) AS bigint) AS total, CAST(sum(uniq) AS bigint) AS uniq
    FROM maroc_usage_daily
    WHERE agent_class <> 'robot'
      AND (CAST(:dataset AS text) IS NULL OR dataset_id = :dataset)
      AND (CAST(:institution AS text) IS NULL OR organization_id = :institution)
      AND (CAST(:since AS date) IS NULL OR day >= :since)
      AND (CAST(:until AS date) IS NULL OR day <= :until)
    GROUP BY 1, 2, 3 ORDER BY 1
    """
)
_COUNTED_AT = sa.text("SELECT max(counted_at) FROM maroc_usage_day")


@dataclass(kw_only=True)
class Count:
    """How often, in how many hours' sessions, by whom. Robots are not in it."""

    total: int = 0
    unique: int = 0
    regular: int = 0
    machine: int = 0

    def add(self, row: sa.Row[Any]) -> None:
        self.total += row.total
        self.unique += row.uniq
        if row.agent_class == "regular":
            self.regular += row.total
        else:
            self.machine += row.total


def by_period(
    *,
    dataset: str | None = None,
    institution: str | None = None,
    by: Period = "month",
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> dict[str, dict[str, Count]]:
    """Return the counts of a dataset, an institution or the country, by period.

    :returns: for each period with any use (``2026``, ``2026-11`` or ``2026-11-22``)
        the counts under the names of ``SHOWN``
    """
    names = {
        kind.name: [name for name, kinds in SHOWN.items() if kind in kinds]
        for kinds in SHOWN.values()
        for kind in kinds
    }
    rows = model.Session.execute(
        _COUNTS,
        {
            "by": by,
            "dataset": dataset,
            "institution": institution,
            "since": since,
            "until": until,
        },
    )
    found: dict[str, dict[str, Count]] = {}
    for row in rows:
        label = row.period.isoformat()[: _LABELS[by]]
        period = found.setdefault(label, {name: Count() for name in SHOWN})
        for name in names[row.kind]:
            period[name].add(row)
    return found


def together(periods: Mapping[str, Mapping[str, Count]]) -> dict[str, Count]:
    """Return the sums over the periods: sessions of an hour may be added up."""
    total = {name: Count() for name in SHOWN}
    for period in periods.values():
        for name, count in period.items():
            mine = total[name]
            mine.total += count.total
            mine.unique += count.unique
            mine.regular += count.regular
            mine.machine += count.machine
    return total


def counted_at() -> dt.datetime | None:
    """Return when the counts were last brought up to date."""
    return model.Session.execute(_COUNTED_AT).scalar_one()
