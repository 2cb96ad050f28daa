"""Validators named by the schemas of ``schemas/``.

Each one reads its options from the field that names it (``core_field``, ``line``,
``vocabulary``, ``required``, ``past``) and refuses with a sentence of
:mod:`..errors`. What decides is in the pure modules :mod:`..texts` and
:mod:`..addresses`, and in the rules of the law.

``fluent_maroc_text`` bears a second prefix because ckanext-dcat knows a text in
several languages by a validator whose name begins with ``fluent``.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_law import vocabulary
from ckanext.maroc_law.answers import UNSURE, dated
from ckanext.maroc_portal import clock
from ckanext.maroc_schema import dictionary, keywords, languages, legal, texts
from ckanext.scheming.validation import scheming_validator

from .answers import (
    Data,
    Errors,
    Field,
    Key,
    Schema,
    Validator,
    check_codes,
    codes,
    field_of,
    is_given,
    leave_empty,
    refuse,
    refuse_shapes,
    refuse_unprintable,
    sentence,
    shown,
    words_of,
)
from .core_fields import (
    Stored,
    core_words,
    free_address,
    sent,
    settle,
    stored_extra,
    stored_resource,
    thing_of,
)

__all__ = [
    "fluent_maroc_keywords",
    "fluent_maroc_text",
    "maroc_choice",
    "maroc_choices",
    "maroc_classification",
    "maroc_conclude",
    "maroc_data_dictionary",
    "maroc_date",
    "maroc_email",
    "maroc_file",
    "maroc_flag",
    "maroc_guess_format",
    "maroc_keywords_output",
    "maroc_list_output",
    "maroc_owner",
    "maroc_parent",
    "maroc_prepare",
    "maroc_territories",
    "maroc_text_output",
    "maroc_words",
]

EMAIL = re.compile(r"[^\s@<>,;:?&()\[\]\"]+@[^\s@<>,;:?&()\[\]\"]+\.[^\W\d_][\w-]+")
"""What looks like an address: only sending a message to it would tell more."""

DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]+)?")
EARLIEST = dt.date(1000, 1, 1)
"""Before it, a year is a slip of the hand."""


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
        thing = thing_of(kind, data, context)
        for field in translated:
            stored = Stored(
                text=texts.load(thing.extras.get(field["field_name"])) if thing else {},
                words=core_words(thing, field["core_field"]) if thing else None,
            )
            settle(field, (), data, errs, stored)
        refuse_unprintable(fields, data, errs)
        refuse_shapes(fields, data, errs, ("name", "owner_org"))
        if thing and not is_given(data, ("owner_org",)) and kind == "dataset":
            data["owner_org",] = thing.owner_org
        if not is_given(data, ("name",)):
            broken = any(errs.values())
            data["name",] = thing.name if thing else free_address(kind, data, broken)

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
            settle(
                field, key[:-1], data, errs, stored_resource(field, key, data, context)
            )
        if errs[key]:
            raise tk.StopOnError
        if not is_given(data, key):
            leave_empty(field, key, data, errs, "text_required")
        data[key] = texts.dump(data[key])

    return validator


@scheming_validator
def fluent_maroc_keywords(field: Field, schema: Schema) -> Validator:
    """Keep keywords by language, and all of them as core's tags.

    Takes ``{"fr": ["eau"], "ar": ["ماء"]}``, the same as JSON, or a form's two lines
    of words between commas. A caller who knows only core's ``tags`` is served: each
    goes to the language of its script.
    """

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        if errs[key]:
            raise tk.StopOnError
        given = sent(key, data)
        tags = keywords.tags_of(data)
        package = thing_of("dataset", data, context)
        stored = keywords.load(package.extras.get(key[-1])) if package else {}
        value = keywords.merged(keywords.read(given), tags, stored=stored)
        for problem in keywords.problems(value):
            errs[key].append(sentence(field, problem))
        if errs[key]:
            raise tk.StopOnError
        if not value:
            leave_empty(field, key, data, errs, "text_required")
        data[key] = keywords.dump(value)

    return validator


@scheming_validator
def maroc_choice(field: Field, schema: Schema) -> Validator:
    """Accept a slug of the field's vocabulary."""
    chosen_from = field["vocabulary"]

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        slug = words_of(field, key, data, errs, "choice_required")
        if vocabulary.find(chosen_from, slug) is None:
            value = shown(slug)
            refuse(
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
        if data[key] in legal.CLOSED:
            level = vocabulary.label(
                field["vocabulary"], data[key], languages.of_reader()
            )
            refuse(field, key, errs, "classified", value=level)

    return validator


@scheming_validator
def maroc_choices(field: Field, schema: Schema) -> Validator:
    """Accept slugs of the field's vocabulary, in the order sent, each once.

    They come as a list, as its JSON, or as one slug; they are kept as JSON.
    """

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        if errs[key]:
            raise tk.StopOnError
        if not is_given(data, key):
            leave_empty(field, key, data, errs, "choice_required")
        given = codes(data[key])
        if given is None:
            refuse(field, key, errs, "not_list")
        elif not given:
            leave_empty(field, key, data, errs, "choice_required")
        else:
            check_codes(field, key, errs, given)
            data[key] = json.dumps(given, ensure_ascii=False)

    return validator


maroc_territories = maroc_choices
"""Places are slugs of the vocabulary ``territory``."""


@scheming_validator
def maroc_date(field: Field, schema: Schema) -> Validator:
    """Accept a day, ``2026-11-22``; one that is past or today where ``past`` is set."""

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        words = words_of(field, key, data, errs, "date_required")
        try:
            day = dt.date.fromisoformat(words[:10]) if DAY.fullmatch(words) else None
        except ValueError:
            day = None
        if day is None or day < EARLIEST:
            refuse(field, key, errs, "not_date", value=shown(words))
        elif field.get("past") and day > clock.today():
            refuse(field, key, errs, "future_date", value=_said(day.isoformat()))
        else:
            data[key] = day.isoformat()

    return validator


@scheming_validator
def maroc_email(field: Field, schema: Schema) -> Validator:
    """Accept an electronic mail address."""

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        words = words_of(field, key, data, errs, "text_required")
        is_plain = texts.problem_of(words, line=True) is None
        if not is_plain or not EMAIL.fullmatch(words):
            refuse(field, key, errs, "not_email", value=shown(words))
        data[key] = words

    return validator


@scheming_validator
def maroc_parent(field: Field, schema: Schema) -> Validator:
    """Accept another institution, not one that depends on this one; keep its id."""

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        parent = model.Group.get(words_of(field, key, data, errs, "text_required"))
        if parent is None or not parent.is_organization or parent.state != "active":
            refuse(field, key, errs, "unknown_institution", value=shown(data[key]))
            return
        this = context.get("group")
        above, seen = parent, set()
        while above is not None and above.id not in seen:
            if this is not None and above.id == this.id:
                refuse(field, key, errs, "own_parent")
            seen.add(above.id)
            higher = above.extras.get(key[-1])  # pyright: ignore[reportAttributeAccessIssue]
            above = model.Group.get(higher) if higher else None
        data[key] = parent.id

    return validator


@scheming_validator
def maroc_words(field: Field, schema: Schema) -> Validator:
    """Keep plain words in any language, trimmed; one line when the field is one."""

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        line = field.get("line", False)
        words = texts.clean(
            words_of(field, key, data, errs, "text_required"), line=line
        )
        if problem := texts.problem_of(words, line=line):
            errs[key].append(sentence(field, problem))
            raise tk.StopOnError
        data[key] = words

    return validator


@scheming_validator
def maroc_conclude(_none: None, schema: Schema) -> Validator:
    """Judge the dataset as a whole, after its fields.

    Classified data are refused for that alone: nothing else is asked of them. What
    contradicts itself is refused, and so is a change that would leave a hole in what
    is public. All else is kept: an answer that lacks is no reason to lose the others,
    and what becomes public is not for a validator to say.
    """
    fields = schema["dataset_fields"]

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        if errs["classification",] and data.get(("classification",)) in legal.CLOSED:
            for each in errs:
                if each != ("classification",):
                    errs[each] = []
        if any(errs.values()):
            return
        # Not before: core checks each tag that was sent, this one or another.
        keywords.put_tags(data, keywords.load(data.get(("tags_translated",))))
        package = thing_of("dataset", data, context)
        whole = legal.whole(fields, data)
        _refuse_periods(schema, data, errs, whole)
        _refuse_files(schema, data, errs, whole, package)
        verdict = legal.verdict(whole)
        if _is_public(package):
            # A change answers for itself: what was so before it refuses nothing.
            before = legal.verdict(legal.stored(fields, package))
            known = {reason.rule for reason in before.reasons}
            new = [each for each in verdict.reasons if each.rule not in known]
            holes = all(each.outcome == legal.Outcome.INCOMPLETE for each in new)
            refused = new if holes else [each for each in new if each.contradiction]
        else:
            refused = [each for each in verdict.reasons if each.contradiction]
        for reason in refused:
            errs.setdefault((legal.place(reason),), []).append(legal.said(reason))

    return validator


def _is_public(package: Any) -> bool:
    return (
        package is not None
        and package.state == model.State.ACTIVE
        and not package.private
    )


def _refuse_periods(schema: Schema, data: Data, errs: Errors, whole: Any) -> None:
    """Refuse a file's period that is no period, or lies outside its dataset's."""
    start, end = whole.get("temporal_start") or "", whole.get("temporal_end") or ""
    for place in _files(data):
        begins, ends = (
            value if isinstance(value := data.get((*place, name)), str) else ""
            for name in ("temporal_start", "temporal_end")
        )
        if begins and ends and ends < begins:
            wrong = ("temporal_end", "inverted_period", ends, begins)
        elif begins and start and begins < start:
            wrong = ("temporal_start", "outside_period", begins, start)
        elif ends and end and ends > end:
            wrong = ("temporal_end", "outside_period", ends, end)
        else:
            continue
        name, code, *days = wrong
        value, other = map(_said, days)
        where, asked = (*place, name), schema["resource_fields"]
        _say(asked, where, errs, code, value=value, other=other)


def _refuse_files(
    schema: Schema, data: Data, errs: Errors, whole: Any, package: Any
) -> None:
    """Take no file while nobody knows whether the data are classified."""
    if whole.get("classification") != UNSURE:
        return
    there = {each.id for each in package.resources} if package is not None else set()
    for place in _files(data):
        is_new = data.get((*place, "id")) not in there
        if is_new and data.get((*place, "url_type")) == "upload":
            _say(schema["resource_fields"], (*place, "url"), errs, "no_file_yet")


def _files(data: Data) -> list[Key]:
    """Return where the files stand among the flattened data, in their order."""
    return sorted({key[:2] for key in data if key[0] == "resources" and len(key) > 2})


def _said(day: str) -> str:
    """Return a day as the reader writes it."""
    return dated(dt.date.fromisoformat(day))[languages.of_reader()]


def _say(fields: Any, key: Key, errs: Errors, code: str, **figures: object) -> None:
    errs.setdefault(key, [])
    try:
        refuse(field_of(fields, key), key, errs, code, **figures)
    except tk.StopOnError:
        return  # The whole is being judged: there is no field to leave.


def maroc_guess_format(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Guess the format from the address, where that is a text: core expects no less."""
    if isinstance(data.get((*key[:-1], "url")), str):
        guess: Any = tk.get_validator("if_empty_guess_format")
        guess(key, data, errors, context)


@scheming_validator
def maroc_file(field: Field, schema: Schema) -> Validator:
    """Ask for a file or a link."""

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        data[key] = words_of(
            {**field, "required": True}, key, data, errs, "file_required"
        )

    return validator


@scheming_validator
def maroc_data_dictionary(field: Field, schema: Schema) -> Validator:
    """Keep what the columns mean; what no form sends stays as it was.

    An empty text, or an empty list, takes it away.
    """

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        value = data.get(key)
        if value is tk.missing or value is None:
            value = stored_extra(key, data, context)
        if not isinstance(value, str):
            refuse(field, key, errs, "bad_dictionary", example=dictionary.EXAMPLE)
        try:
            entries = dictionary.read(value or "[]")
        except (ValueError, RecursionError):
            refuse(field, key, errs, "bad_dictionary", example=dictionary.EXAMPLE)
        else:
            if entries:
                data[key] = dictionary.write(entries)
            else:
                leave_empty(field, key, data, errs, "")

    return validator


@scheming_validator
def maroc_owner(field: Field, schema: Schema) -> Validator:
    """Ask for the institution in a sentence, before core looks it up."""

    def validator(key: Key, data: Data, errs: Errors, context: Any) -> None:
        data[key] = words_of(field, key, data, errs, "organization_required")

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
    return value if isinstance(value, list) else codes(value) or []


def maroc_keywords_output(value: Any) -> Any:
    """Return stored keywords by language."""
    return keywords.load(value)
