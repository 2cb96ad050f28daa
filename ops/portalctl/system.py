"""What the system must have: Debian's packages, free ports, room on the disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from sysconfig import get_path

from .errors import PortalError
from .instance import OFFSET, Instance, can_bind
from .progress import run, say, step

POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
GIB = 1 << 30
FONTS = "/usr/share/fonts/truetype/noto"


@dataclass(frozen=True, kw_only=True)
class Need:
    """A Debian package and what shows it is there: a file, a command, a module."""

    package: str
    shown_by: str

    def met(self) -> bool:
        if self.shown_by.startswith("module "):
            return find_spec(self.shown_by.removeprefix("module ")) is not None
        if self.shown_by.startswith("/"):
            return any(Path("/").glob(self.shown_by.lstrip("/")))
        return shutil.which(self.shown_by) is not None


RUN = (
    Need(package="python3-venv", shown_by="module ensurepip"),
    Need(package="python3-dev", shown_by=f"{get_path('include')}/Python.h"),
    Need(package="gcc", shown_by="gcc"),
    Need(package="libc6-dev", shown_by="/usr/include/stdio.h"),
    Need(package="libpq-dev", shown_by="/usr/include/postgresql/libpq-fe.h"),
    Need(package="libmagic1", shown_by="/usr/lib/*/libmagic.so.1"),
    Need(package="ca-certificates", shown_by="/etc/ssl/certs/ca-certificates.crt"),
    Need(package="openjdk-17-jre-headless", shown_by="java"),
    Need(package="maven", shown_by="mvn"),
    Need(package="postgresql-15", shown_by=str(POSTGRES_BIN / "postgres")),
    Need(package="postgresql-client-15", shown_by=str(POSTGRES_BIN / "psql")),
    Need(package="redis-server", shown_by="redis-server"),
)
TEST = (
    Need(package="chromium", shown_by="chromium"),
    Need(package="fonts-noto-core", shown_by=f"{FONTS}/NotoNaskhArabic-Regular.ttf"),
    Need(package="docker-compose", shown_by="docker-compose"),
    Need(package="gettext", shown_by="msgfmt"),
)


def install_packages(instance: Instance, needs: tuple[Need, ...], yes: bool) -> None:
    """Install by apt what lacks, without starting or enabling any service."""
    missing = [need.package for need in needs if not need.met()]
    if not missing:
        return
    names = " ".join(missing)
    if shutil.which("apt-get") is None:
        raise PortalError(
            f"These are missing: {names}.",
            "Install them with your system's package manager "
            "(the names are Debian 12's), then run this again.",
        )
    sudo: list[str] = []
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            raise PortalError(
                f"These Debian packages are missing: {names}.",
                f"Ask an administrator for: apt-get install {names}",
            )
        say(f"  These Debian packages are missing: {names}")
        if sys.stdin.isatty() and not yes:
            answer = input("  Install them with sudo apt-get? [Y/n] ").strip().lower()
            if answer not in ("", "y", "yes", "o", "oui"):
                raise PortalError(
                    "Nothing was installed.", f"sudo apt-get install {names}"
                )
        sudo = ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    else:
        say(f"  These Debian packages are missing and will be installed: {names}")
    log = instance.logs / "apt.log"
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    with step("Debian packages", "downloads, one to four minutes"):
        run(
            [*apt, "update"],
            log=log,
            problem="apt-get update failed: the package registry could not be read.",
            way_out="Check the network and /etc/apt/sources.list, then run this again.",
        )
        with _nothing_started(sudo):
            run(
                [*apt, "install", "--no-install-recommends", *missing],
                log=log,
                problem=f"apt-get could not install {names}.",
            )
    still = [need.package for need in needs if not need.met()]
    if still:
        raise PortalError(
            f"apt installed {names}, yet {' '.join(still)} cannot be found.",
            f"See {log}.",
        )


@contextmanager
def _nothing_started(sudo: list[str]) -> Iterator[None]:
    """Keep packages from starting services or making a default database cluster.

    policy-rc.d refuses starts while apt works; the cluster's setting is read by
    postgresql-common when it installs a server; what apt enabled is disabled again,
    but only for services that were not on the machine before.
    """
    services = ("postgresql", "redis-server")
    before = {name for name in services if Path(f"/etc/init.d/{name}").exists()}
    policy = Path("/usr/sbin/policy-rc.d")
    cluster = Path("/etc/postgresql-common/createcluster.d/portal.conf")
    placed: list[Path] = []

    def place(path: Path, text: str, mode: str) -> None:
        if path.exists():
            return
        subprocess.run([*sudo, "mkdir", "-p", str(path.parent)], check=True)
        subprocess.run(
            [*sudo, "tee", str(path)],
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            check=True,
        )
        subprocess.run([*sudo, "chmod", mode, str(path)], check=True)
        placed.append(path)

    place(policy, "#!/bin/sh\nexit 101\n", "0755")
    if "postgresql" not in before:
        place(cluster, "create_main_cluster = false\n", "0644")
    try:
        yield
    finally:
        for path in placed:
            subprocess.run([*sudo, "rm", "-f", str(path)], check=False)
        for name in services:
            if name not in before and Path(f"/etc/init.d/{name}").exists():
                subprocess.run(
                    [*sudo, "/usr/sbin/update-rc.d", name, "disable"],
                    check=False,
                    capture_output=True,
                )
                subprocess.run(
                    [*sudo, "deb-systemd-helper", "disable", f"{name}.service"],
                    check=False,
                    capture_output=True,
                )


def check_disk(instance: Instance, gib: float = 2.0) -> None:
    """Refuse to begin where the disk cannot take the portal."""
    where = instance.var
    while not where.exists():
        where = where.parent
    free = shutil.disk_usage(where).free
    if free < gib * GIB:
        raise PortalError(
            f"The disk that holds {instance.var} has {free / GIB:.1f} GiB free; "
            f"{gib:g} GiB are needed.",
            "Free some room, or set PORTAL_VAR to a folder on another disk.",
        )


def check_ports(instance: Instance) -> None:
    """Refuse to begin when a port of the block belongs to someone else."""
    for service, offset in OFFSET.items():
        port = instance.port + offset
        if not can_bind(port):
            raise PortalError(
                f"Port {port} (for {service}) is taken by {owner_of(port)}.",
                "Stop that program, or choose another block of ports: "
                f"PORTAL_PORT={instance.port + 100} ./portal up",
            )


def owner_of(port: int) -> str:
    """Name the process that listens on a port, as far as /proc tells."""
    inode = _listening_inode(port)
    if inode:
        for process in Path("/proc").glob("[0-9]*"):
            if f"socket:[{inode}]" in _open_files(process):
                command = (process / "cmdline").read_bytes()
                words = command.decode("utf-8", "replace").replace("\0", " ")
                return f"process {process.name} ({words.strip()[:80]})"
    return "a process of another user"


def _open_files(process: Path) -> set[str]:
    """Return what a process holds open, as far as it may be seen."""
    found = set()
    try:
        for descriptor in (process / "fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                found.add(str(descriptor.readlink()))
    except OSError:
        return set()
    return found


def _listening_inode(port: int) -> str:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            cells = row.split()
            if cells[3] == "0A" and int(cells[1].rpartition(":")[2], 16) == port:
                return cells[9]
    return ""
