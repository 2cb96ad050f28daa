"""A dataset's publication page: where it stands, what it changes, what comes next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import asking
from ckanext.maroc_portal.interfaces import IMarocTableFacts, TableFacts

from . import comparison, errors, states, words
from .machine import State
from .offers import offers, roles_of

Form = Mapping[str, str]
Errors = Mapping[str, list[str]]

REMARK = "remark-"
"""How the inputs of remarks begin; the field follows, nothing for the whole."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a button of the page does."""

    action: str
    done: Callable[[], str]
    """What is said when it is done, and nothing is public by it."""
    data: Callable[[Form], dict[str, Any]] = lambda _: {}
    is_final: bool = False
    """Cannot be undone: the person says that they are sure."""


def _remarks(form: Form) -> dict[str, str]:
    return {
        name.removeprefix(REMARK): text.strip()
        for name, text in form.items()
        if name.startswith(REMARK) and text.strip()
    }


ACTS: Mapping[str, Act] = {
    "submit": Act(
        action="maroc_workflow_submit",
        done=lambda: tk._("Sent: what follows is below."),
    ),
    "schedule": Act(
        action="maroc_workflow_schedule",
        done=lambda: tk._("Publication is planned."),
        data=lambda form: {"date": form.get("date", "")},
    ),
    "approve": Act(
        action="maroc_workflow_approve",
        done=lambda: tk._("Approved."),
        data=lambda form: {
            "hash": form.get("hash", ""),
            "reason": form.get("approval", ""),
        },
    ),
    "request_changes": Act(
        action="maroc_workflow_request_changes",
        done=lambda: tk._("Sent back with your words."),
        data=lambda form: {"remarks": _remarks(form)},
    ),
    "retract": Act(
        action="maroc_workflow_retract", done=lambda: tk._("Taken back: a draft again.")
    ),
    "withdraw": Act(
        action="maroc_workflow_withdraw",
        done=lambda: tk._(
            "Withdrawn. Nobody outside the institution sees it any more."
        ),
        data=lambda form: {
            "reason": form.get("reason", ""),
            "article": form.get("article", ""),
        },
        is_final=True,
    ),
    "discard": Act(
        action="maroc_workflow_discard",
        done=lambda: tk._("The revision is given up; the public dataset is unchanged."),
        is_final=True,
    ),
}
"""The buttons, by their names in the machine's table."""


def publication(id: str) -> Any:  # noqa: A002 - CKAN's pages of a dataset say id
    """Show where a dataset stands; do what a button of the page asks."""
    asking.sign_in()
    with asking.answered():
        told = tk.get_action("maroc_workflow_show")(asking.context(), {"id": id})
    if tk.request.method != "POST":
        return _page(told, {}, {})
    form = tk.request.form
    act = ACTS.get(form.get("act", ""))
    if act is None:
        return tk.abort(400, tk._("This form could not be read."))
    try:
        with asking.answered():
            after = _do(act, told["id"], form)
    except tk.ValidationError as refused:
        model.Session.rollback()
        with asking.answered():
            told = tk.get_action("maroc_workflow_show")(asking.context(), {"id": id})
        return _page(told, form, refused.error_dict)
    opened = after["public"] and not told["public"] and form["act"] != "discard"
    tk.h.flash_success(tk._("The dataset is public.") if opened else act.done())
    return tk.redirect_to("maroc_workflow.publication", id=after["name"])


def _do(act: Act, package_id: str, form: Form) -> dict[str, Any]:
    if act.is_final and not form.get("sure"):
        raise tk.ValidationError({"sure": [errors.say("not_sure")]})
    data = {**act.data(form), "id": package_id}
    return tk.get_action(act.action)(asking.context(), data)


def _page(told: Mapping[str, Any], form: Form, refused: Mapping[str, Any]) -> str:
    dataset = read(told["id"])
    roles = roles_of(prepares=_prepares(told["id"]), told=told)
    may = offers(told, roles)
    is_open = told["state"] not in (State.PUBLISHED, State.WITHDRAWN)
    return tk.render(
        "maroc_workflow/publication.html",
        {
            "pkg_dict": dataset,
            "dataset_type": dataset["type"],
            "told": told,
            "state_label": words.state(told["state"]),
            "meaning": words.meaning(told),
            "turn": _turn(told),
            "may": may,
            "remarks": words.remarks(told["id"]),
            "fields": fields_of(dataset),
            "changes": changes(told, dataset) if is_open else None,
            "base": _name_of(told["revision_of"]),
            "revision": _name_of(told["revision"]),
            "decisions": tk.get_action("maroc_workflow_decision_list")(
                asking.context(), {"id": told["revision_of"] or told["id"]}
            ),
            "form": form,
            "errors": refused,
        },
    )


def _prepares(package_id: str) -> bool:
    return bool(tk.h.check_access("maroc_workflow_submit", {"id": package_id}))


def _turn(told: Mapping[str, Any]) -> list[str]:
    """Return who decides, where somebody has to, and whether it is the reader."""
    if told["state"] != State.SUBMITTED:
        return []
    mine = told["may_decide"]
    return [words.turn(told["turn"]), *([words.stead(mine)] if mine else [])]


def read(package_id: str) -> dict[str, Any]:
    """Return what is stored of a dataset, for who may see where it stands.

    A ROD who decides in another institution's stead is none of its members.
    """
    context = asking.context(ignore_auth=True, use_cache=False)
    return tk.get_action("package_show")(context, {"id": package_id})


def fields_of(dataset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of the schema that a dataset follows."""
    return tk.h.scheming_get_dataset_schema(dataset["type"])["dataset_fields"]


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a decision would make public."""

    before: dict[str, Any] | None
    after: dict[str, Any]
    fields: list[comparison.FieldChange]
    files: list[comparison.FileChange]
    facts: Mapping[str, TableFacts]

    @property
    def changed(self) -> list[comparison.FieldChange]:
        return [each for each in self.fields if each.is_changed]

    @property
    def unchanged(self) -> list[comparison.FieldChange]:
        return [each for each in self.fields if not each.is_changed]

    @property
    def moved_files(self) -> list[comparison.FileChange]:
        return [each for each in self.files if each.fate != comparison.FileFate.SAME]


def changes(told: Mapping[str, Any], dataset: dict[str, Any]) -> Changes:
    """Return what differs from the public dataset, or all of a new one."""
    before = None
    if told["revision_of"] and model.Package.get(told["revision_of"]):
        before = read(told["revision_of"])
    pairs = states.of(told["id"]).base.get("resources") or {}
    files = comparison.files(before, dataset, pairs)
    ids = [each["id"] for one in files for each in (one.before, one.after) if each]
    return Changes(
        before=before,
        after=dataset,
        fields=comparison.fields(fields_of(dataset), before, dataset),
        files=files,
        facts=_facts(ids),
    )


def _facts(ids: list[str]) -> dict[str, TableFacts]:
    found: dict[str, TableFacts] = {}
    for plugin in p.PluginImplementations(IMarocTableFacts):
        found |= plugin.get_table_facts(ids)
    return found


def _name_of(package_id: str | None) -> str:
    package = model.Package.get(package_id) if package_id else None
    return package.name if package else ""
