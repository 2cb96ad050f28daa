"""The Python environment: CKAN with its own pins, every wheel checked by its hash."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

from .errors import PortalError
from .instance import ROOT, Instance
from .progress import run, step

OFFLINE = (
    "Check that this machine reaches the Python package registry, then run this "
    "again; what is already downloaded is kept."
)


def install(instance: Instance, *, for_tests: bool) -> None:
    """Bring ``venv`` to what the lock files say; nothing happens when it is so."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs it, told in words
        raise PortalError(
            f"This is Python {sys.version.split()[0]}; the portal needs 3.11 or newer.",
            "Run it with Python 3.11, as Debian 12 has it.",
        )
    locks = [ROOT / "ops" / "requirements.lock"]
    if for_tests:
        locks.append(ROOT / "ops" / "requirements-test.lock")
    stamp = instance.venv / ("installed-test" if for_tests else "installed")
    wanted = _digest(locks)
    if not (stamp.exists() and stamp.read_text() == wanted):
        with step("Python packages (CKAN 2.12.0)", "downloads, one to three minutes"):
            _install(instance, locks)
            stamp.write_text(wanted)
    _install_bundle(instance)


def _install(instance: Instance, locks: list[Path]) -> None:
    log = instance.logs / "pip.log"
    if not (instance.venv / "bin" / "pip").exists():
        shutil.rmtree(instance.venv, ignore_errors=True)
        run(
            [sys.executable, "-m", "venv", str(instance.venv)],
            log=log,
            problem="Python could not make its environment.",
            way_out="Install the Debian package python3-venv.",
        )
    command = [*_pip(instance), "install", "--require-hashes"]
    for lock in locks:
        command += ["-r", str(lock)]
    run(
        command,
        log=log,
        env=_pip_environment(instance),
        problem="pip could not install the Python packages.",
        way_out=OFFLINE,
    )


def _install_bundle(instance: Instance) -> None:
    """Install this repository in place; again only when its metadata changed."""
    stamp = instance.venv / "bundle"
    wanted = _digest([ROOT / "setup.py", ROOT / "pyproject.toml"]) + str(ROOT)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    with step("This bundle's plugins"):
        run(
            [
                *_pip(instance),
                "install",
                "--no-deps",
                "--no-build-isolation",
                "--editable",
                str(ROOT),
            ],
            log=instance.logs / "pip.log",
            env=_pip_environment(instance),
            problem="pip could not install the bundle itself.",
        )
        stamp.write_text(wanted)


def _pip(instance: Instance) -> list[str]:
    return [str(instance.venv / "bin" / "python"), "-m", "pip", "-q"]


def _pip_environment(instance: Instance) -> dict[str, str]:
    return {
        **os.environ,
        "PIP_CACHE_DIR": str(instance.cache / "pip"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }


def _digest(paths: list[Path]) -> str:
    text = b"".join(path.read_bytes() for path in paths)
    return hashlib.sha256(text).hexdigest()
