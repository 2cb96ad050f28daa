"""The pages of the indicators: the country's, each institution's, and the table."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk
from ckan.common import current_user

from ckanext.maroc_law import vocabulary
from ckanext.maroc_portal import asking, clock
from ckanext.maroc_portal.cells import safe

from . import (
    cards,
    chain,
    dispute_pages,
    disputes,
    dqv,
    exports,
    freezing,
    history,
    method,
    quality,
    quality_told,
    ranks,
    store,
    wording,
)
from .definition import Indicator, indicators
from .disputes import Dispute
from .errors import (
    NO_PERIOD,
    UNKNOWN_DATASET,
    UNKNOWN_DISPUTE,
    UNKNOWN_INDICATOR,
    UNKNOWN_INSTITUTION,
    Refused,
    Unknown,
    sentence,
)
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
def index() -> Any:
    """Show the country's figures, and each institution's in a table."""
    if extension := _rdf_wanted():
        return rdf(extension)
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
    if extension := _rdf_wanted():
        return _as_rdf(institution, extension)
    return _dashboard(institution, lang)


def _dashboard(
    institution: Institution,
    lang: str,
    form: Mapping[str, str] | None = None,
    errors: Sequence[str] = (),
) -> str:
    """Return an institution's page; ``form`` and ``errors`` of what was refused."""
    context: Any = {"user": current_user.name, "for_view": True}
    group_dict = tk.get_action("organization_show")(
        context,
        {"id": institution.id, "include_datasets": False, "include_users": False},
    )
    title = named(institution, lang)
    values = store.values(institution.id)
    found = disputes.log(institution=institution.id)
    disputed = _disputed(found, lang)
    bands = _bands(values, lang, _standings(institution, lang), disputed)
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
            "disputes": dispute_pages.lines(found, lang, named),
            "indicators": [
                (one.name, one.label[lang]) for one in indicators().values()
            ],
            "may_dispute": tk.h.check_access(
                "maroc_kpi_dispute_create", {"institution": institution.id}
            ),
            "may_answer": tk.h.check_access("maroc_kpi_dispute_answer", {}),
            "form": form or {},
            "errors": errors,
        },
    )


def _disputed(found: Sequence[Dispute], lang: str) -> Mapping[str, str]:
    """Return the line that stands beside each disputed figure of today."""
    today = clock.today()
    return {
        name: disputes.sentence(each, today, lang)
        for name, each in disputes.beside(found).items()
    }


@maroc_kpi.route("/organization/<id>/tableau-de-bord/contestation", methods=["POST"])
def dispute(id: str) -> Any:  # noqa: A002 - as above
    """Take what a ROD disputes, and show it; or the form again, with the reason."""
    lang, institution = _lang(), store.institution(id)
    if institution is None:
        return tk.abort(404, sentence(UNKNOWN_INSTITUTION, id, lang))
    names = ("indicator", "month", "text")
    form = {name: tk.request.form.get(name, "") for name in names}
    return _sent(
        "maroc_kpi_dispute_create",
        {**form, "institution": institution.id},
        institution,
        form,
    )


@maroc_kpi.route("/indicateurs/contestations/<int:number>", methods=["POST"])
def answer(number: int) -> Any:
    """Take what ADD answers, and show it; or the form again, with the reason."""
    found = disputes.log(number=number)
    if not found:
        return tk.abort(404, sentence(UNKNOWN_DISPUTE, str(number), _lang()))
    form = {name: tk.request.form.get(name, "") for name in ("text", "outcome")}
    return _sent(
        "maroc_kpi_dispute_answer",
        {**form, "id": number},
        found[0].institution,
        {**form, "dispute": str(number)},
    )


def _sent(
    action: str,
    given: Mapping[str, Any],
    institution: Institution,
    form: Mapping[str, str],
) -> Any:
    try:
        errors = dispute_pages.send(action, given)
    except tk.NotAuthorized:
        return tk.abort(403, tk._("Your account may not do this."))
    except Unknown as error:
        return tk.abort(404, error.sentence)
    if errors:
        return _dashboard(institution, _lang(), form, errors), 409
    tk.h.flash_success(tk._("It is public now, beside the figure."))
    address = tk.h.url_for("maroc_kpi.organization", id=institution.name)
    return tk.redirect_to(f"{address}#kpi-disputes")


@maroc_kpi.route("/dataset/<id>/rien-de-nouveau", methods=["POST"])
def unchanged(id: str) -> Any:  # noqa: A002 - CKAN's pages of a dataset say id
    """Confirm that the promised period brought a dataset nothing new."""
    page = tk.url_for("dataset.read", id=id)
    asking.sign_in(back=page)
    with asking.answered():
        try:
            told = tk.get_action("maroc_kpi_confirm_unchanged")(
                asking.context(), {"id": id}
            )
        except Refused as refused:
            tk.h.flash_error(refused.sentence)
            return tk.redirect_to(page)
    until = wording.day(dt.date.fromisoformat(told["fresh_until"]), _lang())
    said = [tk._("Recorded: nothing new this period. Up to date until {day}.")]
    if not told["left"]:
        said.append(
            tk._("It was the second time in a row: next time new data are due.")
        )
    tk.h.flash_success(" ".join(said).format(day=until))
    return tk.redirect_to(page)


@maroc_kpi.route("/dataset/<dataset>/qualite")
def described(dataset: str) -> Any:
    """Show how well a dataset is described, and to who may edit it where to go on."""
    lang = _lang()
    context: Any = {"user": current_user.name, "auth_user_obj": current_user}
    try:
        pkg = tk.get_action("package_show")(context, {"id": dataset})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, sentence(UNKNOWN_DATASET, dataset, lang))
    if pkg["type"] != "dataset":
        return tk.abort(404, sentence(UNKNOWN_DATASET, dataset, lang))
    if dataset != pkg["name"]:
        return tk.redirect_to("maroc_kpi.described", dataset=pkg["name"])
    return tk.render(
        "maroc_kpi/quality.html",
        {
            "pkg": pkg,
            "pkg_dict": pkg,
            "dataset_type": pkg["type"],
            "page": quality_told.page(pkg, lang),
            "may_edit": tk.h.check_access("package_update", {"id": pkg["id"]}),
        },
    )


@maroc_kpi.route("/indicateurs/<name>")
def indicator(name: str) -> Any:
    """Show how an indicator is computed, what it is now and what it was."""
    lang = _lang()
    given = tk.request.args.get("organization", "")
    known = indicators().get(name)
    if known is None:
        return tk.abort(404, sentence(UNKNOWN_INDICATOR, name, lang))
    institution = store.institution(given) if given else None
    if given and institution is None:
        return tk.abort(404, sentence(UNKNOWN_INSTITUTION, given, lang))
    scope = institution.id if institution else ""
    found = disputes.log(indicator=name, institution=scope or None)
    disputed = _disputed(found, lang) if institution else {}
    page = method.method(
        known,
        store.of(store.values(scope), known),
        history.points(name, scope),
        lang,
        disputed.get(name, ""),
    )
    more = _spread(name, scope, lang)
    return tk.render(
        "maroc_kpi/method.html",
        {
            "page": dataclasses.replace(page, facts=(*page.facts, *more)),
            "disputes": dispute_pages.lines(found, lang, named),
            "organization": institution.name if institution else None,
            "title": named(institution, lang) if institution else None,
        },
    )


@maroc_kpi.route("/indicateurs/<name>/historique.csv")
def past(name: str) -> Any:
    """Give what ``maroc_kpi_history`` gives, with the same arguments, as a CSV file."""
    asked = {**tk.request.args.to_dict(), "name": name}
    try:
        shown = tk.get_action("maroc_kpi_history")({}, asked)
    except tk.ValidationError as error:
        return tk.abort(400, "; ".join(map(str, error.error_summary.values())))
    except Unknown as error:
        return tk.abort(404, error.sentence)
    scope = shown["scope"]
    rows = [
        [
            shown["id"],
            scope["type"],
            scope.get("name", ""),
            point["period"],
            "yes" if point["final"] else "no",
            point["version"],
            point["state"],
            point["value"],
            point["numerator"],
            point["denominator"],
            point["n"],
            point["coverage"],
            chain.text(point["components"]),
            point["since"],
            point["as_of"],
            *((point["reason"] or {}).get(lang, "") for lang in LANGS),
        ]
        for point in shown["points"]
    ]
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(PAST_COLUMNS)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return _file(["\ufeff" + sink.getvalue()], f"{name}.csv", "text/csv")


@maroc_kpi.route("/indicateurs/historique.<any(json, csv):kind>")
def frozen(kind: str) -> Any:
    """Give the frozen months with their hashes, for who checks them or keeps them."""
    asked = tk.request.args
    try:
        months = freezing.months(
            since=history.first_day(asked["since"]) if "since" in asked else None,
            until=history.last_day(asked["until"]) if "until" in asked else None,
        )
    except ValueError as error:
        return tk.abort(400, sentence(NO_PERIOD, str(error), _lang()))
    if kind == "json":
        return _file(exports.as_json(months), "historique.json", "application/json")
    return _file(exports.as_csv(months), "historique.csv", "text/csv")


@maroc_kpi.route("/indicateurs/chain.py")
def script() -> Response:
    """Give the script that checks those files with nothing but Python."""
    return _file([Path(chain.__file__).read_text("utf-8")], "chain.py", "text/x-python")


@maroc_kpi.route("/indicateurs.<any(ttl, jsonld):extension>")
def rdf(extension: str) -> Response:
    """Give the country's figures in the Data Quality Vocabulary."""
    return _as_rdf(None, extension)


@maroc_kpi.route("/organization/<id>/tableau-de-bord.<any(ttl, jsonld):extension>")
def organization_rdf(id: str, extension: str) -> Any:  # noqa: A002 - as above
    """Give an institution's figures in the Data Quality Vocabulary."""
    institution = store.institution(id)
    if institution is None:
        return tk.abort(404, sentence(UNKNOWN_INSTITUTION, id, _lang()))
    return _as_rdf(institution, extension)


@maroc_kpi.route("/indicateurs.csv")
def table() -> Any:
    """Give every current value as a CSV file, or those of one institution."""
    given = tk.request.args.get("organization", "")
    institution = store.institution(given) if given else None
    if given and institution is None:
        return tk.abort(404, sentence(UNKNOWN_INSTITUTION, given, _lang()))
    name = f"indicateurs-{clock.today().isoformat()}.csv"
    return _file([current(institution)], name, "text/csv")


def current(institution: Institution | None = None) -> str:
    """Return every current value as a table, or those of one institution."""
    institutions = sorted(store.institutions(), key=lambda each: each.name)
    scopes = [institution] if institution else [None, *institutions]
    values = store.all_values()
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for scope in scopes:
        of_scope = values.get(scope.id if scope else "", {})
        for indicator in indicators().values():
            line = _line(indicator, store.of(of_scope, indicator), scope)
            writer.writerow([safe(cell) for cell in line])
    # The mark at the start lets a spreadsheet read the Arabic right.
    return "\ufeff" + sink.getvalue()


PAST_COLUMNS = (
    "indicator",
    "scope",
    "institution",
    "period",
    "final",
    "version",
    "state",
    "value",
    "numerator",
    "denominator",
    "n",
    "coverage",
    "components",
    "since",
    "as_of",
    "reason_fr",
    "reason_ar",
    "reason_en",
)
"""The columns of an indicator's history. New ones are added at the end."""

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


def _spread(name: str, scope: str, lang: str) -> list[method.Fact]:
    """Return how the points spread, where the indicator is a share of their datasets.

    They do not add up over institutions as counts do, so they are asked for here.
    """
    found = (
        quality.quartiles(store.points(scope or None)) if name == "metadata" else None
    )
    if found is None:
        return []
    labels = (
        tk._("Points of data.europa.eu: a quarter of the datasets have at most"),
        tk._("Median: half of the datasets have at most"),
        tk._("Three quarters of the datasets have at most"),
    )
    return [
        method.Fact(label=label, text=wording.number(points, lang))
        for label, points in zip(labels, found, strict=True)
    ]


def _file(content: Iterable[str], name: str, media: str) -> Response:
    return Response(
        content,
        mimetype=media,
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def _rdf_wanted() -> str | None:
    """Return the form of RDF that the reader asks for, if it is no page."""
    offered = ["text/html", *(media for media, _ in dqv.FORMATS.values())]
    best = tk.request.accept_mimetypes.best_match(offered, default="text/html")
    for extension, (media, _) in dqv.FORMATS.items():
        if best == media:
            return extension
    return None


def _as_rdf(institution: Institution | None, extension: str) -> Response:
    media, name = dqv.FORMATS[extension]
    site = str(tk.config["ckan.site_url"]).rstrip("/")
    values = store.values(institution.id if institution else "")
    text = dqv.graph(site, institution, values).serialize(format=name)
    answer = Response(text, content_type=f"{media}; charset=utf-8")
    answer.headers["Vary"] = "Accept"
    return answer


def _bands(
    values: store.Values,
    lang: str,
    standings: Mapping[str, str] | None = None,
    disputed: Mapping[str, str] | None = None,
) -> list[cards.Band]:
    known = indicators().values()
    found = {one.name: store.of(values, one) for one in known}
    return cards.bands(known, found, lang, standings, disputed)


def _standings(institution: Institution, lang: str) -> Mapping[str, str]:
    """Return where an institution stands, by indicator, as lines of its page."""
    kind, values = store.of_kind(institution.id, indicators().values())
    label = vocabulary.label("bodies", kind, lang) if kind else ""
    return {
        each.name: ranks.sentence(
            ranks.standing(each, institution.id, kind, values[each.name]), label, lang
        )
        for each in indicators().values()
    }


def _lang() -> str:
    """Return the page's language: a text of ours exists in it, or French is read."""
    lang = str(tk.h.lang())
    return lang if lang in LANGS else "fr"
