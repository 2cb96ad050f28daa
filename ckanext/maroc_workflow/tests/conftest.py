"""An institution with its people, and datasets in every state, made as people do."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import Tag

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import jobs

from ckanext.maroc_law.tests.cases import lawful
from ckanext.maroc_portal.tests import cases
from ckanext.maroc_schema.tests.conftest import Person

IN_DOUBT = {"third_party": "ne-sais-pas"}
"""An answer that a ROD must examine."""


def person(**columns: Any) -> dict[str, Any]:
    """Return an account, made quickly: nobody signs in by a password here."""
    name = f"personne-{uuid.uuid4().hex[:8]}"
    made = model.User(
        name=name, fullname=f"Nom de {name}", email=f"{name}@exemple.ma", **columns
    )
    model.Session.add(made)
    model.Session.commit()
    return {"id": made.id, "name": name, "fullname": made.fullname, "email": made.email}


def act(action: str, user: dict[str, Any] | None, **data: Any) -> Any:
    """Call an action as someone, or as anyone."""
    context: Any = {"user": user["name"] if user else "", "ignore_auth": False}
    if user:
        context["auth_user_obj"] = model.User.get(user["id"])
    return tk.get_action(action)(context, data)


def refused(action: str, user: dict[str, Any] | None, **data: Any) -> dict[str, Any]:
    """Return the errors of what must be refused."""
    with pytest.raises(tk.ValidationError) as caught:
        act(action, user, **data)
    model.Session.rollback()
    return caught.value.error_dict


def is_seen(package_id: str) -> bool:
    """Whether anyone reads the dataset, by the action and by the search alike."""
    try:
        act("package_show", None, id=package_id)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        shown = False
    else:
        shown = True
    found = act("package_search", None, fq=f"id:{package_id}")["count"] == 1
    assert shown == found
    return shown


def decided(package_id: str) -> list[Any]:
    """Return the decisions on a dataset, in their order."""
    return list(
        model.Session.execute(
            sa.text(
                "SELECT * FROM maroc_workflow_decision WHERE package_id = :id"
                " ORDER BY n"
            ),
            {"id": package_id},
        )
    )


@dataclass
class Institution:
    """An institution, its people, and strangers."""

    id: str
    gdd: dict[str, Any]
    rod: dict[str, Any]
    other_rod: dict[str, Any]
    member: dict[str, Any]
    outsider: dict[str, Any] = field(default_factory=person)
    add: dict[str, Any] = field(default_factory=lambda: person(sysadmin=True))

    def answers(self, **changes: Any) -> dict[str, Any]:
        mark = uuid.uuid4().hex[:8]
        return {
            **lawful(),
            "name": f"jeu-{mark}",
            "title_translated": {"fr": f"Écoles {mark}", "ar": f"مدارس {mark}"},
            "owner_org": self.id,
            **changes,
        }

    def draft(self, user: dict[str, Any] | None = None, **changes: Any) -> Any:
        return act("package_create", user or self.gdd, **self.answers(**changes))

    def public(self, **changes: Any) -> Any:
        """Publish a dataset that nothing keeps from it."""
        made = self.draft(**changes)
        told = act("maroc_workflow_submit", self.gdd, id=made["id"])
        assert told["public"], told
        return act("package_show", None, id=made["id"])

    def submitted(self, **changes: Any) -> Any:
        """Send a dataset that raises an alert to the ROD."""
        made = self.draft(**{**IN_DOUBT, **changes})
        told = act("maroc_workflow_submit", self.gdd, id=made["id"])
        assert told["state"] == "submitted", told
        return made

    def approved(self, **changes: Any) -> Any:
        made = self.submitted(**changes)
        told = act("maroc_workflow_approve", self.rod, id=made["id"])
        assert told["public"], told
        return act("package_show", None, id=made["id"])


@pytest.fixture
def make_institution(clean_db: None) -> Callable[..., Institution]:
    def make(**changes: Any) -> Institution:
        people = [person() for _ in range(4)]
        ranks = ("editor", "admin", "admin", "member")
        mark = uuid.uuid4().hex[:8]
        made = tk.get_action("organization_create")(
            {"user": person(sysadmin=True)["name"], "ignore_auth": True},
            {
                "name": f"institution-{mark}",
                "title_translated": {"fr": f"Institution {mark}", "ar": "مؤسسة"},
                "body_kind": "collectivite-territoriale",
                "users": [
                    {"name": person["name"], "capacity": rank}
                    for person, rank in zip(people, ranks, strict=True)
                ],
                **changes,
            },
        )
        return Institution(made["id"], *people)

    return make


@pytest.fixture
def fes(make_institution: Callable[..., Institution]) -> Institution:
    return make_institution()


class Desk(Person):
    """A person at the workflow's pages, where each button has a form of its own."""

    def does(self, name: str, **answers: Any) -> Desk:
        """Fill the form of a button and press it."""
        button = self.page.select_one(f"button[value={name}]")
        assert button, self.says()
        form = button.find_parent("form")
        assert isinstance(form, Tag)
        sent = self.answers_of(form)
        given = {key.replace("__", "-"): value for key, value in answers.items()}
        self._send(form, {**sent, **given, str(button["name"]): name})
        return self

    def answers_of(self, form: Tag) -> dict[str, Any]:
        """Return what a form would send as it stands, ticks left out."""
        return {
            str(each["name"]): each.get("value", "")
            for each in form.select("input[name]")
            if each.get("type") != "checkbox"
        }

    def buttons(self) -> set[str]:
        return {str(each["value"]) for each in self.page.select("button[name=act]")}


@pytest.fixture
def desk(app: Any) -> Callable[..., Desk]:
    """Return a person's browser at the workflow's pages."""

    def make(user: dict[str, Any] | None = None, lang: str = "fr") -> Desk:
        return Desk(app, user, lang)

    return make


@pytest.fixture
def settled() -> Callable[[], None]:
    """Give a function that does what the worker would do by now."""
    jobs.get_queue().empty()
    return cases.settle
