"""The commands of ./portal."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time

from . import bench, bringup, condition, settings, supervision, testing
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
            sys.stderr.write(
                "\n✗ The disk is full.\n  → Free some room, then run this again.\n"
            )
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
    bringup.prepare_machine(instance, yes=options.yes)
    bringup.start_services(instance, dev=options.dev, demo=not options.no_demo)
    say()
    _tell(instance, time.monotonic() - start, demo=not options.no_demo)
    return 0


def _tell(instance: Instance, seconds: float, *, demo: bool) -> None:
    known = settings.secrets(instance)
    roles = {
        "gdd-fes": "GdD of Commune de Fès, publishes datasets",
        "rod-fes": "ROD of Commune de Fès, follows the institution",
        "add-admin": "ADD's administrator, reads the national figures",
    }
    say(f"The portal is up after {seconds:.0f} s: {instance.site_url}")
    if not demo:
        say("\n  ./portal ckan sysadmin add NAME makes the first account.")
        return
    say("\n  demonstration accounts (fictive people):")
    for name, text in roles.items():
        say(f"    {name:<10} {known[name]}   {text}")
    say(
        f"\n  what to try first:\n"
        f"    1. sign in as gdd-fes at {instance.site_url}/user/login\n"
        f"    2. add a dataset: {instance.site_url}/dataset/new\n"
        f"    3. find it in Arabic: {instance.site_url}/ar/dataset/\n"
        f"    4. read the indicators: {instance.site_url}/indicateurs\n"
        "\n  ./portal status, logs, down; ./portal --help tells the rest."
    )


def down(instance: Instance, options: argparse.Namespace) -> int:
    with step("Services stop"):
        supervision.shutdown(instance.for_tests())
        supervision.shutdown(instance)
    return 0


def status(instance: Instance, options: argparse.Namespace) -> int:
    state = condition.describe(instance)
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
            f"There is no log in {instance.logs} yet.",
            "./portal up starts the services.",
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
    env = _by_hand(instance)
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
    say("ckan, psql and redis-cli speak to this portal; exit leaves.")
    return subprocess.run(
        [os.environ.get("SHELL", "/bin/bash")], env=env, check=False
    ).returncode


def ckan(instance: Instance, options: argparse.Namespace) -> int:
    _need_environment(instance)
    env = _by_hand(instance)
    return subprocess.run(
        [*bringup.ckan_command(instance), *options.rest], env=env, check=False
    ).returncode


def _by_hand(instance: Instance) -> dict[str, str]:
    """Return the environment of what a person starts: theirs, with the portal's.

    Without the instance's mark, since `down` ends only what `up` started.
    """
    env = {**os.environ, **settings.environment(instance, "owner")}
    del env["PORTAL_INSTANCE"]
    return env


def _need_environment(instance: Instance) -> None:
    if not (instance.venv / "bin" / "ckan").exists():
        raise PortalError("CKAN is not installed here yet.", "./portal up installs it.")


def test(instance: Instance, options: argparse.Namespace) -> int:
    return testing.run(instance, options)


def i18n(instance: Instance, options: argparse.Namespace) -> int:
    _need_environment(instance)
    command = [str(instance.venv / "bin" / "python"), str(ROOT / "ops" / "i18n.py")]
    if options.check:
        command.append("--check")
    return subprocess.run(command, cwd=ROOT, check=False).returncode
