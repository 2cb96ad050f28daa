"""Words that a form may propose, by the API."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.maroc_search.settings import lexicon

from . import schema

__all__ = ["maroc_search_keywords"]


@tk.side_effect_free
@tk.validate_action_data(schema.keywords)
def maroc_search_keywords(
    context: Context, data_dict: DataDict
) -> list[dict[str, str]]:
    """Propose keywords that begin so, with what each is in the other languages.

    :param q: what was typed so far
    :type q: string
    :param lang: the language it is typed in: ``fr``, ``ar`` or ``en`` (default: fr)
    :type lang: string
    :param limit: how many, 20 at most (default: 8)
    :type limit: integer

    :returns: for each, the usual word in ``fr``, ``ar`` and ``en``
    :rtype: list of dictionaries
    """
    tk.check_access("maroc_search_keywords", context, data_dict)
    found = lexicon().suggest(data_dict["q"], data_dict["lang"], data_dict["limit"])
    return [
        {lang: terms[0] for lang in ("fr", "ar", "en") if (terms := each.terms(lang))}
        for each in found
    ]
