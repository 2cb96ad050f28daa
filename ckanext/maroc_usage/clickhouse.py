"""Events in ClickHouse, for a traffic that PostgreSQL would not carry.

ClickHouse has no transaction in common with the ledger: a batch may come twice, as it
was or longer. So each event is stored under its segment and its place there, and of
those with the same identity one is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache

import clickhouse_connect
import sqlalchemy as sa
from clickhouse_connect.driver.client import Client

from .agents import CLASS_CODES
from .events import Batch, Rollup, codes_and_names
from .kinds import KINDS
from .visitors import day_of

_TABLE = """
    CREATE TABLE IF NOT EXISTS maroc_usage_event (
        segment String, place UInt32, day Date, moment Int64, visitor Int64,
        kind String, agent_class String, own Bool,
        resource_id String, dataset_id String, organization_id String
    ) ENGINE = ReplacingMergeTree PARTITION BY day ORDER BY (segment, place)
"""
_COLUMNS = (
    "segment",
    "place",
    "day",
    "moment",
    "visitor",
    "kind",
    "agent_class",
    "own",
    "resource_id",
    "dataset_id",
    "organization_id",
)
_NUMBER = "SELECT count() FROM maroc_usage_event FINAL WHERE day = %(day)s"
# The same rules as in PostgreSQL, in this engine's words.
_DAY = """
    WITH clicks AS (
        SELECT moment, visitor, kind, agent_class,
            dataset_id, resource_id, organization_id,
            intDiv(moment, 3600000000) AS hour,
            leadInFrame(toNullable(moment)) OVER (
                PARTITION BY visitor, kind, dataset_id, resource_id
                ORDER BY moment, agent_class, organization_id
                ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
            ) - moment AS until_next
        FROM maroc_usage_event FINAL
        WHERE day = %(day)s AND NOT own
    ), uses AS (
        SELECT *, has(%(investigations)s, kind) AND dataset_id <> '' AS investigation
        FROM clicks
        WHERE ifNull(until_next > 30000000, true)
            OR NOT has(%(clicked)s, kind)
            OR (dataset_id = '' AND resource_id = '')
    ), firsts AS (
        SELECT *,
            row_number() OVER (
                PARTITION BY kind, agent_class, dataset_id, visitor, hour
                ORDER BY moment, resource_id, organization_id
            ) = 1 AS of_dataset,
            row_number() OVER (
                PARTITION BY kind, agent_class, dataset_id, visitor, hour,
                    resource_id, organization_id
                ORDER BY moment
            ) = 1 AS of_resource,
            investigation AND row_number() OVER (
                PARTITION BY investigation, agent_class, dataset_id, visitor, hour
                ORDER BY moment, kind, resource_id, organization_id
            ) = 1 AS of_investigation
        FROM uses
    )
    SELECT kind, agent_class, dataset_id, resource_id, organization_id, count(),
        countIf(of_dataset), countIf(of_resource), countIf(of_investigation)
    FROM firsts
    GROUP BY kind, agent_class, dataset_id, resource_id, organization_id
"""
_ROWS = """
    SELECT CAST(:day AS date) AS day, each.* FROM unnest(
        CAST(:kinds AS text[]), CAST(:classes AS text[]), CAST(:datasets AS text[]),
        CAST(:resources AS text[]), CAST(:organizations AS text[]),
        CAST(:totals AS bigint[]), CAST(:uniqs AS bigint[]),
        CAST(:of_resources AS bigint[]), CAST(:of_investigations AS bigint[])
    ) AS each (kind, agent_class, dataset_id, resource_id, organization_id, total,
        uniq, uniq_resource, uniq_investigation)
"""
_NAMES = (
    "kinds",
    "classes",
    "datasets",
    "resources",
    "organizations",
    "totals",
    "uniqs",
    "of_resources",
    "of_investigations",
)


@cache
def connected(address: str) -> ClickHouseEvents:
    """Return the store at an address, as ``clickhouse://user:password@host/base``."""
    # Without a session several threads may ask at once.
    return ClickHouseEvents(
        clickhouse_connect.get_client(dsn=address, autogenerate_session_id=False)
    )


class ClickHouseEvents:
    """Events in a table of ClickHouse, a partition a day of Africa/Casablanca."""

    def __init__(self, client: Client) -> None:
        self._client = client
        client.command(_TABLE)

    def prepare(self, days: Iterable[dt.date]) -> None:
        """Do nothing: ClickHouse makes a partition when its first event comes."""

    def add(self, connection: sa.Connection, batch: Batch) -> None:
        self._client.insert(
            "maroc_usage_event",
            [
                (
                    batch.segment,
                    place,
                    day_of(each.moment / 1_000_000),
                    each.moment,
                    each.visitor,
                    each.kind,
                    each.agent_class,
                    each.own,
                    *batch.subjects[each.subject, each.reference][1],
                )
                for place, each in batch.records
            ],
            column_names=_COLUMNS,
        )

    def rollup(self, day: dt.date) -> Rollup:
        known = codes_and_names()
        found = self._client.query(
            _DAY,
            {
                "day": day,
                "clicked": known["clicked"],
                "investigations": known["investigations"],
            },
        )
        kinds = {kind.code: kind.name for kind in KINDS}
        classes = {code: name for name, code in CLASS_CODES.items()}
        rows = [(kinds[row[0]], classes[row[1]], *row[2:]) for row in found.result_rows]
        columns = zip(*rows, strict=True) if rows else [()] * len(_NAMES)
        return Rollup(
            sql=_ROWS,
            values={
                "day": day,
                **{
                    name: list(column)
                    for name, column in zip(_NAMES, columns, strict=True)
                },
            },
        )

    def number(self, connection: sa.Connection, day: dt.date) -> int:
        return int(self._client.query(_NUMBER, {"day": day}).result_rows[0][0])

    def days(self) -> list[dt.date]:
        found = self._client.query(
            "SELECT DISTINCT day FROM maroc_usage_event ORDER BY day"
        )
        return [row[0] for row in found.result_rows]

    def forget(self, day: dt.date) -> None:
        self._client.command(
            "ALTER TABLE maroc_usage_event DROP PARTITION %(day)s", {"day": day}
        )
