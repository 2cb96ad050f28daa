"""The view ``maroc_table``: a page of the table, made on the server."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from flask import request

import ckan.plugins.toolkit as tk

from . import loads
from .question import PAGE, Question, pages_of, question_of, words_of
from .tabular import is_table

TEASER = 5
"""Rows shown on the dataset's page."""

_NUMBERS = ("int", "numeric", "float", "double")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column as the page shows it."""

    id: str
    label: str
    """The title in the file, or in the data dictionary; empty where there is none."""
    number: int
    """Its place, for one without a title."""
    is_number: bool
    sort_url: str = ""
    aria_sort: str = "none"

    @property
    def shown(self) -> str:
        """The title, or the column's place for one without a title."""
        return self.label or tk._("Column {number}").format(number=self.number)

    @property
    def sort_title(self) -> str:
        """What following the title's link does."""
        if self.aria_sort == "ascending":
            return tk._("Sort from last to first")
        return tk._("Sort from first to last")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a template needs to show a table, or to say why it cannot."""

    state: str
    """``table``, ``preparing``, ``failed``, ``skipped`` or ``none``."""
    anchor: str
    name: str
    """The resource's name, for the caption."""
    sentence: str = ""
    way_out: str = ""
    """What the dataset's own people can do; empty for others."""
    title: tuple[str, ...] = ()
    """The lines above the header in the file."""
    sheet: str = ""
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    question: Question = field(default_factory=Question)
    total: int = 0
    first: int = 0
    last: int = 0
    pages: int = 1
    url: str = ""
    """This table's page, without a question."""
    reload_url: str = ""
    view_url: str = ""
    """The page with the table alone."""
    previous_url: str = ""
    next_url: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    """What the search form sends along."""

    @property
    def facts(self) -> str:
        """How many rows and columns there are, and which rows are here."""
        number = tk.h.localised_number
        if not self.rows:
            return tk._("{columns} columns").format(columns=number(len(self.columns)))
        return tk._("Rows {first} to {last} of {total}, {columns} columns").format(
            first=number(self.first),
            last=number(self.last),
            total=number(self.total),
            columns=number(len(self.columns)),
        )

    @property
    def place(self) -> str:
        """Which page this is."""
        return tk._("Page {page} of {pages}").format(
            page=tk.h.localised_number(self.question.page),
            pages=tk.h.localised_number(self.pages),
        )

    @property
    def nothing(self) -> str:
        """What stands in place of the rows where there are none."""
        if self.question.q:
            return tk._("No row has these words.")
        return tk._("This table has no rows.")


def preview_of(
    resource: Mapping[str, Any],
    package: Mapping[str, Any],
    view: Mapping[str, Any] | None = None,
) -> Preview:
    """Return the page of the table that the current address asks for.

    Reading obeys core's rights on the resource.

    :raises NotAuthorized: where the reader may not see the resource
    """
    alone = str(request.endpoint).endswith("resource.view")
    args = request.args
    view_id = (view or {}).get("id", "")
    kept = {"view_id": view_id} if not alone and args.get("view_id") else {}
    pages = _Addresses(resource, package, view_id, alone=alone, kept=kept)
    found = _state(resource, package)
    base = {
        "anchor": f"table-{resource['id']}",
        "name": tk.h.resource_display_name(resource),
        "url": pages.of({}),
        "reload_url": pages.of({}) + f"#table-{resource['id']}",
        "view_url": pages.alone(),
    }
    if found.state != "table":
        return Preview(
            state=found.state, sentence=found.sentence, way_out=found.way_out, **base
        )
    fields = _fields(resource["id"])
    question = question_of(args, {each["id"] for each in fields})
    rows, total, question = _search(resource["id"], fields, question)
    offset = question.offset
    last_page = pages_of(total)
    return Preview(
        state="table",
        title=tuple(found.about.get("title", ())),
        sheet=found.about.get("sheet", ""),
        columns=tuple(
            Column(
                **_column(number, each),
                sort_url=pages.of(question.sorted_by(each["id"])),
                aria_sort=question.order_of(each["id"]),
            )
            for number, each in enumerate(fields, start=1)
        ),
        rows=rows,
        question=question,
        total=total,
        first=offset + 1 if rows else 0,
        last=offset + len(rows),
        pages=last_page,
        previous_url=(
            pages.of(question.params(page=question.page - 1))
            if question.page > 1
            else ""
        ),
        next_url=(
            pages.of(question.params(page=question.page + 1))
            if question.page < last_page
            else ""
        ),
        hidden=tuple((question.params(q="", page=1) | kept).items()),
        **base,
    )


def teaser_of(package: Mapping[str, Any]) -> dict[str, Preview]:
    """Return the first rows of a dataset's first table, by the resource's id."""
    for resource in package.get("resources", ()):
        if resource.get("datastore_active") and is_table(resource):
            found = _state(resource, package)
            if found.state != "table":
                continue
            fields = _fields(resource["id"])
            rows, total, _ = _search(resource["id"], fields, Question(), TEASER)
            pages = _Addresses(resource, package, "", alone=False, kept={})
            return {
                resource["id"]: Preview(
                    state="table",
                    anchor=f"table-{resource['id']}",
                    name=tk.h.resource_display_name(resource),
                    columns=tuple(
                        Column(**_column(number, each))
                        for number, each in enumerate(fields, start=1)
                    ),
                    rows=rows,
                    total=total,
                    first=1 if rows else 0,
                    last=len(rows),
                    url=pages.of({}),
                )
            }
    return {}


@dataclass(frozen=True)
class _Found:
    state: str
    sentence: str = ""
    way_out: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)


def _state(resource: Mapping[str, Any], package: Mapping[str, Any]) -> _Found:
    known = loads.of_resource(resource["id"]) if is_table(resource) else None
    if known is None:
        if is_table(resource):
            return _Found("preparing")
        return _Found("table" if resource.get("datastore_active") else "none")
    if known.state == "queued":
        return _Found("preparing")
    if known.problem:
        lang = str(tk.h.lang())
        theirs = tk.h.check_access("package_update", {"id": package["id"]})
        return _Found(
            known.state,
            known.problem.told(lang, known.detail),
            known.problem.help(lang, known.detail) if theirs else "",
        )
    return _Found("table", about=known.about)


def _fields(resource_id: str) -> list[dict[str, Any]]:
    found = tk.get_action("datastore_info")(
        {},
        {
            "id": resource_id,
            "include_meta": False,
            "include_fields_schema": False,
        },
    )
    return [each for each in found["fields"] if not each["id"].startswith("_")]


def _column(number: int, known: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": known["id"],
        "label": (known.get("info") or {}).get("label", ""),
        "number": number,
        "is_number": known["type"].startswith(_NUMBERS),
    }


def _search(
    resource_id: str,
    fields: list[dict[str, Any]],
    question: Question,
    limit: int = PAGE,
) -> tuple[tuple[tuple[str, ...], ...], int, Question]:
    """Return the rows as text, how many there are, and the question as answered."""
    asked: dict[str, Any] = {
        "resource_id": resource_id,
        "fields": [each["id"] for each in fields],
        "limit": limit,
        "offset": question.offset,
        # As text: a number comes with the digits that PostgreSQL keeps.
        "records_format": "csv",
    }
    if question.sort:
        order = "desc" if question.descending else "asc"
        asked["sort"] = f'"{question.sort}" {order} nulls last, _id'
    if question.q:
        asked |= {"q": words_of(question.q), "plain": False}
    found = tk.get_action("datastore_search")({}, asked)
    total = found["total"]
    if question.page > pages_of(total):
        # An address from before the table shrank leads to its last page.
        return _search(
            resource_id, fields, replace(question, page=pages_of(total)), limit
        )
    shown = [_WRITTEN.get(each["type"], str) for each in fields]
    rows = tuple(
        tuple(write(cell) for write, cell in zip(shown, row, strict=True))
        for row in csv.reader(io.StringIO(found["records"], newline=""))
    )
    return rows, total, question


def _moment(cell: str) -> str:
    return cell.replace("T", " ").removesuffix(".000").removesuffix(" 00:00:00")


def _truth(cell: str) -> str:
    return {"t": tk._("Yes"), "f": tk._("No")}.get(cell, cell)


_WRITTEN = {"timestamp": _moment, "bool": _truth}


class _Addresses:
    """The addresses of one table's pages, in the reader's language."""

    def __init__(
        self,
        resource: Mapping[str, Any],
        package: Mapping[str, Any],
        view_id: str,
        *,
        alone: bool,
        kept: dict[str, str],
    ) -> None:
        self._type = package.get("type") or "dataset"
        self._ids = {"id": package["name"], "resource_id": resource["id"]}
        self._view = view_id
        self._alone = alone
        self._kept = kept

    def of(self, params: Mapping[str, str]) -> str:
        """Return the address of this page with these parameters."""
        base = self.alone() if self._alone else self._page()
        query = urlencode({**self._kept, **params})
        return f"{base}?{query}" if query else base

    def alone(self) -> str:
        """Return the address of the table without the portal's page around it."""
        if not self._view:
            return ""
        return tk.h.url_for(
            f"{self._type}_resource.view", **self._ids, view_id=self._view
        )

    def _page(self) -> str:
        return tk.h.url_for(f"{self._type}_resource.read", **self._ids)
