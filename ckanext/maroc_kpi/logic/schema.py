from __future__ import annotations

from ckan.logic.schema import validator_args
from ckan.types import Schema, Validator


@validator_args
def kpi_list(
    ignore_missing: Validator,
    unicode_safe: Validator,
    boolean_validator: Validator,
    ignore: Validator,
) -> Schema:
    return {
        "organization": [ignore_missing, unicode_safe],
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
        "name": [not_empty, unicode_safe],
        "organization": [ignore_missing, unicode_safe],
        "below": [ignore_missing, boolean_validator],
        "__extras": [ignore],
    }
