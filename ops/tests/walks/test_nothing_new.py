"""A walk: a GdD says that there is nothing new, and everyone reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from ckanapi import RemoteCKAN
from portalctl import settings
from portalctl.instance import Instance

from .conftest import People
from .steps import wait_for
from .test_review import ANSWERS
from .visitor import NARROW, WIDE, Visitor

MONTHLY = {**ANSWERS, "third_party": "non", "collection_frequency": "MONTHLY"}
BUTTON = ".kpi-fresh button"
PUNCTUAL = "/indicateurs/update_frequency?organization="
WORDS = {
    "fr": {
        "late": "En retard depuis le",
        "recorded": "C’est noté",
        "confirmed": "Confirmé sans changement le",
        "all": "100 %",
    },
    "ar": {
        "late": "متأخرة منذ",
        "recorded": "تم تسجيل عدم وجود جديد",
        "confirmed": "تم تأكيد عدم وجود جديد في",
        "all": "100%",
    },
}


def content_came(instance: Instance, dataset: dict[str, Any], days: int) -> None:
    """Let a dataset's last content be so many days old, as a decision opened it."""
    url = settings.environment(instance, "owner")["CKAN_SQLALCHEMY_URL"]
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO maroc_workflow_version"
                " (package_id, resource_id, sha256, opened_at, decision)"
                " VALUES (:id, :resource, 'old', :at, 1)"
            ),
            {
                "id": dataset["id"],
                "resource": dataset["resources"][0]["id"],
                "at": dt.datetime.now(ZoneInfo("Africa/Casablanca"))
                - dt.timedelta(days=days),
            },
        )
    engine.dispose()


@pytest.fixture
def parks(
    administrator: RemoteCKAN, instance: Instance, people: People
) -> dict[str, Any]:
    """Publish a monthly dataset whose content is fifty days old: five days late."""
    token = administrator.action.api_token_create(user=people.gdd, name="parcs")
    gdd = RemoteCKAN(administrator.address, apikey=token["token"])
    name = f"parcs-{people.organization.removeprefix('essai-')}"
    made = gdd.action.package_create(
        name=name,
        owner_org=people.organization,
        title_translated={"fr": f"Parcs {name}", "ar": f"حدائق {name}"},
        notes_translated={"fr": "Les parcs de la commune.", "ar": "حدائق الجماعة."},
        resources=[{"url": "https://donnees.example/parcs.csv", "name": "Parcs"}],
        **MONTHLY,
    )
    told = gdd.action.maroc_workflow_submit(id=name)
    assert told["public"], told
    content_came(instance, made, 50)
    return made


@pytest.mark.parametrize(("lang", "size"), [("fr", NARROW), ("ar", WIDE)])
def test_a_gdd_says_in_one_click_that_nothing_is_new(
    visitor: Callable[..., Visitor],
    people: People,
    parks: dict[str, Any],
    lang: str,
    size: tuple[int, int],
):
    page, words = f"/dataset/{parks['name']}", WORDS[lang]

    # The GdD sees that the dataset is late, and says that there is nothing new.
    gdd = visitor(lang, size)
    gdd.sign_in(people.gdd, people.password)
    gdd.goto(page)
    assert words["late"] in gdd.text()
    gdd.look("n1-late")
    gdd.click(BUTTON)
    assert words["recorded"] in gdd.text()
    assert words["confirmed"] in gdd.text()
    assert gdd.page.locator(BUTTON).count() == 0
    gdd.look("n2-recorded")

    # Everyone reads it on the page, and within a minute in the figure.
    reader = visitor(lang, size)
    reader.goto(page)
    assert words["confirmed"] in reader.text()
    assert reader.page.locator(".kpi-fresh").count() == 0
    reader.look("n3-told")
    wait_for(words["all"], reader, PUNCTUAL + people.organization)
    reader.look("n4-counted")
