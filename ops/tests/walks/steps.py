"""What people do on several walks."""

from __future__ import annotations

import time
from pathlib import Path

from .visitor import Visitor


def deposit(one: Visitor, file: Path) -> None:
    """Say that the data are not classified, and hand over the file."""
    one.goto("/dataset/new")
    one.tick("[name=classification][value=non-classifie]")
    one.hand_over("input[type=file][name=upload]", file)


def describe(one: Visitor, *, fr: str, ar: str) -> None:
    """Answer what the file and the institution have not said."""
    one.fill("[name='title_translated-fr']", fr)
    one.fill("[name='title_translated-ar']", ar)
    one.fill(
        "[name='notes_translated-fr']",
        f"{fr}. Population légale de chaque lieu, avec son code officiel.",
    )
    one.fill(
        "[name='notes_translated-ar']",
        f"{ar}. عدد السكان القانونيين في كل مجال ترابي مع رمزه الرسمي.",
    )
    one.choose("select[name=art10_category]", "statistiques")
    one.choose("select[name=collection_frequency]", "DECENNIAL")
    one.choose("select[name=license_id]", "cc-by")
    one.fill("[name=source]", "HCP, RGPH 2024")
    one.fill("[name=contact_email]", "donnees@essai.ma")
    one.fill("[name=issued]", "2024-11-07")
    choose_territory(one, "03")
    one.tick("[name=personal_data][value=aucune]")
    one.tick("[name=art7_scope][value=aucune]")
    one.tick("[name=third_party][value=non]")


def choose_territory(one: Visitor, code: str) -> None:
    """Open the region in the list and choose it."""
    if not one.page.locator(f"#place-{code}").is_visible():
        one.press(f"details:has(#place-{code}) > summary")
    one.tick(f"#place-{code}")


def wait_for(text: str, one: Visitor, path: str, seconds: int = 60) -> None:
    """Open the page again until it says so: within a minute, as promised."""
    end = time.monotonic() + seconds
    while True:
        one.goto(path)
        if text in " ".join(one.text().split()):
            return
        assert time.monotonic() < end, f"{text!r} is not on {path}:\n{one.text()}"
        time.sleep(2)
