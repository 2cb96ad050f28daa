"""One portal on this machine: where its state lies, which ports are its own."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from .errors import PortalError

ROOT = Path(__file__).resolve().parents[2]
CKAN_INI = ROOT / "ops" / "ckan.ini"
TEST_INI = ROOT / "test.ini"

# The block of ports, from PORTAL_PORT on. The test services take the next ten.
SERVICES = ("web", "worker", "postgresql", "redis", "solr")
OFFSET = {"web": 0, "postgresql": 1, "redis": 2, "solr": 3, "supervisor": 4}
TEST_OFFSET = 10


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A folder of state, a block of ports and a configuration file."""

    var: Path
    port: int
    ini: Path = CKAN_INI
    shared: Path
    """The folder that holds what instances share: the environment and the cache."""

    @classmethod
    def from_environment(cls) -> Instance:
        """Read PORTAL_VAR (folder, default var/) and PORTAL_PORT (default 5000)."""
        var = Path(os.environ.get("PORTAL_VAR") or ROOT / "var").absolute()
        text = os.environ.get("PORTAL_PORT") or "5000"
        if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 65500:
            raise PortalError(
                f"PORTAL_PORT is “{text}”, which is not a port.",
                "Give a number from 1 to 65500; twenty ports from it on are used.",
            )
        return cls(var=var, port=int(text), shared=var)

    def for_tests(self) -> Instance:
        """Return the instance of the tests: its own folder, ports and databases."""
        return Instance(
            var=self.var / "test",
            port=self.port + TEST_OFFSET,
            shared=self.shared,
        )

    def port_of(self, service: str) -> int:
        return self.port + OFFSET[service]

    @property
    def venv(self) -> Path:
        return self.shared / "venv"

    @property
    def cache(self) -> Path:
        return self.shared / "cache"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def site_url(self) -> str:
        given = os.environ.get("PORTAL_SITE_URL", "")
        return given.rstrip("/") or f"http://localhost:{self.port}"

    def log_of(self, service: str) -> Path:
        return self.logs / f"{service}.log"

    def last_lines(self, service: str, count: int = 15) -> str:
        """Return the last lines that a service wrote, or why there are none."""
        path = self.log_of(service)
        if not path.exists():
            return f"(no {path} yet)"
        text = path.read_bytes()[-65536:].decode("utf-8", "replace")
        return "\n".join(text.splitlines()[-count:])


def answers(port: int, timeout: float = 0.5) -> bool:
    """Whether something listens on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(timeout)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def can_bind(port: int) -> bool:
    """Whether the port is free on loopback, closing connections apart."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
