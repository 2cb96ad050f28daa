"""A browser, people with windows, and an institution for each walk."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ckanapi import RemoteCKAN
from playwright.sync_api import Browser, sync_playwright
from portalctl.instance import Instance

from .visitor import WIDE, Visitor

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    return (
        Path(os.environ["TEST_NODE_MODULES"]) / "axe-core" / "axe.min.js"
    ).read_text("utf-8")


@pytest.fixture
def visitor(
    browser: Browser, axe: str, instance: Instance
) -> Iterator[Callable[..., Visitor]]:
    """Give a function that opens a window for one more person."""
    opened: list[Visitor] = []

    def open_window(
        lang: str = "fr", size: Any = WIDE, *, touch: bool = False
    ) -> Visitor:
        one = Visitor(
            browser,
            instance.site_url,
            Path(os.environ["TEST_ARTEFACTS"]),
            axe,
            lang=lang,
            size=size,
            touch=touch,
        )
        opened.append(one)
        return one

    yield open_window
    for one in opened:
        one.context.close()


@dataclass(frozen=True, kw_only=True)
class People:
    """A new institution with its GdD and its ROD."""

    organization: str
    fr: str
    ar: str
    gdd: str
    rod: str
    password: str


@pytest.fixture
def people(administrator: RemoteCKAN) -> People:
    """Make an institution of its own, so that its figures begin at nothing."""
    mark = uuid.uuid4().hex[:6]
    password = uuid.uuid4().hex
    found = People(
        organization=f"essai-{mark}",
        fr=f"Commune d’essai {mark}",
        ar=f"جماعة التجربة {mark}",
        gdd=f"gdd-{mark}",
        rod=f"rod-{mark}",
        password=password,
    )
    administrator.action.organization_create(
        name=found.organization,
        title_translated={"fr": found.fr, "ar": found.ar},
        body_kind="collectivite-territoriale",
    )
    for user, role in ((found.gdd, "editor"), (found.rod, "admin")):
        administrator.action.user_create(
            name=user, email=f"{user}@essai.invalid", password=password
        )
        administrator.action.organization_member_create(
            id=found.organization, username=user, role=role
        )
    return found


@pytest.fixture
def admin_password() -> str:
    """Return the demonstration administrator's password on the test portal."""
    return os.environ["TEST_PASSWORD_ADD_ADMIN"]
