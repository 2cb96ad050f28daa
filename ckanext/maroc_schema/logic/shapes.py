"""What core asks the database with before it validates anything.

Core looks up ``owner_org``, ``id`` and the like as they were sent, to know who may do
what; a list or a number there, or a letter that PostgreSQL cannot hold, ends in a 500.
And a dataset of a type that no schema knows is validated by none of our rules. Both
are refused first, each in a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.maroc_schema import errors, languages, texts

TEXTS = ("id", "owner_org", "name", "type", "package_id", "url", "format", "hash")
TEXTS += ("url_type", "mimetype", "description", "state")
LISTS = ("resources", "tags", "extras", "groups", "users")
EXAMPLE = '[{"name": "…"}]'


def problems(data: Mapping[str, Any], type_: str) -> dict[str, Any]:
    """Return what no action of core could take, by field.

    :param type_: the one type of thing that the action makes; empty for a resource
    """
    lang = languages.of_reader()
    found: dict[str, Any] = {}
    for name in TEXTS:
        if sentence := _text_problem(name, data.get(name), lang):
            found[name] = [sentence]
    for name in LISTS:
        value = data.get(name)
        if value is not None and not _is_dicts(value):
            said = errors.say("not_dicts", lang, field=name, example=EXAMPLE)
            # Core's own summary of errors looks inside those of the tags.
            found[name] = [{"name": [said]}] if name == "tags" else [said]
    given = data.get("type")
    if type_ and isinstance(given, str) and given not in ("", type_):
        found["type"] = [errors.say("unknown_type", lang, field="type", value=type_)]
    if "resources" not in found:
        inside = [problems(each, "") for each in data.get("resources") or ()]
        if any(inside):
            found["resources"] = inside
    return found


def shaped(type_: str = "") -> Callable[..., Any]:
    """Return a link of the chain of an action: the shapes first, then the action."""

    @tk.chained_action
    def action(original: Any, context: Any, data_dict: Any) -> Any:
        if found := problems(data_dict, type_):
            raise tk.ValidationError(found)
        if type_ and not data_dict.get("type", type_):
            # Core takes an empty type for one that no schema knows.
            del data_dict["type"]
        for each in (data_dict, *(data_dict.get("resources") or ())):
            _write_dictionary(each)
        return original(context, data_dict)

    return action


def _write_dictionary(resource: Any) -> None:
    """Make a text of the columns' list: core takes a list of objects apart."""
    if isinstance(resource.get("data_dictionary"), list):
        resource["data_dictionary"] = json.dumps(
            resource["data_dictionary"], ensure_ascii=False
        )


def _text_problem(name: str, value: Any, lang: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return errors.say("not_text", lang, field=name)
    bad = texts.UNPRINTABLE.search(value)
    if bad is None:
        return ""
    shown = texts.code_point(bad[0])
    return errors.say("unprintable", lang, field=name, value=shown)


def _is_dicts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)
