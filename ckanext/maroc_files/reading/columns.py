"""Names of columns that PostgreSQL, URLs and programs can hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

LONGEST = 63
"""The longest identifier of PostgreSQL, in bytes."""

# System columns, and the name that datastore_search gives to its own ranking.
_TAKEN = frozenset({"rank", "ctid", "oid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
_OTHER = re.compile(r"\W+")


def identifiers(labels: Sequence[str]) -> list[str]:
    """Return one identifier a column: as near to its title as may be, none twice.

    Letters of any script stay; vowel marks, spaces and signs do not.
    """
    found: list[str] = []
    seen = set(_TAKEN)
    for number, label in enumerate(labels, start=1):
        wanted = _safe(label) or f"column_{number}"
        name, again = wanted, 1
        while name.casefold() in seen:
            again += 1
            suffix = f"_{again}"
            name = _cut(wanted, LONGEST - len(suffix)) + suffix
        seen.add(name.casefold())
        found.append(name)
    return found


def _safe(label: str) -> str:
    letters = "".join(
        letter
        for letter in unicodedata.normalize("NFC", label)
        if unicodedata.category(letter) not in ("Mn", "Cf") and letter != "\u0640"
    )
    return _cut(_OTHER.sub("_", letters).strip("_"), LONGEST)


def _cut(name: str, size: int) -> str:
    return name.encode()[:size].decode(errors="ignore").strip("_")
