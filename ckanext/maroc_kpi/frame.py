"""The SQL around the definitions: how their facts become a row a dataset.

A fact is an expression over one of the ``PLACES``: the dataset itself, its files, its
versions, its decisions. All facts of all definitions are built in one pass. What a
definition asks of them may be run over the table of all facts, or alone, as a query
that anyone can run on CKAN's own tables; the text differs in one part only, the facts'.

Pure text: nothing here reads a database.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from ckanext.maroc_law import vocabulary

TABLE = "maroc_kpi_facts"

TYPES = ("bigint", "boolean", "date", "text")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something true of one dataset: its name, its type, and the SQL that says it."""

    name: str
    type: str
    over: str
    sql: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a fact looks: the rows, one dataset's together, and the tables they need.

    ``{only}`` is where the rows of changed datasets alone are asked for.
    """

    rows: str
    key: str = ""
    tables: tuple[str, ...] = ()


_HERE = Path(__file__).parent


def _formats() -> dict[str, str]:
    lists = yaml.safe_load((_HERE / "formats.yaml").read_text(encoding="utf-8"))
    return {
        name: ", ".join(f"'{word}'" for word in words) for name, words in lists.items()
    }


_FORMATS = _formats()

PLACES: Mapping[str, Place] = {
    "dataset": Place(rows=""),
    "files": Place(
        key="file.package_id",
        rows="""
        SELECT r.*, kind.*,
               left(r.name, greatest(
                 length(r.name) - position('.' IN reverse(r.name)), 1)) AS stem,
               r.sniffed LIKE 'text/%' OR r.sniffed IN ({known}) AS proven
        FROM (
        SELECT r.package_id, r.url, r.size, r.mimetype, stored.mimetype AS sniffed,
               lower(coalesce(nullif(r.name, ''), r.url, '')) AS name,
               load.state AS load,
               upper(trim(BOTH ' .' FROM coalesce(r.format, ''))) AS format,
               coalesce(r.resource_type, '') <> 'documentation'
                 AND (coalesce(r.extras, '') NOT LIKE '%documentation%'
                   OR CAST(r.extras AS jsonb)->>'role' IS DISTINCT FROM 'documentation')
                 AS data
        FROM resource r
        LEFT JOIN maroc_files_file AS stored ON stored.sha256 = nullif(r.hash, '')
        LEFT JOIN maroc_files_load AS load ON load.resource_id = r.id
        WHERE r.state = 'active' {only}
        ) AS r, LATERAL (
          SELECT CASE
            WHEN r.sniffed IN ({closed}) THEN 'closed'
            WHEN r.sniffed = {sheet} OR r.format = 'XLSX' THEN 'sheet'
            WHEN r.format IN ({open}) THEN 'open'
            ELSE 'closed' END AS kind
        ) AS kind
        """,
        tables=("maroc_files_file", "maroc_files_load"),
    ),
    "versions": Place(
        key="version.package_id",
        rows="""
        SELECT r.package_id, r.day, frequency.days + frequency.grace AS due,
               lag(r.day) OVER (PARTITION BY r.package_id ORDER BY r.day) AS before
        FROM (
          SELECT DISTINCT v.package_id,
                 CAST(v.opened_at AT TIME ZONE 'Africa/Casablanca' AS date) AS day
          FROM maroc_workflow_version AS v
          WHERE NOT EXISTS (
            SELECT FROM resource AS r WHERE r.id = v.resource_id
              AND (r.resource_type = 'documentation'
                OR r.extras LIKE '%"role": "documentation"%'))
        ) AS r
        JOIN package ON package.id = r.package_id
        LEFT JOIN frequency
          ON frequency.slug = package.extras->>'collection_frequency'
        WHERE true {only}
        """,
        tables=("maroc_workflow_version",),
    ),
    "decisions": Place(
        key="decision.package_id",
        rows="""
        SELECT DISTINCT ON (r.package_id) r.package_id, r.kind, r.author_id,
               r.approver_id, r.authors, r.verdict
        FROM maroc_workflow_decision r
        WHERE true {only}
        ORDER BY r.package_id, r.n DESC
        """,
        tables=("maroc_workflow_decision",),
    ),
}
_ALIAS = {"files": "file", "versions": "version", "decisions": "decision"}

# What a table looks like where its plugin is not there: it has no row.
_ABSENT = {
    "maroc_files_file": "NULL::text AS sha256, NULL::text AS mimetype",
    "maroc_files_load": "NULL::text AS resource_id, NULL::text AS state",
    "maroc_workflow_version": (
        "NULL::text AS package_id, NULL::text AS resource_id,"
        " NULL::timestamptz AS opened_at"
    ),
    "maroc_workflow_decision": (
        "NULL::text AS package_id, NULL::int AS n, NULL::text AS kind,"
        " NULL::text AS author_id, NULL::text AS approver_id, NULL::text[] AS authors,"
        " NULL::jsonb AS verdict"
    ),
}
TABLES = tuple(_ABSENT)
"""The tables of other plugins that facts look at."""

_PUBLIC = "p.type = 'dataset' AND p.state = 'active' AND NOT p.private"
_DAY = (
    "CAST(p.metadata_created AT TIME ZONE 'UTC' AT TIME ZONE 'Africa/Casablanca'"
    " AS date)"
)


@cache
def grace() -> tuple[tuple[int, int], ...]:
    """Return the days of grace by the longest promise that they go with."""
    text = (_HERE / "grace.yaml").read_text(encoding="utf-8")
    rows = yaml.safe_load(text)["grace"]
    return tuple((int(each["up_to"]), int(each["days"])) for each in rows)


@cache
def frequencies() -> Mapping[str, tuple[int, int]]:
    """Return what each frequency that promises something allows: its days and grace."""
    return {
        item.slug: (
            item.days,
            next(days for up_to, days in grace() if item.days <= up_to),
        )
        for item in vocabulary.get("frequencies").choices
        if item.days
    }


def _values(rows: Iterable[tuple[object, ...]]) -> str:
    return ", ".join(
        "(" + ", ".join(f"'{v}'" if isinstance(v, str) else str(v) for v in row) + ")"
        for row in rows
    )


def _slugs(name: str) -> str:
    return _values((item.slug,) for item in vocabulary.get(name).items)


@cache
def _lists() -> Mapping[str, str]:
    """Return the lists that SQL may name: the portal's own words, as tables."""
    frequency = _values((slug, *both) for slug, both in frequencies().items())
    return {
        "frequency": f"frequency (slug, days, grace) AS (VALUES {frequency})",
        "theme": f"theme (slug) AS (VALUES {_slugs('themes')})",
        "licence": f"licence (slug) AS (VALUES {_slugs('licences')})",
        "category": f"category (slug) AS (VALUES {_slugs('art10-categories')})",
        # The portal's scopes: '' is the country, an id an institution, and an id
        # after "tree:" an institution with all those below it.
        "scopes": (
            "scopes AS (SELECT scope, organization FROM"
            " jsonb_to_recordset(CAST(:scopes AS jsonb))"
            " AS row (scope text, organization text))"
        ),
    }


def _named(sql: str) -> list[str]:
    return [text for name, text in _lists().items() if re.search(rf"\b{name}\b", sql)]


def rows_of(place: Place, tables: Collection[str], only: str) -> str:
    """Return the query of a place's rows; a table that is not there has none."""
    rows = place.rows.format(only=only, **_FORMATS)
    for table in place.tables:
        if table not in tables:
            rows = rows.replace(table, f"(SELECT {_ABSENT[table]} WHERE false)", 1)
    return rows


def build(
    facts: Collection[Fact],
    tables: Collection[str] = TABLES,
    *,
    changed: bool = False,
    scoped: bool = False,
) -> str:
    """Return the query that gives a row a public dataset, with these facts.

    :param tables: those of other plugins that are there
    :param changed: ask for the datasets of ``:changed`` alone
    :param scoped: ask for those of the institution ``:scope``, or of all if it is null
    """
    columns = ["p.id AS dataset", "p.owner_org AS organization", f"{_DAY} AS created"]
    joins = []
    for name, place in PLACES.items():
        mine = [fact for fact in facts if fact.over == name]
        if name == "dataset":
            columns += [f"{_cast(fact, fact.sql)} AS {fact.name}" for fact in mine]
        elif mine:
            only = "AND r.package_id = ANY(:changed)" if changed else ""
            rows = rows_of(place, tables, only)
            said = ", ".join(f"{fact.sql} AS {fact.name}" for fact in mine)
            joins.append(
                f"LEFT JOIN (SELECT {place.key} AS dataset, {said}"
                f" FROM ({rows}) AS {_ALIAS[name]} GROUP BY {place.key}) AS {name}"
                f" ON {name}.dataset = p.id"
            )
            columns += [
                f"{_cast(fact, f'{name}.{fact.name}')} AS {fact.name}" for fact in mine
            ]
    where = [_PUBLIC]
    if changed:
        where.append("p.id = ANY(:changed)")
    if scoped:
        where.append("(CAST(:scope AS text) IS NULL OR p.owner_org = :scope)")
    frequency = (
        "LEFT JOIN frequency ON frequency.slug = p.extras->>'collection_frequency'"
    )
    if any(re.search(r"\bfrequency\.", fact.sql) for fact in facts):
        joins.append(frequency)
    body = (
        f"SELECT {', '.join(columns)} FROM package p {' '.join(joins)}"
        f" WHERE {' AND '.join(where)}"
    )
    lists = _named(" ".join([body, *(fact.sql for fact in facts)]))
    return (f"WITH {', '.join(lists)} " if lists else "") + body


def _cast(fact: Fact, sql: str) -> str:
    """Return the fact's column: a count of no rows is none, anything else unknown."""
    said = f"coalesce({sql}, 0)" if fact.type == "bigint" else f"({sql})"
    return f"CAST({said} AS {fact.type})"


def standing() -> str:
    """Return the facts as the table has them, at the end of the day ``:until``."""
    return f"SELECT * FROM {TABLE} WHERE created <= :until"


def alone(facts: Collection[Fact], body: str) -> str:
    """Return a definition's query with its facts built on the spot, to run anywhere.

    A definition without facts is its own query.
    """
    lists = _named(body)
    if not (facts or lists):
        return body
    ctes = list(lists)
    if facts or re.search(r"\bfacts\b", body):
        built = build(facts, scoped=":scope" not in body)
        ctes.append(
            f"facts AS (SELECT * FROM ({built}) AS built WHERE created <= :until)"
        )
    asked = f"SELECT * FROM ({body}) AS asked" if body.startswith("WITH") else body
    return f"WITH {', '.join(ctes)}\n{asked}"


def together(bodies: Mapping[str, str]) -> str:
    """Return one statement that asks all definitions with a query of their own.

    Its rows are ``(indicator, counted)``, the second a JSON object.
    """
    asked = " UNION ALL ".join(
        f"SELECT '{name}' AS indicator, to_jsonb(q) AS counted FROM ({body}) AS q"
        for name, body in bodies.items()
    )
    lists = [*_named(asked), f"facts AS NOT MATERIALIZED ({standing()})"]
    return f"WITH {', '.join(lists)} {asked}"


def counted(counts: Mapping[str, str]) -> str:
    """Return the query of a definition that counts facts, by institution."""
    said = ", ".join(f"{sql} AS {name}" for name, sql in counts.items())
    return f"SELECT f.organization, {said} FROM facts f GROUP BY f.organization"


SEPARATOR = "__"


def at_once(counts: Mapping[str, Mapping[str, str]]) -> str:
    """Return the one statement for every definition that counts facts.

    A row an institution, a column for each number of each definition, named after both.
    """
    said = ", ".join(
        f"{sql} AS {indicator}{SEPARATOR}{name}"
        for indicator, its in counts.items()
        for name, sql in its.items()
    )
    return (
        f"SELECT f.organization, {said} FROM ({standing()}) AS f"
        " GROUP BY f.organization"
    )
