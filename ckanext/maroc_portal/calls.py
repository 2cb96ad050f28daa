"""What a call of the API asks, read again after it was answered."""

from __future__ import annotations

import json
from typing import Any

from flask import Request


def asked_of_action(asked: Request) -> dict[str, Any]:
    """Return the data dict of an API call, read again as CKAN's API reads it.

    Raises ValueError where the body is no JSON.
    """
    if asked.method in ("GET", "HEAD"):
        return asked.args.to_dict()
    if asked.form:
        keys = list(asked.form)
        if len(keys) == 1 and asked.form[keys[0]] in ("", "1"):
            # JSON sent without its content type arrives as a form's only key.
            data = json.loads(keys[0])
        else:
            return asked.form.to_dict()
    else:
        data = asked.get_json(silent=True)
    return data if isinstance(data, dict) else {}
