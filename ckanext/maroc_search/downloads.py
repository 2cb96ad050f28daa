"""How often each dataset's files were downloaded lately, where the portal counts that.

The counts belong to another plugin, which a portal may do without: its table of days is
read where it exists, and where it does not every dataset has none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal import clock

_COUNTED = sa.text("SELECT to_regclass('maroc_usage_daily') IS NOT NULL")
_OF_ALL = """
    SELECT dataset_id, CAST(sum(total) AS bigint) AS downloads
    FROM maroc_usage_daily
    WHERE kind = 'download' AND agent_class <> 'robot' AND dataset_id <> ''
      AND day > :before
"""
_PER_DATASET = " GROUP BY dataset_id"

DAYS = 30

MOST = 2**31 - 1
"""The largest number that the index holds."""


def of(ids: Collection[str] | None = None) -> dict[str, int]:
    """Return the last thirty days' downloads of datasets, those without any left out.

    :param ids: of these datasets only
    """
    if not model.Session.scalar(_COUNTED):
        return {}
    query = sa.text(
        _OF_ALL
        + (" AND dataset_id = ANY(:ids)" if ids is not None else "")
        + _PER_DATASET
    )
    values: dict[str, object] = {"before": clock.today() - dt.timedelta(days=DAYS)}
    if ids is not None:
        values["ids"] = list(ids)
    rows = model.Session.execute(query, values)
    return {row.dataset_id: min(row.downloads, MOST) for row in rows}
