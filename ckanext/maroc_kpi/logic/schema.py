from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args
from ckan.types import Context, Schema, Validator, ValidatorFactory

from ckanext.maroc_kpi import disputes, history
from ckanext.maroc_kpi.errors import NO_PERIOD, refuse


@validator_args
def kpi_list(
    ignore_missing: Validator,
    unicode_safe: Validator,
    boolean_validator: Validator,
    ignore: Validator,
) -> Schema:
    return {
        "institution": [either("organization"), ignore_missing, unicode_safe],
        "organization": [ignore],
        "below": [ignore_missing, boolean_validator],
        "__extras": [ignore],
    }


@validator_args
def kpi_show(
    not_empty: Validator,
    ignore_missing: Validator,
    unicode_safe: Validator,
    boolean_validator: Validator,
    ignore: Validator,
) -> Schema:
    return {
        "id": [either("name"), not_empty, unicode_safe],
        "institution": [either("organization"), ignore_missing, unicode_safe],
        "below": [ignore_missing, boolean_validator],
        "period": [ignore_missing, unicode_safe, _period],
        "name": [ignore],
        "organization": [ignore],
        "__extras": [ignore],
    }


@validator_args
def quality_show(
    not_empty: Validator, unicode_safe: Validator, ignore: Validator
) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "__extras": [ignore],
    }


@validator_args
def entry_create(  # noqa: PLR0917 - a validator per argument
    not_empty: Validator,
    not_missing: Validator,
    ignore_missing: Validator,
    unicode_safe: Validator,
    isodate: Validator,
    natural_number_validator: Validator,
    url_validator: Validator,
    ignore: Validator,
) -> Schema:
    optional: list[Validator] = [ignore_missing, natural_number_validator]
    return {
        "id": [either("name"), not_empty, unicode_safe],
        "institution": [either("organization"), ignore_missing, unicode_safe],
        "as_of": [not_empty, isodate],
        "letter": [not_empty, unicode_safe],
        "value": optional,
        "numerator": optional,
        "denominator": optional,
        "low": optional,
        "high": optional,
        "n": [not_missing, natural_number_validator],
        "population": optional,
        "source": [not_empty, unicode_safe],
        "url": [ignore_missing, unicode_safe, url_validator],
        "name": [ignore],
        "organization": [ignore],
        "__extras": [ignore],
    }


@validator_args
def roster_create(  # noqa: PLR0917 - a validator per argument
    not_empty: Validator,
    not_missing: Validator,
    ignore_missing: Validator,
    unicode_safe: Validator,
    isodate: Validator,
    url_validator: Validator,
    ignore: Validator,
) -> Schema:
    return {
        "upload": [not_missing],
        "as_of": [not_empty, isodate],
        "source": [not_empty, unicode_safe],
        "url": [ignore_missing, unicode_safe, url_validator],
        "__extras": [ignore],
    }


@validator_args
def dispute_create(
    not_empty: Validator,
    ignore_empty: Validator,
    unicode_safe: Validator,
    ignore: Validator,
) -> Schema:
    return {
        "id": [either("indicator"), not_empty, unicode_safe],
        "institution": [either("organization"), not_empty, unicode_safe],
        "month": [ignore_empty, unicode_safe, _month],
        "text": [not_empty, unicode_safe, _text],
        "indicator": [ignore],
        "organization": [ignore],
        "__extras": [ignore],
    }


@validator_args
def dispute_answer(
    not_empty: Validator,
    unicode_safe: Validator,
    natural_number_validator: Validator,
    one_of: ValidatorFactory,
    ignore: Validator,
) -> Schema:
    return {
        "id": [not_empty, natural_number_validator],
        "text": [not_empty, unicode_safe, _text],
        "outcome": [not_empty, one_of(list(disputes.OUTCOMES))],
        "__extras": [ignore],
    }


@validator_args
def dispute_list(
    ignore_missing: Validator, unicode_safe: Validator, ignore: Validator
) -> Schema:
    return {
        "indicator": [ignore_missing, unicode_safe],
        "institution": [either("organization"), ignore_missing, unicode_safe],
        "organization": [ignore],
        "__extras": [ignore],
    }


@validator_args
def dataset(not_empty: Validator, unicode_safe: Validator, ignore: Validator) -> Schema:
    return {"id": [not_empty, unicode_safe], "__extras": [ignore]}


@validator_args
def kpi_history(  # noqa: PLR0917 - a validator per argument
    not_empty: Validator,
    ignore_missing: Validator,
    unicode_safe: Validator,
    default: ValidatorFactory,
    one_of: ValidatorFactory,
    ignore: Validator,
) -> Schema:
    return {
        "id": [either("name"), not_empty, unicode_safe],
        "institution": [either("organization"), ignore_missing, unicode_safe],
        "by": [default("month"), one_of(["month", "day"])],
        "since": [ignore_missing, unicode_safe, _day(history.first_day)],
        "until": [ignore_missing, unicode_safe, _day(history.last_day)],
        "name": [ignore],
        "organization": [ignore],
        "__extras": [ignore],
    }


def either(older: str) -> Callable[..., None]:
    """Return a validator that takes what was given under CKAN's own word for it."""

    def validate(key: Any, data: dict[Any, Any], errors: Any, context: Context) -> None:
        if data.get(key) in {None, ""} or data[key] is tk.missing:
            data[key] = data.get((older,), tk.missing)

    return validate


def _period(given: str) -> str:
    try:
        history.first_day(given)
    except ValueError as error:
        raise refuse(NO_PERIOD, given) from error
    return given


def _month(given: str) -> dt.date:
    try:
        month = history.first_day(given)
    except ValueError as error:
        raise refuse(NO_PERIOD, given) from error
    if len(given) != len("2026-01"):
        raise refuse(NO_PERIOD, given)
    return month


def _text(given: str) -> str:
    said = given.strip()
    if not said:
        raise tk.Invalid(tk._("Missing value"))
    if len(said) > disputes.LONGEST:
        raise tk.Invalid(
            tk._("At most {number} letters.").format(number=disputes.LONGEST)
        )
    return said


def _day(read: Callable[[str], dt.date]) -> Callable[[str], dt.date]:
    def validate(given: str) -> dt.date:
        try:
            return read(given)
        except ValueError as error:
            raise refuse(NO_PERIOD, given) from error

    return validate
