"""A real browser finds nothing to refuse on our pages, and their buttons work."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import ckan.plugins.toolkit as tk
from ckan.tests import helpers

PORTAL = os.environ.get("TEST_PORTAL_URL", "")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium refuses some ports by their number; a test portal may have one of them.
    f"--explicitly-allowed-ports={urlsplit(PORTAL).port}",
]
ADMINISTRATOR = "add-admin"
UPLOAD = Path(__file__).parents[1] / "assets" / "js" / "upload.js"

VISITORS_PAGES = (
    "/",
    "/ar/",
    "/about",
    "/dataset/",
    "/dataset/?q=population&sort=metadata_modified+desc",
    "/dataset/{dataset}",
    "/dataset/{dataset}/resource/{resource}",
    "/organization/",
    "/organization/{organization}",
    "/group/",
    "/feeds/dataset.atom",
    "/user/login",
    "/user/reset",
    "/api/3",
    "/a-page-that-is-not-there",
)
ADMINISTRATORS_PAGES = (
    "/dataset/new",
    "/dataset/edit/{dataset}",
    "/dataset/resources/{dataset}",
    "/dataset/activity/{dataset}",
    "/dataset/groups/{dataset}",
    "/dataset/{dataset}/resource/new",
    "/dataset/{dataset}/resource/{resource}",
    "/dataset/{dataset}/resource/{resource}/edit",
    "/dataset/{dataset}/resource/{resource}/views",
    "/dataset/{dataset}/dictionary/{resource}",
    "/organization/new",
    "/organization/edit/{organization}",
    "/organization/members/{organization}",
    "/organization/bulk_process/{organization}",
    "/organization/activity/{organization}",
    "/group/new",
    f"/user/{ADMINISTRATOR}",
    f"/user/edit/{ADMINISTRATOR}",
    f"/user/{ADMINISTRATOR}/api-tokens",
    f"/user/activity/{ADMINISTRATOR}",
    "/dashboard/datasets",
    "/ckan-admin/",
    "/ckan-admin/config",
    "/ckan-admin/trash",
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not PORTAL, reason="./portal test starts the portal"),
]


@pytest.fixture(scope="module")
def names() -> dict[str, str]:
    """Return a dataset, one of its resources and its organization."""
    asked = f"{PORTAL}/api/3/action/package_search?fq=res_format:CSV&rows=1"
    end = time.monotonic() + 90
    while True:
        with urlopen(asked, timeout=30) as answer:  # noqa: S310 - our own portal
            dataset = json.load(answer)["result"]["results"][0]
        # The worker loads the file, and then its dictionary has a page.
        if dataset["resources"][0].get("datastore_active"):
            break
        assert time.monotonic() < end, "the file was not loaded"
        time.sleep(2)
    return {
        "dataset": dataset["name"],
        "resource": dataset["resources"][0]["id"],
        "organization": dataset["organization"]["name"],
    }


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def visitor(chromium: Browser) -> BrowserContext:
    return chromium.new_context(base_url=PORTAL)


@pytest.fixture(scope="module")
def administrator(chromium: Browser) -> BrowserContext:
    context = chromium.new_context(base_url=PORTAL)
    page = context.new_page()
    page.goto("/user/login")
    page.fill("#field-login", ADMINISTRATOR)
    page.fill("#field-password", os.environ["TEST_PASSWORD_ADD_ADMIN"])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/user/login" not in page.url
    page.close()
    return context


@pytest.fixture
def upload_field(app: helpers.CKANTestApp) -> str:
    with app.flask_app.test_request_context():
        return tk.render_snippet(
            "package/snippets/resource_upload_field.html",
            {"data": {}, "errors": {}, "is_upload_enabled": True},
        )


class Complaints:
    """What the browser says of a page: the policy's refusals, the scripts' errors."""

    def __init__(self, page: Page) -> None:
        self.found: list[str] = []
        page.on("console", lambda message: self.note(page, message.text))
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: {error}"))

    def note(self, page: Page, text: str) -> None:
        if "Content Security Policy" in text or "Permissions-Policy" in text:
            self.found.append(f"{page.url}: {text}")


@pytest.fixture
def page_of() -> Iterator:
    """Open a page for someone; at the end, nothing may have been refused on it."""
    opened: list[tuple[Page, Complaints]] = []

    def open_page(context: BrowserContext) -> Page:
        page = context.new_page()
        opened.append((page, Complaints(page)))
        return page

    yield open_page
    for page, complaints in opened:
        page.close()
        assert complaints.found == []


def test_visitors_pages_keep_to_the_policy(visitor, page_of, names):
    page = page_of(visitor)
    for path in VISITORS_PAGES:
        answer = page.goto(path.format(**names))
        assert "default-src" in answer.headers["content-security-policy"], path
        page.wait_for_load_state("networkidle")


def test_visitors_carry_no_cookie_until_they_sign_in(chromium, page_of, names):
    context = chromium.new_context(base_url=PORTAL)
    page = page_of(context)
    for path in ("/", "/dataset/", "/dataset/{dataset}", "/organization/", "/about"):
        page.goto(path.format(**names))
        assert context.cookies() == [], path
    context.close()


def test_administrators_pages_keep_to_the_policy(administrator, page_of, names):
    page = page_of(administrator)
    for path in ADMINISTRATORS_PAGES:
        answer = page.goto(path.format(**names))
        assert answer.status == 200, path
        page.wait_for_load_state("networkidle")


def test_an_inline_script_would_not_run(visitor, page_of):
    page = visitor.new_page()
    complaints = Complaints(page)
    page.goto("/about")
    page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
            const html = '<p onclick="window.ran = true"></p>';
            document.body.insertAdjacentHTML('beforeend', html);
            document.body.lastElementChild.click();
        }"""
    )
    assert page.evaluate("window.ran") is None
    assert len(complaints.found) >= 2
    page.close()


def choose_file(page: Page, act) -> None:
    with page.expect_file_chooser() as chooser:
        act()
    chooser.value.set_files(
        {"name": "écoles.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    )
    expect(page.locator("#resource-url-upload")).to_be_checked()
    expect(page.locator("#field-resource-upload")).to_have_value(
        "C:\\fakepath\\écoles.csv"
    )


@pytest.fixture
def resource_form(visitor, page_of, upload_field) -> Page:
    """Put core's upload field, as our template writes it, on a page of the portal."""
    page = page_of(visitor)
    page.route("**/upload.js", lambda route: route.fulfill(path=UPLOAD))
    page.goto("/about")
    page.evaluate(
        "html => document.querySelector('main, [role=main]').innerHTML = html",
        upload_field,
    )
    page.add_script_tag(url="/upload.js")
    # The browser is told before the first key that choosers come to the test.
    page.on("filechooser", lambda chooser: None)
    page.evaluate("() => document.readyState")
    return page


def test_the_upload_button_opens_the_file_chooser_by_mouse(resource_form):
    choose_file(resource_form, lambda: resource_form.click("#resource-upload-button"))


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_upload_button_opens_the_file_chooser_by_keyboard(resource_form, key):
    resource_form.focus("#resource-upload-button")
    choose_file(resource_form, lambda: resource_form.keyboard.press(key))


def test_a_chosen_file_can_be_taken_back(resource_form):
    choose_file(resource_form, lambda: resource_form.click("#resource-upload-button"))
    resource_form.click(".btn-remove-url:visible")
    expect(resource_form.locator("#resource-url-none")).to_be_checked()
    expect(resource_form.locator("#field-resource-upload")).to_have_value("")
    expect(resource_form.locator("#resource-upload-button")).to_be_focused()


def test_the_link_button_leads_to_its_field(resource_form):
    resource_form.focus("#resource-link-button")
    resource_form.keyboard.press("Enter")
    resource_form.keyboard.type("https://example.org/a.csv")
    field = resource_form.locator("#field-resource-url")
    expect(field).to_have_value("https://example.org/a.csv")
    resource_form.click(".btn-remove-url:visible")
    expect(field).to_have_value("")


def test_an_api_token_is_made_copied_and_revoked(administrator, page_of):
    page = page_of(administrator)
    page.goto(f"/user/{ADMINISTRATOR}/api-tokens")
    revoke = page.locator("#revoke-tokens-button")
    expect(revoke).to_be_disabled()
    page.fill("form [name=name]", "outil d'essai")
    expect(page.locator("[name=expires_in]")).to_have_value("365")
    page.click("button[value=create]")
    row = page.locator("#api-tokens-table tbody tr").first
    expect(row).to_contain_text("outil d'essai")
    expect(row.locator("code")).to_be_visible()

    row.get_by_role("checkbox").check()
    expect(revoke).to_be_enabled()
    revoke.click()
    page.click("#ckan-confirm-yes")
    expect(page.get_by_text("outil d'essai")).to_have_count(0)
    expect(revoke).to_be_disabled()


def test_going_back_shows_the_page_that_was_left(visitor, page_of):
    page = page_of(visitor)
    page.goto("/dataset/")
    first = page.title()
    page.goto("/about")
    page.go_back()
    expect(page).to_have_title(first)
