"""File names in any script: kept as given, and with an ASCII one for old clients."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

LONGEST = 150
FALLBACK = "donnees"

# Controls, and the marks that turn the reading direction: ``csv.exe`` must not be
# shown as ``exe.csv``.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_NOT_ASCII_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def original(name: str | None) -> str:
    """Return the name of an uploaded file, without its path and hidden signs."""
    bare = _HIDDEN.sub("", (name or "").replace("\\", "/").rsplit("/", 1)[-1])
    bare = unicodedata.normalize("NFC", bare).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    if dot and stem and len(ending) <= 10:
        return f"{stem[: LONGEST - len(ending) - 1].rstrip()}.{ending}"
    return bare[:LONGEST].rstrip()


def ascii_name(name: str, fallback: str = FALLBACK) -> str:
    """Return the name in ASCII; the fallback where no letter or digit is left."""
    folded = (
        unicodedata.normalize("NFKD", name).encode("ascii", errors="ignore").decode()
    )
    stem, dot, ending = folded.rpartition(".")
    if not dot:
        stem, ending = folded, ""
    stem = _NOT_ASCII_NAME.sub("-", stem).strip("-._")
    ending = _NOT_ASCII_NAME.sub("", ending)
    return (stem or fallback) + (f".{ending}" if ending else "")


def disposition(name: str, fallback: str = FALLBACK) -> str:
    """Return the Content-Disposition of a download (RFC 6266)."""
    plain = ascii_name(name, fallback)
    if plain == name:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
