"""The page that tells visitors what is counted and what is not kept."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from flask import Blueprint

import ckan.plugins.toolkit as tk

from . import store
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


@cache
def page() -> dict[str, Any]:
    """Return the page's texts in French, Arabic and English."""
    text = files("ckanext.maroc_usage").joinpath("privacy.yaml").read_text("utf-8")
    return yaml.safe_load(text)
