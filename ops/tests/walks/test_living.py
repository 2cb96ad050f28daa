"""The third walk: a ROD lets a program add rows to a table, and follows what comes."""

from __future__ import annotations

import datetime as dt
import io
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from ckanapi import CKANAPIError, NotAuthorized, NotFound, RemoteCKAN

from .conftest import People
from .test_review import ANSWERS
from .visitor import NARROW, WIDE, Visitor

CLEAR = {**ANSWERS, "third_party": "non"}
TABLE = (
    "marche,produit,prix,releve_le\nFès,Tomate,4.50,2026-11-20\n"
    "Meknès,Oignon,3.25,2026-11-20\n"
)
GOOD = {"marche": "Taza", "produit": "Blé", "prix": 2.9, "releve_le": "2026-11-21"}
REFUSED = (CKANAPIError, NotAuthorized, NotFound)
PATIENCE = 90
"""Seconds for what the worker does: check a file, load a table."""


def soon(ask: Callable[[], Any]) -> Any:
    """Ask until it is so; the last refusal is told where it never is."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if found := ask():
                return found
        except REFUSED:
            if time.monotonic() > end:
                raise
        assert time.monotonic() < end
        time.sleep(0.5)


@pytest.fixture
def prices(administrator: RemoteCKAN, people: People) -> dict[str, Any]:
    """Publish a table of prices as the GdD, by the API."""
    token = administrator.action.api_token_create(user=people.gdd, name="prix")
    gdd = RemoteCKAN(administrator.address, apikey=token["token"])
    name = f"prix-{people.organization.removeprefix('essai-')}"
    made = gdd.action.package_create(
        name=name,
        owner_org=people.organization,
        title_translated={"fr": f"Prix {name}", "ar": f"الأسعار {name}"},
        notes_translated={"fr": "Les prix des marchés.", "ar": "أسعار الأسواق."},
        **CLEAR,
    )
    file = io.BytesIO(TABLE.encode())
    file.name = "prix.csv"
    resource = gdd.action.resource_create(
        package_id=made["id"], name="Prix", format="CSV", upload=file
    )
    gdd.action.maroc_workflow_submit(id=name)
    anyone = RemoteCKAN(administrator.address)
    soon(lambda: anyone.action.package_show(id=name))
    soon(lambda: anyone.action.datastore_search(resource_id=resource["id"]))
    return {"name": name, "resource": resource["id"]}


@pytest.mark.parametrize(("lang", "size"), [("fr", NARROW), ("ar", WIDE)])
def test_a_rod_lets_a_program_add_rows_and_withdraws_it(  # noqa: PLR0917 - a walk
    visitor: Callable[..., Visitor],
    administrator: RemoteCKAN,
    people: People,
    prices: dict[str, Any],
    lang: str,
    size: tuple[int, int],
):
    page, table = f"/dataset/{prices['name']}/flux", prices["resource"]
    # The program's account belongs to no institution.
    program = f"robot-{uuid.uuid4().hex[:6]}"
    administrator.action.user_create(
        name=program, email=f"{program}@essai.invalid", password=uuid.uuid4().hex
    )
    token = administrator.action.api_token_create(user=program, name="prix")
    robot = RemoteCKAN(administrator.address, apikey=token["token"])
    last_day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)

    # The ROD decides on the table, the account and the last day.
    rod = visitor(lang, size)
    rod.sign_in(people.rod, people.password)
    rod.goto(page)
    rod.look("l1-none")
    rod.fill("#account", program)
    rod.fill("#until", last_day.isoformat())
    rod.click("#feed button[type=submit]")
    rod.look("l2-decided")

    # The program adds two rows: one is public, the other is told and stays outside.
    report = robot.action.maroc_workflow_feed_push(
        id=table, records=[GOOD, {**GOOD, "produit": "amina@exemple.ma"}]
    )
    assert (report["accepted"], len(report["refused"])) == (1, 1)
    anyone = RemoteCKAN(administrator.address)
    soon(lambda: anyone.action.datastore_search(resource_id=table)["total"] == 3)

    # The ROD reads what came; no page says the value that was refused.
    rod.goto(page)
    rod.press(".workflow-feed details summary")
    assert "amina" not in rod.text()
    rod.look("l3-reported")
    reader = visitor(lang, size)
    reader.goto(f"/dataset/{prices['name']}/historique")
    reader.look("l4-history")

    # Withdrawn, everything that it opened is closed.
    rod.press(".workflow-more summary")
    rod.fill("[name=reason]", "Les prix étaient faux.")
    rod.page.check("[name=sure]")
    rod.look("l5-withdrawing")
    rod.click(".workflow-more button[type=submit]")
    rod.look("l6-ended")
    reader.goto(f"/dataset/{prices['name']}")
    reader.look("l7-gone")
    with pytest.raises(REFUSED):
        anyone.action.package_show(id=prices["name"])
