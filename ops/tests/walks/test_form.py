"""The form of a dataset in a real browser: every kind of field, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import requests
from portalctl.instance import Instance

from .conftest import People
from .steps import choose_territory, deposit
from .visitor import Visitor

TEXTS = {
    "title_translated-fr": "Budget de la commune",
    "title_translated-ar": "ميزانية الجماعة",
    "notes_translated-fr": "Une ligne par article.",
    "notes_translated-ar": "سطر لكل فصل.",
    "source": "Commune d'essai",
    "issued": "2026-01-31",
    "contact_email": "donnees@essai.ma",
    "anonymisation_method": "Noms retirés, groupes de dix au moins.",
    "art7_removed": "La colonne des adresses.",
    "third_party_agreement": "Convention 12/2026",
    "classification_date": "2026-01-15",
    "tags_translated-fr": "budget, finances locales",
    "tags_translated-ar": "ميزانية، مالية محلية",
    "temporal_start": "2025-01-01",
    "temporal_end": "2025-12-31",
    "contact_name": "Service des finances",
    "managed_by": "Chef du service des finances",
    "series": "Budgets de la commune",
    "version": "2",
    "quality_notes": "Chiffres provisoires.",
}
LISTS = {
    "art10_category": "budgets-collectivites",
    "collection_frequency": "ANNUAL",
    "license_id": "cc-by",
    "theme": "finance",
    "disaggregation_level": "commune",
}
CHOSEN = {
    "personal_data": "anonymisees",
    "art7_scope": "partie",
    "third_party": "oui-accord",
}
TICKED = {
    "art7_exceptions": ["concurrence-initiative-privee", "propriete-intellectuelle"],
    "available_languages": ["fr", "ar"],
}


def write(one: Visitor, texts: dict[str, str]) -> None:
    """Write each text in its field."""
    for name, text in texts.items():
        one.fill(f"[name='{name}']", text)


def read(one: Visitor, names: Iterable[str]) -> dict[str, str]:
    """Return what the fields hold."""
    return {it: one.page.locator(f"[name='{it}']").input_value() for it in names}


@pytest.fixture
def draft(
    visitor: Callable[..., Visitor], people: People, tmp_path: Path
) -> Callable[[str], Visitor]:
    """Give a function that brings a GdD to the questions of a new draft."""

    def begin(lang: str) -> Visitor:
        file = tmp_path / "donnees.csv"
        file.write_text("article,montant\n1,2\n")
        gdd = visitor(lang)
        gdd.sign_in(people.gdd, people.password)
        deposit(gdd, file)
        gdd.click("form#deposit button[value=go-on]")
        return gdd

    return begin


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_every_kind_of_field_keeps_what_it_is_given(
    draft: Callable[[str], Visitor], instance: Instance, people: People, lang: str
):
    gdd = draft(lang)
    gdd.page.locator("details.maroc-section > summary").click()
    for name, value in CHOSEN.items():
        gdd.tick(f"[name={name}][value={value}]")
    write(gdd, TEXTS)
    for name, value in LISTS.items():
        gdd.choose(f"select[name={name}]", value)
    for name, values in TICKED.items():
        for value in values:
            gdd.tick(f"input[name={name}][value={value}]")
    choose_territory(gdd, "03")
    address = gdd.page.url.split(instance.site_url)[1].split("?")[0]
    path = address.removeprefix("/ar")
    gdd.click("form#dataset-edit button[value=keep]")

    gdd.goto(path)
    gdd.page.locator("details.maroc-section > summary").click()
    gdd.look("form-all")
    assert read(gdd, TEXTS) == TEXTS
    for name, value in LISTS.items():
        assert gdd.page.locator(f"select[name={name}]").input_value() == value, name
    for name, values in {**TICKED, **{k: [v] for k, v in CHOSEN.items()}}.items():
        ticked = gdd.page.locator(f"input[name={name}]:checked")
        assert {it.get_attribute("value") for it in ticked.all()} == set(values), name

    kept = requests.get(
        f"{instance.site_url}/api/3/action/package_show",
        params={"id": path.rsplit("/", 1)[1]},
        cookies={it["name"]: it["value"] for it in gdd.context.cookies()},
        timeout=20,
    ).json()["result"]
    assert kept["tags_translated"] == {
        "fr": ["budget", "finances locales"],
        "ar": ["ميزانية", "مالية محلية"],
    }
    assert kept["geographic_coverage"] == ["03"]
    assert sorted(kept["art7_exceptions"]) == sorted(TICKED["art7_exceptions"])
    assert kept["private"] is True


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_an_answer_shows_what_follows_from_it_at_once(
    draft: Callable[[str], Visitor], lang: str
):
    gdd = draft(lang)
    method = gdd.page.locator("[name=anonymisation_method]")
    assert not method.is_visible()
    gdd.tick("[name=personal_data][value=anonymisees]")
    assert method.is_visible()
    gdd.tick("[name=personal_data][value=presentes]")
    assert not method.is_visible()
    said = gdd.page.locator("[data-consequences=personal_data] .maroc-blocked")
    said.first.wait_for()
    assert "09" in said.first.inner_text()
    gdd.look("form-consequence")


def test_a_keyword_that_is_chosen_is_written_in_the_other_language_too(
    draft: Callable[[str], Visitor],
):
    gdd = draft("fr")
    gdd.page.locator("details.maroc-section > summary").click()
    french = gdd.page.locator("[name='tags_translated-fr']")
    french.press_sequentially("finances, barr")
    option = gdd.page.locator("#field-tags_translated-fr-list option[value$=barrage]")
    option.wait_for(state="attached")
    assert option.get_attribute("value") == "finances, barrage"
    french.fill("finances, barrage")
    french.press("Tab")
    assert gdd.page.locator("[name='tags_translated-ar']").input_value() == "سد"
    assert not gdd.seen.errors + gdd.seen.blocked


def test_what_was_typed_outlives_a_lost_session(
    draft: Callable[[str], Visitor], people: People
):
    gdd = draft("fr")
    place = gdd.page.url
    gdd.fill("[name='notes_translated-fr']", "Une description longue à écrire.")
    gdd.context.clear_cookies()
    gdd.click("form#dataset-edit button[value=keep]")
    assert "Se connecter" in gdd.text()
    gdd.page.goto(place)
    gdd.page.locator("#field-login").fill(people.gdd)
    gdd.page.locator("#field-password").fill(people.password)
    with gdd.page.expect_navigation(wait_until="networkidle"):
        gdd.page.keyboard.press("Enter")
    assert gdd.page.url == place
    gdd.page.get_by_role("button", name="Les reprendre").click()
    written = gdd.page.locator("[name='notes_translated-fr']").input_value()
    assert written == "Une description longue à écrire."


@pytest.mark.parametrize("level", ["diffusion-restreinte", "tres-secret"])
def test_at_one_of_the_four_levels_no_byte_leaves_the_device(
    visitor: Callable[..., Visitor], people: People, tmp_path: Path, level: str
):
    file = tmp_path / "secret.csv"
    file.write_text("a,b\n1,2\n")
    gdd = visitor("fr")
    gdd.sign_in(people.gdd, people.password)
    deposit(gdd, file)
    gdd.tick(f"[name=classification][value={level}]")
    assert not gdd.page.locator("[name=upload]").is_visible()
    assert gdd.page.locator("[name=upload]").evaluate("it => it.files.length") == 0
    assert gdd.page.locator(f"[data-level={level}]").is_visible()
    gdd.look("deposit-refused")


ROD = {
    "contact_email": "contact@essai.ma",
    "rod_name": "Secrétaire général",
    "rod_decision": "12/2026",
    "rod_date": "2026-01-05",
    "rod_deputy": "Chef de service",
    "rod_email": "rod@essai.ma",
    "information_officer": "Chargé de l'information",
}
FILE = {
    "name_translated-fr": "Budget",
    "name_translated-ar": "الميزانية",
    "description_translated-fr": "Exercice 2025.",
    "format": "CSV",
    "temporal_start": "2025-01-01",
    "temporal_end": "2025-12-31",
    "schema": "budgets",
}


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_an_institution_says_who_it_is(
    visitor: Callable[..., Visitor], people: People, lang: str
):
    rod = visitor(lang)
    rod.sign_in(people.rod, people.password)
    path = f"/organization/edit/{people.organization}"
    rod.goto(path)
    write(rod, ROD)
    rod.choose("select[name=review_policy]", "all")
    rod.choose("select[name=license_id]", "cc-by")
    parent = rod.page.locator("select[name=parent_institution] option").nth(1)
    rod.choose("select[name=parent_institution]", parent.get_attribute("value") or "")
    choose_territory(rod, "03")
    rod.click("form.maroc-form button[name=save]")
    rod.goto(path)
    rod.look("form-organization")
    assert read(rod, ROD) == ROD
    assert rod.page.locator("select[name=review_policy]").input_value() == "all"
    assert rod.page.locator("select[name=parent_institution]").input_value()
    assert rod.page.locator("#place-03").is_checked()
    rod.goto(f"/organization/about/{people.organization}")
    assert "contact@essai.ma" in rod.text()


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_a_file_says_what_is_particular_to_it(
    draft: Callable[[str], Visitor], instance: Instance, lang: str
):
    gdd = draft(lang)
    gdd.click("aside a[href*='/resource/'], .secondary a[href*='/resource/']")
    address = gdd.page.url.split(instance.site_url)[1].split("?")[0]
    path = f"{address.removeprefix('/ar').removesuffix('/edit')}/edit"
    gdd.goto(path)
    write(gdd, FILE)
    gdd.choose("select[name=role]", "donnees")
    gdd.tick("input[name=language][value=ar]")
    gdd.click("form#resource-edit button.btn-primary[name=save]")
    gdd.goto(path)
    gdd.look("form-resource")
    assert read(gdd, FILE) == FILE
    assert gdd.page.locator("select[name=role]").input_value() == "donnees"
    assert gdd.page.locator("input[name=language][value=ar]").is_checked()
