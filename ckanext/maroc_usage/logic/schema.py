from __future__ import annotations

from ckan.logic.schema import validator_args
from ckan.types import Schema, Validator, ValidatorFactory


@validator_args
def usage_show(  # noqa: PLR0917 - a validator per argument
    ignore_missing: Validator,
    unicode_safe: Validator,
    isodate: Validator,
    one_of: ValidatorFactory,
    default: ValidatorFactory,
    ignore: Validator,
) -> Schema:
    return {
        "dataset": [ignore_missing, unicode_safe],
        "institution": [ignore_missing, unicode_safe],
        "by": [default("month"), one_of(["day", "month", "year"])],
        "since": [ignore_missing, isodate],
        "until": [ignore_missing, isodate],
        "names": [default("portal"), one_of(["portal", "counter"])],
        "__extras": [ignore],
    }
