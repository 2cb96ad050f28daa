"""The command's own modules, and the test portal that ``./portal test`` started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ckanapi import RemoteCKAN

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ops"))

from portalctl import bringup, settings  # noqa: E402
from portalctl.instance import Instance  # noqa: E402


@pytest.fixture(scope="session")
def instance() -> Instance:
    """Return the test portal that ``./portal test`` started."""
    var = Path(os.environ["TEST_PORTAL_VAR"])
    port = int(os.environ["TEST_PORTAL_PORT"])
    return Instance(var=var, port=port, shared=var.parent)


@pytest.fixture(scope="session")
def administrator(instance: Instance) -> RemoteCKAN:
    """Return ADD's administrator, by API token."""
    printed = subprocess.run(
        [*bringup.ckan_command(instance), "user", "token", "add", "add-admin", "walks"],
        env=settings.environment(instance, "owner"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return RemoteCKAN(instance.site_url, apikey=printed.split()[-1])
