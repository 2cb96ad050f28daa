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
        name = (row["name"] or row["url"] or "").lower()
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


def told_days(catalogue: Catalogue, dataset: Row) -> list[tuple[dt.date, bool]]:
    """Return the days that count for freshness: of content, or a confirmation's.

    True where it is a confirmation: of those, the first two after each content.
    """
    contents = content_days(catalogue, dataset)
    said = {
        row["day"]
        for row in catalogue.of("maroc_kpi_confirmation", dataset=dataset["id"])
    }
    found: list[tuple[dt.date, bool]] = []
    row = 2
    for day in sorted({*contents, *said}):
        is_content = day in contents
        row = 0 if is_content else row + 1
        if row <= 2:
            found.append((day, not is_content))
    return found


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
        days = told_days(catalogue, dataset)
        if not days:
            return None
        return (catalogue.until - days[-1][0]).days <= promise(dataset)

    def confirmed(dataset: Row) -> bool:
        days = told_days(catalogue, dataset)
        return bool(fresh(dataset)) and days[-1][1]

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
            "confirmed": sum(confirmed(each) for each in due),
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
    days = [day for day, _ in told_days(catalogue, dataset)]
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


def owned(catalogue: Catalogue, holds: Callable[[Row], bool]) -> list[Row]:
    """Return the institutions of a scope."""
    return [
        row
        for row in catalogue.of("group", is_organization=True, state="active")
        if holds({"owner_org": row["id"]})
    ]


def downloads(catalogue: Catalogue, mine: list[Row], holds: Any) -> dict[str, Any]:
    """Return what is told of downloads, of the datasets of one scope."""
    uses = catalogue.of("maroc_usage_daily")
    by_kind = dict.fromkeys(("regular", "machine", "robot"), 0)
    for use in uses:
        owner = {"owner_org": use["organization_id"] or None}
        if use["kind"] == "download" and use["day"] <= catalogue.until and holds(owner):
            by_kind[use["agent_class"]] += use["total"]
    taken = by_kind["regular"] + by_kind["machine"]
    with_files = [each for each in mine if files(catalogue, each)]
    hosted = [
        each
        for each in with_files
        if all(file["url_type"] for file in files(catalogue, each))
    ]
    if not taken and not with_files:
        state = "not_applicable"
    elif not uses or (not taken and not hosted):
        state = "not_measured"
    else:
        state = "measured" if len(hosted) == len(with_files) else "partial"
    found: dict[str, Any] = {
        "state": state,
        "components": {
            "person": by_kind["regular"],
            "tool": by_kind["machine"],
            "robot": by_kind["robot"],
        },
    }
    if state in {"measured", "partial"}:
        found |= {
            "numerator": taken,
            "value": taken,
            "since": min(use["day"] for use in uses),
        }
        # A scope where nothing is published speaks of no dataset.
        if with_files:
            found |= {"n": len(with_files), "covered": len(hosted)}
    return found


def people(catalogue: Catalogue, institution: Row, capacity: str) -> bool:
    return any(
        row["group_id"] == institution["id"]
        for row in catalogue.of(
            "member", table_name="user", state="active", capacity=capacity
        )
    )


def official(catalogue: Catalogue) -> list[Row]:
    """Return the latest official list."""
    known = [
        row
        for row in catalogue.of("maroc_kpi_roster")
        if row["as_of"] <= catalogue.until
    ]
    if not known:
        return []
    last = max(known, key=lambda row: (row["as_of"], row["id"]))
    return catalogue.of("maroc_kpi_roster_row", roster=last["id"])


def is_listed(catalogue: Catalogue, institution: Row) -> bool:
    titles = json.loads((institution.get("extras") or {}).get("title_translated", "{}"))
    names = {
        each.strip().lower()
        for each in (institution["name"], institution.get("title"), *titles.values())
        if each
    }
    return any(row["name"].strip().lower() in names for row in official(catalogue))


def involved(catalogue: Catalogue, mine: list[Row], holds: Any) -> dict[str, Any]:
    """Return what is told of the institutions involved, in one scope."""
    steps = dict.fromkeys(
        ("rod", "gdd", "publishing", "unlisted", "active", "punctual"), 0
    )
    listed = 0
    for institution in owned(catalogue, holds):
        its = [each for each in mine if each["owner_org"] == institution["id"]]
        ends = {each["id"]: content_days(catalogue, each)[-1:] for each in its}
        due = [each for each in its if promise(each)]
        punctual = [
            each
            for each in due
            if ends[each["id"]]
            and (catalogue.until - ends[each["id"]][0]).days <= promise(each)
        ]
        steps["rod"] += people(catalogue, institution, "admin")
        steps["gdd"] += people(catalogue, institution, "editor")
        steps["publishing"] += bool(its)
        steps["active"] += any(
            (catalogue.until - end).days < 365 for days in ends.values() for end in days
        )
        steps["punctual"] += bool(due) and 5 * len(punctual) >= 4 * len(due)
        if its and is_listed(catalogue, institution):
            listed += 1
        elif its:
            steps["unlisted"] += 1
    found: dict[str, Any] = {"state": "not_applicable", "components": steps}
    if holds({"owner_org": None}):
        asked = len(official(catalogue))
        found["state"] = "measured" if asked else "not_measured"
        if asked:
            found |= {
                "numerator": listed,
                "denominator": asked,
                "value": round(100 * listed / asked, 2),
            }
    return found


def roles(catalogue: Catalogue, mine: list[Row], holds: Any) -> dict[str, Any]:
    """Return what is told of the clarity of roles, in one scope."""
    met = dict.fromkeys(("rod", "deputy", "gdd", "letter", "contact", "four_eyes"), 0)
    decided = dict.fromkeys(("review", "policy", "batch"), 0)
    arise = 0
    for institution in owned(catalogue, holds):
        extras = institution.get("extras") or {}
        its = [each for each in mine if each["owner_org"] == institution["id"]]
        quarter = [
            row
            for row in catalogue.of(
                "maroc_workflow_decision", owner_org=institution["id"]
            )
            if 0 <= (catalogue.until - row["at"].date()).days <= 91
        ]
        reviews = [row for row in quarter if row["kind"] == "review"]
        for kind in decided:
            decided[kind] += sum(row["kind"] == kind for row in quarter)
        arise += 4 + bool(its) + bool(reviews)
        met["rod"] += people(catalogue, institution, "admin")
        met["deputy"] += bool(extras.get("rod_deputy"))
        met["gdd"] += people(catalogue, institution, "editor")
        met["letter"] += bool(extras.get("rod_decision") and extras.get("rod_date"))
        met["contact"] += bool(its) and all(
            each["extras"].get("contact_email") for each in its
        )
        met["four_eyes"] += bool(reviews) and all(
            row["approver_id"] not in {None, row["author_id"], *row["authors"]}
            for row in reviews
        )
    total = sum(met.values())
    beside = {
        "reviews": decided["review"],
        "by_policy": decided["policy"],
        "by_batch": decided["batch"],
    }
    if not arise:
        return {"state": "not_applicable", "components": {**met, **beside}}
    return {
        "state": "declared",
        "numerator": total,
        "denominator": arise,
        "value": round(100 * total / arise, 2),
        "components": {**met, **beside},
    }
