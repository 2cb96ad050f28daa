"""Core's actions where they tell strangers more than they need."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import ChainedAction, Context, DataDict

FOR_ADMINISTRATORS = ("extensions", "ckan_version", "error_emails_to")


@tk.chained_action  # pyright: ignore[reportArgumentType]
@tk.side_effect_free
def status_show(
    original: ChainedAction, context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Return the site's public facts; what runs here is for its administrators.

    :returns: core's dictionary, without the plugins, the version and the addresses
        for errors unless a system administrator asks
    """
    told = original(context, data_dict)  # pyright: ignore[reportCallIssue]
    if not authz.is_sysadmin(context.get("user", "")):
        for key in FOR_ADMINISTRATORS:
            told.pop(key, None)
    return told


@tk.chained_action  # pyright: ignore[reportArgumentType]
@tk.side_effect_free
def api_token_list(
    original: ChainedAction, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Return a user's API tokens, each with the day on which it ends.

    The page of expire_api_token shows that day; core's list leaves it out, and the page
    fails.

    :returns: core's list, with ``plugin_extras`` in each token
    """
    told: Any = original(context, data_dict)  # pyright: ignore[reportCallIssue]
    kept = {
        token.id: token.plugin_extras or {}
        for token in model.Session.query(model.ApiToken).filter(
            model.ApiToken.id.in_([each["id"] for each in told])
        )
    }
    return [{**each, "plugin_extras": kept.get(each["id"], {})} for each in told]
