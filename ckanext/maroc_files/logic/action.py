"""Core's actions, where files pass by the uploader."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import ChainedAction, Context, DataDict

from ckanext.maroc_files import uploader
from ckanext.maroc_portal.interfaces import CARRIED


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
            and resource.get("hash") not in CARRIED.get()
        ):
            uploader.take_away(resource)
    return original(context, data_dict)  # pyright: ignore[reportCallIssue]
