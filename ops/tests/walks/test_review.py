"""The second walk: a ROD examines what a GdD prepared, in French and in Arabic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest
from ckanapi import RemoteCKAN
from portalctl.instance import Instance

from .conftest import People
from .visitor import NARROW, WIDE, Visitor

ANSWERS = {
    "classification": "non-classifie",
    "classification_date": "2026-11-02",
    "art7_scope": "aucune",
    "third_party": "ne-sais-pas",
    "personal_data": "aucune",
    "issued": "2024-11-07",
    "contact_email": "donnees@essai.ma",
    "available_languages": ["fr", "ar"],
    "art10_category": "statistiques",
    "collection_frequency": "ANNUAL",
    "geographic_coverage": ["MA"],
    "license_id": "cc-by",
    "source": "HCP",
}
"""Complete, with one answer that somebody else must examine."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A dataset that waits for the ROD."""

    name: str
    fr: str
    ar: str


@pytest.fixture
def submit(administrator: RemoteCKAN, people: People) -> Callable[..., Case]:
    """Prepare a dataset as the GdD, by the API, and send it to the ROD."""
    token = administrator.action.api_token_create(user=people.gdd, name="essai")
    gdd = RemoteCKAN(administrator.address, apikey=token["token"])

    def make(number: int) -> Case:
        mark = f"{people.organization.removeprefix('essai-')}-{number}"
        case = Case(
            name=f"ecoles-{mark}", fr=f"Écoles de Fès {mark}", ar=f"مدارس فاس {mark}"
        )
        gdd.action.package_create(
            name=case.name,
            owner_org=people.organization,
            title_translated={"fr": case.fr, "ar": case.ar},
            notes_translated={
                "fr": "Une ligne par école, avec son quartier.",
                "ar": "سطر لكل مدرسة مع حيها.",
            },
            resources=[{"name": "Liste", "url": "https://donnees.example/l.csv"}],
            **ANSWERS,
        )
        gdd.action.maroc_workflow_submit(id=case.name)
        return case

    return make


@pytest.mark.parametrize(("lang", "size"), [("fr", WIDE), ("ar", NARROW)])
def test_a_rod_asks_for_changes_approves_and_withdraws(  # noqa: PLR0915, PLR0917 - a walk
    visitor: Callable[..., Visitor],
    people: People,
    instance: Instance,
    submit: Callable[..., Case],
    lang: str,
    size: tuple[int, int],
):
    one, two = submit(1), submit(2)
    title = {"fr": one.fr, "ar": one.ar}[lang]
    page = f"/dataset/{one.name}/publication"

    # The ROD finds both in the queue and asks one to be corrected, at its field.
    rod = visitor(lang, size)
    rod.sign_in(people.rod, people.password)
    rod.goto("/relecture")
    assert title in rod.text()
    rod.look("r1-queue")
    rod.click(f"h2 a:has-text('{title}')")
    rod.look("r2-publication")
    rod.press("#change-source details summary")
    rod.fill("#change-source textarea", "Quelle enquête du HCP ?")
    rod.click("button[value=request_changes]")
    rod.look("r3-sent-back")

    # The GdD reads it in the list and at the very field, mends it, and sends it again.
    gdd = visitor(lang, size)
    gdd.sign_in(people.gdd, people.password)
    gdd.goto("/a-corriger")
    gdd.look("r4-corrections")
    gdd.click(".maroc-remarks a")
    assert gdd.page.url.endswith("#field-source")
    gdd.look("r5-form")
    gdd.fill("[name=source]", "HCP, enquête 2024")
    gdd.click("form#dataset-edit button[value=publish]")
    gdd.goto(page)
    gdd.look("r6-waiting")

    # The ROD looks over both and approves them at once.
    rod.goto("/relecture")
    for box in rod.page.locator(".workflow-choice input").all():
        box.check()
    rod.click("form button.btn-primary")
    rod.press("details summary")
    rod.look("r7-preview")
    rod.click("form:has([name^=hash-]) button[type=submit]")
    rod.look("r8-empty")
    anyone = visitor(lang, size)
    anyone.goto(f"/dataset/{one.name}")
    assert title in anyone.text()

    # An edit that must wait is a revision, shown beside what is public.
    gdd.goto(f"/dataset/edit/{one.name}")
    gdd.fill("[name=source]", "HCP, enquête 2025")
    gdd.fill("[name='title_translated-fr']", f"{one.fr} (2025)")
    gdd.click("form#dataset-edit button[value=keep]")
    assert "--revision-" in gdd.page.url
    gdd.look("r9-revision")
    rod.goto("/relecture")
    rod.click("h2 a[href*=revision]")
    assert "HCP, enquête 2024" in rod.text()
    rod.look("r10-compared")
    rod.click("button[value=approve]")
    anyone.goto(f"/dataset/{one.name}")
    assert "HCP, enquête 2025" in anyone.text()

    # Withdrawn, it answers "gone" to anyone; the institution reads the decisions.
    rod.goto(f"{page}#withdraw")
    rod.fill("#reason", "Un nom est resté dans la colonne C.")
    rod.choose("#article", "Loi 09-08, art. 1")
    rod.tick("#sure-withdraw")
    rod.look("r11-before-withdrawal")
    rod.click("button[value=withdraw]")
    rod.look("r12-withdrawn")
    anyone.goto(f"/dataset/{one.name}")
    assert title not in anyone.text()
    anyone.look("r13-gone")
    url = f"{instance.site_url}/api/3/action/package_show?id={one.name}"
    assert httpx.get(url).status_code == 410
    assert httpx.get(f"{instance.site_url}/dataset/{two.name}").status_code == 200
    rod.goto(f"/organization/{people.organization}/decisions")
    rod.look("r14-decisions")
    rod.goto(f"/organization/{people.organization}/suppleance")
    rod.choose("#user", rod.page.locator("#user option").nth(1).get_attribute("value"))
    rod.fill("#ends", rod.page.input_value("#starts"))
    rod.click("#delegation button[type=submit]")
    rod.look("r15-stand-in")
