"""The frame of every page: light, readable by everyone, asking nothing of others."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import sync_playwright

import ckan

from ckanext.maroc_portal import assets, helpers, pages, words

ROOT = Path(__file__).resolve().parents[3]
CSS = ROOT / "ckanext" / "maroc_portal" / "assets" / "css"
BUDGET = 600 * 1024
PAGES = (
    "/",
    "/dataset/",
    "/dataset/population-communes-2024",
    "/organization/",
    "/organization/hcp",
    "/user/login",
    "/about",
    "/accessibilite",
    "/page-qui-n-existe-pas",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# The texts


@pytest.mark.parametrize(
    ("texts", "lang", "shown", "direction"),
    [
        ({"fr": "Écoles", "ar": "المدارس"}, "ar", "المدارس", "rtl"),
        ({"fr": "Écoles", "ar": "المدارس"}, "en", "Écoles", "ltr"),
        ({"ar": "المدارس"}, "fr", "المدارس", "rtl"),
        ('{"fr": "Écoles"}', "ar", "Écoles", "ltr"),
        ("المدارس", "fr", "المدارس", "rtl"),
        ("{not json", "fr", "{not json", "ltr"),
        (None, "fr", "", "ltr"),
    ],
)
def test_a_text_says_which_language_it_is_in(texts, lang, shown, direction):
    found = words.chosen(texts, lang)
    assert (found.text, found.dir) == (shown, direction)


def test_the_name_of_the_portal_stands_in_each_language():
    assert set(helpers.SITE_NAMES) == {"fr", "ar", "en"}


# The files


def test_the_style_sheets_name_no_side_of_the_page():
    physical = re.compile(
        r"^\s*(?:margin|padding|border)-(?:left|right|top|bottom)\b"
        r"|^\s*(?:left|right|top|bottom|width|height)\s*:"
        r"|(?:float|clear|text-align)\s*:\s*(?:left|right)",
        re.MULTILINE,
    )
    for path in CSS.glob("*.css"):
        assert not physical.search(path.read_text("utf-8")), path.name


def test_the_style_sheets_ask_nothing_of_others():
    for path in CSS.glob("*.css"):
        addresses = re.findall(r"url\(\"?([^\")]+)", path.read_text("utf-8"))
        assert all(address.startswith("data:") for address in addresses), path.name
        assert "@import" not in path.read_text("utf-8")


def test_every_icon_that_a_page_names_is_drawn():
    done = subprocess.run(
        [sys.executable, "ops/icons.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_files_of_core_that_ours_stand_in_for_are_still_there():
    vendor = Path(ckan.__file__).parent / "public" / "base" / "vendor"
    library = yaml.safe_load((vendor / "webassets.yml").read_text("utf-8"))
    carried = {name for bundle in library.values() for name in bundle["contents"]}
    assert set(assets.INSTEAD) <= carried, "core's bundles changed: see assets.py"


def test_core_asks_of_dates_only_what_ours_answer():
    scripts = Path(ckan.__file__).parent / "public" / "base" / "javascript"
    used = {
        line.strip()
        for path in scripts.rglob("*.js")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"\bmoment\b", line)
    }
    assert used == {
        "moment.locale(locale);",
        "var date = moment(jQuery(this).data('datetime'));",
    }


def test_the_source_that_is_given_holds_the_code_and_nothing_of_the_running_portal():
    names = [path.relative_to(pages.CLONE).as_posix() for path in pages.files()]
    assert "ckanext/maroc_portal/plugin.py" in names
    assert not [name for name in names if name.startswith("var/") or "/." in name]
    assert not [name for name in names if "secrets.json" in name or ".env" in name]


# The pages, in a browser


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(CHROMIUM)
        )
        yield chromium
        chromium.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_each_page_is_light_readable_and_keeps_to_itself(browser, lang, width):
    portal = os.environ["TEST_PORTAL_URL"]
    axe = Path(os.environ["TEST_NODE_MODULES"], "axe-core", "axe.min.js").read_text()
    artefacts = Path(os.environ["TEST_ARTEFACTS"])
    # The policy of the pages would refuse axe itself; another test holds the policy.
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: list[float] = []
    network.on(
        "Network.loadingFinished",
        lambda event: sizes.append(event["encodedDataLength"]),
    )
    for path in PAGES:
        asked.clear()
        sizes.clear()
        network.send("Network.clearBrowserCache")
        page.goto(f"{portal}/{lang}{path}")
        page.wait_for_load_state("networkidle")
        name = path.strip("/").replace("/", "-") or "home"
        page.screenshot(
            path=artefacts / f"theme-{name}-{lang}-{width}.png", full_page=True
        )
        told = (path, lang, width)
        assert page.evaluate("document.documentElement.lang") == lang, told
        wanted = "rtl" if lang == "ar" else "ltr"
        assert (
            page.evaluate("getComputedStyle(document.documentElement).direction")
            == wanted
        ), told
        assert page.evaluate("document.documentElement.scrollWidth") <= width, told
        assert sum(sizes) <= BUDGET, (told, sum(sizes))
        away = [url for url in asked if not url.startswith((portal, "data:"))]
        assert away == [], told
        page.evaluate(axe)
        found = page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
        grave = [
            (each["id"], each["nodes"][0]["html"][:160])
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert grave == [], told
    context.close()


@pytest.mark.browser
def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(browser):
    page = browser.new_page()
    page.goto(f"{os.environ['TEST_PORTAL_URL']}/dataset/")
    page.keyboard.press("Tab")
    focus = page.evaluate(
        """() => {
            const link = document.activeElement;
            const style = getComputedStyle(link);
            return [link.className, style.outlineStyle,
                    link.getBoundingClientRect().top >= 0];
        }"""
    )
    assert focus == ["skip-link", "solid", True]
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    page.close()
