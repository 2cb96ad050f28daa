"""The documentation is under test: it names what exists, and its examples run."""

from __future__ import annotations

import argparse
import configparser
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ckanapi import RemoteCKAN
from portalctl import bringup, main, settings
from portalctl.instance import ROOT, Instance

DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))
GUIDES = ("guide-gdd.md", "guide-rod.md", "guide-add.md")
WORDS = {page: page.read_text("utf-8") for page in PAGES}
ALL = "\n".join(WORDS.values())
OPERATIONS = WORDS[DOCS / "exploitation.md"]
ARCHITECTURE = WORDS[DOCS / "architecture.md"]
API = WORDS[DOCS / "api.md"]

CODE = [
    path
    for path in (ROOT / "ckanext").rglob("*.py")
    if "tests" not in path.parts and "migration" not in path.parts
]
PROJECT = (ROOT / "pyproject.toml").read_text("utf-8")


def plugins() -> list[str]:
    return sorted(re.findall(r'^(maroc_\w+) = "ckanext\.', PROJECT, re.MULTILINE))


def option_keys() -> list[str]:
    keys = []
    for path in sorted((ROOT / "ckanext").glob("*/config_declaration.yaml")):
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]:
            keys += [option["key"] for option in group["options"]]
    return keys


def actions() -> list[str]:
    """Return the names of our own actions, as each package exports them."""
    found = []
    for path in sorted((ROOT / "ckanext").glob("*/logic/action.py")):
        found += re.findall(r"^def (maroc_\w+)\(", path.read_text("utf-8"), re.M)
    return found


def periodic_rows() -> list[str]:
    found: list[str] = []
    for path in CODE:
        found += re.findall(
            r"PeriodicJob\(\s*name=\"([\w.]+)\"", path.read_text("utf-8")
        )
    return sorted(found)


def health_checks() -> list[str]:
    found: list[str] = []
    for path in CODE:
        found += re.findall(
            r"HealthCheck\(\s*name=\"([\w.]+)\"", path.read_text("utf-8")
        )
    return sorted(found)


def commands() -> dict[str, list[str]]:
    """Return the commands of ./portal with their options."""
    [choices] = [
        action.choices
        for action in main._parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    return {
        name: [
            word
            for action in parser._actions
            for word in action.option_strings
            if word.startswith("--") and word != "--help"
        ]
        for name, parser in choices.items()
    }


def pages_of_ours() -> list[str]:
    found: list[str] = []
    for path in CODE:
        found += re.findall(r"\.route\(\s*\"([^\"]+)\"", path.read_text("utf-8"))
    return sorted(found)


def variables() -> list[str]:
    """Return every variable of ./portal's that a person may set."""
    return sorted(set(re.findall(r"PORTAL_[A-Z_]+", main.EPILOG)))


def compose_variables() -> list[str]:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    return sorted(set(re.findall(r"\$\{([A-Z_]+)[:}]", text)))


def headings(page: Path) -> set[str]:
    """Return the anchors that a page's headings get."""
    found = re.findall(r"^#+ (.+)$", WORDS[page], re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")
        for text in found
    }


def links(page: Path) -> Iterator[str]:
    text = re.sub(r"^```.*?^```", "", WORDS[page], flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


def paths_named(page: Path) -> Iterator[str]:
    """Yield what stands in backticks and looks like a path of the repository."""
    tops = {path.name for path in ROOT.iterdir()} - {"var"}
    text = re.sub(r"^```.*?^```", "", WORDS[page], flags=re.MULTILINE | re.DOTALL)
    for word in re.findall(r"`(?:\./)?([^`\s]+)`", text):
        if word.split("/")[0] in tops and re.fullmatch(r"[\w./*-]+", word):
            yield word


@pytest.mark.parametrize("plugin", plugins())
def test_every_plugin_has_its_place(plugin: str) -> None:
    assert f"`ckanext/{plugin}`" in ARCHITECTURE
    assert plugin in OPERATIONS


@pytest.mark.parametrize("key", option_keys())
def test_every_option_is_explained_to_who_runs_the_portal(key: str) -> None:
    assert re.search(rf"^\| `{re.escape(key)}` \|", OPERATIONS, re.MULTILINE)


def test_no_option_is_explained_that_does_not_exist() -> None:
    told = re.findall(r"^\| `(ckanext\.[\w.]+)` \|", OPERATIONS, re.MULTILINE)

    assert sorted(told) == sorted(option_keys())


@pytest.mark.parametrize("action", actions())
def test_every_action_is_in_the_page_of_the_api(action: str) -> None:
    assert f"`{action}`" in API


def test_the_page_of_the_api_names_no_action_that_does_not_exist() -> None:
    told = set(
        re.findall(
            r"`(maroc_(?:kpi|law|portal|usage|vocabulary|search|files|workflow)_\w+)`",
            API,
        )
    )

    assert told == set(actions())


@pytest.mark.parametrize("route", pages_of_ours())
def test_every_page_of_ours_is_named(route: str) -> None:
    assert re.sub(r"<[^<>]+>", "", route).rsplit("/", 1)[-1] in ALL


@pytest.mark.parametrize("name", commands())
def test_every_command_is_in_the_readme_and_for_operators(name: str) -> None:
    for text in (WORDS[ROOT / "README.md"], OPERATIONS):
        assert f"./portal {name}" in text
    for option in commands()[name]:
        assert option in OPERATIONS, option


@pytest.mark.parametrize("name", variables())
def test_every_variable_of_the_command_is_explained(name: str) -> None:
    assert f"`{name}`" in WORDS[ROOT / "README.md"]
    assert re.search(rf"^\| `{name}` \|", OPERATIONS, re.MULTILINE)


@pytest.mark.parametrize("name", compose_variables())
def test_every_variable_of_compose_is_explained(name: str) -> None:
    example = (ROOT / ".env.example").read_text("utf-8")

    assert re.search(rf"^#?{name}=", example, re.MULTILINE)


@pytest.mark.parametrize("row", periodic_rows())
def test_every_row_of_the_periodic_work_is_explained(row: str) -> None:
    for text in (OPERATIONS, ARCHITECTURE):
        assert re.search(rf"^\| `{re.escape(row)}` \|", text, re.MULTILINE)


def test_no_row_of_the_periodic_work_is_told_that_does_not_exist() -> None:
    told = re.findall(r"^\| `(\w+\.\w+)` \| [^|]*\b(?:s|min|h)\b", OPERATIONS, re.M)

    assert sorted(told) == periodic_rows()


@pytest.mark.parametrize("name", health_checks())
def test_every_check_of_health_is_named(name: str) -> None:
    assert f'"{name}": true' in OPERATIONS


def test_the_order_of_the_plugins_is_the_one_in_force() -> None:
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(ROOT / "ops" / "ckan.ini", "utf-8")
    ours = [
        name
        for name in ini["app:main"]["ckan.plugins"].split()
        if name == "expire_api_token" or name.startswith("maroc_")
    ]

    assert f"`{' '.join(ours)}`" in OPERATIONS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        where = (page.parent / target).resolve() if target else page
        assert where.exists(), link
        assert ROOT in (where, *where.parents), link
        if anchor:
            assert anchor in headings(where), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_named_exists(page: Path) -> None:
    for name in paths_named(page):
        found = any(ROOT.glob(name)) if "*" in name else (ROOT / name).exists()
        assert found, name


@pytest.mark.parametrize("page", [DOCS / name for name in GUIDES], ids=lambda p: p.name)
def test_the_guides_are_short_and_open_on_what_they_are_for(page: Path) -> None:
    text = WORDS[page]

    assert text.startswith("# ")
    assert len(text.split()) < 1500


def test_every_decision_is_in_the_list_and_says_what_it_costs() -> None:
    listed = WORDS[DOCS / "decisions" / "README.md"]
    for page in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        assert f"]({page.name})" in listed
        assert WORDS[page].startswith(f"# {page.name[:4]}. ")
        for part in ("**Asked.**", "**Decided.**", "**Costs.**", "**Think again**"):
            assert part in WORDS[page], f"{page.name}: {part}"


EXAMPLES = re.findall(r"^```python runnable(.*?)\n(.*?)^```", API, re.M | re.DOTALL)
needs_portal = pytest.mark.skipif(
    "TEST_PORTAL_URL" not in os.environ, reason="./portal test brings a portal up"
)


@pytest.fixture(scope="module")
def publisher(instance: Instance) -> Iterator[RemoteCKAN]:
    """Return a GdD of the demonstration by token, whose datasets go at the end."""
    printed = subprocess.run(
        [*bringup.ckan_command(instance), "user", "token", "add", "gdd-region", "docs"],
        env=settings.environment(instance, "owner"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    portal = RemoteCKAN(instance.site_url, apikey=printed.split()[-1])
    before = portal.action.package_search(q="organization:region-fes-meknes")
    yield portal
    found = portal.action.package_search(q="organization:region-fes-meknes", rows=100)
    known = {dataset["id"] for dataset in before["results"]}
    for dataset in found["results"]:
        if dataset["id"] not in known:
            portal.action.package_delete(id=dataset["id"])


@needs_portal
@pytest.mark.parametrize(
    ("flags", "code"),
    EXAMPLES,
    ids=[f"line {API[: API.index(code)].count(chr(10)) + 1}" for _, code in EXAMPLES],
)
def test_the_examples_of_the_api_run(
    flags: str, code: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    code = code.replace("https://data.gov.ma", os.environ["TEST_PORTAL_URL"])
    if "token" in flags:
        publisher = request.getfixturevalue("publisher")
        code = code.replace("VOTRE_JETON", publisher.apikey)
        (tmp_path / "marches.csv").write_text("nom,commune,jour\nSouk,Sefrou,jeudi\n")

    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )

    assert result.returncode == 0, result.stderr
