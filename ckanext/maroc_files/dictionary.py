"""The data dictionary of a loaded table: kept on its resource, shown by the DataStore.

Core keeps it as comments of the DataStore's columns alone, which no decision covers.
Here its page writes the resource's field ``data_dictionary``, by ``resource_patch``;
the comments are made from that field, and from the titles in the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.maroc_schema import dictionary

from . import loads, lock

ASKED = frozenset({"resource_id", "id", "force", "fields"})
"""What the page of the dictionary sends; whoever sends more writes the table."""
INFO = dictionary.INFO


def is_asked(data: Mapping[str, Any]) -> bool:
    """Whether a call of ``datastore_create`` is about the dictionary alone."""
    fields = data.get("fields")
    return (
        set(data) <= ASKED
        and isinstance(fields, list)
        and all(isinstance(each, dict) for each in fields)
    )


def change(
    context: Context, resource: model.Resource, fields: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Write the dictionary of an uploaded table on its resource.

    :raises ValidationError: for a column that the table lacks, or that cannot be said
    """
    known = loads.of_resource(resource.id)
    if known is None or not known.columns:
        lock.refuse()
        raise AssertionError
    titles = {each["id"]: each["label"] for each in known.columns}
    if {each.get("id") for each in fields} - set(titles):
        raise tk.ValidationError(_on_page(lock.said()))
    text = dictionary.write(_entries(fields, titles))
    try:
        tk.get_action("resource_patch")(
            tk.fresh_context(context), {"id": resource.id, "data_dictionary": text}
        )
    except tk.ValidationError as error:
        told = " ".join(str(each) for each in error.error_summary.values())
        raise tk.ValidationError(_on_page(told)) from error
    now = model.Resource.get(resource.id)
    if now is not None and of(now) != known.dictionary:
        # The worker writes down, a little later, that this is done.
        put(known, of(now))
    return {"resource_id": resource.id, "fields": list(fields)}


def of(resource: model.Resource) -> list[dict[str, Any]]:
    """Return the dictionary that stands on a resource."""
    text = resource.extras.get("data_dictionary")
    try:
        return dictionary.read(text) if text else []
    except (TypeError, ValueError):
        return []


def apply(resource: model.Resource) -> None:
    """Let the DataStore say what the resource's dictionary says now."""
    known = loads.of_resource(resource.id)
    if known is None or known.state != "loaded" or not known.columns:
        return
    entries = of(resource)
    if entries != known.dictionary:
        put(known, entries)
        loads.described(known.resource_id, entries)


def put(known: loads.Load, entries: Sequence[Mapping[str, Any]]) -> None:
    """Write the comments of a loaded table's columns."""
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    context: Any = {"user": site["name"], "ignore_auth": True}
    with lock.ours():
        tk.get_action("datastore_create")(
            context,
            {
                "resource_id": known.resource_id,
                "force": True,
                "fields": described(known.columns or (), entries),
            },
        )


def described(
    columns: Sequence[Mapping[str, Any]], entries: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the DataStore's fields: the file's titles, and what was said over them."""
    told = {each["id"]: each["info"] for each in entries}
    return [
        {
            "id": each["id"],
            "type": each["type"],
            "info": {
                **({"label": each["label"]} if each["label"] else {}),
                **told.get(each["id"], {}),
            },
        }
        for each in columns
    ]


def _entries(
    fields: Sequence[Mapping[str, Any]], titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return what was said of the columns, but for what the file says itself."""
    found = []
    for each in fields:
        info = each.get("info")
        said = {name: info.get(name) for name in INFO} if isinstance(info, dict) else {}
        if said.get("label") == titles[each["id"]]:
            del said["label"]
        found.append({"id": each["id"], "info": said})
    try:
        return dictionary.tidy(found)
    except ValueError as error:
        raise tk.ValidationError(_on_page(str(error))) from error


def _on_page(sentence: str) -> dict[str, Any]:
    """Put a sentence where core's page of the dictionary shows it."""
    return {"fields": [{"info": [sentence]}]}
