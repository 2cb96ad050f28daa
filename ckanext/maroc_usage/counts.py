"""Reading the counts: one query, whatever is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from ckan import model

from .kinds import API, DATASTORE, DOWNLOAD, FEED, KINDS, OUTLINK, RDF, VIEW, Kind

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
        CAST(sum(total) AS bigint) AS total,
        CAST(sum(CASE WHEN CAST(:resource AS text) IS NULL THEN uniq
            ELSE uniq_resource END) AS bigint) AS uniq,
        CAST(COALESCE(sum(total) FILTER (WHERE dataset_id <> ''), 0) AS bigint)
            AS of_datasets,
        CAST(COALESCE(sum(uniq) FILTER (WHERE dataset_id <> ''), 0) AS bigint)
            AS uniq_of_datasets,
        CASE WHEN count(*) = count(uniq_investigation)
            THEN CAST(sum(uniq_investigation) AS bigint) END AS uniq_investigation
    FROM maroc_usage_daily
    WHERE agent_class <> 'robot'
      AND (CAST(:dataset AS text) IS NULL OR dataset_id = :dataset)
      AND (CAST(:resource AS text) IS NULL OR resource_id = :resource)
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


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which counts are meant: a dataset's, an institution's or, without, all."""

    dataset: str | None = None
    resource: str | None = None
    """One resource of the dataset."""
    institution: str | None = None
    by: Period = "month"
    since: dt.date | None = None
    until: dt.date | None = None


def _rows(asked: Asked) -> Iterator[tuple[str, sa.Row[Any]]]:
    """Give each row with its period: ``2026``, ``2026-11`` or ``2026-11-22``."""
    for row in model.Session.execute(_COUNTS, vars(asked)):
        yield row.period.isoformat()[: _LABELS[asked.by]], row


def by_period(asked: Asked) -> dict[str, dict[str, Count]]:
    """Return the counts of each period with any use, under the names of ``SHOWN``."""
    names = {
        kind.name: [name for name, kinds in SHOWN.items() if kind in kinds]
        for kinds in SHOWN.values()
        for kind in kinds
    }
    found: dict[str, dict[str, Count]] = {}
    for label, row in _rows(asked):
        period = found.setdefault(label, {name: Count() for name in SHOWN})
        for name in names[row.kind]:
            period[name].add(row)
    return found


# COUNTER's own names, of its Code of Practice for Research Data. An investigation is a
# look at a dataset (its page, its RDF) or at its data, a request a look at its data.
METRICS = (
    "Total_Dataset_Investigations",
    "Unique_Dataset_Investigations",
    "Total_Dataset_Requests",
    "Unique_Dataset_Requests",
)
METHODS: Mapping[str, str] = {"regular": "Regular", "machine": "Machine"}
_INVESTIGATIONS = frozenset(kind.name for kind in KINDS if kind.investigation)

Metrics = dict[str, dict[str, int | None]]
"""By metric, then by access method; None where a day in it was not so measured."""


def counter_by_period(asked: Asked) -> dict[str, Metrics]:
    """Return the counts of datasets of each period, under COUNTER's names."""
    found: dict[str, Metrics] = {}
    for label, row in _rows(asked):
        if row.kind not in _INVESTIGATIONS or not row.of_datasets:
            continue
        metrics = found.setdefault(label, no_metrics())
        method = METHODS[row.agent_class]
        values = (row.of_datasets, row.uniq_investigation, 0, 0)
        if row.kind == DOWNLOAD.name:
            values = (*values[:2], row.of_datasets, row.uniq_of_datasets)
        for name, value in zip(METRICS, values, strict=True):
            metrics[name][method] = _plus(metrics[name][method], value)
    return found


def no_metrics() -> Metrics:
    """Return COUNTER's metrics, all of them 0."""
    return {name: dict.fromkeys(METHODS.values(), 0) for name in METRICS}


def counter_together(periods: Mapping[str, Metrics]) -> Metrics:
    """Return the sums over the periods."""
    total = no_metrics()
    for metrics in periods.values():
        for name, methods in metrics.items():
            for method, value in methods.items():
                total[name][method] = _plus(total[name][method], value)
    return total


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


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
