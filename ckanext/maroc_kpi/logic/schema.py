from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ckan.logic.schema import validator_args
from ckan.types import Schema, Validator, ValidatorFactory

from ckanext.maroc_kpi import history
from ckanext.maroc_kpi.errors import NO_PERIOD, refuse


@validator_args
def kpi_list(
    ignore_missing: Validator, unicode_safe: Validator, ignore: Validator
) -> Schema:
    return {"organization": [ignore_missing, unicode_safe], "__extras": [ignore]}


@validator_args
def kpi_show(
    not_empty: Validator,
    ignore_missing: Validator,
    unicode_safe: Validator,
    ignore: Validator,
) -> Schema:
    return {
        "name": [not_empty, unicode_safe],
        "organization": [ignore_missing, unicode_safe],
        "__extras": [ignore],
    }


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
        "name": [not_empty, unicode_safe],
        "organization": [ignore_missing, unicode_safe],
        "by": [default("month"), one_of(["month", "day"])],
        "since": [ignore_missing, unicode_safe, _day(history.first_day)],
        "until": [ignore_missing, unicode_safe, _day(history.last_day)],
        "__extras": [ignore],
    }


def _day(read: Callable[[str], dt.date]) -> Callable[[str], dt.date]:
    def validate(given: str) -> dt.date:
        try:
            return read(given)
        except ValueError as error:
            raise refuse(NO_PERIOD, given) from error

    return validate
