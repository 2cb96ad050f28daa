"""The SQL around the definitions: how their facts become a row a dataset.

A fact is an expression over one of the ``PLACES``: the dataset itself, its files, its
versions, its decisions. One over the dataset may name facts of the definition's that
are over its files (``files.shut``), or look at its own files alone (``{files}``). All
facts of all definitions are built in one pass. What the definitions count of them is
added up once, by institution, and asked of these sums; or it runs alone, as a query
that anyone can run on CKAN's own tables.

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
SUMS = "maroc_kpi_sums"

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
        # OFFSET 0 keeps what is worked out below it from being worked out again in
        # each of the facts above.
        rows="""
        SELECT r.*,
               CASE
                 WHEN r.sniffed IN ({closed}) THEN 'closed'
                 WHEN r.sniffed = {sheet} OR r.format = 'XLSX' THEN 'sheet'
                 WHEN r.format IN ({open}) THEN 'open'
                 ELSE 'closed' END AS kind,
               r.sniffed LIKE 'text/%' OR r.sniffed IN ({known}) AS proven
        FROM (
          SELECT r.package_id, r.url, r.url_type, r.name, r.size, r.mimetype,
                 stored.mimetype AS sniffed, load.state AS load,
                 CASE WHEN r.format IN ({open}, 'PDF', 'XLSX', '') THEN r.format
                   ELSE upper(trim(BOTH ' .' FROM coalesce(r.format, ''))) END
                   AS format,
                 coalesce(r.resource_type, '') <> 'documentation'
                   AND (coalesce(r.extras, '') NOT LIKE '%documentation%'
                     OR CAST(r.extras AS jsonb)->>'role'
                       IS DISTINCT FROM 'documentation') AS data
          FROM resource r
          LEFT JOIN maroc_files_file AS stored ON stored.sha256 = nullif(r.hash, '')
          LEFT JOIN maroc_files_load AS load ON load.resource_id = r.id
          WHERE r.state = 'active' {only}
          OFFSET 0
        ) AS r
        OFFSET 0
        """,
        tables=("maroc_files_file", "maroc_files_load"),
    ),
    # A day counts once. Of the days on which somebody confirmed that there is nothing
    # new, the two after the last content count: their "nth" is 1 or 2, a content's 0.
    "versions": Place(
        key="version.package_id",
        rows="""
        SELECT r.package_id, r.day, r.before, r.nth, promised.due
        FROM (
          SELECT each.package_id, each.day, each.nth,
                 lag(each.day) OVER (
                   PARTITION BY each.package_id ORDER BY each.day) AS before
          FROM (
            SELECT each.package_id, each.day,
                   CASE WHEN each.content THEN 0
                     WHEN lag(each.content) OVER days THEN 1
                     WHEN lag(each.content, 2) OVER days THEN 2 END AS nth
            FROM (
              SELECT said.package_id COLLATE "C" AS package_id, said.day,
                     bool_or(said.content) AS content
              FROM (
                SELECT r.package_id, true AS content,
                       CAST(r.opened_at AT TIME ZONE 'Africa/Casablanca' AS date) AS day
                FROM maroc_workflow_version AS r
                WHERE NOT EXISTS (
                  SELECT FROM resource AS file WHERE file.id = r.resource_id
                    AND (file.resource_type = 'documentation'
                      OR file.extras LIKE '%"role": "documentation"%')) {only}
                UNION ALL
                SELECT r.package_id, false, r.day
                FROM (
                  SELECT dataset AS package_id, day FROM maroc_kpi_confirmation
                ) AS r WHERE true {only}
              ) AS said
              GROUP BY said.package_id COLLATE "C", said.day
            ) AS each
            WINDOW days AS (PARTITION BY each.package_id ORDER BY each.day)
          ) AS each
          WHERE each.nth IS NOT NULL
        ) AS r
        JOIN (
          SELECT package.id, frequency.days + frequency.grace AS due
          FROM package
          LEFT JOIN frequency
            ON frequency.slug = package.extras->>'collection_frequency'
          OFFSET 0
        ) AS promised ON promised.id = r.package_id
        """,
        tables=("maroc_workflow_version",),
    ),
    "decisions": Place(
        key="decision.package_id",
        rows="""
        SELECT r.package_id, r.kind, r.author_id, r.approver_id, r.authors, r.verdict
        FROM maroc_workflow_decision r
        JOIN (
          SELECT r.package_id, max(r.n) AS n
          FROM maroc_workflow_decision AS r WHERE true {only} GROUP BY r.package_id
        ) AS latest USING (package_id, n)
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
            columns += [
                f"{_cast(fact, _its_files(fact.sql, tables))} AS {fact.name}"
                for fact in mine
            ]
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


def _its_files(sql: str, tables: Collection[str]) -> str:
    """Return a dataset's fact with the rows of its own files where it asks for them."""
    if "{files}" not in sql:
        return sql
    rows = rows_of(PLACES["files"], tables, "AND r.package_id = p.id")
    return sql.replace("{files}", rows)


def _cast(fact: Fact, sql: str) -> str:
    """Return the fact's column: a count of no rows is none, anything else unknown."""
    said = f"coalesce({sql}, 0)" if fact.type == "bigint" else f"({sql})"
    return f"CAST({said} AS {fact.type})"


def standing() -> str:
    """Return the facts as the table has them, at the end of the day ``:until``."""
    return f"SELECT * FROM {TABLE} WHERE created <= :until"


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a definition counts over facts: SQL by name, and by what the rows stand.

    Besides the institution, the rows may stand by facts: ``by`` names them.
    """

    sql: Mapping[str, str]
    by: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that a row stands by."""
        return ("organization", *self.by)


# Of the datasets of one series the first speaks for all: in its institution, and among
# those of its theme there. To count series is to count these.
_FIRSTS = {
    "first": ("organization", "series"),
    "first_in_theme": ("organization", "theme", "series"),
}


def counted(counts: Counts, facts: str = "facts") -> str:
    """Return the query that counts facts, by institution and what else it stands by."""
    said = ", ".join(f"{sql} AS {name}" for name, sql in counts.sql.items())
    keys = ", ".join(f"f.{key}" for key in counts.keys)
    return f"SELECT {keys}, {said} FROM {_over(facts, said)} GROUP BY {keys}"


def _over(facts: str, said: str) -> str:
    """Return the facts, joined with which are the first of their series if asked."""
    over = f"{facts} AS f"
    for name, keys in _FIRSTS.items():
        if re.search(rf"\b{name}\.", said):
            by = ", ".join(f"each.{key}" for key in keys)
            over += (
                f" LEFT JOIN (SELECT min(each.dataset) AS dataset FROM {facts} AS each"
                f" WHERE each.series IS NOT NULL GROUP BY {by}) AS {name}"
                f" ON {name}.dataset = f.dataset"
            )
    return over


def alone(facts: Collection[Fact], counts: Counts, own: str, *, scoped: bool) -> str:
    """Return a definition's query with its facts built on the spot, to run anywhere.

    A definition without facts is its own query.

    :param scoped: count the facts of the institution ``:scope`` alone, if it is given
    """
    count = counted(counts) if counts.sql else ""
    body = own or count
    lists = _named(f"{body} {count}")
    ctes = list(lists)
    if facts:
        built = build(facts, scoped=scoped)
        ctes.append(
            f"facts AS (SELECT * FROM ({built}) AS built WHERE created <= :until)"
        )
    if own and counts.sql:
        ctes.append(f"counted AS ({count})")
    if not ctes:
        return body
    asked = f"SELECT * FROM ({body}) AS asked" if body.startswith("WITH") else body
    return f"WITH {', '.join(ctes)}\n{asked}"


SEPARATOR = "__"


def sums(every: Mapping[str, Counts], *, only: bool = False) -> str:
    """Return what all definitions count of the facts, a pass for each set of keys.

    A row an institution, and another each for whatever else rows of some definitions
    stand by; ``grain`` says by what. A column for each number, named after its
    definition and itself, empty in the rows of another grain.

    :param only: ask for the institutions of ``:touched`` alone, ``''`` for none
    """
    facts = standing()
    if only:
        facts += (
            " AND (organization = ANY(:touched)"
            " OR organization IS NULL AND '' = ANY(:touched))"
        )
    keys = dict.fromkeys(key for each in every.values() for key in each.keys)
    passes = []
    for grain in dict.fromkeys(each.keys for each in every.values()):
        said = [
            f"f.{key} AS {key}"
            if key in grain
            else f"{_empty(f'max(f.{key})')} AS {key}"
            for key in keys
        ]
        said += [
            f"{sql if counts.keys == grain else _empty(sql)} AS {name}{SEPARATOR}{key}"
            for name, counts in every.items()
            for key, sql in counts.sql.items()
        ]
        over = _over(f"({facts})", " ".join(said))
        by = ", ".join(f"f.{key}" for key in grain)
        passes.append(
            f"SELECT '{_grain(grain)}' AS grain, {', '.join(said)}"
            f" FROM {over} GROUP BY {by}"
        )
    return " UNION ALL ".join(passes)


def _empty(sql: str) -> str:
    """Return an empty column of the type of some SQL, for the rows of another grain.

    PostgreSQL drops what can never be asked before it looks at a row; what that names
    beside the facts need not be joined.
    """
    typed = re.sub(rf"\b({'|'.join(_FIRSTS)})\.", "f.", sql)
    return f"CASE WHEN false THEN {typed} END"


def _grain(keys: Collection[str]) -> str:
    return " ".join(keys)


def together(every: Mapping[str, tuple[Counts, str]]) -> str:
    """Return the one statement that asks all definitions, over the sums.

    Each is what it counts of facts, and its own query where it has one. The rows are
    ``(indicator, counted)``, the second a JSON object.
    """
    lists = _named(" ".join(own for _, own in every.values()))
    asked = []
    for name, (counts, own) in every.items():
        said = ", ".join(
            [*counts.keys, *(f"{name}{SEPARATOR}{key} AS {key}" for key in counts.sql)]
        )
        body = f"SELECT {said} FROM {SUMS} WHERE grain = '{_grain(counts.keys)}'"
        if own:
            count = f"WITH counted AS ({body}) " if counts.sql else ""
            body = f"{count}SELECT * FROM ({own}) AS own"
        asked.append(
            f"SELECT '{name}' AS indicator, to_jsonb(q) AS counted FROM ({body}) AS q"
        )
    return (f"WITH {', '.join(lists)} " if lists else "") + " UNION ALL ".join(asked)
