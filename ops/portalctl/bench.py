"""./portal bench NAME: measurements, side by side in one run."""

from __future__ import annotations

import argparse
import subprocess

from . import settings
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
