"""What waits: the queue of who decides, and what comes back to who prepares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import asking
from ckanext.maroc_schema import display
from ckanext.maroc_schema.helpers import maroc_schema_verdict

from . import words
from .machine import State
from .offers import offers, roles_of
from .publication_pages import changes, fields_of, read

A_PAGE = 20
"""Datasets on a page of the queue."""

MOST = 50
"""Datasets that are decided on at once."""


def queue() -> str:
    """Show what waits for this person's decision."""
    asking.sign_in()
    listed = tk.get_action("maroc_workflow_queue_list")(
        asking.context(), {"organization": tk.request.args.get("organization", "")}
    )
    # ADD may decide on everything; what is ADD's turn comes first.
    listed.sort(key=lambda each: each["turn"] != each["may_decide"])
    start = _page() * A_PAGE
    return tk.render(
        "maroc_workflow/queue.html",
        {
            "rows": [_row(each) for each in listed[start : start + A_PAGE]],
            "count": len(listed),
            "place": _page(),
            "more": len(listed) > start + A_PAGE,
        },
    )


def _page() -> int:
    given = tk.request.args.get("page", "")
    return max(int(given) - 1, 0) if given.isdecimal() and len(given) < 6 else 0


def _row(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dataset of the queue as its page shows it."""
    dataset = read(item["id"])
    owner = model.Group.get(item["organization"])
    return {
        **item,
        "title": display.words(dataset, "title"),
        "owner": owner
        and display.organization_title({"id": owner.id, "title": owner.title}),
        "author": words.person(item["submitted_by"]),
        "age": words.age(item["submitted_at"]),
        "stead": words.stead(item["may_decide"]) if item["may_decide"] else "",
        "verdict": maroc_schema_verdict(dataset),
        "may_approve": item["state"] == State.SUBMITTED,
        "remarks": words.said(item["remarks"]),
        "fields": fields_of(dataset),
        "type": dataset["type"],
    }


def preview() -> Any:
    """List what would be decided on, with what was chosen; then decide on each."""
    asking.sign_in()
    if tk.request.method == "POST":
        return _decide(tk.request.form.getlist("id")[:MOST])
    chosen = list(dict.fromkeys(tk.request.args.getlist("id")))[:MOST]
    rows = [row for each in chosen if (row := _previewed(each))]
    if not rows:
        tk.h.flash_notice(tk._("Choose at least one dataset."))
        return tk.redirect_to("maroc_workflow.queue")
    return tk.render(
        "maroc_workflow/preview.html",
        {
            "ready": [each for each in rows if each["may_approve"]],
            "others": [each for each in rows if not each["may_approve"]],
        },
    )


def _previewed(package_id: str) -> dict[str, Any] | None:
    try:
        told = tk.get_action("maroc_workflow_show")(
            asking.context(), {"id": package_id}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    dataset = read(told["id"])
    return {
        **told,
        "title": display.words(dataset, "title"),
        "verdict": maroc_schema_verdict(dataset),
        "changes": changes(told, dataset),
        "may_approve": "approve" in offers(told, roles_of(prepares=False, told=told)),
    }


def _decide(chosen: list[str]) -> Any:
    """Approve each by its own decision: what fails is said, the rest is done."""
    form, done = tk.request.form, 0
    for package_id in chosen:
        package = model.Package.get(package_id)
        title = package.title if package else package_id
        try:
            tk.get_action("maroc_workflow_approve")(
                asking.context(),
                {
                    "id": package_id,
                    "hash": form.get(f"hash-{package_id}") or "-",
                    "reason": form.get("approval", ""),
                },
            )
        except tk.ValidationError as refused:
            _say(title, " ".join(map(str, refused.error_summary.values())))
        except (tk.NotAuthorized, tk.ObjectNotFound):
            _say(title, tk._("You may not decide on this dataset."))
        else:
            done += 1
    if done:
        said = tk.ungettext("{n} dataset is public.", "{n} datasets are public.", done)
        tk.h.flash_success(said.format(n=done))
    return tk.redirect_to("maroc_workflow.queue")


def _say(title: str, sentence: str) -> None:
    model.Session.rollback()
    tk.h.flash_error(f"{title} : {sentence}")


def corrections() -> str:
    """Show what came back to this person, and their drafts."""
    asking.sign_in()
    listed = tk.get_action("maroc_workflow_queue_list")(
        asking.context(), {"mine": True}
    )
    rows = [_row(each) for each in listed]
    return tk.render(
        "maroc_workflow/corrections.html",
        {
            "back": [each for each in rows if each["state"] == State.CHANGES_REQUESTED],
            "drafts": [each for each in rows if each["state"] == State.DRAFT],
        },
    )
