"""The arguments of the actions."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema, Validator, ValidatorFactory

MOST = 20


def at_most(value: Any) -> Any:
    """Cut a number; what is none was refused before."""
    return min(value, MOST) if isinstance(value, int) else value


@tk.validator_args
def keywords(
    not_empty: Validator,
    unicode_only: Validator,
    default: ValidatorFactory,
    one_of: Any,
    natural_number_validator: Validator,
) -> Schema:
    return {
        "q": [not_empty, unicode_only],
        "lang": [default("fr"), one_of(["fr", "ar", "en"])],
        "limit": [default(8), natural_number_validator, at_most],
    }
