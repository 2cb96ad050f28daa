"""./portal bench NAME: measurements, side by side in one run."""

from __future__ import annotations

import argparse
import subprocess

from . import bringup, postgres, settings
from .errors import PortalError
from .instance import ROOT, Instance
from .progress import say

FOLDER = ROOT / "ops" / "bench"


def run(instance: Instance, options: argparse.Namespace) -> int:
    """Run one benchmark against this portal, or list those there are."""
    names = sorted(path.stem for path in FOLDER.glob("*.py"))
    if not options.rest or options.rest[0] not in names:
        say("usage: ./portal bench NAME [options]\n\nbenchmarks:")
        for name in names:
            first = (FOLDER / f"{name}.py").read_text().splitlines()[0].strip('"')
            say(f"  {name:<12} {first}")
        return 0 if not options.rest else 2
    if not (instance.venv / "bin" / "python").exists():
        raise PortalError("CKAN is not installed here yet.", "./portal up installs it.")
    env = settings.environment(instance, "owner")
    env.pop("PORTAL_INSTANCE", None)
    script = FOLDER / f"{options.rest[0]}.py"
    return subprocess.run(
        [str(instance.venv / "bin" / "python"), str(script), *options.rest[1:]],
        env=env,
        check=False,
    ).returncode


def own_database(name: str) -> dict[str, str]:
    """Make a benchmark's own database; return the variables that lead to it."""
    instance = Instance.from_environment()
    main, datastore = f"ckan_bench_{name}", f"datastore_bench_{name}"
    postgres.make_roles(instance, main, datastore)
    variables = {
        "CKAN_SITE_ID": f"bench-{name}",
        "CKAN_SQLALCHEMY_URL": settings.database_url(instance, settings.OWNER, main),
        "CKAN_DATASTORE_WRITE_URL": settings.database_url(
            instance, settings.DATASTORE_WRITE, datastore
        ),
        "CKAN_DATASTORE_READ_URL": settings.database_url(
            instance, settings.DATASTORE_READ, datastore
        ),
    }
    bringup.run_ckan(
        instance, ["maroc-portal", "prepare"], "The database failed.", variables
    )
    return variables
