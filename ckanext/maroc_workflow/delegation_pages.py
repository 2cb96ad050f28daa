"""Who stands in for an institution's ROD: named, shown and ended by its RODs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import asking, clock

from . import delegations, words
from .trail_pages import of_group


def delegation(id: str) -> Any:  # noqa: A002 - CKAN's pages of an organization say id
    """Show who stands in; name somebody, or end it."""
    asking.sign_in()
    group = model.Group.get(id)
    if group is None or not group.is_organization:
        return tk.abort(404, tk._("There is no such institution."))
    with asking.answered():
        tk.check_access(
            "maroc_workflow_delegate", asking.context(), {"organization": group.id}
        )
    form, refused = tk.request.form, {}
    if tk.request.method == "POST":
        try:
            _delegate(group.id, ends=bool(form.get("end")))
        except tk.ValidationError as error:
            model.Session.rollback()
            refused = error.error_dict
        else:
            tk.h.flash_success(tk._("Noted."))
            return tk.redirect_to("maroc_workflow.delegation", id=group.name)
    today = clock.today()
    return tk.render(
        "maroc_workflow/delegation.html",
        {
            **of_group(group),
            "people": _people(group.id),
            "standing": [
                {
                    "user": each.to_user,
                    "name": words.person(each.to_user),
                    "starts": words.day(each.starts),
                    "ends": words.day(each.ends),
                    "is_on": each.is_on(today),
                }
                for each in delegations.standing(group.id, today)
            ],
            "today": today.isoformat(),
            "form": form,
            "errors": refused,
        },
    )


def _delegate(organization: str, *, ends: bool) -> None:
    form = tk.request.form
    data = {
        "organization": organization,
        "user": form.get("user", ""),
        "starts": form.get("starts", ""),
        "ends": form.get("ends", ""),
    }
    if ends:
        # A delegation whose last day has gone by replaces the one in force.
        yesterday = (clock.today() - dt.timedelta(days=1)).isoformat()
        data |= {"starts": yesterday, "ends": yesterday}
    tk.get_action("maroc_workflow_delegate")(asking.context(), data)


def _people(organization: str) -> list[dict[str, str]]:
    """Return the institution's people whom the reader may name."""
    members = tk.get_action("member_list")(
        asking.context(ignore_auth=True), {"id": organization, "object_type": "user"}
    )
    users = [model.User.get(user_id) for user_id, *_ in members]
    found = [
        {"id": user.id, "name": user.display_name}
        for user in users
        if user and user.is_active and user.id != tk.current_user.id
    ]
    return sorted(found, key=lambda each: tk.h.strxfrm(each["name"]))
