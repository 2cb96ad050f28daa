"""The indicators' API: what is measured, how, and what is known of it now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.logic import validate
from ckan.types import Context

from ckanext.maroc_kpi import (
    cards,
    confirmations,
    disputes,
    entries,
    freshness,
    history,
    quality_told,
    ranks,
    rosters,
    store,
)
from ckanext.maroc_kpi.definition import Indicator, indicators
from ckanext.maroc_kpi.disputes import Dispute
from ckanext.maroc_kpi.errors import (
    IN_THE_FUTURE,
    NOTHING_TO_DISPUTE,
    ROSTER_UNREADABLE,
    UNCHANGED_DELETED,
    UNCHANGED_NOT_PUBLIC,
    UNKNOWN_DATASET,
    UNKNOWN_INDICATOR,
    UNKNOWN_INSTITUTION,
    Refused,
    Unknown,
)
from ckanext.maroc_kpi.ranks import Standing
from ckanext.maroc_kpi.scopes import COUNTRY, TREE
from ckanext.maroc_kpi.store import Institution
from ckanext.maroc_kpi.value import Value
from ckanext.maroc_kpi.words import LANGS, NOT_KEPT, SOURCES, STATES
from ckanext.maroc_law import vocabulary
from ckanext.maroc_portal import clock

from . import schema

__all__ = [
    "maroc_kpi_confirm_unchanged",
    "maroc_kpi_confirmation_list",
    "maroc_kpi_dispute_answer",
    "maroc_kpi_dispute_create",
    "maroc_kpi_dispute_list",
    "maroc_kpi_entry_create",
    "maroc_kpi_history",
    "maroc_kpi_list",
    "maroc_kpi_quality_show",
    "maroc_kpi_roster_create",
    "maroc_kpi_roster_list",
    "maroc_kpi_show",
]


@tk.side_effect_free
@validate(schema.kpi_list)
def maroc_kpi_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every indicator with its current value, in the order of their numbers.

    Anyone may call it.

    :param institution: the name or id of an institution; without it, the country
    :type institution: string, optional
    :param below: with those that belong to it
    :type below: boolean, optional

    :returns: a list of what :py:func:`maroc_kpi_show` returns
    :rtype: list of dictionaries

    Raises NotFound with the code ``unknown_institution``.
    """
    tk.check_access("maroc_kpi_list", context, data_dict)
    institution = _institution(data_dict)
    values = _values(institution, data_dict)
    known = list(indicators().values())
    standings = _standings(institution, data_dict, known)
    disputed = _disputed(institution, data_dict)
    return [
        _dictized(
            each,
            store.of(values, each),
            institution,
            standings[each.name],
            disputed.get(each.name),
        )
        for each in known
    ]


@tk.side_effect_free
@validate(schema.kpi_show)
def maroc_kpi_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Return one indicator: its definition, and what is known of it now.

    Anyone may call it. Texts are given as ``{"fr": …, "ar": …, "en": …}``.

    :param id: the indicator's name, for instance ``downloads``
    :type id: string
    :param institution: the name or id of an institution; without it, the country
    :type institution: string, optional
    :param below: with those that belong to the institution, directly or not; an
        institution that none belongs to is alone
    :type below: boolean, optional
    :param period: a month that is over, or a day, as YYYY-MM or YYYY-MM-DD: what the
        value was at its end (see :py:func:`maroc_kpi_history`)
    :type period: string, optional

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
        - ``low`` and ``high``: between what the true value lies, where a part escaped
          the measure or a sample was asked; ``entry``: the ``source``, ``url`` and day
          of a value that was entered, else null
        - ``components``: numbers beside the value, each with ``name``, ``value``,
          ``label`` and ``role`` (``part`` of the value or kept ``beside`` it)
        - ``since``: the first day counted; ``as_of``: the last; ``computed_at``
        - ``source``: a letter from A (automatic) to E (external), ``source_label``
        - ``rank``: ``place`` among ``of`` institutions of the same kind, ``group`` (a
          body of law 31-13: ``kind`` and ``label``), else null and ``rank_reason`` says
          why: only rates of ten things or more are ranked, among three others at least,
          measured with measured and declared with declared; equals share a place.
          ``peer_median``: the group's median, in percent, or null
        - ``dispute``: what the institution disputes of this figure, the open dispute or
          else the latest, as :py:func:`maroc_kpi_dispute_list` gives it; else null
        - ``formula`` in words, and the ``version`` that the value was computed with
        - ``method``: ``measure``, ``formula``, ``numerator``, ``denominator``,
          ``sql`` (null where nothing is counted), ``reference``, ``refresh``,
          ``version``
    :rtype: dictionary

    Raises ValidationError without an id, and NotFound with the code
    ``unknown_indicator`` or ``unknown_institution``.
    """
    tk.check_access("maroc_kpi_show", context, data_dict)
    indicator = _indicator(data_dict)
    period = data_dict.get("period")
    if period:
        institution = _institution(data_dict, history.institution)
        value = history.at(indicator, _scope_of(institution, data_dict), period)
        disputed = _disputed(institution, data_dict, indicator.name).get(indicator.name)
        return _dictized(indicator, value, institution, dispute=disputed)
    institution = _institution(data_dict)
    values = _values(institution, data_dict)
    found = _standings(institution, data_dict, [indicator])[indicator.name]
    disputed = _disputed(institution, data_dict, indicator.name).get(indicator.name)
    return _dictized(
        indicator, store.of(values, indicator), institution, found, disputed
    )


@tk.side_effect_free
@validate(schema.kpi_history)
def maroc_kpi_history(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Return what an indicator was, month by month or day by day.

    Anyone may call it. Months are frozen, fifteen days after they were drawn up for the
    institutions: their values never change again, whatever is deleted later. A
    ``version`` is a formula: values of two versions are two series.

    :param id: the indicator's name, for instance ``downloads``
    :type id: string
    :param institution: the name or id of an institution, of one that is gone too;
        without it, the country
    :type institution: string, optional
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

    Raises ValidationError without an id and where a period is none, and NotFound with
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


@tk.side_effect_free
@validate(schema.quality_show)
def maroc_kpi_quality_show(
    context: Context, data_dict: dict[str, Any]
) -> dict[str, Any]:
    """Return how well a dataset is described, and what would describe it better.

    Whoever may see the dataset may call it: before it is public, its institution alone.
    Texts are given as ``{"fr": …, "ar": …, "en": …}``.

    :param id: the dataset's name or id
    :type id: string

    :returns: a dictionary with

        - ``id`` and ``name`` of the dataset
        - ``mqa``: the ``points`` won ``of`` the 405 of data.europa.eu's assessment,
          ``measured_of`` (how many of them could be measured), ``rating``
          (``excellent``, ``good``, ``sufficient``, ``bad``) with its ``rating_label``,
          and ``rating_at_most``, the one it would have if all that is not known were
          won
        - ``index``: the portal's own, ``value`` in percent of the points that apply
          here and could be measured, null where none could; ``state`` (``measured``;
          ``partial``, where something could not; ``not_measured``), ``coverage`` (the
          part that could be, 0 to 1), ``low`` and ``high`` between which the value
          would be if all were known
        - ``criteria``, what is missing first, by what a minute brings; each with
          ``name``, ``dimension``, ``label``, ``own`` (of our index alone, not of the
          405), ``points`` that may be won here, ``got``, ``state`` (``met``,
          ``missing``, ``not_applicable``, ``not_measured``), ``reason`` of the last
          two, ``advice``, ``minutes`` (estimated), ``field`` of the form and ``url`` of
          that field, null where nothing is asked; ``file`` (``id``, ``name``,
          ``format``) where it is about one data file, whose points are its share
    :rtype: dictionary

    Raises ValidationError without an id, NotAuthorized, and NotFound with the code
    ``unknown_dataset``.
    """
    given = data_dict["id"]
    try:
        tk.check_access("maroc_kpi_quality_show", context, data_dict)
        asked: Context = {**context}
        dataset = tk.get_action("package_show")(asked, {"id": given})
    except tk.ObjectNotFound as error:
        raise Unknown(UNKNOWN_DATASET, given) from error
    if dataset["type"] != "dataset":
        raise Unknown(UNKNOWN_DATASET, given)
    return quality_told.dictized(dataset)


@validate(schema.entry_create)
def maroc_kpi_entry_create(
    context: Context, data_dict: dict[str, Any]
) -> dict[str, Any]:
    """Enter a value that comes from outside, with its source and its day.

    ADD alone may call it. Nothing is changed afterwards: a correction is a new entry,
    and the latest of the latest day holds. The pages show it within a minute.

    :param id: the indicator's name; one that awaits an outside source
    :type id: string
    :param institution: the name or id of an institution; without it, the country
    :type institution: string, optional
    :param as_of: the day on which it was true
    :type as_of: date, as ``YYYY-MM-DD``
    :param letter: B (declared and verified), C (declared), D (sample survey) or E
        (another source), as the indicator allows
    :type letter: string
    :param value: a count, with ``low`` and ``high`` where it was declared in ranges
    :type value: integer, optional
    :param numerator: of a share, with its ``denominator``; of a survey, answers
    :type numerator: integer, optional
    :param n: how many persons or bodies stand behind it
    :type n: integer
    :param population: how many there are of them
    :type population: integer, optional
    :param source: who says so, as it is shown
    :type source: string
    :param url: where to read it
    :type url: string, optional

    :returns: ``id``, and the ``state`` that the value has
    :rtype: dictionary

    Raises ValidationError, and NotFound with the code ``unknown_indicator`` or
    ``unknown_institution``.
    """
    tk.check_access("maroc_kpi_entry_create", context, data_dict)
    indicator = _indicator(data_dict)
    institution = _institution(data_dict)
    entry = entries.checked(indicator, data_dict, clock.today())
    scope = institution.id if institution else COUNTRY
    number = entries.add(indicator.name, scope, entry, context["user"])
    return {"id": number, "state": entries.value(indicator, entry).state}


@validate(schema.roster_create)
def maroc_kpi_roster_create(
    context: Context, data_dict: dict[str, Any]
) -> dict[str, Any]:
    """Load a dated official list of institutions, which rates are divided by.

    ADD alone may call it. The first row of the file has the titles ``name``, ``kind``
    (of law 31-13, article 2) and, if wanted, ``region``. The latest list holds.

    :param upload: an XLSX file, or a CSV file in UTF-8
    :type upload: file
    :param as_of: the day of the list
    :type as_of: date, as ``YYYY-MM-DD``
    :param source: who made it, as it is shown
    :type source: string
    :param url: where to read it
    :type url: string, optional

    :returns: ``id`` and the number of ``institutions``
    :rtype: dictionary

    Raises ValidationError.
    """
    tk.check_access("maroc_kpi_roster_create", context, data_dict)
    as_of = data_dict["as_of"].date()
    if as_of > clock.today():
        raise Refused(IN_THE_FUTURE, as_of.isoformat())
    stream = getattr(data_dict["upload"], "stream", None)
    if stream is None:
        raise Refused(ROSTER_UNREADABLE)
    roster = rosters.read(stream.read(rosters.MOST + 1))
    number = store.add_roster(
        roster,
        as_of=as_of,
        source=data_dict["source"],
        url=data_dict.get("url"),
        user=context["user"],
    )
    return {"id": number, "institutions": len(roster.rows)}


@tk.side_effect_free
def maroc_kpi_roster_list(
    context: Context, data_dict: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the official lists that were loaded, the latest first.

    Anyone may call it.

    :returns: dictionaries with ``id``, ``as_of``, ``source``, ``url``, ``sha256``,
        ``loaded_at``, and ``institutions``: how many, by ``kind``
    :rtype: list of dictionaries
    """
    tk.check_access("maroc_kpi_roster_list", context, data_dict)
    return store.rosters()


@validate(schema.dispute_create)
def maroc_kpi_dispute_create(
    context: Context, data_dict: dict[str, Any]
) -> dict[str, Any]:
    """Dispute a figure of one's institution: in public, answered within fifteen days.

    The institution's RODs alone may call it. The text is public at once and stays; who
    wrote it is not told. One dispute of a figure is open at a time.

    :param id: the indicator's name; ``indicator`` is understood too
    :type id: string
    :param institution: the name or id of the institution
    :type institution: string
    :param month: the month whose figure is disputed, as YYYY-MM; without it, the
        current one
    :type month: string, optional
    :param text: what is wrong, and what shows it; of no person, 4,000 letters at most
    :type text: string

    :returns: what :py:func:`maroc_kpi_dispute_list` gives of it
    :rtype: dictionary

    Raises NotAuthorized, NotFound with the code ``unknown_indicator`` or
    ``unknown_institution``, and ValidationError with the code ``already_disputed`` or
    ``nothing_to_dispute``.
    """
    tk.check_access("maroc_kpi_dispute_create", context, data_dict)
    indicator = _indicator(data_dict)
    institution = store.institution(data_dict["institution"])
    if institution is None:
        raise Unknown(UNKNOWN_INSTITUTION, data_dict["institution"])
    month = data_dict.get("month")
    if month:
        period = month.isoformat()[:7]
        value = history.at(indicator, institution.id, period)
        if value.reason == NOT_KEPT:
            raise Refused(NOTHING_TO_DISPUTE, period)
    else:
        value = store.of(store.values(institution.id), indicator)
    number = disputes.begin(
        value=value,
        institution=institution.id,
        month=month,
        text=data_dict["text"],
        user=context["user"],
    )
    return _dispute(number)


@validate(schema.dispute_answer)
def maroc_kpi_dispute_answer(
    context: Context, data_dict: dict[str, Any]
) -> dict[str, Any]:
    """Answer what an institution disputes: once, in public.

    ADD alone may call it.

    :param id: the dispute's number
    :type id: integer
    :param text: the answer, public at once; 4,000 letters at most
    :type text: string
    :param outcome: ``corrected`` or ``maintained``
    :type outcome: string

    :returns: what :py:func:`maroc_kpi_dispute_list` gives of it
    :rtype: dictionary

    Raises NotAuthorized, NotFound with the code ``unknown_dispute``, and
    ValidationError with the code ``already_answered``.
    """
    tk.check_access("maroc_kpi_dispute_answer", context, data_dict)
    disputes.answer(
        data_dict["id"],
        text=data_dict["text"],
        outcome=data_dict["outcome"],
        user=context["user"],
    )
    return _dispute(data_dict["id"])


@tk.side_effect_free
@validate(schema.dispute_list)
def maroc_kpi_dispute_list(
    context: Context, data_dict: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return what institutions dispute of their figures, the latest first.

    Anyone may call it. No person is named.

    :param indicator: an indicator's name; without it, of all
    :type indicator: string, optional
    :param institution: the name or id of an institution; without it, of all
    :type institution: string, optional

    :returns: dictionaries with ``id``, ``indicator``, ``institution`` (``id``,
        ``name``, ``title``), ``month`` (null: the current figure), ``figure`` as it was
        read (``version``, ``state``, ``value``, ``as_of``), ``text``, ``opened_on``,
        ``due_on``, ``status`` (``open``, ``late`` or ``answered``) and ``answer``: its
        ``text``, ``outcome``, ``outcome_label`` and day ``on``, or null
    :rtype: list of dictionaries

    Raises NotFound with the code ``unknown_indicator`` or ``unknown_institution``.
    """
    tk.check_access("maroc_kpi_dispute_list", context, data_dict)
    name = data_dict.get("indicator")
    if name and name not in indicators():
        raise Unknown(UNKNOWN_INDICATOR, name)
    institution = _institution(data_dict)
    found = disputes.log(
        indicator=name or None, institution=institution.id if institution else None
    )
    today = clock.today()
    return [each.as_dict(today) for each in found]


def _dispute(number: int) -> dict[str, Any]:
    [found] = disputes.log(number=number)
    return found.as_dict(clock.today())


@validate(schema.dataset)
def maroc_kpi_confirm_unchanged(
    context: Context, data_dict: dict[str, Any]
) -> dict[str, Any]:
    """Confirm that the promised period brought a dataset nothing new.

    Who may edit the dataset may call it. It counts for freshness as a new content
    would, twice after a content at most, and is shown on the page. It may be said from
    the day on which new content is due. A day counts once: called again on the same
    day, it answers the same. Figures follow within a minute.

    :param id: the name or id of a public dataset whose frequency can be measured
    :type id: string

    :returns: ``dataset``, ``day`` (of the confirmation), ``in_a_row`` (1 or 2 since the
        last content), ``left`` (how many more may follow), ``fresh_until``
    :rtype: dictionary

    Raises NotAuthorized, NotFound, and ValidationError with one of the codes
    ``unchanged_deleted``, ``unchanged_not_public``, ``unchanged_no_promise``,
    ``unchanged_no_content``, ``unchanged_not_due`` and ``unchanged_twice``.
    """
    tk.check_access("maroc_kpi_confirm_unchanged", context, data_dict)
    dataset = _dataset(data_dict)
    moment = clock.now()
    if _freshness(dataset).confirmed_on != moment.date():
        if hindered := freshness.obstacle(_freshness(dataset), moment.date()):
            raise Refused(hindered.error, **hindered.given)
        person = model.User.get(context["user"])
        confirmations.add(
            dataset.id,
            dataset.owner_org,
            person.id if person else context["user"],
            moment,
        )
    now = _freshness(dataset)
    return {
        "dataset": dataset.id,
        "day": moment.date().isoformat(),
        "in_a_row": now.confirmations,
        "left": freshness.IN_A_ROW - now.confirmations,
        "fresh_until": now.fresh_until.isoformat() if now.fresh_until else None,
    }


@tk.side_effect_free
@validate(schema.dataset)
def maroc_kpi_confirmation_list(
    context: Context, data_dict: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return when it was confirmed that a dataset has nothing new, the latest first.

    Who sees the dataset may call it.

    :param id: the name or id of the dataset
    :type id: string

    :returns: dictionaries with ``day``; for who may edit the dataset also ``at`` and
        the name of the ``user``
    :rtype: list of dictionaries

    Raises NotAuthorized and NotFound.
    """
    tk.check_access("maroc_kpi_confirmation_list", context, data_dict)
    dataset = _dataset(data_dict)
    person: Context = {"user": context.get("user", "")}
    may_edit = authz.is_authorized_boolean("package_update", person, {"id": dataset.id})
    return [
        {
            "day": row["day"].isoformat(),
            **(
                {
                    "at": row["at"].astimezone(clock.CASABLANCA).isoformat(),
                    "user": row["name"],
                }
                if may_edit
                else {}
            ),
        }
        for row in confirmations.of(dataset.id)
    ]


def _dataset(data_dict: dict[str, Any]) -> model.Package:
    found = model.Package.get(data_dict["id"])
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    return found


def _freshness(dataset: model.Package) -> freshness.Freshness:
    if dataset.state == "deleted":
        raise Refused(UNCHANGED_DELETED)
    found = confirmations.freshness(dataset.id)
    if found is None:
        raise Refused(UNCHANGED_NOT_PUBLIC)
    return found


def _values(institution: Institution | None, data_dict: dict[str, Any]) -> store.Values:
    scope = _scope_of(institution, data_dict)
    found = store.values(scope)
    if not found and institution and scope.startswith(TREE):
        return store.values(institution.id)
    return found


def _scope_of(institution: Institution | None, data_dict: dict[str, Any]) -> str:
    if institution is None:
        return COUNTRY
    return TREE + institution.id if data_dict.get("below") else institution.id


def _indicator(data_dict: dict[str, Any]) -> Indicator:
    found = indicators().get(data_dict["id"])
    if found is None:
        raise Unknown(UNKNOWN_INDICATOR, data_dict["id"])
    return found


def _institution(
    data_dict: dict[str, Any],
    find: Callable[[str], Institution | None] = store.institution,
) -> Institution | None:
    given = data_dict.get("institution")
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


def _standings(
    institution: Institution | None,
    data_dict: dict[str, Any],
    known: Sequence[Indicator],
) -> Mapping[str, Standing]:
    """Return where an institution stands today; the country and trees do not."""
    if institution is None or data_dict.get("below"):
        return {each.name: Standing(reason=ranks.NO_INSTITUTION) for each in known}
    kind, values = store.of_kind(institution.id, known)
    return {
        each.name: ranks.standing(each, institution.id, kind, values[each.name])
        for each in known
    }


def _disputed(
    institution: Institution | None,
    data_dict: dict[str, Any],
    indicator: str | None = None,
) -> Mapping[str, Dispute]:
    """Return what the institution disputes of what is asked: now, or of a month."""
    period = data_dict.get("period") or ""
    if institution is None or data_dict.get("below") or len(period) > len("2026-01"):
        return {}
    return disputes.beside(
        disputes.log(institution=institution.id, indicator=indicator),
        history.first_day(period) if period else None,
    )


def _ranked(found: Standing) -> dict[str, Any]:
    rank = None
    if found.rank and found.kind:
        rank = {
            "place": found.rank.place,
            "of": found.rank.of,
            "group": {
                "kind": found.kind,
                "label": {
                    lang: vocabulary.label("bodies", found.kind, lang) for lang in LANGS
                },
            },
        }
    return {
        "rank": rank,
        "rank_reason": found.reason,
        "peer_median": found.median,
    }


def _dictized(
    indicator: Indicator,
    value: Value,
    institution: Institution | None,
    standing: Standing = Standing(reason=ranks.NO_INSTITUTION),  # noqa: B008 - frozen
    dispute: Dispute | None = None,
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
        "low": value.low,
        "high": value.high,
        "entry": value.entry,
        **_ranked(standing),
        "dispute": dispute.as_dict(clock.today()) if dispute else None,
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
        "formula": indicator.formula,
        "version": value.version,
        "method": {
            "measure": indicator.measure,
            "formula": indicator.formula,
            "numerator": indicator.numerator,
            "denominator": indicator.denominator,
            "sql": indicator.sql or None,
            "reference": dataclasses.asdict(indicator.reference),
            "refresh": indicator.refresh,
            "version": indicator.version,
        },
    }
