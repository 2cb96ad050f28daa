"""The pages of the indicators: the country's, each institution's, and the table."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk
from ckan.common import current_user

from ckanext.maroc_portal import clock
from ckanext.maroc_portal.cells import safe

from . import cards, store
from .definition import Indicator, indicators
from .errors import UNKNOWN_INSTITUTION, sentence
from .store import Institution
from .value import Value
from .words import LANGS

__all__ = ["maroc_kpi"]

maroc_kpi = Blueprint("maroc_kpi", __name__)


@dataclass(frozen=True, kw_only=True)
class Named:
    """A name with the language that it is in, which may not be the page's."""

    text: str
    lang: str
    dir: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """An institution in the table, with one cell an indicator."""

    name: str
    title: Named
    cells: tuple[cards.Card, ...]


@maroc_kpi.route("/indicateurs", strict_slashes=False)
def index() -> str:
    """Show the country's figures, and each institution's in a table."""
    lang = _lang()
    values = store.all_values()
    known = list(indicators().values())
    rows = [
        Row(
            name=each.name,
            title=named(each, lang),
            cells=tuple(
                cards.card(one, store.of(values.get(each.id, {}), one), lang)
                for one in known
            ),
        )
        for each in store.institutions()
    ]
    rows.sort(key=lambda row: (tk.h.strxfrm(row.title.text), row.name))
    return tk.render(
        "maroc_kpi/index.html",
        {
            "bands": _bands(values.get("", {}), lang),
            "indicators": [(one.name, one.label[lang]) for one in known],
            "rows": rows,
        },
    )


@maroc_kpi.route("/organization/<id>/tableau-de-bord")
def organization(id: str) -> Any:  # noqa: A002 - CKAN's pages of an organization say id
    """Show one institution's figures."""
    lang = _lang()
    institution = store.institution(id)
    if institution is None:
        return tk.abort(404, sentence(UNKNOWN_INSTITUTION, id, lang))
    if id != institution.name:
        return tk.redirect_to("maroc_kpi.organization", id=institution.name)
    context: Any = {"user": current_user.name, "for_view": True}
    group_dict = tk.get_action("organization_show")(
        context,
        {"id": institution.id, "include_datasets": False, "include_users": False},
    )
    title = named(institution, lang)
    values = store.values(institution.id)
    bands = _bands(values, lang)
    published = store.of(values, indicators()["public_datasets"])
    return tk.render(
        "maroc_kpi/organization.html",
        {
            "group_dict": group_dict,
            "group_type": group_dict["type"],
            "title": title,
            "bands": bands,
            "empty": published.value == 0,
            "may_publish": tk.h.check_access(
                "package_create", {"owner_org": institution.id}
            ),
        },
    )


@maroc_kpi.route("/indicateurs.csv")
def table() -> Any:
    """Give every current value as a CSV file, or those of one institution."""
    given = tk.request.args.get("organization", "")
    institutions = store.institutions()
    if given:
        institutions = [each for each in institutions if given in (each.id, each.name)]
        if not institutions:
            return tk.abort(404, sentence(UNKNOWN_INSTITUTION, given, _lang()))
    institutions.sort(key=lambda each: each.name)
    scopes: list[Institution | None] = [*([] if given else [None]), *institutions]
    values = store.all_values()
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for scope in scopes:
        of_scope = values.get(scope.id if scope else "", {})
        for indicator in indicators().values():
            line = _line(indicator, store.of(of_scope, indicator), scope)
            writer.writerow([safe(cell) for cell in line])
    name = f"indicateurs-{clock.today().isoformat()}.csv"
    return Response(
        # The mark at the start lets a spreadsheet read the Arabic right.
        "\ufeff" + sink.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


COLUMNS = (
    "number",
    "indicator",
    "family",
    "label_fr",
    "label_ar",
    "label_en",
    "scope",
    "institution",
    "institution_fr",
    "institution_ar",
    "state",
    "value",
    "unit",
    "numerator",
    "denominator",
    "n",
    "coverage",
    "components",
    "since",
    "as_of",
    "computed_at",
    "source",
    "version",
    "reason_fr",
    "reason_ar",
    "reason_en",
    "low",
    "high",
)
"""The columns of the CSV file. New ones are added at the end."""


def _line(
    indicator: Indicator, value: Value, scope: Institution | None
) -> Sequence[str | float | dt.date | None]:
    reason = value.reason or {}
    return (
        indicator.number,
        indicator.name,
        indicator.family,
        *(indicator.label[lang] for lang in LANGS),
        "organization" if scope else "country",
        scope.name if scope else "",
        scope.titles.get("fr", "") if scope else "",
        scope.titles.get("ar", "") if scope else "",
        value.state,
        value.value,
        indicator.unit["en"],
        value.numerator,
        value.denominator,
        value.n,
        value.coverage,
        # In the order of the definition, which PostgreSQL's jsonb does not keep.
        ";".join(
            f"{each.name}={value.components[each.name]}"
            for each in indicator.components
            if each.name in value.components
        ),
        value.since,
        value.day,
        value.computed_at.isoformat() if value.computed_at else None,
        indicator.source,
        value.version,
        *(reason.get(lang, "") for lang in LANGS),
        value.low,
        value.high,
    )


def named(institution: Institution, lang: str) -> Named:
    """Return the institution's name in the reader's language, else in one it has."""
    found = lang if lang in institution.titles else next(iter(institution.titles))
    return Named(
        text=institution.titles[found],
        lang=found,
        dir="rtl" if found == "ar" else "ltr",
    )


def _bands(values: store.Values, lang: str) -> list[cards.Band]:
    known = indicators().values()
    return cards.bands(known, {one.name: store.of(values, one) for one in known}, lang)


def _lang() -> str:
    """Return the page's language: a text of ours exists in it, or French is read."""
    lang = str(tk.h.lang())
    return lang if lang in LANGS else "fr"
