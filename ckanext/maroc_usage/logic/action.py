"""The API of the counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.logic import validate
from ckan.types import Context

from ckanext.maroc_usage import counts
from ckanext.maroc_usage.counts import Asked, Count

from . import schema

__all__ = ["maroc_usage_show"]


@tk.side_effect_free
@validate(schema.usage_show)
def maroc_usage_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Return how much a dataset, an institution's datasets or all of them were used.

    A ``total`` is ``regular`` (people) plus ``machine`` (tools that fetch data);
    robots are not in it. ``unique`` counts sessions of one hour. A dataset's API calls
    are its DataStore queries.

    :param dataset: id or name of a dataset (optional)
    :param institution: id or name of an institution (optional); with neither, the
        country
    :param by: ``day``, ``month`` or ``year`` (optional, default ``month``)
    :param since: first day counted, as YYYY-MM-DD (optional)
    :param until: last day counted, as YYYY-MM-DD (optional)
    :param names: ``portal`` (default), or ``counter`` for the names of COUNTER's Code
        of Practice for Research Data
    :returns: ``{"totals": {"downloads": {"total", "unique", "regular", "machine"},
        "views", "outlinks", "queries", "api_calls", "feeds", "rdf"}, "by": [{"period",
        "downloads", ...}], "counted_at"}``; days are those of Africa/Casablanca. With
        COUNTER's names ``{"totals": {"Total_Dataset_Investigations": {"Regular",
        "Machine"}, "Unique_Dataset_Investigations", "Total_Dataset_Requests",
        "Unique_Dataset_Requests"}, "by": ...}``
    :raises NotFound: where there is no such dataset or institution
    :raises NotAuthorized: for a dataset that the caller may not see
    """
    tk.check_access("maroc_usage_show", context, data_dict)
    asked = Asked(
        dataset=_dataset(data_dict.get("dataset")),
        institution=_institution(data_dict.get("institution")),
        by=data_dict["by"],
        since=_day(data_dict.get("since")),
        until=_day(data_dict.get("until")),
    )
    counted_at = counts.counted_at()
    totals, periods = _counter(asked) if _is_counter(data_dict) else _portal(asked)
    return {
        "totals": totals,
        "by": [{"period": period, **found} for period, found in periods.items()],
        "counted_at": counted_at.isoformat() if counted_at else None,
    }


Counts = Mapping[str, Mapping[str, int | None]]


def _is_counter(data_dict: Mapping[str, Any]) -> bool:
    return data_dict["names"] == "counter"


def _portal(asked: Asked) -> tuple[Counts, Mapping[str, Counts]]:
    periods = counts.by_period(asked)
    return _dictized(counts.together(periods)), {
        period: _dictized(found) for period, found in periods.items()
    }


def _counter(asked: Asked) -> tuple[Counts, Mapping[str, Counts]]:
    periods = counts.counter_by_period(asked)
    return counts.counter_together(periods), periods


def _dictized(found: Mapping[str, Count]) -> dict[str, dict[str, int]]:
    return {name: asdict(count) for name, count in found.items()}


def _dataset(reference: str | None) -> str | None:
    if not reference:
        return None
    dataset = model.Package.get(reference)
    if dataset is None:
        raise tk.ObjectNotFound(tk._("There is no such dataset"))
    return dataset.id


def _institution(reference: str | None) -> str | None:
    if not reference:
        return None
    found = model.Group.get(reference)
    if found is None or not found.is_organization:
        raise tk.ObjectNotFound(tk._("There is no such institution"))
    return found.id


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.date() if moment else None
