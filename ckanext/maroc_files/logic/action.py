"""Core's actions, where files pass by the uploader and tables by the lock."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import ChainedAction, Context, DataDict

from ckanext.maroc_files import dictionary, lock, uploader
from ckanext.maroc_portal.interfaces import was_public

__all__ = [
    "datastore_create",
    "datastore_delete",
    "datastore_function_create",
    "datastore_function_delete",
    "datastore_records_delete",
    "datastore_run_triggers",
    "datastore_upsert",
    "package_create",
]


@tk.chained_action  # pyright: ignore[reportArgumentType]
def package_create(
    original: ChainedAction, context: Context, data_dict: DataDict
) -> Any:
    """Create a dataset; see core's action.

    Core asks no uploader here: what a caller says of the file of an uploaded resource
    (``hash``, ``size``, ``file_name``) does not count. Files are added afterwards, by
    ``resource_create``.
    """
    resources = data_dict.get("resources")
    for resource in resources if isinstance(resources, list) else ():
        if (
            isinstance(resource, dict)
            and resource.get("url_type") == "upload"
            and not uploader.is_carried(resource)
        ):
            uploader.take_away(resource)
    return original(context, data_dict)  # pyright: ignore[reportCallIssue]


@tk.chained_action  # pyright: ignore[reportArgumentType]
def datastore_create(
    original: ChainedAction, context: Context, data_dict: DataDict
) -> Any:
    """Make a table, or describe its columns; see the DataStore's action.

    The table of an uploaded file is made from the file alone, and no table changes
    whose dataset is or was public: deposit a new file. With ``fields`` and nothing
    else, of an uploaded table, their ``info`` becomes the resource's
    ``data_dictionary``, by ``resource_patch``. Tables have no aliases here.
    """
    if lock.is_ours():
        return original(context, data_dict)  # pyright: ignore[reportCallIssue]
    tk.check_access("datastore_create", context.copy(), dict(data_dict))
    if data_dict.get("aliases"):
        lock.refuse("aliases", "no_alias")
    if _is_of_public_dataset(data_dict.get("resource")):
        lock.refuse("resource")
    resource = lock.resource_of(data_dict.get("resource_id"))
    if resource is not None and lock.is_locked(resource):
        if not dictionary.is_asked(data_dict):
            lock.refuse()
        if resource.url_type != "upload":
            # Where core's page of the dictionary shows it.
            raise tk.ValidationError({"fields": [{"info": [lock.said()]}]})
        return dictionary.change(context, resource, data_dict["fields"])
    return original(context, data_dict)  # pyright: ignore[reportCallIssue]


def _is_of_public_dataset(resource: Any) -> bool:
    """Whether a resource that is to be made would be one of a public dataset."""
    named = resource.get("package_id") if isinstance(resource, dict) else None
    package = model.Package.get(named) if isinstance(named, str) else None
    return package is not None and was_public(package.id)


def _locked(name: str) -> Any:
    """Return a link of an action's chain: nobody writes a locked table."""

    @tk.chained_action  # pyright: ignore[reportArgumentType]
    def action(original: ChainedAction, context: Context, data_dict: DataDict) -> Any:
        if not lock.is_ours():
            tk.check_access(name, context.copy(), dict(data_dict))
            resource = lock.resource_of(data_dict.get("resource_id"))
            if resource is not None and lock.is_locked(resource):
                lock.refuse()
        return original(context, data_dict)  # pyright: ignore[reportCallIssue]

    return action


datastore_delete = _locked("datastore_delete")
datastore_records_delete = _locked("datastore_records_delete")
datastore_run_triggers = _locked("datastore_run_triggers")
datastore_upsert = _locked("datastore_upsert")


def _closed(name: str) -> Any:
    """Return a link of an action's chain that nobody passes."""

    @tk.chained_action  # pyright: ignore[reportArgumentType]
    def action(original: ChainedAction, context: Context, data_dict: DataDict) -> Any:
        tk.check_access(name, context.copy(), dict(data_dict))
        lock.refuse("name", "no_function")

    return action


# A function of the DataStore is code in the database, for triggers alone.
datastore_function_create = _closed("datastore_function_create")
datastore_function_delete = _closed("datastore_function_delete")
