"""What core asks the database with before it validates anything.

Core looks up ``owner_org``, ``id`` and the like as they were sent, to know who may do
what; a list or a number there, or a letter that PostgreSQL cannot hold, ends in a 500.
Here they are refused first, each in a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.maroc_schema import errors, languages, texts

TEXTS = ("id", "owner_org", "name", "type", "package_id")
EXAMPLE = '[{"name": "…"}]'
LISTS = ("resources", "tags", "extras", "groups", "users")


def problems(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what no action of core could take, by field."""
    lang = languages.of_reader()
    found = {}
    for name in TEXTS:
        value = data.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            found[name] = [errors.say("not_text", lang, field=name)]
        elif bad := texts.UNPRINTABLE.search(value):
            shown = texts.code_point(bad[0])
            found[name] = [errors.say("unprintable", lang, field=name, value=shown)]
    for name in LISTS:
        value = data.get(name)
        if value is not None and not (
            isinstance(value, list) and all(isinstance(each, Mapping) for each in value)
        ):
            found[name] = [errors.say("not_dicts", lang, field=name, example=EXAMPLE)]
    return found


def shaped() -> Callable[..., Any]:
    """Return a link of the chain of an action: the shapes first, then the action."""

    @tk.chained_action  # pyright: ignore[reportArgumentType]
    def action(original: Any, context: Any, data_dict: Any) -> Any:
        if found := problems(data_dict):
            raise tk.ValidationError(found)  # pyright: ignore[reportArgumentType]
        return original(context, data_dict)

    return action
