"""How often each dataset's files were downloaded, where the portal counts downloads.

The counts belong to another plugin, which a portal may do without: its table of days is
read where it exists, and where it does not every dataset has none.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from ckan import model

_COUNTED = sa.text("SELECT to_regclass('maroc_usage_daily') IS NOT NULL")
_OF_ALL = """
    SELECT dataset_id, CAST(sum(total) AS bigint) AS downloads
    FROM maroc_usage_daily
    WHERE kind = 'download' AND agent_class <> 'robot' AND dataset_id <> ''
"""
_PER_DATASET = " GROUP BY dataset_id"

MOST = 2**31 - 1
"""The largest number that the index holds."""


def of(ids: Collection[str] | None = None) -> dict[str, int]:
    """Return the downloads of datasets, those without any left out.

    :param ids: of these datasets only
    """
    if not model.Session.scalar(_COUNTED):
        return {}
    query = sa.text(
        _OF_ALL
        + (" AND dataset_id = ANY(:ids)" if ids is not None else "")
        + _PER_DATASET
    )
    rows = model.Session.execute(query, {} if ids is None else {"ids": list(ids)})
    return {row.dataset_id: min(row.downloads, MOST) for row in rows}
