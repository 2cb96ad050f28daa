"""The digests of each night, for anyone: what the trail is verified against."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from . import trail, words
from .trail_pages import A_PAGE, MOST, file_of, place

COLUMNS = ("day", "heads", "digest")
"""The columns of the CSV file. New ones are added at the end."""


def digests() -> Any:
    """Show the digests, the latest first, and how anyone verifies them."""
    here = place()
    rows = trail.digests(limit=A_PAGE + 1, offset=here * A_PAGE)
    return tk.render(
        "maroc_workflow/digests.html",
        {
            "rows": [{**row, "said": words.day(row["day"])} for row in rows[:A_PAGE]],
            "place": here,
            "more": len(rows) > A_PAGE,
            "files": {
                kind: tk.url_for("maroc_workflow.digest_extract", kind_of_file=kind)
                for kind in ("csv", "json")
            },
        },
    )


def digest_extract(kind_of_file: str) -> Any:
    """Give the digests as a file."""
    rows = [{**row, "day": row["day"].isoformat()} for row in trail.digests(limit=MOST)]
    return file_of(kind_of_file, "empreintes", rows, COLUMNS)
