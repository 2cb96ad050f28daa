"""What runs, which version, how much memory, and whether it really answers."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from . import postgres, settings, solr, supervision, system
from .instance import SERVICES, Instance


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
        with urlopen(f"http://127.0.0.1:{instance.port}/api/3", timeout=10) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


def worker_ready(instance: Instance) -> bool:
    """Whether the worker said within the last minute that it lives."""
    beat = instance.var / "run" / "worker.beat"
    try:
        return time.time() - beat.stat().st_mtime < 60
    except OSError:
        return False
