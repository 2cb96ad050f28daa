"""Template helpers of the frame."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

__all__ = ["maroc_in_language"]


def maroc_in_language(texts: dict[str, str] | str | None, lang: str = "") -> str:
    """Return the text in the reader's language, else in French, else any."""
    if not texts:
        return ""
    if isinstance(texts, str):
        return texts
    wanted = lang or str(tk.h.lang())
    return texts.get(wanted) or texts.get("fr") or next(iter(texts.values()))
