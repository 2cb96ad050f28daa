"""The ./portal command, without any service: what it answers, keeps and refuses."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from portalctl import main, settings, system
from portalctl.errors import PortalError
from portalctl.instance import (
    OFFSET,
    ROOT,
    SERVICES,
    TEST_OFFSET,
    Instance,
    answers,
    can_bind,
)

# Ports that no service of these tests ever opens.
PORT = 47110


@pytest.fixture(autouse=True)
def nobodys_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the person who runs the tests has set."""
    for name in tuple(os.environ):
        if name.startswith("PORTAL_"):
            monkeypatch.delenv(name)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(var=tmp_path, port=PORT, shared=tmp_path)


def portal(
    var: Path, *arguments: str, stdin: int = subprocess.DEVNULL, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, with its state in a folder of the test."""
    return subprocess.run(
        [sys.executable, str(ROOT / "portal"), *arguments],
        env={
            "PATH": os.environ["PATH"],
            "PORTAL_VAR": str(var),
            "PORTAL_PORT": str(PORT),
            **environment,
        },
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def commands() -> list[str]:
    """Return the names of all commands of ./portal."""
    [choices] = [
        action.choices
        for action in main._parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    return list(choices)


# What an instance is


def test_the_state_lies_in_var_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Instance.from_environment() == Instance(
        var=ROOT / "var", port=5000, shared=ROOT / "var"
    )
    monkeypatch.setenv("PORTAL_VAR", str(tmp_path))
    monkeypatch.setenv("PORTAL_PORT", "7100")
    assert Instance.from_environment() == Instance(
        var=tmp_path, port=7100, shared=tmp_path
    )


@pytest.mark.parametrize("text", ["abc", "-1", "0", "65501", "70000", "80.5"])
def test_a_port_that_is_none_is_refused_in_words(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_PORT", text)

    with pytest.raises(PortalError) as caught:
        Instance.from_environment()

    assert f"“{text}”, which is not a port" in caught.value.problem
    assert "1 to 65500" in caught.value.way_out


def test_the_tests_never_touch_the_portal_beside_them(instance: Instance) -> None:
    mine = instance.for_tests()

    assert mine.var.parent == instance.var
    assert (mine.venv, mine.cache) == (instance.venv, instance.cache)
    ports = [each.port_of(name) for each in (instance, mine) for name in OFFSET]
    assert len(set(ports)) == len(ports)
    assert max(OFFSET.values()) < TEST_OFFSET


def test_the_address_people_use_may_be_another(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert instance.site_url == f"http://localhost:{PORT}"
    monkeypatch.setenv("PORTAL_SITE_URL", "https://portail.example/")
    assert instance.site_url == "https://portail.example"


def test_last_lines_say_why_there_are_none(instance: Instance) -> None:
    assert "yet" in instance.last_lines("web")
    instance.logs.mkdir()
    instance.log_of("web").write_text("\n".join(f"line {n}" for n in range(40)))
    assert instance.last_lines("web", 2) == "line 38\nline 39"


# Secrets and variables


def test_secrets_are_made_once_for_their_owner_alone(instance: Instance) -> None:
    first = settings.secrets(instance)
    path = instance.var / "secrets.json"

    assert path.stat().st_mode & 0o777 == 0o600
    assert settings.secrets(instance) == first
    assert len(set(first.values())) == len(first)
    assert all(len(value) >= 32 for value in first.values())


def test_a_secret_of_a_newer_version_is_added_and_the_others_stay(
    instance: Instance,
) -> None:
    first = settings.secrets(instance)
    path = instance.var / "secrets.json"
    path.write_text(json.dumps({k: v for k, v in first.items() if k != "redis"}))

    second = settings.secrets(instance)

    assert second["redis"] != first["redis"]
    assert second | {"redis": first["redis"]} == first
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_portals_have_no_secret_in_common(tmp_path: Path) -> None:
    values = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        each = Instance(var=tmp_path / name, port=PORT, shared=tmp_path)
        values += settings.secrets(each).values()
    assert len(set(values)) == len(values)


def test_the_web_differs_from_the_owner_by_one_address(instance: Instance) -> None:
    web = settings.ckan_variables(instance, "web")
    owner = settings.ckan_variables(instance, "owner")

    assert {name for name in web if web[name] != owner[name]} == {"CKAN_SQLALCHEMY_URL"}
    assert f"://{settings.WEB}:" in web["CKAN_SQLALCHEMY_URL"]
    assert f"://{settings.OWNER}:" in owner["CKAN_SQLALCHEMY_URL"]


def test_a_solr_of_ones_own_is_used_where_it_is_given(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.ckan_variables(instance, "web")["CKAN_SOLR_URL"] == (
        f"http://127.0.0.1:{instance.port_of('solr')}/solr/ckan"
    )
    monkeypatch.setenv("PORTAL_SOLR_URL", "http://solr.example:8983/solr/ckan/")
    assert settings.ckan_variables(instance, "web")["CKAN_SOLR_URL"] == (
        "http://solr.example:8983/solr/ckan"
    )


def test_a_process_inherits_none_of_the_callers_ckan(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CKAN__PLUGINS", "image_view")
    monkeypatch.setenv("CKAN_SITE_URL", "http://elsewhere.example")

    variables = settings.environment(instance, "web")

    assert "CKAN__PLUGINS" not in variables
    assert variables["CKAN_SITE_URL"] == instance.site_url


def test_databases_of_the_tests_in_process_are_their_own(instance: Instance) -> None:
    served = settings.ckan_variables(instance, "owner")
    tests = settings.pytest_variables(instance)

    for name in (
        "CKAN_SQLALCHEMY_URL",
        "CKAN_DATASTORE_WRITE_URL",
        "CKAN_DATASTORE_READ_URL",
        "CKAN_REDIS_URL",
        "CKAN_STORAGE_PATH",
        "CKAN_SITE_ID",
    ):
        assert tests[name] != served[name], name


def test_what_is_written_privately_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    settings.write_private(tmp_path / "file", "text")

    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "file").read_text() == "text"


# Ports and errors


LISTENER = """
import socket, sys
taken = socket.socket()
taken.bind(("127.0.0.1", 0))
taken.listen()
print(taken.getsockname()[1], flush=True)
sys.stdin.read()
"""


def test_a_taken_port_is_told_with_its_owner() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LISTENER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout
        port = int(owner.stdout.readline())
        each = Instance(var=Path("/nowhere"), port=port, shared=Path("/nowhere"))

        assert answers(port)
        assert not can_bind(port)
        with pytest.raises(PortalError) as caught:
            system.check_ports(each)
        owner.communicate()

    assert (
        f"Port {port} (for web) is taken by process {owner.pid} ({sys.executable}"
        in caught.value.problem
    )
    assert f"PORTAL_PORT={port + 100} ./portal up" in caught.value.way_out
    assert not answers(port)
    assert can_bind(port)


def test_an_error_says_what_is_wrong_what_to_do_and_what_was_written() -> None:
    assert str(PortalError("It rains.")) == "It rains."
    assert str(PortalError("It rains.", "Stay in.", "drop\ndrop")) == (
        "It rains.\n  → Stay in.\n  its last lines:\n    drop\n    drop"
    )


def test_a_full_disk_is_said_before_anything_begins(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PortalError) as caught:
        system.check_disk(instance, gib=1e6)

    assert str(instance.var) in str(caught.value)


# The command


def test_help_names_every_command_and_variable(tmp_path: Path) -> None:
    result = portal(tmp_path, "--help")

    assert result.returncode == 0
    for name in commands():
        assert f"\n    {name} " in result.stdout, name
    for name in ("PORTAL_VAR", "PORTAL_PORT", "PORTAL_SITE_URL", "PORTAL_SOLR_URL"):
        assert name in result.stdout


@pytest.mark.parametrize("name", [name for name in commands() if name != "ckan"])
def test_every_command_explains_itself(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main([name, "--help"])

    assert ended.value.code == 0
    assert f"usage: ./portal {name}" in capsys.readouterr().out


def test_status_of_a_portal_that_is_down_is_one_object_and_fails(
    tmp_path: Path,
) -> None:
    result = portal(tmp_path, "status", "--json")
    state: dict[str, Any] = json.loads(result.stdout)

    assert result.returncode == 1
    assert set(state) == {"address", "healthy", "services"}
    assert state["address"] == f"http://localhost:{PORT}"
    assert state["healthy"] is False
    assert [service["name"] for service in state["services"]] == list(SERVICES)
    for service in state["services"]:
        assert set(service) == {
            "name",
            "version",
            "pid",
            "port",
            "healthy",
            "memory_kib",
        }
        assert (service["pid"], service["healthy"], service["memory_kib"]) == (
            None,
            False,
            0,
        )


def test_status_in_words_says_how_to_bring_it_back(tmp_path: Path) -> None:
    result = portal(tmp_path, "status")

    assert result.returncode == 1
    assert "./portal up brings it back" in result.stdout


def test_reset_deletes_nothing_while_nobody_can_answer(tmp_path: Path) -> None:
    kept = tmp_path / "storage" / "file.csv"
    kept.parent.mkdir()
    kept.write_text("a,b")

    result = portal(tmp_path, "reset")

    assert result.returncode == 1
    assert "Nothing was deleted" in result.stderr
    assert kept.read_text() == "a,b"


def test_reset_keeps_what_was_downloaded(tmp_path: Path) -> None:
    for name in ("storage/file.csv", "cache/solr/lib.jar", "venv/bin/python"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("x")

    result = portal(tmp_path, "reset", "--yes")

    assert result.returncode == 0, result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "venv"}


def test_reset_of_nothing_does_nothing(tmp_path: Path) -> None:
    result = portal(tmp_path / "nowhere", "reset", "--yes")

    assert result.returncode == 0
    assert "nothing to delete" in result.stdout
    assert not (tmp_path / "nowhere").exists()


def test_logs_of_a_service_that_does_not_exist_names_those_that_do(
    tmp_path: Path,
) -> None:
    result = portal(tmp_path, "logs", "mysql")

    assert result.returncode == 1
    assert "no service “mysql”" in result.stderr
    for name in SERVICES:
        assert name in result.stderr


def test_logs_before_the_first_start_say_so(tmp_path: Path) -> None:
    result = portal(tmp_path, "logs")

    assert result.returncode == 1
    assert "./portal up starts the services" in result.stderr


def test_logs_show_what_a_service_wrote(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "worker.log").write_text("the worker's own words\n")

    result = portal(tmp_path, "logs", "worker")

    assert (result.returncode, result.stdout) == (0, "the worker's own words\n")


@pytest.mark.parametrize(
    "arguments", [("ckan", "user", "list"), ("shell",), ("i18n", "--check")]
)
def test_what_needs_ckan_says_that_it_is_not_installed_yet(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    result = portal(tmp_path, *arguments)

    assert result.returncode == 1
    assert "CKAN is not installed here yet" in result.stderr
    assert "./portal up installs it" in result.stderr


def test_a_nonsensical_port_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    result = portal(tmp_path, "status", PORTAL_PORT="five thousand")

    assert result.returncode == 1
    assert "“five thousand”, which is not a port" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_word_is_refused(tmp_path: Path) -> None:
    assert portal(tmp_path, "fly").returncode == 2
    assert portal(tmp_path, "down", "--fast").returncode == 2


def test_down_of_a_portal_that_is_down_is_no_failure(tmp_path: Path) -> None:
    assert portal(tmp_path, "down").returncode == 0
