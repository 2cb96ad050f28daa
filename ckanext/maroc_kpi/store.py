"""What pages and the API read: the current values and the institutions they are of.

Each function is one statement, however many institutions there are.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.maroc_portal import clock

from . import scopes
from .definition import Indicator
from .rosters import Roster
from .value import Value
from .words import LANGS, NOT_YET, Texts

_ARABIC = re.compile(r"[\u0600-\u06ff]")

_COLUMNS = (
    "indicator, scope_id, day, version, state, value, numerator, denominator, n,"
    " covered, components, since, low, high, entry, reason, computed_at"
)
_ALL = sa.text(
    f"SELECT {_COLUMNS} FROM maroc_kpi_value WHERE scope_type <> 'tree'"  # noqa: S608
)
_SCOPE = sa.text(
    f"SELECT {_COLUMNS} FROM maroc_kpi_value"  # noqa: S608
    " WHERE scope_type = :type AND scope_id = :scope"
)
_KIND = sa.text(
    f"""
    SELECT peer.id AS peer, mine.kind, v.*
    FROM (
        SELECT nullif(extras->>'body_kind', '') AS kind FROM "group" WHERE id = :id
    ) AS mine
    LEFT JOIN "group" AS peer ON peer.is_organization AND peer.state = 'active'
        AND peer.extras->>'body_kind' = mine.kind
    LEFT JOIN (
        SELECT {_COLUMNS} FROM maroc_kpi_value
        WHERE scope_type = 'organization' AND indicator = ANY(:names)
    ) AS v ON v.scope_id = peer.id
    """  # noqa: S608 - our own columns
)
_INSTITUTIONS = sa.text(
    """
    SELECT id, name, title, extras->>'title_translated' AS titles
    FROM "group" WHERE is_organization AND state = 'active'
    """
)
_INSTITUTION = sa.text(
    """
    SELECT id, name, title, extras->>'title_translated' AS titles
    FROM "group"
    WHERE is_organization AND state = 'active' AND :given IN (id, name)
    ORDER BY name = :given DESC LIMIT 1
    """
)


@dataclass(frozen=True, kw_only=True)
class Institution:
    """An institution of the portal, with its name in the languages that it gave."""

    id: str
    name: str
    titles: Texts


Values = Mapping[str, Value]
"""Values of one scope, by indicator."""


def values(scope: str = "") -> Values:
    """Return the current values of a scope: the country, or an institution's id.

    After :py:data:`.scopes.TREE` it is the institution with all those below it.
    """
    kind, identifier = scopes.split(scope)
    rows = model.Session.execute(_SCOPE, {"type": kind, "scope": identifier}).mappings()
    return {row["indicator"]: _value(row) for row in rows}  # pyright: ignore[reportArgumentType]


def all_values() -> Mapping[str, Values]:
    """Return every current value: by institution, of the country under ``""``."""
    found: dict[str, dict[str, Value]] = {}
    for row in model.Session.execute(_ALL).mappings():
        found.setdefault(row["scope_id"], {})[row["indicator"]] = _value(row)  # pyright: ignore[reportArgumentType]
    return found


def of_kind(
    institution: str, known: Collection[Indicator]
) -> tuple[str | None, Mapping[str, Mapping[str, Value]]]:
    """Return an institution's kind, and the values of all that are of that kind.

    By indicator, then institution: rates alone, which alone are compared. The kind is
    null where the institution says none. One statement.
    """
    found: dict[str, dict[str, Value]] = {each.name: {} for each in known}
    names = [each.name for each in known if each.measure == "share"]
    kind: str | None = None
    given = {"id": institution, "names": names}
    for row in model.Session.execute(_KIND, given).mappings():
        data = dict(row)
        peer, kind = data.pop("peer"), data.pop("kind")
        if data["indicator"]:
            found[data["indicator"]][peer] = _value(data)
    return kind, found


def of(values: Values, indicator: Indicator) -> Value:
    """Return the indicator's value, or say that it was not computed yet."""
    return values.get(indicator.name) or Value(
        indicator=indicator.name,
        version=indicator.version,
        state="not_measured",
        reason=NOT_YET,
    )


def institutions() -> list[Institution]:
    """Return the institutions, in no order."""
    rows = model.Session.execute(_INSTITUTIONS).mappings()
    return [institution_of(row) for row in rows]  # pyright: ignore[reportArgumentType]


def institution(given: str) -> Institution | None:
    """Return the institution with this name or id."""
    row = model.Session.execute(_INSTITUTION, {"given": given}).mappings().first()
    return institution_of(row) if row else None  # pyright: ignore[reportArgumentType]


_COUNTED = sa.text(
    """
    SELECT count(*) = 2 FROM pg_attribute
    WHERE attrelid = to_regclass('maroc_kpi_facts') AND NOT attisdropped
      AND attname IN ('points_dataset', 'points_files')
    """
)
_POINTS = sa.text(
    """
    SELECT points_dataset + points_files AS points, count(*) AS datasets
    FROM maroc_kpi_facts
    WHERE CAST(:organization AS text) IS NULL OR organization = :organization
    GROUP BY 1
    """
)


def points(organization: str | None) -> dict[int, int]:
    """Return how many public datasets have how many of the 405 points, now.

    Of the country, or of one institution. Empty before the facts were first built.
    """
    if not model.Session.execute(_COUNTED).scalar_one():
        return {}
    rows = model.Session.execute(_POINTS, {"organization": organization})
    return {row.points: row.datasets for row in rows}


_ADD_ROSTER = sa.text(
    """
    INSERT INTO maroc_kpi_roster (as_of, source, url, sha256, loaded_by)
    VALUES (:as_of, :source, :url, :sha256, :user) RETURNING id
    """
)
_ADD_ROWS = sa.text(
    """
    INSERT INTO maroc_kpi_roster_row (roster, name, kind, region)
    VALUES (:roster, :name, :kind, :region)
    """
)
_ROSTERS = sa.text(
    """
    SELECT id, as_of, source, url, sha256, loaded_at, (
        SELECT jsonb_object_agg(kind, many) FROM (
            SELECT kind, count(*) AS many FROM maroc_kpi_roster_row
            WHERE roster = list.id GROUP BY kind) AS each) AS institutions
    FROM maroc_kpi_roster AS list ORDER BY as_of DESC, id DESC
    """
)


def add_roster(
    roster: Roster, *, as_of: dt.date, source: str, url: str | None, user: str
) -> int:
    """Keep an official list for ever; return its number."""
    row = {"as_of": as_of, "source": source, "url": url, "user": user}
    with model.ensure_engine().begin() as connection:
        number = connection.execute(
            _ADD_ROSTER, {**row, "sha256": roster.sha256}
        ).scalar_one()
        connection.execute(
            _ADD_ROWS,
            [
                {"roster": number, "name": name, "kind": kind, "region": region}
                for name, kind, region in roster.rows
            ],
        )
    return number


def rosters() -> list[dict[str, Any]]:
    """Return the official lists, the latest first."""
    return [
        {
            **row,
            "as_of": row["as_of"].isoformat(),
            "loaded_at": row["loaded_at"].astimezone(clock.CASABLANCA).isoformat(),
        }
        for row in model.Session.execute(_ROSTERS).mappings()
    ]


def institution_of(row: Mapping[str, Any]) -> Institution:
    """Return an institution of a row with its id, name, title and titles as JSON."""
    title = row["title"] or row["name"]
    lang = "ar" if _ARABIC.search(title) else "fr"
    return Institution(
        id=row["id"],
        name=row["name"],
        titles=_titles(row["titles"]) or {lang: title},
    )


def _titles(stored: str | None) -> dict[str, str]:
    """Return the titles that an institution has by language, none where it has none."""
    try:
        titles = json.loads(stored or "{}")
    except ValueError:
        # Not written by our forms; the core title speaks for it.
        return {}
    if not isinstance(titles, dict):
        return {}
    return {lang: str(titles[lang]) for lang in LANGS if titles.get(lang)}


def _value(row: Mapping[str, Any]) -> Value:
    data = {key: row[key] for key in row if key != "scope_id"}
    for key in ("value", "low", "high"):
        if data[key] is not None:
            number = float(data[key])
            data[key] = int(number) if number.is_integer() else number
    data["computed_at"] = row["computed_at"].astimezone(clock.CASABLANCA)
    return Value(**data)
