"""Every page that a visitor reaches, in both languages, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .steps import deposit
from .visitor import NARROW, WIDE, Visitor

PAGES = {
    "home": "/",
    "datasets": "/dataset/",
    "nothing-found": "/dataset/?q=zzzzzzzz",
    "dataset": "/dataset/population-regions-2024",
    "quality": "/dataset/population-regions-2024/qualite",
    "organizations": "/organization/",
    "organization": "/organization/hcp",
    "dashboard": "/organization/hcp/tableau-de-bord",
    "dashboard-empty": "/organization/commune-fes/tableau-de-bord",
    "indicators": "/indicateurs",
    "indicator": "/indicateurs/public_datasets",
    "about": "/about",
    "login": "/user/login",
    "missing": "/dataset/rien-de-tel",
}


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("lang", ["fr", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_every_page_owes(
    visitor: Callable[..., Visitor], name: str, lang: str, size: Any
):
    one = visitor(lang, size, touch=size == NARROW)
    one.goto(PAGES[name])
    one.look(f"page-{name}")


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_the_form_says_what_is_missing_and_loses_nothing(
    visitor: Callable[..., Visitor], people: Any, lang: str, tmp_path: Path
):
    gdd = visitor(lang)
    gdd.sign_in(people.gdd, people.password)
    file = tmp_path / "budget.csv"
    file.write_text("chapitre,montant\n1,2\n")
    deposit(gdd, file)
    gdd.click("form#deposit button[value=go-on]")
    gdd.fill("[name='title_translated-fr']", "Un titre déjà écrit")
    gdd.click("form#dataset-edit button[value=publish]")
    gdd.look("form-errors")
    kept = gdd.page.locator("[name='title_translated-fr']").input_value()
    assert kept == "Un titre déjà écrit"
    assert gdd.page.locator("[aria-invalid=true]").count() >= 1
