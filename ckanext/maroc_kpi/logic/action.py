"""The indicators' API: what is measured, how, and what is known of it now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic import validate
from ckan.types import Context

from ckanext.maroc_kpi import cards, history, store
from ckanext.maroc_kpi.definition import Indicator, indicators
from ckanext.maroc_kpi.errors import UNKNOWN_INDICATOR, UNKNOWN_INSTITUTION, Unknown
from ckanext.maroc_kpi.store import Institution
from ckanext.maroc_kpi.value import Value
from ckanext.maroc_kpi.words import LANGS, SOURCES, STATES

from . import schema

__all__ = ["maroc_kpi_history", "maroc_kpi_list", "maroc_kpi_show"]


@tk.side_effect_free
@validate(schema.kpi_list)
def maroc_kpi_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every indicator with its current value, in the order of their numbers.

    Anyone may call it.

    :param organization: the name or id of an institution; without it, the country
    :type organization: string, optional

    :returns: a list of what :py:func:`maroc_kpi_show` returns
    :rtype: list of dictionaries

    Raises NotFound with the code ``unknown_institution``.
    """
    tk.check_access("maroc_kpi_list", context, data_dict)
    institution = _institution(data_dict)
    values = store.values(institution.id if institution else "")
    return [
        _dictized(each, store.of(values, each), institution)
        for each in indicators().values()
    ]


@tk.side_effect_free
@validate(schema.kpi_show)
def maroc_kpi_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Return one indicator: its definition, and what is known of it now.

    Anyone may call it. Texts are given as ``{"fr": …, "ar": …, "en": …}``.

    :param name: the indicator's name, for instance ``downloads``
    :type name: string
    :param organization: the name or id of an institution; without it, the country
    :type organization: string, optional

    :returns: a dictionary with

        - ``id``, ``name``, ``number``, ``family`` (``quantity``, ``quality``,
          ``reuse``, ``participation``, ``impact`` or ``governance``), ``label``,
          ``description``, ``unit``, ``direction`` (``up`` where more is better)
        - ``scope``: ``{"type": "country"}``, or ``{"type": "organization", "id",
          "name", "title"}``
        - ``state``: ``measured``, ``partial`` (the value is a minimum), ``declared``,
          ``not_measured``, ``not_applicable`` or ``suppressed``, with ``state_label``
          and ``state_meaning``; ``reason`` says why there is no full value, else null
        - ``value``: a count, or a share in percent; null where there is none, which
          is never the same as 0
        - ``text``: the value as a sentence
        - ``numerator``, ``denominator``, ``n`` (how many things the value speaks of),
          ``coverage`` (the measured part of them, 0 to 1)
        - ``components``: numbers beside the value, each with ``name``, ``value``,
          ``label`` and ``role`` (``part`` of the value or kept ``beside`` it)
        - ``since``: the first day counted; ``as_of``: the last; ``computed_at``
        - ``source``: a letter from A (automatic) to E (external), ``source_label``
        - ``method``: ``measure``, ``formula``, ``numerator``, ``denominator``,
          ``sql``, ``reference``, ``refresh``, ``version``
    :rtype: dictionary

    Raises ValidationError without a name, and NotFound with the code
    ``unknown_indicator`` or ``unknown_institution``.
    """
    tk.check_access("maroc_kpi_show", context, data_dict)
    indicator = _indicator(data_dict)
    institution = _institution(data_dict)
    values = store.values(institution.id if institution else "")
    return _dictized(indicator, store.of(values, indicator), institution)


@tk.side_effect_free
@validate(schema.kpi_history)
def maroc_kpi_history(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Return what an indicator was, month by month or day by day.

    Anyone may call it. Months are frozen, fifteen days after they were drawn up for the
    institutions: their values never change again, whatever is deleted later. A
    ``version`` is a formula: values of two versions are two series.

    :param name: the indicator's name, for instance ``downloads``
    :type name: string
    :param organization: the name or id of an institution, of one that is gone too;
        without it, the country
    :type organization: string, optional
    :param by: ``month`` (default) or ``day``
    :type by: string, optional
    :param since: the first month or day, as YYYY-MM or YYYY-MM-DD
    :type since: string, optional
    :param until: the last month or day, in the same way
    :type until: string, optional

    :returns: a dictionary with

        - ``id``, ``family``, ``label``, ``unit``, ``scope`` and ``source`` as
          :py:func:`maroc_kpi_show` has them, ``version`` of the formula now, ``by``
        - ``points``, the oldest first, each with ``period`` (YYYY-MM or YYYY-MM-DD),
          ``final`` (false for a month that is not frozen yet, told by the last of its
          days that is over), ``version``, ``state``, ``value``, ``numerator``,
          ``denominator``, ``n``, ``coverage``, ``components`` by name, ``since``,
          ``as_of`` (the last day counted) and ``reason``
    :rtype: dictionary

    Raises ValidationError without a name and where a period is none, and NotFound with
    the code ``unknown_indicator`` or ``unknown_institution``.
    """
    tk.check_access("maroc_kpi_history", context, data_dict)
    indicator = _indicator(data_dict)
    institution = _institution(data_dict, history.institution)
    by = data_dict["by"]
    found = history.points(
        indicator.name,
        institution.id if institution else "",
        by=by,
        since=data_dict.get("since"),
        until=data_dict.get("until"),
    )
    return {
        "id": indicator.name,
        "family": indicator.family,
        "label": indicator.label,
        "unit": indicator.unit,
        "scope": _scope(institution),
        "source": indicator.source,
        "version": indicator.version,
        "by": by,
        "points": [each.as_dict(by) for each in found],
    }


def _indicator(data_dict: dict[str, Any]) -> Indicator:
    found = indicators().get(data_dict["name"])
    if found is None:
        raise Unknown(UNKNOWN_INDICATOR, data_dict["name"])
    return found


def _institution(
    data_dict: dict[str, Any],
    find: Callable[[str], Institution | None] = store.institution,
) -> Institution | None:
    given = data_dict.get("organization")
    if not given:
        return None
    found = find(given)
    if found is None:
        raise Unknown(UNKNOWN_INSTITUTION, given)
    return found


def _scope(institution: Institution | None) -> dict[str, Any]:
    if institution is None:
        return {"type": "country"}
    return {
        "type": "organization",
        "id": institution.id,
        "name": institution.name,
        "title": institution.titles,
    }


def _dictized(
    indicator: Indicator, value: Value, institution: Institution | None
) -> dict[str, Any]:
    word = STATES[value.state]
    return {
        "id": indicator.name,
        "name": indicator.name,
        "number": indicator.number,
        "family": indicator.family,
        "label": indicator.label,
        "description": indicator.description,
        "unit": indicator.unit,
        "direction": indicator.direction,
        "scope": _scope(institution),
        "state": value.state,
        "state_label": word.label,
        "state_meaning": word.meaning,
        "reason": value.reason,
        "value": value.value,
        "text": {lang: cards.tell(indicator, value, lang).sentence for lang in LANGS},
        "numerator": value.numerator,
        "denominator": value.denominator,
        "n": value.n,
        "coverage": value.coverage,
        "components": [
            {
                "name": each.name,
                "value": value.components[each.name],
                "label": each.label,
                "role": each.role,
            }
            for each in indicator.components
            if each.name in value.components
        ],
        "since": value.since.isoformat() if value.since else None,
        "as_of": value.day.isoformat() if value.day else None,
        "computed_at": value.computed_at.isoformat() if value.computed_at else None,
        "source": indicator.source,
        "source_label": SOURCES[indicator.source],
        "method": {
            "measure": indicator.measure,
            "formula": indicator.formula,
            "numerator": indicator.numerator,
            "denominator": indicator.denominator,
            "sql": indicator.sql,
            "reference": dataclasses.asdict(indicator.reference),
            "refresh": indicator.refresh,
            "version": indicator.version,
        },
    }
