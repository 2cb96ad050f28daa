"""maroc_search's option, declared in config_declaration.yaml and read typed here."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import ckan.plugins.toolkit as tk

from . import glossary

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """maroc_search's options."""

    glossary: Path | None
    """The administration's own glossary, beside the portal's."""


def settings() -> Settings:
    """Return the options in force."""
    path = tk.config["ckanext.maroc_search.glossary"]
    return Settings(glossary=Path(path) if path else None)


def lexicon() -> glossary.Glossary:
    """Return the glossary in force; a file that is none leaves the portal's alone."""
    extra = settings().glossary
    try:
        return glossary.load(extra)
    except glossary.GlossaryError as error:
        log.warning("ckanext.maroc_search.glossary is left out: %s", error)
        return glossary.load()
