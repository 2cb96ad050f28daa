"""The bundle's own options, declared in config_declaration.yaml and read typed here."""

from __future__ import annotations

from dataclasses import dataclass

import ckan.plugins.toolkit as tk


@dataclass(frozen=True, kw_only=True)
class Settings:
    """maroc_portal's options."""

    web_role: str
    """The database role of the web processes."""
    frame_ancestors: tuple[str, ...]
    """The sites that may frame pages made to be embedded."""
    contact: str
    """Where people write to the portal's team: an e-mail address."""


def settings() -> Settings:
    """Return the options in force."""
    return Settings(
        web_role=tk.config["ckanext.maroc_portal.web_role"],
        frame_ancestors=tuple(tk.config["ckanext.maroc_portal.frame_ancestors"]),
        contact=tk.config["ckanext.maroc_portal.contact"],
    )
