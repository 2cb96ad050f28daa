"""The arguments of the actions."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema, Validator, ValidatorFactory

from ckanext.maroc_portal import clock
from ckanext.maroc_workflow import errors

LONGEST = 2_000
"""Letters of a reason or a remark."""


def day(value: Any) -> dt.date:
    """Take a day, ``2026-12-01``."""
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        raise tk.Invalid(errors.say("not_date", value=str(value)[:40])) from None


def moment(value: Any) -> dt.datetime:
    """Take a day or a moment; one without a zone is Casablanca's."""
    try:
        found = dt.datetime.fromisoformat(str(value))
    except ValueError:
        raise tk.Invalid(errors.say("not_date", value=str(value)[:40])) from None
    return found if found.tzinfo else found.replace(tzinfo=clock.CASABLANCA)


def said(value: Any) -> str:
    """Take words, cut at their longest; none at all are refused."""
    words = str(value or "").replace("\x00", "").strip()[:LONGEST]
    if not words:
        raise tk.Invalid(errors.say("reason_missing"))
    return words


def remarks(value: Any) -> dict[str, str]:
    """Take words by field; plain words are about the whole."""
    given = value if isinstance(value, dict) else {"": value}
    kept = {str(field)[:100]: said(words) for field, words in given.items() if words}
    if not kept:
        raise tk.Invalid(errors.say("reason_missing"))
    return kept


@tk.validator_args
def by_id(not_empty: Validator, unicode_only: Validator) -> Schema:
    return {"id": [not_empty, unicode_only]}


@tk.validator_args
def approve(
    not_empty: Validator, unicode_only: Validator, ignore_empty: Validator
) -> Schema:
    return {
        "id": [not_empty, unicode_only],
        "hash": [ignore_empty, unicode_only],
        "reason": [ignore_empty, said],
    }


@tk.validator_args
def request_changes(not_empty: Validator, unicode_only: Validator) -> Schema:
    return {"id": [not_empty, unicode_only], "remarks": [not_empty, remarks]}


@tk.validator_args
def withdraw(
    not_empty: Validator, unicode_only: Validator, ignore_empty: Validator
) -> Schema:
    return {
        "id": [not_empty, unicode_only],
        "reason": [said],
        "article": [ignore_empty, said],
    }


@tk.validator_args
def schedule(not_empty: Validator, unicode_only: Validator) -> Schema:
    return {"id": [not_empty, unicode_only], "date": [not_empty, moment]}


def records(data: dict[str, Any]) -> list[Any]:
    """Take the rows of a push out of its arguments: a list, or the JSON text of one.

    CKAN's schemas would take a list of dictionaries apart.
    """
    value = data.pop("records", None)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, list):
        raise tk.ValidationError({"records": [errors.say("feed_empty")]})
    return value


@tk.validator_args
def feed_create(
    not_empty: Validator, unicode_only: Validator, ignore_empty: Validator
) -> Schema:
    return {
        "id": [not_empty, unicode_only],
        "account": [not_empty, unicode_only],
        "until": [not_empty, day],
        "reason": [ignore_empty, said],
    }


@tk.validator_args
def feed_push(
    not_empty: Validator,
    unicode_only: Validator,
    ignore_empty: Validator,
    default: ValidatorFactory,
    one_of: ValidatorFactory,
) -> Schema:
    return {
        "id": [not_empty, unicode_only],
        "method": [default("append"), one_of(["append", "replace"])],
        "push_id": [ignore_empty, unicode_only],
    }


@tk.validator_args
def feed_withdraw(boolean_validator: Validator, default: ValidatorFactory) -> Schema:
    return {**withdraw(), "keep": [default(False), boolean_validator]}


@tk.validator_args
def delegate(not_empty: Validator, unicode_only: Validator) -> Schema:
    return {
        "organization": [not_empty, unicode_only],
        "user": [not_empty, unicode_only],
        "starts": [not_empty, day],
        "ends": [not_empty, day],
    }


@tk.validator_args
def _trail(
    ignore_empty: Validator,
    unicode_only: Validator,
    natural_number_validator: Validator,
    default: ValidatorFactory,
) -> Schema:
    """Return what every list of the trail may be asked for."""
    return {
        "id": [ignore_empty, unicode_only],
        "organization": [ignore_empty, unicode_only],
        "since": [ignore_empty, day],
        "until": [ignore_empty, day],
        "limit": [default(100), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }


@tk.validator_args
def decision_list(ignore_empty: Validator, unicode_only: Validator) -> Schema:
    return {
        **_trail(),
        "kind": [ignore_empty, unicode_only],
        "article": [ignore_empty, unicode_only],
    }


@tk.validator_args
def consultation_list(
    ignore_empty: Validator,
    unicode_only: Validator,
    boolean_validator: Validator,
    default: ValidatorFactory,
) -> Schema:
    return {
        **_trail(),
        "what": [ignore_empty, unicode_only],
        "by_role": [default(False), boolean_validator],
    }


@tk.validator_args
def version_close(not_empty: Validator, unicode_only: Validator) -> Schema:
    return {
        "id": [not_empty, unicode_only],
        "resource_id": [not_empty, unicode_only],
        "sha256": [not_empty, unicode_only],
        "reason": [said],
    }


@tk.validator_args
def queue_list(
    ignore_empty: Validator,
    unicode_only: Validator,
    boolean_validator: Validator,
    default: ValidatorFactory,
) -> Schema:
    return {
        "organization": [ignore_empty, unicode_only],
        "mine": [default(False), boolean_validator],
    }
