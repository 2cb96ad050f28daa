"""The indicators once more, slowly and in plain Python: what the SQL must agree with.

Nothing is taken from the definitions or from the frame but the portal's own lists. One
function a figure, over lists of rows, for the datasets of one scope.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ckanext.maroc_law import vocabulary

Row = Mapping[str, Any]

OPEN = {"CSV", "JSON", "GEOJSON", "ODS", "XML"}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CLOSED = {"application/pdf", "text/html", "application/vnd.ms-excel"}
# Of the frequencies that random catalogues have: the wait and the grace.
PROMISED = {"DAILY": 1 + 1, "WEEKLY": 7 + 7, "MONTHLY": 31 + 14, "ANNUAL": 366 + 60}


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The rows of the tables, as a worked example gives them."""

    until: dt.date
    rows: Mapping[str, Sequence[Row]]
    institutions: Mapping[str, str | None] = field(default_factory=dict)

    def of(self, table: str, **where: Any) -> list[Row]:
        return [
            row
            for row in self.rows.get(table, ())
            if all(row.get(key) == value for key, value in where.items())
        ]


def scopes(catalogue: Catalogue) -> dict[str, Callable[[Row], bool]]:
    """Return every scope, with what says whether a dataset is of it."""

    def below(one: str | None, top: str) -> bool:
        seen: set[str] = set()
        while one is not None and one not in seen:
            if one == top:
                return True
            seen.add(one)
            one = catalogue.institutions.get(one)
        return False

    found: dict[str, Callable[[Row], bool]] = {"": lambda _: True}
    for name in catalogue.institutions:
        found[name] = lambda row, name=name: row["owner_org"] == name
        if any(
            parent == name and child != name
            for child, parent in catalogue.institutions.items()
        ):
            found[f"tree:{name}"] = lambda row, name=name: below(row["owner_org"], name)
    return found


def public(catalogue: Catalogue) -> list[Row]:
    return [
        row
        for row in catalogue.of("package", type="dataset", state="active")
        if not row["private"] and row["metadata_created"].date() <= catalogue.until
    ]


def files(catalogue: Catalogue, dataset: Row) -> list[dict[str, Any]]:
    found = []
    for row in catalogue.of("resource", package_id=dataset["id"], state="active"):
        stored = catalogue.of("maroc_files_file", sha256=row["hash"])
        loads = catalogue.of("maroc_files_load", resource_id=row["id"])
        sniffed = stored[0]["mimetype"] if stored else None
        if sniffed in CLOSED:
            kind = "closed"
        elif sniffed == SHEET or row["format"] == "XLSX":
            kind = "sheet"
        else:
            kind = "open" if row["format"] in OPEN else "closed"
        name = (row["name"] or "").lower()
        found.append(
            {
                **row,
                "sniffed": sniffed,
                "kind": kind,
                "load": loads[0]["state"] if loads else None,
                "stem": name.rpartition(".")[0] or name,
                "data": json.loads(row["extras"] or "{}").get("role")
                != "documentation",
            }
        )
    return found


def data_files(catalogue: Catalogue, dataset: Row) -> list[dict[str, Any]]:
    return [each for each in files(catalogue, dataset) if each["data"]]


def is_open(catalogue: Catalogue, dataset: Row) -> bool | None:
    """Whether it is; None where something that decides was not looked into."""
    mine = data_files(catalogue, dataset)
    opened = [each for each in mine if each["kind"] == "open"]
    stems = {each["stem"] for each in opened}
    if any(each["stem"] not in stems for each in mine if each["kind"] != "open"):
        return False
    return None if any(each["sniffed"] is None for each in opened) else True


def readable(catalogue: Catalogue, dataset: Row) -> bool | None:
    states = {each["load"] for each in data_files(catalogue, dataset)}
    if "failed" in states:
        return False
    return True if "loaded" in states and "queued" not in states else None


def content_days(catalogue: Catalogue, dataset: Row) -> list[dt.date]:
    documents = {
        row["id"]
        for row in catalogue.rows["resource"]
        if json.loads(row["extras"] or "{}").get("role") == "documentation"
    }
    return sorted(
        {
            row["opened_at"].date()
            for row in catalogue.of("maroc_workflow_version", package_id=dataset["id"])
            if row["resource_id"] not in documents
        }
    )


def points(catalogue: Catalogue, dataset: Row) -> tuple[int, int]:
    """Return the points won for sure, and those that are not known."""
    extras = dataset["extras"]
    licences = {item.slug for item in vocabulary.get("licences").items}
    won = 5 + 10 * bool(dataset["owner_org"])
    won += 30 * bool(extras.get("theme"))
    won += 20 * bool(extras.get("temporal_start") or extras.get("temporal_end"))
    won += 20 * bool(extras.get("contact_email"))
    won += 15 * bool(extras.get("classification"))
    won += 20 * bool(dataset["license_id"]) + 10 * (dataset["license_id"] in licences)
    mine = data_files(catalogue, dataset)
    if not mine:
        return won, 30
    of_files, unknown = 0, 0
    for each in mine:
        of_files += 20 * bool(each["url"])
        of_files += 80 * (each["sniffed"] is not None)
        of_files += 20 * bool(each["format"])
        of_files += 10 * bool(each["mimetype"])
        of_files += 10 * bool(each["format"] and each["mimetype"])
        of_files += 20 * (each["kind"] != "closed")
        of_files += 20 * (each["kind"] != "closed" or each["load"] == "loaded")
        unknown += 80 * (each["sniffed"] is None and bool(each["url"]))
    half = Fraction(1, 2)
    mean = Fraction(of_files, len(mine)) + half
    rest = Fraction(unknown, len(mine)) + half
    return won + int(mean), int(rest) + 30


def share(datasets: list[Row], verdict: Callable[[Row], bool | None]) -> dict[str, Any]:
    found = [verdict(each) for each in datasets]
    return {
        "numerator": found.count(True),
        "denominator": len(found),
        "covered": len(found) - found.count(None),
    }


def counted(catalogue: Catalogue, mine: list[Row]) -> dict[str, dict[str, Any]]:
    """Return what is counted among some datasets, by indicator."""
    with_data = [each for each in mine if data_files(catalogue, each)]
    due = [each for each in mine if promise(each)]

    def fresh(dataset: Row) -> bool | None:
        days = content_days(catalogue, dataset)
        return (catalogue.until - days[-1]).days <= promise(dataset) if days else None

    def good(dataset: Row) -> bool | None:
        won, unknown = points(catalogue, dataset)
        if won >= 221:
            return True
        return False if won + unknown < 221 else None

    return {
        "public_datasets": {
            "numerator": len(mine),
            "series": len({series(each) for each in mine}),
            "files": sum(len(files(catalogue, each)) for each in mine),
            "without_file": sum(not files(catalogue, each) for each in mine),
        },
        "open_standards": share(with_data, lambda each: is_open(catalogue, each)),
        "complete_and_reliable": share(
            with_data, lambda each: readable(catalogue, each)
        ),
        "update_frequency": {
            **share(due, fresh),
            "days_late": sum(late(catalogue, each) for each in due),
        },
        "metadata": share(mine, good),
        "legal_compliance": {
            "numerator": sum(followed(catalogue, each) for each in mine),
            "denominator": len(mine),
        },
        "inclusive_access": {
            "both_languages": sum(both_languages(each) for each in mine),
        },
    }


def promise(dataset: Row) -> int:
    return PROMISED.get(dataset["extras"].get("collection_frequency", ""), 0)


def series(dataset: Row) -> tuple[Any, ...]:
    named = (dataset["extras"].get("series") or "").strip()
    return (dataset["owner_org"], named) if named else (dataset["id"],)


def late(catalogue: Catalogue, dataset: Row) -> int:
    days = content_days(catalogue, dataset)
    if not days:
        return 0
    gaps = zip(days, [*days[1:], catalogue.until], strict=True)
    return sum(max(0, (after - day).days - promise(dataset)) for day, after in gaps)


def followed(catalogue: Catalogue, dataset: Row) -> bool:
    extras = dataset["extras"]
    decisions = sorted(
        catalogue.of("maroc_workflow_decision", package_id=dataset["id"]),
        key=lambda row: row["n"],
    )
    if not decisions or dataset["license_id"] not in {"cc-by", "odc-odbl"}:
        return False
    last = decisions[-1]
    answered = extras.get("classification") == "non-classifie" and all(
        extras.get(key) not in (None, "", "ne-sais-pas")
        for key in ("personal_data", "art7_scope")
    )
    other = last.get("approver_id") not in (None, last["author_id"], *last["authors"])
    opened = last["kind"] in ("policy", "feed") or (last["kind"] == "review" and other)
    return answered and opened and last["verdict"].get("outcome") is not None


def both_languages(dataset: Row) -> bool:
    for key in ("title_translated", "notes_translated"):
        texts = json.loads(dataset["extras"].get(key) or "{}")
        arabic = any("\u0600" <= letter <= "\u06ff" for letter in texts.get("ar", ""))
        if not (texts.get("fr") and arabic):
            return False
    return True


def themes(mine: list[Row], *, country: bool) -> int:
    known = {item.slug for item in vocabulary.get("themes").items}
    found = 0
    for theme in known:
        of_theme = [each for each in mine if each["extras"].get("theme") == theme]
        many = len({series(each) for each in of_theme})
        owners = {each["owner_org"] for each in of_theme} - {None}
        found += (many >= 3 and len(owners) >= 2) if country else many >= 1
    return found


def categories(mine: list[Row], owners: set[str]) -> int:
    known = {item.slug for item in vocabulary.get("art10-categories").items}
    return len(
        {
            (each["owner_org"], each["extras"].get("art10_category"))
            for each in mine
            if each["owner_org"] in owners
            and each["extras"].get("art10_category") in known
        }
    )
