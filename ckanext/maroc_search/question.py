"""What a reader asks, as Solr should hear it. Pure: parameters in, parameters out.

A question in plain words is looked for in every language; the reader's own weighs
more. A question in Solr's own syntax (``title:x``, ``*:*``) and one whose caller chose
the parser pass as CKAN made them.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from ckan.lib.search import SearchQueryError

from .document import LANGUAGES, plain

# How much a word found here says of what a dataset is about.
WEIGHTS = {"title": 8.0, "notes": 2.0, "text": 1.0}
KEYWORDS = 4.0
OTHER_LANGUAGE = 0.25
"""What a word weighs in a language that is not the reader's."""

NOTHING = "-*:*"
"""What no dataset answers: asked where a question has signs and no word."""

# "name:value", which CKAN hands to Solr's own parser. Fields are in small letters, so
# that "Maroc:2024" and "http://…" are words.
_FIELDED = re.compile(r"(?:^|[\s(+\-!])(?:\*|[a-z_][a-z0-9_.]*):(?!//)(?=\S)")
_LOCAL = "{!"
# A phrase, or all that stands between spaces and phrases.
_TOKEN = re.compile(r'([+\-]?)"([^"]*)"|[^\s"]+')
# Signs that stand inside a word; a point does in "3.5" and "R.A.M.E.D.", not in a
# file's name.
_INSIDE = "'’ʼ´`."
_EXTENSION = re.compile(r"\.(?=[^\W\d_]{2})")


def heard(params: MutableMapping[str, Any], lang: str) -> MutableMapping[str, Any]:
    """Return the parameters of a search for a reader of ``lang``.

    :raises SearchQueryError: the map's box is no box
    """
    for name, value in params.items():
        params[name] = _readable(value)
    params.setdefault("qf", fields(lang))
    asked = params.get("q")
    if isinstance(asked, str) and "defType" not in params and is_plain(asked):
        params["q"] = words(asked)
        if " OR " in params["q"]:
            # Without it, two words of which one is enough would both be asked for.
            params.setdefault("mm", "0")
    extras = params.get("extras")
    if isinstance(extras, MutableMapping) and extras.get("ext_bbox"):
        extras["ext_bbox"] = box(extras["ext_bbox"])
    elif not isinstance(extras, Mapping):
        params["extras"] = {}
    return params


def fields(lang: str) -> str:
    """Return the fields to look into, with their weights for a reader of ``lang``."""
    found = [f"keywords^{KEYWORDS:g}"]
    for each in LANGUAGES:
        share = 1.0 if each == lang else OTHER_LANGUAGE
        found += [f"{name}_{each}^{w * share:g}" for name, w in WEIGHTS.items()]
    return " ".join(found)


def is_plain(asked: str) -> bool:
    """Whether a question is words, and not Solr's own syntax.

    >>> is_plain("Maroc : 2024"), is_plain("title:eau"), is_plain("*:*")
    (True, False, False)
    """
    bare = asked.strip()
    return bool(bare.strip("\"'")) and _LOCAL not in bare and not _FIELDED.search(bare)


def words(asked: str) -> str:
    """Return a question as words, with what readers may say: "…", -word, AND, OR, NOT.

    Everything else that Solr would read as syntax separates words.

    >>> words("Fès-Meknès (eau/forêts) ?"), words('"eau potable" -prix AND')
    ('Fès Meknès eau forêts', '"eau potable" -prix')
    """
    said: list[str] = []
    joined, negated = "", False
    for part in _parts(_EXTENSION.sub(" ", plain(asked))):
        if part in ("AND", "OR"):
            joined, negated = part, False
        elif part == "NOT":
            negated = True
        else:
            # An operator acts between two words, or is only a word too many.
            said += [joined] if said and joined else []
            said += ["NOT", part] if negated else [part]
            joined, negated = "", False
    return " ".join(said) or NOTHING


def box(value: Any) -> str:
    """Return the map's box as four numbers: west, south, east, north.

    A map that shows the world more than once asks for all of it.

    :raises SearchQueryError: it is something else
    """
    parts = value.split(",") if isinstance(value, str) else value
    try:
        numbers = [float(part) for part in parts]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise SearchQueryError("ext_bbox is west,south,east,north, in degrees")
    west, south, east, north = numbers
    if east - west >= 360:
        west, east = -180.0, 180.0
    south, north = max(south, -90.0), min(north, 90.0)
    return ",".join(f"{number:.9g}" for number in (west, south, east, north))


def _readable(value: Any) -> Any:
    """Replace what no UTF-8 can carry: half a pair of a JSON escape."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_readable(each) for each in value]
    return value


def _parts(text: str) -> Iterator[str]:
    """Yield words, phrases in double quotes, and operators."""
    for found in _TOKEN.finditer(text):
        sign, phrase = found[1] or "", found[2]
        if phrase is not None:
            inside = " ".join(_split(phrase))
            if inside:
                yield f'{sign}"{inside}"'
            continue
        token = found[0]
        first, *more = [*_split(token), ""]
        if first:
            yield (token[0] if token[0] in "+-" and token[1].isalnum() else "") + first
        yield from more[:-1]


def _split(token: str) -> list[str]:
    """Cut by all but letters, marks, digits, and signs that stand inside a word."""
    kept = (
        letter
        if letter in _INSIDE or unicodedata.category(letter)[0] in "LMN"
        else ("" if unicodedata.category(letter) == "Cf" else " ")
        for letter in token
    )
    parts = "".join(kept).split()
    return [part for part in parts if any(letter.isalnum() for letter in part)]
