"""The reader's language, and what of a thing is said in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib import i18n

from . import texts


def of_reader() -> str:
    """Return the language of the request, or the portal's own outside of one."""
    lang = i18n.get_lang() if tk.request else str(tk.config["ckan.locale_default"])
    base = str(lang).split("_", maxsplit=1)[0]
    return base if base in texts.LANGUAGES else texts.LANGUAGES[0]


def label(field: Mapping[str, Any], lang: str) -> str:
    """Return a field's label; one that has none is called by its name."""
    text = field.get("label") or field["field_name"]
    return text if isinstance(text, str) else text.get(lang, text["fr"])
