"""The plugin's own options, declared in config_declaration.yaml and read typed here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ckan.plugins.toolkit as tk


@dataclass(frozen=True, kw_only=True)
class Settings:
    """maroc_kpi's options."""

    statement_timeout: dt.timedelta
    """How long one indicator's query may take."""


def settings() -> Settings:
    """Return the options in force."""
    return Settings(
        statement_timeout=dt.timedelta(
            seconds=tk.config["ckanext.maroc_kpi.statement_timeout"]
        )
    )
