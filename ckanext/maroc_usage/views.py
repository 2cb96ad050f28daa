"""The page that tells visitors what is counted, and the counts as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.maroc_portal import clock

from . import counts, store
from .agents import LISTS
from .settings import settings

__all__ = ["maroc_usage"]

maroc_usage = Blueprint("maroc_usage", __name__)


@maroc_usage.route("/statistiques-de-frequentation")
def privacy() -> str:
    """Tell visitors what is counted, in their language."""
    texts = page()
    sections = [*texts["sections"]]
    if settings().respect_do_not_track:
        sections.append(texts["do_not_track"])
    return tk.render(
        "maroc_usage/privacy.html",
        {
            "page": texts,
            "sections": sections,
            "days": store.KEPT_DAYS,
            "lists": LISTS,
        },
    )


@maroc_usage.route("/statistiques-de-frequentation.csv")
def table() -> Any:
    """Give what ``maroc_usage_show`` gives, with the same arguments, as a CSV file."""
    asked = tk.request.args.to_dict()
    try:
        shown = tk.get_action("maroc_usage_show")({}, asked)
    except tk.ValidationError as error:
        return tk.abort(400, str(error))
    except (tk.ObjectNotFound, tk.NotAuthorized):
        # Whoever may not see a dataset does not learn that there is one.
        return tk.abort(404)
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerows(
        _counter(shown) if asked.get("names") == "counter" else _portal(shown)
    )
    name = f"frequentation-{clock.today().isoformat()}.csv"
    return Response(
        # The mark at the start: spreadsheets then read the file as it is written.
        "\ufeff" + sink.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def _portal(shown: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Give a row a period: each count, whole and by class."""
    names = list(shown["totals"])
    parts = list(shown["totals"]["downloads"])
    yield ["period", *(f"{name}_{part}" for name in names for part in parts)]
    for row in shown["by"]:
        yield [row["period"], *(row[name][part] for name in names for part in parts)]


def _counter(shown: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Give a row a period and access method, under COUNTER's names."""
    yield ["Period", "Access_Method", *counts.METRICS]
    for row in shown["by"]:
        for method in counts.METHODS.values():
            yield [
                row["period"],
                method,
                *(row[name][method] for name in counts.METRICS),
            ]


@cache
def page() -> dict[str, Any]:
    """Return the page's texts in French, Arabic and English."""
    text = files("ckanext.maroc_usage").joinpath("privacy.yaml").read_text("utf-8")
    return yaml.safe_load(text)
