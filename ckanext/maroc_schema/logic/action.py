"""The vocabularies of the law, and its verdict on a dataset, by the API."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.maroc_law import vocabulary
from ckanext.maroc_schema import legal

from . import schema, shapes

__all__ = [
    "maroc_law_assess",
    "maroc_vocabulary_list",
    "maroc_vocabulary_show",
    "organization_create",
    "organization_patch",
    "organization_update",
    "package_create",
    "package_patch",
    "package_update",
    "resource_create",
    "resource_patch",
    "resource_update",
]

organization_create = shapes.shaped("organization")
organization_patch = shapes.shaped("organization")
organization_update = shapes.shaped("organization")
package_create = shapes.shaped("dataset")
package_patch = shapes.shaped("dataset")
package_update = shapes.shaped("dataset")
resource_create = shapes.shaped()
resource_patch = shapes.shaped()
resource_update = shapes.shaped()


@tk.side_effect_free
def maroc_law_assess(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what the law makes of a dataset, today; nothing is stored.

    The arguments are the fields of a dataset, as ``package_create`` takes them; those
    that lack are unanswered.

    :returns: ``outcome`` (``blocked``, ``incomplete``, ``review`` or ``publishable``),
        its ``label``, ``reasons`` (each with ``rule``, ``outcome``, ``article``,
        ``fields``, ``sentence``, ``way_out`` and ``contradiction``), the gravest first,
        and ``disclaimer``: an aid to decision, which replaces no opinion of the CNDP or
        the CDAI. Texts are by language: ``fr``, ``ar``, ``en``.
    :rtype: dictionary
    """
    tk.check_access("maroc_law_assess", context, data_dict)
    return legal.verdict(legal.bounded(data_dict)).as_dict()


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
        ``article``, ``parent``, ``uri``, ``days``, ``tier``, ``liftable`` and ``note``.
        ``also`` lists the answers that are accepted beside a list that is not
        exhaustive.
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
        "tier": item.tier,
        "liftable": item.liftable,
        "note": dict(item.note),
    }
    return {
        "slug": item.slug,
        "label": dict(item.label),
        **{name: value for name, value in optional.items() if value},
    }
