"""Keywords by language, and CKAN's tags, which are all of them together.

They come as lists by language, as the same in JSON, as a form's words between commas,
or as tags from a caller who knows only core: each of those then goes to the language
of its script. Everything here is pure but for :func:`put_tags`, which changes what it
is given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from . import texts

Keywords = dict[str, list[str]]
"""The words by language; a language without words is absent."""

BETWEEN = re.compile("[,،;؛\n]")
NOT_IN_TAGS = re.compile(r"[^\w .-]+")
"""What core's tags may not hold: a keyword keeps it, its tag does not."""

LONGEST, MOST = 100, 30
"""Letters of one keyword, and keywords of one language."""


def read(value: Any) -> Any:
    """Return keywords by language; what cannot be them as it is; None for nothing sent.

    >>> read({"fr": "eau, forêts", "ar": ["ماء"]})
    {'fr': ['eau', 'forêts'], 'ar': ['ماء']}
    """
    if isinstance(value, str):
        try:
            loaded = json.loads(value)
        except (ValueError, RecursionError):
            loaded = None
        if not isinstance(loaded, Mapping):
            return of_tags(_words(value))
        value = loaded
    if not isinstance(value, Mapping):
        return value
    found = {lang: _words(words) for lang, words in value.items()}
    return {lang: words for lang, words in found.items() if words}


def of_tags(tags: Iterable[str]) -> Keywords:
    """Return tags by the language of their script.

    >>> of_tags(["eau", "ماء"])
    {'fr': ['eau'], 'ar': ['ماء']}
    """
    found: Keywords = {}
    for tag in tags:
        found.setdefault(texts.language_of(tag), []).append(tag)
    return found


def merged(given: Any, tags: list[str] | None, *, stored: Keywords) -> Any:
    """Return the keywords to keep, from what a caller sent and what is stored.

    A caller who knows only core sends the keywords back as they were, or not at all,
    and changes the tags: the tags then win, and a word that was known keeps its
    language.
    """
    if tags is None:
        return {} if given is None else given
    untouched = given is None or given == stored
    if not untouched or set(tags) == set(names(stored)):
        return stored if given is None else given
    known = {tag(word): (lang, word) for lang, word in _each(stored)}
    found: Keywords = {}
    for name in tags:
        lang, word = known.get(name, (texts.language_of(name), name))
        found.setdefault(lang, []).append(word)
    return found


def problems(value: Any) -> Iterator[texts.Problem]:
    """Say what is wrong with keywords, one problem a language."""
    if not isinstance(value, Mapping):
        yield texts.Problem(code="not_text")
        return
    for lang, words in value.items():
        if lang not in texts.LANGUAGES:
            yield texts.Problem(code="unknown_language", value=str(lang))
        elif not isinstance(words, list):
            yield texts.Problem(code="not_text", lang=lang)
        elif len(words) > MOST:
            yield texts.Problem(
                code="too_many_words", lang=lang, length=len(words), limit=MOST
            )
        elif problem := next(
            filter(None, (_problem(each, lang) for each in words)), None
        ):
            yield problem


def names(value: Keywords) -> list[str]:
    """Return the tags that stand for the keywords, each once."""
    return list(dict.fromkeys(tag(word) for _, word in _each(value)))


def tag(word: str) -> str:
    """Return a keyword as core takes it for a tag.

    >>> tag("gestion de l'eau")
    'gestion de l eau'
    """
    return " ".join(NOT_IN_TAGS.sub(" ", word).split())


def dump(value: Keywords) -> str:
    """Return the keywords as they are stored, their languages in one order."""
    ordered = {lang: value[lang] for lang in texts.LANGUAGES if lang in value}
    return json.dumps(ordered, ensure_ascii=False)


def load(stored: Any) -> Keywords:
    """Return stored keywords by language; what is not them gives none."""
    value = read(stored) if stored else {}
    if not isinstance(value, Mapping):
        return {}
    return {
        lang: words
        for lang, words in value.items()
        if isinstance(words, list) and all(isinstance(each, str) for each in words)
    }


def tags_of(data: Mapping[Any, Any]) -> list[str] | None:
    """Return the tags of a flattened dataset, None when none were sent."""
    found = [
        value
        for key, value in sorted(data.items(), key=lambda item: str(item[0]))
        if key[0] == "tags" and key[-1] == "name" and isinstance(value, str)
    ]
    # An empty list has nothing to flatten: core leaves it among what it does not know.
    none_left = (data.get(("__extras",)) or {}).get("tags") == []
    return found if found or none_left else None


def put_tags(data: MutableMapping[Any, Any], value: Keywords) -> None:
    """Make a flattened dataset's tags those of its keywords."""
    for key in [key for key in data if key[0] == "tags"]:
        del data[key]
    for number, name in enumerate(names(value)):
        data["tags", number, "name"] = name


def _words(value: Any) -> Any:
    if isinstance(value, str):
        value = BETWEEN.split(value)
    if not isinstance(value, list):
        return value
    tidy = [
        texts.clean(each, line=True) if isinstance(each, str) else each
        for each in value
    ]
    seen: list[Any] = []
    for each in tidy:
        if len(seen) > MOST:
            break  # Too many already, which is said: the rest need not be compared.
        if each not in ("", None) and each not in seen:
            seen.append(each)
    return seen


def _each(value: Keywords) -> Iterator[tuple[str, str]]:
    for lang, words in value.items():
        for word in words:
            yield lang, word


def _problem(word: Any, lang: str) -> texts.Problem | None:
    problem = texts.problem_of(word, line=True, lang=lang)
    if problem is None and not 2 <= len(tag(word)) <= LONGEST:
        return texts.Problem(
            code="keyword_length",
            lang=lang,
            value=word,
            length=len(word),
            limit=LONGEST,
        )
    return problem
