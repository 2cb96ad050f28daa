"""Core's actions where they tell strangers more than they need; the Comité's seats."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.lib.dictization import model_dictize
from ckan.logic.schema import default_autocomplete_schema
from ckan.types import ChainedAction, Context, DataDict

from ckanext.maroc_portal import hits, roles

from . import schema

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


@tk.side_effect_free
def maroc_portal_comite_list(context: Context, data_dict: DataDict) -> list[str]:
    """List who sits in the Comité de pilotage: they read every dashboard.

    :returns: the names of their accounts, sorted
    :rtype: list of strings

    Raises NotAuthorized for who does not administer the portal.
    """
    tk.check_access("maroc_portal_comite_list", context, data_dict)
    return roles.comite()


@tk.validate_action_data(schema.comite_set)
def maroc_portal_comite_set(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give someone a seat in the Comité de pilotage, or take it back.

    :param id: the name or id of the account
    :type id: string
    :param sits: whether it sits there from now on (default: true)
    :type sits: boolean

    :returns: ``name`` and ``sits``
    :rtype: dictionary

    Raises NotAuthorized for who does not administer the portal, NotFound for an
    unknown account.
    """
    tk.check_access("maroc_portal_comite_set", context, data_dict)
    user = model.User.get(data_dict["id"])
    if user is None:
        raise tk.ObjectNotFound(tk._("There is no such account."))
    roles.seat(user, sits=data_dict["sits"])
    model.repo.commit()
    return {"name": user.name, "sits": data_dict["sits"]}


# Core's, where they tell of what the reader may not read, or fail without a sentence


FORMATS = (
    "CSV",
    "XLSX",
    "ODS",
    "JSON",
    "GeoJSON",
    "XML",
    "PDF",
    "XLS",
    "SHP",
    "KML",
    "GPKG",
    "GML",
    "RDF",
    "Parquet",
    "GTFS",
    "TXT",
    "DOCX",
    "ODT",
    "HTML",
    "PNG",
    "JPEG",
    "TIFF",
    "ZIP",
)
"""Common formats, proposed whether or not a file of the portal has them."""


@tk.side_effect_free
@tk.validate_action_data(default_autocomplete_schema)
def format_autocomplete(context: Context, data_dict: DataDict) -> list[str]:
    """Propose formats of files: those of public datasets, and common ones.

    :param q: a part of the format
    :type q: string
    :param limit: how many at most (default: 5)
    :type limit: integer

    :returns: formats in small letters, the most used first
    :rtype: list of strings
    """
    tk.check_access("format_autocomplete", context, data_dict)
    part, limit = data_dict["q"].lower(), data_dict.get("limit", 5)
    name = sa.func.lower(model.Resource.format)
    used = (
        model.Session.query(name)
        .join(model.Package, model.Package.id == model.Resource.package_id)
        .filter(
            model.Package.state == model.State.ACTIVE,
            model.Package.private.is_not(True),
            model.Resource.state == model.State.ACTIVE,
            model.Resource.format != "",
            name.contains(part, autoescape=True),
        )
        .group_by(name)
        .order_by(sa.func.count().desc(), name)
        .limit(limit)
    )
    common = (each.lower() for each in FORMATS if part in each.lower())
    return list(dict.fromkeys([*(row[0] for row in used), *common]))[:limit]


@tk.chained_action  # pyright: ignore[reportArgumentType]
@tk.side_effect_free
def package_autocomplete(
    original: ChainedAction, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Propose datasets that the reader may read now; the index alone may lag.

    :param q: a part of the name or the title
    :type q: string
    """
    found: Any = original(context, data_dict)  # pyright: ignore[reportCallIssue]
    right = hits.standing(model.Package.name, [each["name"] for each in found])
    return [each for each in found if each["name"] in right]


@tk.chained_action  # pyright: ignore[reportArgumentType]
@tk.side_effect_free
def tag_list(original: ChainedAction, context: Context, data_dict: DataDict) -> Any:
    """List the keywords that are in use, by their names.

    Takes what core's ``tag_list`` takes. For each keyword one use that the reader may
    see is looked up; core reads every use of every one, and the database asks of each
    whether it may be seen: 0.8 s with 100,000 datasets, against 0.1 s.
    """
    if any(data_dict.get(name) for name in ("query", "q", "vocabulary_id")):
        return original(context, data_dict)  # pyright: ignore[reportCallIssue]
    tk.check_access("tag_list", context, data_dict)
    used = sa.exists().where(
        model.PackageTag.tag_id == model.Tag.id, model.PackageTag.state == "active"
    )
    whole = bool(data_dict.get("all_fields"))
    found = (
        model.Session.query(model.Tag if whole else model.Tag.name)
        .filter(model.Tag.vocabulary_id.is_(None), used)
        .order_by(model.Tag.name)
        .all()
    )
    if whole:
        return model_dictize.tag_list_dictize(found, context)
    return [row.name for row in found]


@tk.chained_action  # pyright: ignore[reportArgumentType]
@tk.side_effect_free
def group_autocomplete(
    original: ChainedAction, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Propose groups; without a word to look for, say that it is missing.

    :param q: a part of the name or the title
    :type q: string
    """
    tk.get_or_bust(data_dict, "q")
    return original(context, data_dict)  # pyright: ignore[reportCallIssue]


@tk.chained_action  # pyright: ignore[reportArgumentType]
@tk.side_effect_free
def organization_autocomplete(
    original: ChainedAction, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Propose institutions; without a word to look for, say that it is missing.

    :param q: a part of the name or the title
    :type q: string
    """
    tk.get_or_bust(data_dict, "q")
    return original(context, data_dict)  # pyright: ignore[reportCallIssue]


@tk.chained_action  # pyright: ignore[reportArgumentType]
@tk.side_effect_free
def package_collaborator_list(
    original: ChainedAction, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """List a dataset's collaborators, to people who are signed in.

    :param id: the dataset's name or id
    :type id: string
    """
    if not context.get("user") and not context.get("ignore_auth"):
        raise tk.NotAuthorized
    return original(context, data_dict)  # pyright: ignore[reportCallIssue]
