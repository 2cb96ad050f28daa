"""No template in use writes a script, a style sheet or a handler into its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ckan

import ckanext.activity
import ckanext.datastore
import ckanext.dcat
import ckanext.expire_api_token
import ckanext.scheming
import ckanext.spatial

BUNDLE = Path(__file__).parents[2]

# As ops/ckan.ini orders the plugins: a name in an earlier folder wins over a later one.
FOLDERS = (
    Path(ckanext.expire_api_token.__file__).parent / "templates",
    *sorted(BUNDLE.glob("maroc_*/templates")),
    *(
        Path(module.__file__).parent / "templates"
        for module in (
            ckanext.scheming,
            ckanext.dcat,
            ckanext.spatial,
            ckanext.activity,
            ckanext.datastore,
        )
    ),
    Path(ckan.__file__).parent / "templates",
)

REFUSED = {
    "a script": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:ld\+)?json)", re.I
    ),
    "a script from elsewhere": re.compile(r"<script[^>]*src=\"https?:", re.I),
    "a style sheet": re.compile(r"<style\b", re.I),
    "a handler": re.compile(r"\s(?:hx-)?on[a-z:-]+=\"", re.I),
    # javascript:; and javascript:void(0) do nothing, and their clicks are taken.
    "a script for an address": re.compile(r"javascript:(?!;|void)", re.I),
}

KNOWN = {
    # Its hash is in the policy: see headers.page_policy.
    ("maroc_portal/templates/base.html", "a style sheet"),
    # Overridden in the bundle's own base.html and dataviewer/base.html.
    ("ckan/templates/base.html", "a style sheet"),
    ("ckan/templates/dataviewer/base.html", "a script"),
    # The portal asks no third party: test_config.py holds the key empty.
    ("ckan/templates/user/snippets/recaptcha.html", "a script from elsewhere"),
}


def in_use(name: str) -> Iterator[Path]:
    """Yield the file that wins the name, and those that it extends."""
    for folder in FOLDERS:
        path = folder / name
        if path.is_file():
            yield path
            if "ckan_extends" not in path.read_text("utf-8"):
                return


def names() -> list[str]:
    found = {
        str(path.relative_to(folder))
        for folder in FOLDERS
        for path in folder.rglob("*.html")
    }
    return sorted(name for name in found if not name.startswith("tests/"))


def complaints() -> set[tuple[str, str]]:
    found = set()
    for name in names():
        for path in in_use(name):
            text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
            short = f"{path.parts[path.parts.index('templates') - 1]}/templates/{name}"
            found |= {
                (short, what) for what, rule in REFUSED.items() if rule.search(text)
            }
    return found


def test_no_template_writes_what_the_policy_refuses():
    assert complaints() == KNOWN


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<script>let a = 1</script>", "a script"),
        ("<style>p {}</style>", "a style sheet"),
        ('<a onclick="go()">', "a handler"),
        ('<form hx-on::after-request="go()">', "a handler"),
        ('<a href="javascript:go()">', "a script for an address"),
    ],
)
def test_each_rule_sees_its_case(text, what):
    assert REFUSED[what].search(text)


@pytest.mark.parametrize(
    "text",
    ['<script src="/a.js"></script>', '<script type="application/json">{}</script>'],
)
def test_files_and_data_pass(text):
    assert not any(rule.search(text) for rule in REFUSED.values())
