"""The arguments of the actions."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import Schema, Validator, ValidatorFactory


@tk.validator_args
def comite_set(
    not_empty: Validator,
    unicode_only: Validator,
    default: ValidatorFactory,
    boolean_validator: Validator,
) -> Schema:
    return {
        "id": [not_empty, unicode_only],
        "sits": [default(True), boolean_validator],
    }
