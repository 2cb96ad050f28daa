"""The second walk: an Arabic spreadsheet, published by touch on a small screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ckanapi import RemoteCKAN
from openpyxl import Workbook
from portalctl.instance import Instance

from .conftest import People
from .steps import deposit, describe, wait_for
from .visitor import NARROW, Visitor

NAME = "إحصاء السكان.xlsx"


@pytest.fixture
def spreadsheet(tmp_path: Path) -> Path:
    """Make a sheet as offices do: a title row above the header, all in Arabic."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["سكان مقاطعات فاس حسب إحصاء 2024"])
    sheet.append(["المقاطعة", "عدد السكان", "عدد الأسر"])
    for row in (("أكدال", 143_000, 37_000), ("المرينيين", 209_000, 51_000)):
        sheet.append(row)
    path = tmp_path / NAME
    book.save(path)
    return path


def test_an_arabic_spreadsheet_is_published_and_found_by_touch(
    visitor: Callable[..., Visitor],
    people: People,
    instance: Instance,
    spreadsheet: Path,
):
    mark = people.organization.removeprefix("essai-")
    fr, ar = f"Population de Fès {mark}", f"سكان فاس {mark}"

    gdd = visitor("ar", NARROW, touch=True)
    gdd.sign_in(people.gdd, people.password)
    gdd.interactions = 0
    deposit(gdd, spreadsheet)
    gdd.look("phone-1-deposit")
    gdd.click("form#deposit button[value=go-on]")
    gdd.look("phone-2-answers")
    describe(gdd, fr=fr, ar=ar)
    gdd.click("form#dataset-edit button[value=publish]")
    gdd.look("phone-3-published")
    assert gdd.interactions <= 25
    dataset = gdd.page.url.rstrip("/").rsplit("/", 1)[1]

    reader = visitor("ar", NARROW, touch=True)
    wait_for(ar, reader, f"/dataset/?q=السكّان+{mark}")
    reader.look("phone-4-found")
    reader.click(f"a:has-text('{ar}')")
    reader.look("phone-5-dataset")
    [resource] = RemoteCKAN(instance.site_url).action.package_show(id=dataset)[
        "resources"
    ]
    wait_for("المرينيين", reader, f"/dataset/{dataset}/resource/{resource['id']}")
    reader.look("phone-6-resource")
    assert "عدد السكان" in reader.page.inner_text("table thead")

    with reader.page.expect_download() as expected:
        reader.page.locator("a.resource-url-analytics").first.tap()
    assert Path(expected.value.path()).read_bytes() == spreadsheet.read_bytes()
    assert expected.value.suggested_filename == NAME
