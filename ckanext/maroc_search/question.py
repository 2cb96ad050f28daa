"""What a reader asks, as Solr should hear it. Pure: parameters in, parameters out.

A question in plain words is looked for in every language; the reader's own weighs more.
Each thing that it names is looked for in its own words, in what the glossary says
beside them and, for a place, by its code (see :mod:`.concepts`). A question in Solr's
own syntax (``title:x``, ``*:*``) and one whose caller chose the parser pass as CKAN
made them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ckan.lib.search import SearchQueryError

from . import concepts
from .document import LANGUAGES, plain
from .glossary import Glossary

# How much a word found here says of what a dataset is about.
WEIGHTS = {"title": 8.0, "keywords": 4.0, "notes": 2.0, "text": 1.0}
LABELS = {"equivalents": 2.0, "labels": 1.0, "places": 2.0, "places_above": 0.5}
"""The same for fields that say everything in every language."""
OTHER_LANGUAGE = 0.25
"""What a word weighs in a language that is not the reader's."""

NOTHING = "-*:*"
"""What no dataset answers: asked where a question has signs and no word."""

EVERY = f"{concepts.ALWAYS}^=0"
"""What each dataset answers: asked where a question only says what it is not."""

# "name:value", which CKAN hands to Solr's own parser. Fields are in small letters, so
# that "Maroc:2024" and "http://…" are words.
_FIELDED = re.compile(r"(?:^|[\s(+\-!])(?:\*|[a-z_][a-z0-9_.]*):(?!//)(?=\S)")
_LOCAL = "{!"
# A phrase, or all that stands between spaces and phrases.
_TOKEN = re.compile(r'([+\-]?)"([^"]*)"|[^\s"]+')
# A point stands inside a word in "3.5" and "R.A.M.E.D.", not in a file's name.
_EXTENSION = re.compile(r"\.(?=[^\W\d_]{2})")


OPERATORS = {"AND", "OR", "NOT"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question for Solr, and how many of its clauses a dataset must answer."""

    q: str
    mm: int


def heard(
    params: MutableMapping[str, Any], lang: str, lexicon: Glossary | None = None
) -> MutableMapping[str, Any]:
    """Return the parameters of a search for a reader of ``lang``.

    :param lexicon: what is said for what; none: only what was typed is looked for
    :raises SearchQueryError: the map's box is no box
    """
    for name, value in params.items():
        params[name] = _readable(value)
    params.setdefault("qf", fields(lang))
    asked = params.get("q")
    if isinstance(asked, str) and "defType" not in params and is_plain(asked):
        said = understood(
            asked,
            lexicon or Glossary(entries=()),
            strict=not _by_relevance(params.get("sort")),
        )
        params["q"] = said.q
        if said.q != NOTHING:
            params["defType"] = "edismax"
            params.setdefault("mm", str(said.mm))
    extras = params.get("extras")
    if isinstance(extras, MutableMapping) and extras.get("ext_bbox"):
        extras["ext_bbox"] = box(extras["ext_bbox"])
    elif not isinstance(extras, Mapping):
        params["extras"] = {}
    return params


def understood(asked: str, lexicon: Glossary, *, strict: bool = False) -> Asked:
    """Return a question in plain words as clauses, one for each thing it names.

    Clauses without a sign are joined by OR, so that Solr counts those that a dataset
    answers; what the reader asked for with a sign or an operator keeps it.

    :param strict: whether answers come in another order than that of relevance, where
        one that says half of the question could stand before all others
    """
    parts = list(signed(asked))
    if not parts:
        return Asked(q=NOTHING, mm=0)
    free, fixed = [], []
    wanted = idle = 0
    for is_free, run in groupby(parts, key=lambda part: part.is_free):
        if is_free:
            for each in concepts.of([part.words for part in run], lexicon):
                free.append(each.clause)
                idle += each.is_general
                wanted += not each.is_general
            continue
        for part in run:
            (fixed if part.sign else free).append(f"{part.sign}{part.words}")
            wanted += not part.sign
    if fixed and len(free) < 2:
        # Solr takes a clause that no OR stands beside for one that must be answered.
        free.insert(0, EVERY)
        idle += len(free) > 1
    q = " ".join([" OR ".join(free), *fixed])
    if any(part.either for part in parts):
        return Asked(q=q, mm=0)
    # Half of what is named is enough to answer: what answers all of it comes first.
    enough = wanted - (wanted > 2) if strict else (wanted + 1) // 2
    return Asked(q=q, mm=enough + idle if wanted else 0)


def _by_relevance(sort: Any) -> bool:
    return not isinstance(sort, str) or sort.split(" ")[0] in ("", "rank", "score")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A word or a phrase of a question, and what the reader asks of it."""

    words: str
    sign: str = ""
    """``+``: it must be there; ``-``: it must not."""
    either: bool = False
    """Whether it stands beside an OR."""

    @property
    def is_free(self) -> bool:
        """Whether it is a plain word, to look for in every way."""
        return not self.sign and not self.words.startswith('"')


def signed(asked: str) -> Iterator[Part]:
    """Yield a question's words and phrases, the operators told by their signs.

    >>> [part.sign + part.words for part in signed('"eau potable" AND Fès NOT prix')]
    ['+"eau potable"', '+Fès', '-prix']
    """
    parts = _said(asked)
    for at, part in enumerate(parts):
        if part in OPERATORS:
            continue
        before = parts[at - 1] if at else ""
        earlier = parts[at - 2] if before == "NOT" and at > 1 else before
        after = parts[at + 1] if at + 1 < len(parts) else ""
        either = "OR" in (earlier, after)
        if part[0] in "+-":
            sign, bare = part[0], part[1:]
        else:
            sign, bare = "", part
        if before == "NOT":
            sign = "-"
        elif not sign and ("AND" in (before, after) or (bare[0] == '"' and not either)):
            sign = "+"
        yield Part(words=bare, sign=sign, either=either)


def fields(lang: str) -> str:
    """Return the fields to look into, with their weights for a reader of ``lang``."""
    found = [f"{name}^{weight:g}" for name, weight in LABELS.items()]
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
    return " ".join(_said(asked)) or NOTHING


def _said(asked: str) -> list[str]:
    """Return words, phrases and the operators that stand between two of them."""
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
    return said


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
            inside = " ".join(concepts.split(phrase))
            if inside:
                yield f'{sign}"{inside}"'
            continue
        token = found[0]
        first, *more = [*concepts.split(token), ""]
        if first:
            yield (token[0] if token[0] in "+-" and token[1].isalnum() else "") + first
        yield from more[:-1]
