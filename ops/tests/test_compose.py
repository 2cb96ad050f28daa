"""docker-compose.yml is the same portal as ./portal, under one configuration.

No Docker engine is needed: Debian's docker-compose resolves the file, and the scripts
that the images run are run here, on the stores of the tests where they need some.
"""

from __future__ import annotations

import configparser
import os
import re
import secrets
import shlex
import shutil
import subprocess
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from ipaddress import ip_network
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from portalctl import postgres, settings, supervision
from portalctl.instance import ROOT, Instance

COMPOSE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / ".env.example"
DOCKER = ROOT / "ops" / "docker"
NGINX = DOCKER / "nginx"

MANDATORY = tuple(
    dict.fromkeys(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE.read_text("utf-8")))
)
# Who runs CKAN, and as whom each speaks to the main database.
CKAN_SERVICES = {"ckan": "web", "ckan-worker": "owner", "prepare": "owner"}
STORES = ("db", "redis", "solr")
# What ./portal does without: nobody stands before its web, and its web and its worker
# share the machine's memory.
BEHIND_NGINX = {
    "CKAN___CKANEXT__MAROC_USAGE__TRUSTED_PROXIES",
    "CKAN___CKANEXT__MAROC_USAGE__SALT_DIR",
}
# It prepares the stores and ends: nobody waits for its health, nobody restarts it.
ONE_SHOT = "prepare"
# What must outlive its container, beside what CKAN's own variables name.
STATE = {
    "db": ("/var/lib/postgresql/data",),
    "redis": ("/data",),
    "solr": ("/var/solr",),
    "nginx": ("/var/cache/nginx",),
}


def load_make_env() -> ModuleType:
    loader = SourceFileLoader("make_env", str(DOCKER / "make-env"))
    module = module_from_spec(spec_from_loader(loader.name, loader))  # type: ignore[arg-type]
    loader.exec_module(module)
    return module


def compose(env_file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run docker-compose as an operator would, with nothing but this .env."""
    program = shutil.which("docker-compose")
    assert program, "Debian's docker-compose is missing: ./portal test installs it"
    return subprocess.run(
        [program, "-f", str(COMPOSE), "--env-file", str(env_file), *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(env_file.parent)},
        cwd=env_file.parent,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def env_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an .env as make-env writes it."""
    path = tmp_path_factory.mktemp("compose") / "filled.env"
    text = load_make_env().fill(EXAMPLE.read_text("utf-8"), "https://portail.example")
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def given(env_file: Path) -> dict[str, str]:
    """Return the variables of that .env."""
    lines = env_file.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))


@pytest.fixture(scope="module")
def resolved(env_file: Path) -> dict[str, Any]:
    """Return the whole file as docker-compose understands it."""
    result = compose(env_file, "config")
    assert result.returncode == 0, result.stderr
    return yaml.safe_load(result.stdout)


@pytest.fixture(scope="module")
def services(resolved: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return resolved["services"]


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """Return a portal of ./portal's that never starts."""
    return Instance(var=tmp_path, port=5000, shared=tmp_path)


def test_the_services_are_those_of_the_portal(services: dict[str, Any]) -> None:
    assert set(services) == {"nginx", *CKAN_SERVICES, *STORES}


def test_a_file_for_both_generations_of_compose_names_no_version() -> None:
    assert "version" not in yaml.safe_load(COMPOSE.read_text("utf-8"))


@pytest.mark.parametrize("name", MANDATORY)
def test_a_missing_variable_stops_compose_and_is_named(
    name: str, env_file: Path, tmp_path: Path
) -> None:
    lines = env_file.read_text("utf-8").splitlines()
    lacking = tmp_path / "lacking.env"
    lacking.write_text(
        "\n".join(line for line in lines if not line.startswith(f"{name}=")), "utf-8"
    )

    result = compose(lacking, "config", "--quiet")

    assert result.returncode != 0
    assert f"{name} is missing" in result.stderr


def test_the_example_lists_every_variable_and_no_secret_has_a_value() -> None:
    example = EXAMPLE.read_text("utf-8")
    used = set(re.findall(r"\$\{([A-Z_]+)[:}]", COMPOSE.read_text("utf-8")))
    listed = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))

    assert listed == used
    assert set(MANDATORY) == {
        name for name in used if name.startswith(("PASSWORD_", "KEY_"))
    } | {"PORTAL_SITE_URL"}
    for name in MANDATORY:
        assert re.search(rf"^{name}=$", example, re.MULTILINE), name


def test_the_example_shows_the_defaults_of_compose() -> None:
    defaults = dict(re.findall(r"\$\{([A-Z_]+):-([^}]+)\}", COMPOSE.read_text("utf-8")))
    shown = dict(
        re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    )

    assert {name: shown[name] for name in defaults if "TLS" not in name} == {
        name: value for name, value in defaults.items() if "TLS" not in name
    }


def test_make_env_gives_each_secret_its_own_value(given: dict[str, str]) -> None:
    values = [given[name] for name in MANDATORY if name != "PORTAL_SITE_URL"]

    assert len(set(values)) == len(values)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", value) for value in values)
    assert given["PORTAL_SITE_URL"] == "https://portail.example"


def test_make_env_writes_for_its_owner_alone_and_never_over_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_env = load_make_env()
    monkeypatch.setattr(make_env, "ROOT", tmp_path)
    shutil.copy(EXAMPLE, tmp_path)

    assert make_env.main(["not an address"]) == 2
    assert make_env.main(["https://portail.example"]) == 0
    first = (tmp_path / ".env").read_bytes()
    assert make_env.main(["https://portail.example"]) == 1

    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / ".env").read_bytes() == first


@pytest.mark.parametrize("service", CKAN_SERVICES)
def test_compose_and_the_command_give_ckan_the_same_variables(
    service: str, services: dict[str, Any], instance: Instance
) -> None:
    role: Any = CKAN_SERVICES[service]
    expected = set(settings.ckan_variables(instance, role)) | BEHIND_NGINX
    if service == ONE_SHOT:
        # It also speaks to the cluster as its superuser, by roles.sql.
        sql = postgres.ROLES_SQL.read_text("utf-8")
        expected |= {"PGHOST", "PGUSER", "PGPASSWORD"}
        expected |= set(re.findall(r"^\\getenv \w+ (\w+)$", sql, re.MULTILINE))

    assert set(services[service]["environment"]) == expected


@pytest.mark.parametrize("service", CKAN_SERVICES)
def test_compose_and_the_command_point_ckan_to_the_same_places(
    service: str, services: dict[str, Any], instance: Instance
) -> None:
    role: Any = CKAN_SERVICES[service]
    here = settings.ckan_variables(instance, role)
    there = services[service]["environment"]

    assert there["CKAN_SITE_ID"] == here["CKAN_SITE_ID"]
    for name in here:
        if name.endswith("_URL") and name != "CKAN_SITE_URL":
            mine, theirs = urlsplit(here[name]), urlsplit(there[name])
            assert (mine.scheme, mine.username, mine.path) == (
                theirs.scheme,
                theirs.username,
                theirs.path,
            ), name
        if name.endswith("__SECRET"):
            assert there[name].startswith("string:") == here[name].startswith("string:")


def test_every_ckan_reads_the_one_configuration(services: dict[str, Any]) -> None:
    dockerfile = (DOCKER / "ckan" / "Dockerfile").read_text("utf-8")

    for service in CKAN_SERVICES:
        assert services[service]["environment"]["CKAN_INI"] == "/srv/app/ops/ckan.ini"
        assert services[service]["image"] == services["ckan"]["image"]
        for volume in services[service]["volumes"]:
            assert not "/srv/app/ops/ckan.ini".startswith(volume.split(":")[1])
    assert "COPY ops/ckan.ini ops/roles.sql /srv/app/ops/" in dockerfile


def test_the_images_plugins_never_replace_ours(services: dict[str, Any]) -> None:
    dockerfile = (DOCKER / "ckan" / "Dockerfile").read_text("utf-8")
    command = (DOCKER / "ckan" / "ckan").read_text("utf-8")

    assert 'ENTRYPOINT ["/usr/bin/env", "-u", "CKAN__PLUGINS"]' in dockerfile
    assert "COPY ops/docker/ckan/ckan /usr/local/bin/ckan" in dockerfile
    assert "unset CKAN__PLUGINS" in command
    assert not any("entrypoint" in services[name] for name in CKAN_SERVICES)


def test_the_web_and_the_worker_run_as_under_the_command(
    services: dict[str, Any], instance: Instance
) -> None:
    here = supervision._web_command(instance, dev=False)
    there = services["ckan"]["command"]
    differing = ("--bind", "--graceful-timeout")

    assert [Path(here[0]).name, here[-1]] == [Path(there[0]).name, there[-1]]
    for option in here[1:-1]:
        if not option.startswith(differing):
            assert option in there
    worker = services["ckan-worker"]["command"]
    assert worker[:5] == [
        "ckan",
        "-c",
        "/srv/app/ops/ckan.ini",
        "maroc-portal",
        "worker",
    ]


def test_no_password_stands_in_the_file(
    resolved: dict[str, Any], given: dict[str, str]
) -> None:
    known = {given[name] for name in MANDATORY if name != "PORTAL_SITE_URL"}

    for name, service in resolved["services"].items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|AUTH$", key):
                assert str(value).removeprefix("string:") in known, f"{name} {key}"
            for word in re.findall(r"://[^:/@]*:([^@/]+)@", str(value)):
                assert word in known, f"{name} {key}"
    uses = re.findall(r"\$\{((?:PASSWORD|KEY)_\w+)(.{2})", COMPOSE.read_text("utf-8"))
    assert {name for name, _ in uses} == set(MANDATORY) - {"PORTAL_SITE_URL"}
    assert {what for _, what in uses} == {":?"}


def test_the_web_never_learns_the_owners_or_the_superusers_password(
    services: dict[str, Any], given: dict[str, str]
) -> None:
    def who_knows(name: str) -> set[str]:
        return {service for service, its in services.items() if given[name] in str(its)}

    assert who_knows("PASSWORD_CKAN_OWNER") == {"ckan-worker", "prepare"}
    assert who_knows("PASSWORD_POSTGRESQL_ADMIN") == {"db", "prepare"}
    assert who_knows("PASSWORD_CKAN_WEB") == {"ckan", "prepare"}
    web = urlsplit(services["ckan"]["environment"]["CKAN_SQLALCHEMY_URL"])
    assert (web.username, web.password) == (settings.WEB, given["PASSWORD_CKAN_WEB"])
    assert services["db"]["environment"]["POSTGRES_USER"] == postgres.ADMIN
    assert services["prepare"]["environment"]["PGUSER"] == postgres.ADMIN


def test_every_service_is_watched_restarted_and_bounded(
    services: dict[str, Any],
) -> None:
    for name, service in services.items():
        if name == ONE_SHOT:
            assert service["restart"] in ("no", False)
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert service["logging"]["options"]["max-size"], name


def test_no_service_writes_outside_of_its_volumes_or_gains_rights(
    services: dict[str, Any],
) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
        assert not service.get("cap_add") or name == "nginx", name


def test_the_stores_are_reached_by_ckan_alone(resolved: dict[str, Any]) -> None:
    services, networks = resolved["services"], resolved["networks"]

    assert [name for name, its in services.items() if "ports" in its] == ["nginx"]
    for name in STORES:
        assert list(services[name]["networks"]) == ["stores"]
    assert {n for n, its in services.items() if "stores" in its["networks"]} == {
        *STORES,
        *CKAN_SERVICES,
    }
    assert [n for n in networks if not networks[n].get("internal")] == ["front"]


def test_named_volumes_hold_all_state(resolved: dict[str, Any]) -> None:
    named = set(resolved["volumes"])
    used = set()
    for name, service in resolved["services"].items():
        mounts = dict(
            reversed(volume.split(":")[:2]) for volume in service.get("volumes", ())
        )
        used |= {source for source in mounts.values() if source in named}
        environment = service.get("environment", {})
        state = list(STATE.get(name, ()))
        if name in CKAN_SERVICES:
            state.append(environment["CKAN_STORAGE_PATH"])
            state.append(environment["CKAN___CKANEXT__MAROC_USAGE__SPOOL_DIR"])
            # The web's spool is what the worker loads, its files what it reads.
            assert mounts == dict(
                reversed(volume.split(":")[:2])
                for volume in resolved["services"]["ckan"]["volumes"]
            )
        for path in state:
            covering = [
                source
                for target, source in mounts.items()
                if f"{path}/".startswith(f"{target}/")
            ]
            assert covering, f"{name}: {path}"
            assert set(covering) <= named, f"{name}: {path}"
    assert used == named


def test_the_key_that_tells_visitors_apart_is_shared_in_memory_alone(
    resolved: dict[str, Any],
) -> None:
    for name in ("ckan", "ckan-worker"):
        service = resolved["services"][name]
        folder = service["environment"]["CKAN___CKANEXT__MAROC_USAGE__SALT_DIR"]
        [volume] = [
            each.split(":")[0]
            for each in service["volumes"]
            if each.split(":")[1] == folder
        ]
        options = resolved["volumes"][volume]["driver_opts"]
        assert options["type"] == "tmpfs"
        assert "mode=0700" in options["o"]


def test_only_nginx_is_believed_on_who_the_reader_is(services: dict[str, Any]) -> None:
    conf = (NGINX / "portal.conf").read_text("utf-8")
    networks = services["ckan"]["environment"][
        "CKAN___CKANEXT__MAROC_USAGE__TRUSTED_PROXIES"
    ]

    # One address, in the place of whatever the reader wrote there.
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in conf
    assert all(ip_network(each).is_private for each in networks.split())
    assert "ports" not in services["ckan"]


def test_the_web_and_the_worker_wait_for_what_they_need(
    services: dict[str, Any],
) -> None:
    for name in ("ckan", "ckan-worker"):
        conditions = {
            k: v["condition"] for k, v in services[name]["depends_on"].items()
        }
        assert conditions == {
            **dict.fromkeys(STORES, "service_healthy"),
            ONE_SHOT: "service_completed_successfully",
        }
    assert set(services[ONE_SHOT]["depends_on"]) == set(STORES)
    assert services["nginx"]["depends_on"]["ckan"]["condition"] == "service_healthy"


def test_images_are_pinned_and_named_alike_everywhere() -> None:
    text = COMPOSE.read_text("utf-8")
    official = dict(re.findall(r"\$\{(\w+_IMAGE):-([^}]*[:/][^}]*)\}", text))
    version = re.search(
        r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M
    )

    assert version
    assert set(re.findall(r"PORTAL_VERSION:-([^}]+)\}", text)) == {version[1]}
    assert set(official) == {
        "NGINX_IMAGE",
        "CKAN_IMAGE",
        "SOLR_IMAGE",
        "POSTGRES_IMAGE",
        "REDIS_IMAGE",
    }
    for image in official.values():
        assert re.search(r":\d+\.?\d*", image), image
    for dockerfile in DOCKER.glob("*/Dockerfile"):
        for name, image in re.findall(
            r"^ARG (\w+_IMAGE)=(.+)$", dockerfile.read_text("utf-8"), re.MULTILINE
        ):
            assert official[name] == image, dockerfile
        assert "FROM ${" in dockerfile.read_text("utf-8")


def test_the_images_stand_on_the_versions_of_the_command() -> None:
    lock = (ROOT / "ops" / "requirements.lock").read_text("utf-8")
    text = COMPOSE.read_text("utf-8")
    ckan = re.search(r"^ckan==(\S+)", lock, re.MULTILINE)

    assert ckan
    assert f"ckan/ckan-base:{ckan[1]}" in text
    assert f"ckan/ckan-solr:{ckan[1].rpartition('.')[0]}-solr9-spatial" in text
    assert "postgres:15-" in text
    assert "redis:7." in text
    dockerfile = (DOCKER / "ckan" / "Dockerfile").read_text("utf-8")
    assert "--require-hashes --requirement /build/requirements.lock" in dockerfile


def test_what_the_images_copy_exists_and_is_let_through() -> None:
    allowed = [
        line[1:]
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    ]
    for dockerfile in DOCKER.glob("*/Dockerfile"):
        for line in re.findall(r"^COPY (.+)$", dockerfile.read_text("utf-8"), re.M):
            if line.startswith("--from"):
                continue
            for source in shlex.split(line)[:-1]:
                assert (ROOT / source).exists(), f"{dockerfile}: {source}"
                assert any(
                    source == name or source.startswith(f"{name}/") for name in allowed
                ), f"{dockerfile}: {source}"
    for name in allowed:
        assert (ROOT / name).exists() or name == "README.md", name


def test_nginx_and_ckan_refuse_the_same_file() -> None:
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(ROOT / "ops" / "ckan.ini", "utf-8")
    limit = re.search(
        r"client_max_body_size (\d+);", (NGINX / "nginx.conf").read_text("utf-8")
    )

    assert limit
    assert limit[1] == ini["app:main"]["MAX_CONTENT_LENGTH"]


def test_no_log_of_nginx_tells_who() -> None:
    text = (NGINX / "nginx.conf").read_text("utf-8")
    [line] = re.findall(r"log_format portal escape=json\s+(.*?);", text, re.DOTALL)

    assert set(re.findall(r"\$(\w+)", line)) == {
        "time_iso8601",
        "sent_http_x_request_id",
        "request_method",
        "uri",
        "status",
        "body_bytes_sent",
        "request_time",
        "upstream_status",
    }
    # Lower levels name the reader's address in each message.
    assert re.findall(r"^\s*error_log .*", text, re.MULTILINE) == [
        "error_log /dev/stderr emerg;"
    ]
    assert re.findall(r"^\s*access_log (.*);", text, re.M) == ["/dev/stdout portal"]


def test_nothing_but_the_portals_own_files_is_kept_by_nginx() -> None:
    text = (NGINX / "portal.conf").read_text("utf-8")
    blocks = dict(re.findall(r"^location (.+?) \{(.*?)^\}", text, re.M | re.DOTALL))

    assert [name for name, its in blocks.items() if "proxy_cache " in its] == [
        "~ ^/(base|webassets)/"
    ]
    # A header set inside a location would drop all of those above it.
    assert not any("proxy_set_header" in its for its in blocks.values())


@pytest.fixture
def door(tmp_path: Path) -> dict[str, str]:
    """Return what nginx's `start` reads: folders and ports of the test's own."""
    for name in ("run", "cache", "tls", "bin"):
        (tmp_path / name).mkdir()
    return {
        "PATH": os.environ["PATH"],
        "CKAN_SITE_URL": "https://portail.example",
        "RUN_FOLDER": str(tmp_path / "run"),
        "CACHE_FOLDER": str(tmp_path / "cache"),
        "TLS_FOLDER": str(tmp_path / "tls"),
        "HTTP_PORT": "18080",
        "HTTPS_PORT": "18443",
        "HEALTH_PORT": "18081",
        "RESOLVER": "127.0.0.1",
    }


def start_nginx(door: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(NGINX / "start"), "-t"],
        env=door,
        capture_output=True,
        text=True,
        check=False,
    )


def make_certificate(folder: Path) -> None:
    subject = ["-subj", "/CN=portail.example", "-days", "1", "-nodes"]
    files = ["-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", *subject, *files],
        cwd=folder,
        check=True,
        capture_output=True,
    )


WAYS = {
    "http behind another proxy": {"TRUSTED_PROXY": "10.1.2.3 10.4.0.0/16"},
    "http alone": {"CKAN_SITE_URL": "http://localhost:8080"},
    "tls": {"TLS": "yes"},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.skipif(
    shutil.which("nginx") is None,
    reason="nginx is not installed here, and the portal itself does not need it",
)
def test_nginx_accepts_its_configuration(way: str, door: dict[str, str]) -> None:
    door |= WAYS[way]
    if door.pop("TLS", None):
        make_certificate(Path(door["TLS_FOLDER"]))

    result = start_nginx(door)

    assert result.returncode == 0, result.stderr


def rendered(door: dict[str, str]) -> str:
    """Return what `start` writes, with a program that does nothing in nginx's place."""
    stub = Path(door["RUN_FOLDER"]).parent / "bin" / "nginx"
    stub.write_text("#!/bin/sh\n")
    stub.chmod(0o755)
    door["PATH"] = f"{stub.parent}:{door['PATH']}"
    result = start_nginx(door)
    assert result.returncode == 0, result.stderr
    text = (Path(door["RUN_FOLDER"]) / "portal-server.conf").read_text("utf-8")
    main = (Path(door["RUN_FOLDER"]) / "nginx.conf").read_text("utf-8")
    assert "@" not in main
    for part in (text, main, (NGINX / "portal.conf").read_text("utf-8")):
        assert part.count("{") == part.count("}")
    return text


def test_without_certificate_nginx_speaks_http_for_the_public_address(
    door: dict[str, str],
) -> None:
    text = rendered(door)

    assert "listen 18080;" in text
    assert "ssl" not in text
    assert "set $portal_scheme https;" in text
    assert "set $portal_host portail.example;" in text
    assert "set_real_ip_from" not in text


def test_with_a_certificate_http_only_leads_to_https(door: dict[str, str]) -> None:
    for name in ("certificate.pem", "key.pem"):
        (Path(door["TLS_FOLDER"]) / name).write_text("some text")
    text = rendered(door)

    assert "return 308 https://portail.example$request_uri;" in text
    assert "listen 18443 ssl http2;" in text


def test_only_a_proxy_that_is_named_may_say_who_the_reader_is(
    door: dict[str, str],
) -> None:
    text = rendered({**door, "TRUSTED_PROXY": "10.1.2.3 10.4.0.0/16"})

    assert "set_real_ip_from 10.1.2.3;\nset_real_ip_from 10.4.0.0/16;\n" in text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"CKAN_SITE_URL": "portail.example"},
            "give an address with http:// or https://",
        ),
        ({"CERTIFICATE": "alone"}, "TLS needs both"),
    ],
)
def test_nginx_says_in_words_what_is_missing(
    change: dict[str, str], sentence: str, door: dict[str, str]
) -> None:
    door |= change
    if door.pop("CERTIFICATE", None):
        (Path(door["TLS_FOLDER"]) / "certificate.pem").write_text("some text")

    result = start_nginx(door)

    assert result.returncode == 1
    assert sentence in result.stderr


def test_a_new_schema_begins_an_empty_index(tmp_path: Path) -> None:
    recipe, home = tmp_path / "portal", tmp_path / "data"
    shutil.copytree(ROOT / "solr" / "home", recipe / "home")
    schema = recipe / "home" / "ckan" / "conf" / "schema.xml"
    schema.write_text("<schema/>")
    shutil.copy(DOCKER / "solr" / "start", recipe)
    stub = tmp_path / "solr-foreground"
    stub.write_text("#!/bin/sh\n")
    stub.chmod(0o755)
    home.mkdir()

    def index() -> str:
        subprocess.run(
            [str(recipe / "start")],
            env={
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "SOLR_HOME": str(home),
            },
            check=True,
        )
        lines = (home / "ckan" / "core.properties").read_text().splitlines()
        [name] = [x.split("=")[1] for x in lines if x.startswith("dataDir=")]
        (home / "ckan" / name).mkdir(exist_ok=True)
        return name

    first = index()
    assert index() == first
    schema.write_text("<schema name='other'/>")
    second = index()

    assert second != first
    assert (home / "ckan" / "conf" / "schema.xml").read_text() == schema.read_text()
    index()
    assert [each.name for each in (home / "ckan").glob("index-*")] == [second]


def prepare(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run what the one-shot service runs, on the databases of the tests."""
    var, port = os.environ["TEST_PORTAL_VAR"], int(os.environ["TEST_PORTAL_PORT"])
    instance = Instance(var=Path(var), port=port, shared=Path(var))
    known = settings.secrets(instance)
    return subprocess.run(
        [str(DOCKER / "ckan" / "prepare")],
        env={
            **os.environ,
            "PGHOST": "127.0.0.1",
            "PGPORT": str(instance.port_of("postgresql")),
            "PGUSER": postgres.ADMIN,
            "PGPASSWORD": known["postgresql_admin"],
            "MAIN_DATABASE": settings.PYTEST_MAIN,
            "DATASTORE_DATABASE": settings.PYTEST_DATASTORE,
            **{f"PASSWORD_{r.upper()}": known[r] for r in settings.DATABASE_ROLES},
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


needs_stores = pytest.mark.skipif(
    "TEST_PORTAL_VAR" not in os.environ, reason="./portal test brings the stores up"
)


@needs_stores
def test_the_one_shot_service_prepares_real_stores_as_up_does() -> None:
    result = prepare({})

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[-1] == "Ready"


@needs_stores
def test_the_one_shot_service_stops_at_the_first_failure_and_tells_no_secret() -> None:
    wrong = secrets.token_hex(8)
    result = prepare({"PGPASSWORD": wrong})

    assert result.returncode != 0
    assert "password authentication failed" in result.stderr
    assert wrong not in result.stdout + result.stderr
    assert "Migrations" not in result.stdout
