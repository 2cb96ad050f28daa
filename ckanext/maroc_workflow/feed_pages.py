"""The standing decisions on a dataset's tables: given, followed and withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import asking, clock
from ckanext.maroc_schema import languages

from . import errors, words

TOLD = 10
"""How many refused rows of a push are shown, one by one."""


def feeds_of(id: str) -> Any:  # noqa: A002 - CKAN's pages of a dataset say id
    """Show what may be added to which table, by whom; give or withdraw it."""
    asking.sign_in()
    with asking.answered():
        standing = tk.get_action("maroc_workflow_feed_list")(
            asking.context(), {"id": id}
        )
        dataset = tk.get_action("package_show")(asking.context(), {"id": id})
    form, refused = tk.request.form, {}
    if tk.request.method == "POST":
        try:
            with asking.answered():
                _do(form)
        except tk.ValidationError as error:
            model.Session.rollback()
            refused = error.error_dict
        else:
            tk.h.flash_success(tk._("Noted."))
            return tk.redirect_to("maroc_workflow.feeds_of", id=dataset["name"])
    fed = {each["id"] for each in standing if each["is_on"]}
    return tk.render(
        "maroc_workflow/feeds.html",
        {
            "pkg_dict": dataset,
            "pkg": dataset,
            "dataset_type": dataset["type"],
            "feeds": [_feed(each, dataset) for each in standing],
            "tables": [
                each
                for each in dataset["resources"]
                if each.get("url_type") == "upload" and each["id"] not in fed
            ],
            "may_decide": _may_decide(dataset),
            "today": clock.today().isoformat(),
            "latest": (clock.today() + dt.timedelta(days=365)).isoformat(),
            "form": form,
            "errors": refused,
        },
    )


def _do(form: Mapping[str, str]) -> None:
    if form.get("act") != "withdraw":
        names = ("id", "account", "until", "reason")
        data = {name: form.get(name, "") for name in names}
        tk.get_action("maroc_workflow_feed_create")(asking.context(), data)
        return
    if not form.get("sure"):
        raise tk.ValidationError({"sure": [errors.say("not_sure")]})
    data = {name: form.get(name, "") for name in ("id", "reason", "article")}
    keep = form.get("keep") == "yes"
    tk.get_action("maroc_workflow_feed_withdraw")(
        asking.context(), {**data, "keep": keep}
    )


def _may_decide(dataset: Mapping[str, Any]) -> bool:
    return bool(dataset["resources"]) and tk.h.check_access(
        "maroc_workflow_feed_create", {"id": dataset["resources"][0]["id"]}
    )


def _feed(feed: dict[str, Any], dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return a standing decision as the page shows it."""
    lang = languages.of_reader()
    names = {each["id"]: each["name"] for each in dataset["resources"]}
    return {
        **feed,
        "name": names.get(feed["id"]) or tk._("A file that is gone"),
        "account_name": words.person(feed["account"]) or feed["account"],
        "given_by_name": words.person(feed["given_by"]) or feed["given_by"],
        "given": words.moment(feed["given_at"]),
        "last_day": words.day(dt.date.fromisoformat(feed["until"])),
        "pushes": [
            {
                **each,
                "when": words.moment(each["at"]),
                "told": [
                    {**row, "reason": row["reason"].get(lang, row["reason"]["fr"])}
                    for row in each["refused"][:TOLD]
                ],
                "untold": max(0, each["received"] - each["accepted"] - TOLD),
            }
            for each in feed["pushes"]
        ],
    }
