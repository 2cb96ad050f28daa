"""What people do on several walks."""

from __future__ import annotations

import time

from .visitor import Visitor


def describe(one: Visitor, *, fr: str, ar: str) -> None:
    """Fill the dataset form with the keyboard and the lists."""
    page = one.page
    page.locator("[name=classification][value=non-classifie]").check()
    page.locator("[name='title_translated-fr']").fill(fr)
    page.locator("[name='title_translated-ar']").fill(ar)
    page.locator("[name='notes_translated-fr']").fill(
        f"{fr}. Population légale de chaque commune, avec son code officiel."
    )
    page.locator("[name='notes_translated-ar']").fill(
        f"{ar}. عدد السكان القانونيين في كل جماعة مع رمزها الرسمي."
    )
    page.locator("select[name=art10_category]").select_option("statistiques")
    page.locator("select[name=collection_frequency]").select_option("ANNUAL")
    page.locator("select[name=license_id]").select_option("cc-by")
    page.locator("[name=source]").fill("HCP, RGPH 2024")
    choose_territory(one, "03")


def choose_territory(one: Visitor, code: str) -> None:
    """Open the region in the list and choose it."""
    box = one.page.locator(f"#place-{code}")
    one.press(f"details:has(#place-{code}) > summary")
    box.check()


def wait_for(text: str, one: Visitor, path: str, seconds: int = 60) -> None:
    """Open the page again until it says so: within a minute, as promised."""
    end = time.monotonic() + seconds
    while True:
        one.goto(path)
        if text in " ".join(one.text().split()):
            return
        assert time.monotonic() < end, f"{text!r} is not on {path}:\n{one.text()}"
        time.sleep(2)
