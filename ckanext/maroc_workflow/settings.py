"""The plugin's options, declared in config_declaration.yaml and read typed here."""

from __future__ import annotations

from dataclasses import dataclass

import ckan.plugins.toolkit as tk


@dataclass(frozen=True, kw_only=True)
class Settings:
    """maroc_workflow's options."""

    id_accounts: frozenset[str]
    """The accounts that may bring ids of their own."""
    review_days: int
    """Working days before a review goes to the next in turn."""
    holidays: frozenset[str]
    """Days off that no rule tells, ``2027-03-10``: those of the moon."""


def settings() -> Settings:
    """Return the options in force."""
    option = "ckanext.maroc_workflow.{}".format
    return Settings(
        id_accounts=frozenset(tk.config[option("id_accounts")]),
        review_days=tk.config[option("review_days")],
        holidays=frozenset(tk.config[option("holidays")]),
    )
