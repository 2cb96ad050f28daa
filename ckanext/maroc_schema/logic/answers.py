"""What validators share: how an answer is read, left empty, and refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.maroc_law import vocabulary
from ckanext.maroc_schema import errors, languages, texts

Field = Mapping[str, Any]
Schema = Mapping[str, Any]
Key = tuple[Any, ...]
Data = dict[Key, Any]
Errors = dict[Key, list[str]]
Validator = Callable[[Key, Data, Errors, Any], None]

COLUMNS = frozenset({"description", "format", "license_id", "version"})
"""Fields that are columns of core's tables; the others are extras."""

MOST_CODES = 100
"""How many places, or other codes, one field may hold."""


def refuse_unprintable(fields: Iterable[Field], data: Data, errs: Errors) -> None:
    """Refuse, in any field of core or ours, what the database cannot hold."""
    for key, value in data.items():
        if isinstance(value, str) and (found := texts.UNPRINTABLE.search(value)):
            problem = texts.Problem(
                code="unprintable", value=texts.code_point(found[0])
            )
            errs.setdefault(key, []).append(sentence(field_of(fields, key), problem))
            data[key] = ""


def refuse_shapes(
    fields: Iterable[Field], data: Data, errs: Errors, names: Iterable[str]
) -> None:
    """Refuse a list or a number where core would ask the database with it."""
    for name in names:
        value = data.get((name,))
        if value not in (None, tk.missing) and not isinstance(value, str):
            problem = texts.Problem(code="not_text")
            errs.setdefault((name,), []).append(
                sentence(field_of(fields, (name,)), problem)
            )
            data[name,] = ""


def field_of(fields: Iterable[Field], key: Key) -> Field:
    """Return the field that a key stands for; core's own are called by their name."""
    name = next((part for part in reversed(key) if isinstance(part, str)), "")
    same = (field for field in fields if field["field_name"] == name)
    return next(same, {"field_name": name, "label": name})


def is_given(data: Data, key: Key) -> bool:
    """Whether there is an answer."""
    value = data.get(key)
    return value not in (None, tk.missing, "", [], {})


def words_of(field: Field, key: Key, data: Data, errs: Errors, empty: str) -> str:
    """Return the trimmed words of a field, or leave the field."""
    if errs[key]:
        raise tk.StopOnError
    value = data.get(key)
    if value in (None, tk.missing) or (isinstance(value, str) and not value.strip()):
        leave_empty(field, key, data, errs, empty)
    if not isinstance(value, str):
        refuse(field, key, errs, "not_text")
    return str(value).strip()


def leave_empty(field: Field, key: Key, data: Data, errs: Errors, code: str) -> None:
    """Leave the field: empty when it may be, else with the sentence that says so."""
    if field.get("required"):
        refuse(field, key, errs, code)
    if key[-1] in COLUMNS and data.get(key) is not tk.missing:
        data[key] = ""  # Core would keep a column's old value beside an absent key.
    else:
        data.pop(key, None)
    raise tk.StopOnError


def refuse(field: Field, key: Key, errs: Errors, code: str, **figures: object) -> None:
    """Leave the field with the sentence of a refusal, in the reader's language."""
    reader = languages.of_reader()
    label = languages.label(field, reader)
    errs[key].append(errors.say(code, reader, field=label, **figures))
    raise tk.StopOnError


def sentence(field: Field, problem: texts.Problem) -> str:
    """Return what is wrong with a text, in the reader's language."""
    reader = languages.of_reader()
    label = languages.label(field, reader)
    if problem.lang in errors.LANGUAGE_NAMES:
        name = errors.LANGUAGE_NAMES[problem.lang]
        label = f"{label} ({name.get(reader, name['fr'])})"
    return errors.say(
        problem.code,
        reader,
        field=label,
        value=shown(problem.value),
        length=problem.length,
        limit=problem.limit,
    )


def codes(value: Any) -> list[str] | None:
    """Return the codes sent, each once; None when it is no list of texts."""
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return None
        else:
            value = [value]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return None
    return list(dict.fromkeys(each.strip() for each in value if each.strip()))


def check_codes(field: Field, key: Key, errs: Errors, sent: list[str]) -> None:
    """Refuse too many codes, and those that the field's vocabulary has not."""
    if len(sent) > MOST_CODES:
        refuse(field, key, errs, "too_many", length=len(sent), limit=MOST_CODES)
    for code in sent:
        if vocabulary.find(field["vocabulary"], code) is None:
            refuse(
                field,
                key,
                errs,
                "unknown_choice",
                value=shown(code),
                vocabulary=field["vocabulary"],
            )


def shown(value: str) -> str:
    """Return a wrong value as a sentence can quote it."""
    plain = texts.FORCED_DIRECTION.sub("", texts.UNPRINTABLE.sub("", value))
    return plain if len(plain) <= 40 else f"{plain[:40]}…"
