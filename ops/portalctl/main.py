"""The commands of ./portal."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from . import bench, postgres, python_env, settings, solr, supervision, system
from .errors import PortalError
from .instance import ROOT, SERVICES, Instance
from .progress import say, step

EPILOG = """\
environment:
  PORTAL_VAR       folder of all state (default: var/ in the clone)
  PORTAL_PORT      first of a block of twenty ports (default: 5000)
  PORTAL_SITE_URL  the address people use (default: http://localhost:PORTAL_PORT)
  PORTAL_SOLR_URL  the core of a Solr of your own, instead of ours
"""


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    known, rest = parser.parse_known_args(arguments)
    if rest and known.command not in PASSING:
        parser.error(f"unknown: {' '.join(rest)}")
    known.rest = getattr(known, "rest", []) + rest
    try:
        return known.run(Instance.from_environment(), known)
    except PortalError as error:
        sys.stderr.write(f"\n✗ {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. ./portal up goes on from here.\n")
        return 130
    except OSError as error:
        if error.errno == 28:
            sys.stderr.write("\n✗ The disk is full.\n  → Free some room, then run this again.\n")
            return 1
        raise


PASSING = ("ckan", "test", "bench", "i18n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./portal",
        description="Morocco's open data portal: one command for the whole of it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def add(name: str, run: object, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=text, description=text, add_help=name not in PASSING[:1]
        )
        sub.set_defaults(run=run)
        return sub

    sub = add("up", up, "install what lacks and bring the whole portal up; repeatable")
    sub.add_argument("--dev", action="store_true", help="serve with CKAN's reloader")
    sub.add_argument("--yes", action="store_true", help="do not ask before sudo")
    sub.add_argument("--no-demo", action="store_true", help="leave the catalogue empty")
    sub = add("down", down, "stop every process; the data stays")
    sub = add("status", status, "what runs, where, and whether it answers")
    sub.add_argument("--json", action="store_true", help="one object for machines")
    sub = add("logs", logs, "show what the services wrote")
    sub.add_argument("service", nargs="?", help="one of " + ", ".join(SERVICES))
    sub.add_argument("-f", "--follow", action="store_true", help="go on showing")
    sub = add("reset", reset, "delete the data of this portal, after asking")
    sub.add_argument("--yes", action="store_true", help="do not ask")
    add("shell", shell, "open a shell with this configuration (ckan, psql, redis-cli)")
    add("ckan", ckan, "run any CKAN command: ./portal ckan user list")
    sub = add("test", test, "run every check and test on services of their own")
    sub.add_argument("--long", action="store_true", help="also the slow tests")
    sub.add_argument("--yes", action="store_true", help="do not ask before sudo")
    sub.add_argument("--keep", action="store_true", help="leave the test services up")
    add("bench", bench.run, "measure the portal: ./portal bench --help")
    sub = add("i18n", i18n, "extract and update the translations; fail on a gap")
    sub.add_argument("--check", action="store_true", help="write nothing")
    return parser


def up(instance: Instance, options: argparse.Namespace) -> int:
    start = time.monotonic()
    say(f"The portal comes up in {instance.var}")
    prepare_machine(instance, yes=options.yes)
    start_services(instance, dev=options.dev, demo=not options.no_demo)
    say()
    _tell(instance, time.monotonic() - start)
    return 0


def prepare_machine(
    instance: Instance, *, yes: bool, for_tests: bool = False
) -> None:
    """Install Debian's packages and the Python environment, where they lack."""
    system.check_disk(instance, gib=2.0 if not instance.venv.exists() else 0.3)
    instance.logs.mkdir(parents=True, exist_ok=True)
    needs = system.RUN + (system.TEST if for_tests else ())
    if solr.given():
        needs = tuple(n for n in needs if n.shown_by not in ("java", "mvn"))
    if not supervision.running(instance):
        supervision.end_leftovers(instance)
        system.check_ports(instance)
    system.install_packages(instance, needs, yes)
    python_env.install(instance, for_tests=for_tests)


def start_services(
    instance: Instance, *, dev: bool = False, demo: bool = True
) -> None:
    """Start the five services in their order, with databases, index and data ready."""
    (instance.var / "postgresql").mkdir(parents=True, exist_ok=True)
    if not solr.given():
        solr.build(instance)
    schema_changed = not solr.given() and solr.configure(instance)
    postgres.initialise(instance)
    supervision.configure(instance, dev=dev)
    supervision.start(instance)
    reread(instance)
    supervision.ensure(instance, "postgresql", lambda: postgres.ready(instance))
    supervision.ensure(instance, "redis", lambda: redis_ready(instance))
    url = settings.solr_url(instance)
    if solr.given():
        if not solr.ready(url):
            raise PortalError(
                f"The Solr given as PORTAL_SOLR_URL does not answer at {url}.",
                "Start it, or unset PORTAL_SOLR_URL to use the portal's own.",
            )
    else:
        if schema_changed:
            supervision.stop(instance, "solr")
        supervision.ensure(instance, "solr", lambda: solr.ready(url))
    with step("Databases, rights and index"):
        postgres.make_roles(instance)
        command = ["maroc-portal", "prepare"]
        if schema_changed:
            command.append("--reindex")
        run_ckan(instance, command, "The databases could not be prepared.")
        postgres.execute(
            instance, settings.DATASTORE_DATABASE, datastore_permissions(instance)
        )
    if demo:
        command = ["maroc-portal", "demo"]
        with step("Demonstration data (HCP, census of 2024)"):
            variables = {
                f"PORTAL_PASSWORD_{name.upper().replace('-', '_')}": settings.secrets(
                    instance
                )[name]
                for name in settings.ACCOUNTS
            }
            run_ckan(
                instance, command, "The demonstration data could not be put in.", variables
            )
    supervision.ensure(
        instance, "worker", lambda: worker_ready(instance), timeout=60
    )
    supervision.ensure(instance, "web", lambda: web_ready(instance), timeout=90)


def reread(instance: Instance) -> None:
    """Let supervisord take up a configuration that changed since its start."""
    rpc = supervision._rpc(instance)
    added, changed, removed = rpc.reloadConfig()[0]
    for name in (*changed, *removed):
        supervision.stop(instance, name)
        rpc.removeProcessGroup(name)
    for name in (*added, *changed):
        rpc.addProcessGroup(name)


def datastore_permissions(
    instance: Instance, variables: dict[str, str] | None = None
) -> str:
    """Return what ``ckan datastore set-permissions`` prints, to be run by psql."""
    result = subprocess.run(
        [*_ckan_command(instance), "datastore", "set-permissions"],
        env={**settings.environment(instance, "owner"), **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise PortalError(
            "CKAN could not say the DataStore's permissions.", "", result.stderr[-2000:]
        )
    return result.stdout


def run_ckan(
    instance: Instance,
    command: list[str],
    problem: str,
    variables: dict[str, str] | None = None,
) -> None:
    log = instance.logs / "setup.log"
    with log.open("ab") as sink:
        code = subprocess.run(
            [*_ckan_command(instance), *command],
            env={**settings.environment(instance, "owner"), **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        tail = log.read_text("utf-8", "replace").splitlines()[-20:]
        raise PortalError(problem, f"The whole output is in {log}.", "\n".join(tail))


def _ckan_command(instance: Instance) -> list[str]:
    return [str(instance.venv / "bin" / "ckan"), "-c", str(instance.ini)]


def _tell(instance: Instance, seconds: float) -> None:
    known = settings.secrets(instance)
    roles = {
        "gdd-fes": "GdD of Commune de Fès, publishes datasets",
        "rod-fes": "ROD of Commune de Fès, follows the institution",
        "add-admin": "ADD's administrator, reads the national figures",
    }
    say(f"The portal is up after {seconds:.0f} s: {instance.site_url}")
    say("\n  demonstration accounts (fictive people):")
    for name, text in roles.items():
        say(f"    {name:<10} {known[name]}   {text}")
    say(
        f"\n  what to try first:\n"
        f"    1. sign in as gdd-fes at {instance.site_url}/user/login\n"
        f"    2. add a dataset: {instance.site_url}/dataset/new\n"
        f"    3. find it in Arabic: {instance.site_url}/ar/dataset/\n"
        f"    4. read the indicators: {instance.site_url}/indicateurs\n"
        "\n  ./portal status, ./portal logs, ./portal down; ./portal --help tells the rest."
    )


def down(instance: Instance, options: argparse.Namespace) -> int:
    with step("Services stop"):
        supervision.shutdown(instance.for_tests())
        supervision.shutdown(instance)
    return 0


def describe(instance: Instance) -> dict[str, object]:
    """Return the state of every service, as ``status --json`` prints it."""
    services = []
    alive = supervision.running(instance)
    for name in SERVICES:
        account = supervision.process(instance, name) if alive else {"pid": 0}
        pid = int(account["pid"])
        healthy = bool(pid or name == "solr") and alive and _ready(instance, name)
        services.append(
            {
                "name": name,
                "version": _version(instance, name),
                "pid": pid or None,
                "port": None if name == "worker" else instance.port_of(name),
                "healthy": healthy,
                "memory_kib": memory_kib(pid) if pid else 0,
            }
        )
    return {
        "address": instance.site_url,
        "healthy": all(service["healthy"] for service in services),
        "services": services,
    }


def status(instance: Instance, options: argparse.Namespace) -> int:
    state = describe(instance)
    if options.json:
        say(json.dumps(state, ensure_ascii=False, indent=1))
        return 0 if state["healthy"] else 1
    say(f"{state['address']}  (state in {instance.var})")
    total = 0
    for service in state["services"]:  # type: ignore[attr-defined]
        mark = "✓" if service["healthy"] else "✗"
        total += service["memory_kib"]
        say(
            f"  {mark} {service['name']:<11}{service['version'] or '–':<10}"
            f"port {service['port'] or '–':<6} pid {service['pid'] or '–':<8}"
            f"{service['memory_kib'] // 1024:>5} MiB"
        )
    say(f"  memory in all: {total // 1024} MiB")
    if not state["healthy"]:
        say("  Something does not answer: ./portal up brings it back.")
    return 0 if state["healthy"] else 1


def memory_kib(pid: int) -> int:
    """Return the proportional memory of a process and its children, in KiB."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
    family, grown = {pid}, True
    while grown:
        more = {child for child, parent in parents.items() if parent in family}
        grown = not more <= family
        family |= more
    total = 0
    for member in family:
        try:
            rows = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(row.split()[1]) for row in rows if row.startswith("Pss:"))
    return total


def _ready(instance: Instance, name: str) -> bool:
    if name == "postgresql":
        return postgres.ready(instance)
    if name == "redis":
        return redis_ready(instance)
    if name == "solr":
        return solr.ready(settings.solr_url(instance))
    return worker_ready(instance) if name == "worker" else web_ready(instance)


def _version(instance: Instance, name: str) -> str:
    if name == "postgresql":
        return _first_number([str(system.POSTGRES_BIN / "postgres"), "--version"])
    if name == "redis":
        return _first_number(["redis-server", "--version"])
    if name == "solr":
        return solr.version(settings.solr_url(instance))
    for folder in instance.venv.glob("lib/python3*/site-packages/ckan-*.dist-info"):
        return folder.name.removeprefix("ckan-").removesuffix(".dist-info")
    return ""


def _first_number(command: list[str]) -> str:
    try:
        text = subprocess.run(
            command, capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return ""
    words = [word.removeprefix("v=") for word in text.replace("(", " ").split()]
    return next((word for word in words if word[:1].isdigit()), "")


def redis_ready(instance: Instance) -> bool:
    """Whether Redis takes our password and has loaded its append-only file."""
    import socket

    word = settings.secrets(instance)["redis"]
    try:
        with socket.create_connection(
            ("127.0.0.1", instance.port_of("redis")), timeout=2
        ) as link:
            link.sendall(f"AUTH {word}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = link.recv(256)
                if not part:
                    return False
                answer += part
    except OSError:
        return False
    return b"+PONG" in answer


def web_ready(instance: Instance) -> bool:
    try:
        with urlopen(
            f"http://127.0.0.1:{instance.port}/api/3", timeout=10
        ) as answer:
            return answer.status == 200
    except (URLError, HTTPError, OSError):
        return False


def worker_ready(instance: Instance) -> bool:
    """Whether the worker said within the last minute that it lives."""
    beat = instance.var / "run" / "worker.beat"
    try:
        return time.time() - beat.stat().st_mtime < 60
    except OSError:
        return False


def logs(instance: Instance, options: argparse.Namespace) -> int:
    names = [options.service] if options.service else list(SERVICES)
    unknown = [name for name in names if name not in SERVICES]
    if unknown:
        raise PortalError(
            f"There is no service “{unknown[0]}”.", "One of: " + ", ".join(SERVICES)
        )
    paths = [instance.log_of(name) for name in names if instance.log_of(name).exists()]
    if not paths:
        raise PortalError(
            f"There is no log in {instance.logs} yet.", "./portal up starts the services."
        )
    command = ["tail", "-n", "40" if len(paths) > 1 else "200"]
    if options.follow:
        command.append("-F")
    return subprocess.run([*command, *map(str, paths)], check=False).returncode


def reset(instance: Instance, options: argparse.Namespace) -> int:
    if not instance.var.exists():
        say(f"There is nothing to delete: {instance.var} does not exist.")
        return 0
    say(f"This deletes every dataset, account, file and figure in {instance.var}.")
    say("What was downloaded (packages, Solr) is kept.")
    if not options.yes:
        if not sys.stdin.isatty():
            raise PortalError(
                "Nothing was deleted: nobody is there to answer.",
                "./portal reset --yes deletes without asking.",
            )
        if input("Type “delete” to go on: ").strip() != "delete":
            say("Nothing was deleted.")
            return 1
    down(instance, options)
    for path in instance.var.iterdir():
        if path.name in ("cache", "venv"):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    say("Deleted. ./portal up begins anew.")
    return 0


def shell(instance: Instance, options: argparse.Namespace) -> int:
    _need_environment(instance)
    env = settings.environment(instance, "owner")
    known = settings.secrets(instance)
    env |= {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(instance.port_of("postgresql")),
        "PGUSER": settings.OWNER,
        "PGPASSWORD": known[settings.OWNER],
        "PGDATABASE": settings.MAIN_DATABASE,
        "REDISCLI_AUTH": known["redis"],
        "PS1": "(portal) \\w $ ",
    }
    env.pop("PORTAL_INSTANCE", None)
    say("ckan, psql and redis-cli speak to this portal; exit leaves.")
    return subprocess.run([os.environ.get("SHELL", "/bin/bash")], env=env).returncode


def ckan(instance: Instance, options: argparse.Namespace) -> int:
    _need_environment(instance)
    env = settings.environment(instance, "owner")
    env.pop("PORTAL_INSTANCE", None)
    return subprocess.run([*_ckan_command(instance), *options.rest], env=env).returncode


def _need_environment(instance: Instance) -> None:
    if not (instance.venv / "bin" / "ckan").exists():
        raise PortalError("CKAN is not installed here yet.", "./portal up installs it.")


def test(instance: Instance, options: argparse.Namespace) -> int:
    from . import testing  # it needs this module

    return testing.run(instance, options)


def i18n(instance: Instance, options: argparse.Namespace) -> int:
    _need_environment(instance)
    command = [str(instance.venv / "bin" / "python"), str(ROOT / "ops" / "i18n.py")]
    if options.check:
        command.append("--check")
    return subprocess.run(command, cwd=ROOT, check=False).returncode
