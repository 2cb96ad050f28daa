"""The vocabularies of the law, by the API."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.maroc_law import vocabulary

from . import schema

__all__ = ["maroc_vocabulary_list", "maroc_vocabulary_show"]


@tk.side_effect_free
def maroc_vocabulary_list(
    context: Context, data_dict: dict[str, Any]
) -> list[dict[str, Any]]:
    """List the vocabularies that datasets and institutions choose from.

    :returns: for each, ``id``, ``label`` (``fr``, ``ar``, ``en``), ``article``,
        ``since`` (a day) and ``size``, sorted by id
    :rtype: list of dictionaries
    """
    tk.check_access("maroc_vocabulary_list", context, data_dict)
    return [_summary(vocabulary.get(each)) for each in vocabulary.ids()]


@tk.side_effect_free
@tk.validate_action_data(schema.vocabulary_show)
def maroc_vocabulary_show(
    context: Context, data_dict: dict[str, Any]
) -> dict[str, Any]:
    """Show one vocabulary with its items.

    :param id: the vocabulary's id, for instance ``art10-categories``
    :type id: string

    :returns: ``id``, ``label``, ``article``, ``since``, ``size`` and ``items``; an item
        has ``slug``, ``label`` (``fr``, ``ar``, ``en``) and, where it has them,
        ``article``, ``parent``, ``uri`` and ``days``. ``also`` lists the answers that
        are accepted beside a list that is not exhaustive.
    :rtype: dictionary

    Raises NotFound for an unknown id.
    """
    tk.check_access("maroc_vocabulary_show", context, data_dict)
    try:
        found = vocabulary.get(data_dict["id"])
    except LookupError:
        raise tk.ObjectNotFound(
            tk._("There is no vocabulary {id}").format(id=data_dict["id"])
        ) from None
    return {
        **_summary(found),
        "items": [_item(each) for each in found.items],
        "also": [_item(each) for each in found.also],
    }


def _summary(found: vocabulary.Vocabulary) -> dict[str, Any]:
    return {
        "id": found.id,
        "label": dict(found.label),
        "article": found.article,
        "since": found.since.isoformat(),
        "size": len(found.items),
    }


def _item(item: vocabulary.Item) -> dict[str, Any]:
    optional = {
        "article": item.article,
        "parent": item.parent,
        "uri": item.uri,
        "days": item.days,
    }
    return {
        "slug": item.slug,
        "label": dict(item.label),
        **{name: value for name, value in optional.items() if value},
    }
