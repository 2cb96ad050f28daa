"""A person with a browser that has no JavaScript: reads a form, fills it, sends it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from ckan import model


class Person:
    """Someone signed in, in one language; CSRF is on for them as for everyone."""

    def __init__(self, app: Any, user: dict[str, Any] | None, lang: str) -> None:
        self.client = app.test_client(user=user and model.User.get(user["id"]))
        self.lang = lang
        self.page = BeautifulSoup("", "html.parser")
        self.path = ""
        self.status = 0

    def goes_to(self, path: str) -> Person:
        self._read(self.client.get(f"/{self.lang}{path}"), path)
        return self

    def form(self, selector: str = "main form, .primary form") -> Tag:
        form = self.page.select_one(selector)
        assert form, self.page.get_text(" ", strip=True)
        return form

    def answers(self) -> dict[str, Any]:
        """Return what the form would send as it stands."""
        sent: dict[str, Any] = {}
        for field in self.form().select("[name]"):
            name = str(field["name"])
            if field.name == "select":
                chosen = field.select_one("option[selected]") or field.option
                sent[name] = chosen["value"] if chosen else ""
            elif field.name == "textarea":
                sent[name] = field.get_text().removeprefix("\n")
            elif field.get("type") in ("checkbox", "radio"):
                if field.has_attr("checked"):
                    before = sent.get(name, [])
                    before = [before] if isinstance(before, str) else before
                    sent[name] = [*before, field["value"]]
            elif field.name == "input" and field.get("type") != "file":
                sent[name] = field.get("value", "")
        return sent

    def sends(self, save: str = "", **answers: Any) -> Person:
        """Fill the form and press its button; names with a hyphen take ``__``."""
        typed = {name.replace("__", "-"): value for name, value in answers.items()}
        return self._send(self.form(), {**self.answers(), **typed, "save": save})

    def presses(self, selector: str) -> Person:
        """Press the button of a form that asks nothing."""
        form = self.form(selector)
        hidden = {str(it["name"]): it.get("value", "") for it in form.select("[name]")}
        return self._send(form, hidden)

    def _send(self, form: Tag, data: dict[str, Any]) -> Person:
        for name, value in data.items():
            if isinstance(value, tuple):
                data[name] = (io.BytesIO(value[1]), value[0])
        action = str(form.get("action") or "") or f"/{self.lang}{self.path}"
        answer = self.client.post(
            action,
            data=data,
            content_type="multipart/form-data",
            follow_redirects=True,
        )
        self._read(answer, answer.request.path)
        return self

    def errors(self) -> dict[str, str]:
        """Return the summary of errors: the place each leads to, and its sentence."""
        return {
            (each.a["href"] if each.a else ""): each.span.get_text()
            for each in self.page.select(".error-explanation li")
        }

    def says(self) -> str:
        return self.page.get_text(" ", strip=True)

    def _read(self, answer: Any, path: str) -> None:
        self.status, self.path = answer.status_code, path.removeprefix(f"/{self.lang}")
        self.page = BeautifulSoup(answer.body, "html.parser")


@pytest.fixture
def person(app: Any) -> Callable[..., Person]:
    """Return a person's browser."""

    def make(user: dict[str, Any] | None = None, lang: str = "fr") -> Person:
        return Person(app, user, lang)

    return make
