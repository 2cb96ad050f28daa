"""Validators named by the schemas of ``schemas/``.

Each one reads its options from the field that names it (``core_field``, ``line``,
``vocabulary``, ``required``) and refuses with a sentence of :mod:`..errors`. What
decides is in the pure modules :mod:`..texts` and :mod:`..addresses`.

``fluent_maroc_text`` bears a second prefix because ckanext-dcat knows a text in
several languages by a validator whose name begins with ``fluent``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_law import vocabulary
from ckanext.maroc_schema import addresses, errors, languages, texts
from ckanext.scheming.validation import scheming_validator

__all__ = [
    "fluent_maroc_text",
    "maroc_choice",
    "maroc_classification",
    "maroc_conclude",
    "maroc_file",
    "maroc_flag",
    "maroc_guess_format",
    "maroc_list_output",
    "maroc_owner",
    "maroc_prepare",
    "maroc_territories",
    "maroc_text_output",
    "maroc_words",
]

Field = Mapping[str, Any]
Schema = Mapping[str, Any]
Key = tuple[Any, ...]
Data = dict[Key, Any]
Errors = dict[Key, list[str]]
Validator = Callable[[Key, Data, Errors, Any], None]

OPEN = "non-classifie"
"""The one answer to the question of classification that lets data be opened."""

MOST_TERRITORIES = 100

OTHERWISE = {"dataset": "jeu-de-donnees", "organization": "institution"}
"""The address of what has a title that cannot be written in one."""

TABLES: Mapping[str, Any] = {
    "dataset": model.Package.__table__,  # type: ignore[attr-defined]
    "organization": model.Group.__table__,  # type: ignore[attr-defined]
}


class _Stored(NamedTuple):
    """What the database holds of the same thing, before this change."""

    text: texts.Text
    words: str | None


@scheming_validator
def maroc_prepare(_field: None, schema: Schema) -> Validator:
    """Fill CKAN's core fields from ours, and ours from core's, before all else.

    Runs once for the whole of a dataset or an institution: texts by language and
    their core fields, then the address when none was sent.
    """
    kind = "dataset" if "dataset_fields" in schema else "organization"
    fields: list[Field] = [*schema.get("dataset_fields", schema.get("fields", ()))]
    translated = [field for field in fields if "core_field" in field]

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        thing = _thing(kind, data, context)
        for field in translated:
            stored = _Stored(
                text=texts.load(thing.extras.get(field["field_name"])) if thing else {},
                words=_words_of(thing, field["core_field"]) if thing else None,
            )
            _settle(field, (), data, errs, stored)
        _refuse_unprintable(fields, data, errs)
        _refuse_shapes(fields, data, errs, ("name", "owner_org"))
        if thing and not _given(data, ("owner_org",)) and kind == "dataset":
            data["owner_org",] = thing.owner_org
        if not _given(data, ("name",)):
            broken = any(errs.values())
            data["name",] = thing.name if thing else _address(kind, data, broken)

    return validator


@scheming_validator
def fluent_maroc_text(field: Field, schema: Schema) -> Validator:
    """Keep a text in several languages, and its words in the core field.

    Takes ``{"fr": …, "ar": …}``, the same as JSON, a form's ``<field>-fr`` and
    ``<field>-ar``, or plain words. Texts are trimmed and otherwise kept as sent.
    """

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        if len(key) > 1:
            # In a resource, nothing has run before the fields themselves.
            _settle(field, key[:-1], data, errs, _stored_resource(key, data, context))
        if errs[key]:
            raise tk.StopOnError
        if not _given(data, key):
            _require(field, key, data, errs, "text_required")
        data[key] = texts.dump(data[key])

    return validator


@scheming_validator
def maroc_choice(field: Field, schema: Schema) -> Validator:
    """Accept a slug of the field's vocabulary."""
    chosen_from = field["vocabulary"]

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        slug = _words(field, key, data, errs, "choice_required")
        if vocabulary.find(chosen_from, slug) is None:
            value = _shown(slug)
            _refuse(
                field, key, errs, "unknown_choice", value=value, vocabulary=chosen_from
            )
        data[key] = slug

    return validator


@scheming_validator
def maroc_classification(field: Field, schema: Schema) -> Validator:
    """Let go on only what has none of the four levels (décret 2-21-406, art. 13)."""
    accepted = maroc_choice(field, schema)

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        accepted(key, data, errs, context)
        if data[key] != OPEN:
            level = vocabulary.label(
                field["vocabulary"], data[key], languages.of_reader()
            )
            _refuse(field, key, errs, "classified", value=level)

    return validator


@scheming_validator
def maroc_territories(field: Field, schema: Schema) -> Validator:
    """Accept codes of the territory, in the order sent, each once; kept as JSON."""

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        if errs[key]:
            raise tk.StopOnError
        if not _given(data, key):
            _require(field, key, data, errs, "territory_required")
        codes = _codes(data[key])
        if codes is None:
            _refuse(field, key, errs, "not_list")
        elif not codes:
            _require(field, key, data, errs, "territory_required")
        else:
            _check_codes(field, key, errs, codes)
            data[key] = json.dumps(codes, ensure_ascii=False)

    return validator


@scheming_validator
def maroc_words(field: Field, schema: Schema) -> Validator:
    """Keep plain words in any language, trimmed; one line when the field is one."""

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        line = field.get("line", False)
        if data.get(key) == "" and not field.get("required"):
            return  # A deleted answer: core would keep the old one of an absent key.
        words = texts.clean(_words(field, key, data, errs, "text_required"), line=line)
        if problem := texts.problem_of(words, line=line):
            errs[key].append(_sentence(field, problem))
            raise tk.StopOnError
        data[key] = words

    return validator


@scheming_validator
def maroc_conclude(_none: None, schema: Schema) -> Validator:
    """Judge the dataset as a whole, after its fields.

    Classified data are refused for that alone: nothing else is asked of them. And the
    form's second step does not publish a dataset that has no data yet; a caller of the
    API, who has no drafts, adds them when it likes.
    """
    link = _field(schema["resource_fields"], ("url",))

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        thing = _thing("dataset", data, context)
        answer = data.get(("classification",))
        level = isinstance(answer, str) and vocabulary.find("classification", answer)
        if level and errs["classification",]:
            for each in errs:
                if each != ("classification",):
                    errs[each] = []
        elif (
            thing
            and thing.state == "draft"
            and data.get(("state",)) == "active"
            and not thing.resources
            and not any(each[0] == "resources" for each in data)
        ):
            _refuse(link, ("url",), errs, "file_required")

    return validator


def maroc_guess_format(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Guess the format from the address, where that is a text: core expects no less."""
    if isinstance(data.get((*key[:-1], "url")), str):
        guess: Any = tk.get_validator("if_empty_guess_format")
        guess(key, data, errors, context)


@scheming_validator
def maroc_file(field: Field, schema: Schema) -> Validator:
    """Ask for a file or a link."""

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        data[key] = _words(
            {**field, "required": True}, key, data, errs, "file_required"
        )

    return validator


@scheming_validator
def maroc_owner(field: Field, schema: Schema) -> Validator:
    """Ask for the institution in a sentence, before core looks it up."""

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        data[key] = _words(field, key, data, errs, "organization_required")

    return validator


def maroc_flag(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Keep ``yes``, or nothing at all."""
    if data[key] is True or str(data[key] or "").strip().lower() in ("yes", "true"):
        data[key] = "yes"
    else:
        data.pop(key)
        raise tk.StopOnError


def maroc_text_output(value: Any) -> Any:
    """Return a stored text by language."""
    return texts.load(value)


def maroc_list_output(value: Any) -> Any:
    """Return a stored list."""
    return value if isinstance(value, list) else _codes(value) or []


# What the validators share.


def _settle(
    field: Field, prefix: Key, data: Data, errs: Errors, stored: _Stored
) -> None:
    """Put the text to keep in its field and its words in the core field."""
    key = (*prefix, field["field_name"])
    core_key = (*prefix, field["core_field"])
    line = field.get("line", False)
    given, words = _sent(key, data), data.get(core_key)
    if words is tk.missing:
        words = None
    if words is not None and not isinstance(words, str):
        given, words = (words if given is None else given), None
    value = texts.merged(
        None if given is None else texts.tidy(texts.read(given), line=line),
        words,
        stored=stored.text,
        stored_words=stored.words,
    )
    value = texts.tidy(value, line=line)
    found = [_sentence(field, each) for each in texts.problems(value, line=line)]
    if found:
        errs.setdefault(key, []).extend(found)
        data[key], data[core_key] = "", ""
    elif value:
        data[key], data[core_key] = value, texts.core(value)
    else:
        data[key] = tk.missing
        data[core_key] = _name_of_file(prefix, data) if prefix else ""


def _sent(key: Key, data: Data) -> Any:
    """Return the text that was sent, from a form's inputs or whole; None if neither."""
    extras = data.get((*key[:-1], "__extras")) or {}
    inputs = {lang: f"{key[-1]}-{lang}" for lang in texts.LANGUAGES}
    from_form = {
        lang: extras.pop(name) for lang, name in inputs.items() if name in extras
    }
    if from_form:
        return from_form
    value = data.get(key)
    return None if value is tk.missing else value


def _name_of_file(prefix: Key, data: Data) -> str:
    """Return the name by which to call a file that was given none.

    ``file_name`` is the name of an uploaded file as it came; a link has the end of
    its address.
    """
    given = (data.get((*prefix, "__extras")) or {}).get("file_name")
    url = data.get((*prefix, "url"))
    named = given or (texts.file_name(url) if isinstance(url, str) else "")
    return "" if texts.problem_of(named, line=True) else named


def _thing(kind: str, data: Data, context: Any) -> Any:
    """Return the dataset or institution that is being changed, None for a new one."""
    thing = context.get("package" if kind == "dataset" else "group")
    # A context used again may still hold what the call before changed.
    same = thing is not None and data.get(("id",)) in (thing.id, thing.name)
    return thing if same else None


def _words_of(thing: Any, core_field: str) -> str | None:
    return getattr(thing, core_field)


def _stored_resource(key: Key, data: Data, context: Any) -> _Stored:
    package, resource_id = context.get("package"), data.get((*key[:-1], "id"))
    if package is not None and isinstance(resource_id, str):
        for each in package.resources:
            if each.id == resource_id:
                return _Stored(texts.load(each.extras.get(key[-1])), each.name)
    return _Stored({}, None)


def _address(kind: str, data: Data, broken: bool) -> str:
    """Return a free address made from the title, and hold it until the commit."""
    made = addresses.address(str(data["title",]), otherwise=OTHERWISE[kind])
    if broken:
        return made
    # Two titles alike sent at the same moment wait for each other here.
    model.Session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:made, 0))"),
        {"made": f"maroc_schema {kind} {made}"},
    )
    table = TABLES[kind]
    taken = model.Session.execute(
        sa.union(
            sa.select(table.c.name).where(table.c.name.startswith(made)),
            sa.select(table.c.id).where(table.c.id.startswith(made)),
        )
    )
    return addresses.free(made, set(taken.scalars()))


def _refuse_unprintable(fields: Iterable[Field], data: Data, errs: Errors) -> None:
    """Refuse, in any field of core or ours, what the database cannot hold."""
    for key, value in data.items():
        if isinstance(value, str) and (found := texts.UNPRINTABLE.search(value)):
            problem = texts.Problem(
                code="unprintable", value=texts.code_point(found[0])
            )
            errs.setdefault(key, []).append(_sentence(_field(fields, key), problem))
            data[key] = ""


def _refuse_shapes(
    fields: Iterable[Field], data: Data, errs: Errors, names: Iterable[str]
) -> None:
    """Refuse a list or a number where core would ask the database with it."""
    for name in names:
        value = data.get((name,))
        if value not in (None, tk.missing) and not isinstance(value, str):
            problem = texts.Problem(code="not_text")
            errs.setdefault((name,), []).append(
                _sentence(_field(fields, (name,)), problem)
            )
            data[name,] = ""


def _field(fields: Iterable[Field], key: Key) -> Field:
    name = next((part for part in reversed(key) if isinstance(part, str)), "")
    same = (field for field in fields if field["field_name"] == name)
    return next(same, {"field_name": name, "label": name})


def _given(data: Data, key: Key) -> bool:
    value = data.get(key)
    return value not in (None, tk.missing, "", [], {})


def _words(field: Field, key: Key, data: Data, errs: Errors, empty: str) -> str:
    """Return the trimmed words of a field, or leave the field."""
    if errs[key]:
        raise tk.StopOnError
    value = data.get(key)
    if value in (None, tk.missing) or (isinstance(value, str) and not value.strip()):
        _require(field, key, data, errs, empty)
    if not isinstance(value, str):
        _refuse(field, key, errs, "not_text")
    return str(value).strip()


def _require(field: Field, key: Key, data: Data, errs: Errors, code: str) -> None:
    """Leave the field: empty when it may be, else with the sentence that says so."""
    if field.get("required"):
        _refuse(field, key, errs, code)
    data.pop(key, None)
    raise tk.StopOnError


def _refuse(field: Field, key: Key, errs: Errors, code: str, **figures: object) -> None:
    reader = languages.of_reader()
    label = languages.label(field, reader)
    errs[key].append(errors.say(code, reader, field=label, **figures))
    raise tk.StopOnError


def _sentence(field: Field, problem: texts.Problem) -> str:
    reader = languages.of_reader()
    label = languages.label(field, reader)
    if problem.lang in errors.LANGUAGE_NAMES:
        name = errors.LANGUAGE_NAMES[problem.lang]
        label = f"{label} ({name.get(reader, name['fr'])})"
    return errors.say(
        problem.code,
        reader,
        field=label,
        value=_shown(problem.value),
        length=problem.length,
        limit=problem.limit,
    )


def _codes(value: Any) -> list[str] | None:
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


def _check_codes(field: Field, key: Key, errs: Errors, codes: list[str]) -> None:
    if len(codes) > MOST_TERRITORIES:
        _refuse(field, key, errs, "too_many", length=len(codes), limit=MOST_TERRITORIES)
    for code in codes:
        if vocabulary.find(field["vocabulary"], code) is None:
            _refuse(
                field,
                key,
                errs,
                "unknown_choice",
                value=_shown(code),
                vocabulary=field["vocabulary"],
            )


def _shown(value: str) -> str:
    """Return a wrong value as a sentence can quote it."""
    plain = texts.FORCED_DIRECTION.sub("", texts.UNPRINTABLE.sub("", value))
    return plain if len(plain) <= 40 else f"{plain[:40]}…"
