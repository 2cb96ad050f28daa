"""Solr 9 assembled from its released artifacts, with CKAN's schema and our fields."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from .errors import PortalError
from .instance import ROOT, Instance
from .progress import run, step

RECIPE = ROOT / "solr"


def given() -> bool:
    """Whether the person brings a Solr of their own (PORTAL_SOLR_URL)."""
    return bool(os.environ.get("PORTAL_SOLR_URL"))


def build(instance: Instance) -> Path:
    """Return the folder of the assembled Solr; Maven checks every checksum (-C)."""
    pom = RECIPE / "pom.xml"
    name = hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    target = instance.cache / f"solr-{name}"
    if (target / "complete").exists():
        return target
    with step("Solr 9 and JTS", "112 MB, half a minute"):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        shutil.copy(pom, target)
        run(
            [
                "mvn",
                "-q",
                "-B",
                "-C",
                f"-Dmaven.repo.local={instance.cache / 'maven'}",
                "package",
            ],
            cwd=target,
            log=instance.logs / "maven.log",
            problem="Maven could not assemble Solr.",
            way_out="Check that this machine reaches Maven Central, then try again.",
        )
        shutil.copytree(
            RECIPE / "webapp", target / "target" / "webapp", dirs_exist_ok=True
        )
        (target / "complete").touch()
    return target


def configure(instance: Instance) -> bool:
    """Lay out the core; return whether its schema changed, so that one re-indexes."""
    work = instance.var / "solr"
    schema = work / "home" / "ckan" / "conf" / "schema.xml"
    before = schema.read_bytes() if schema.exists() else b""
    for name in ("home", "jetty"):
        shutil.copytree(RECIPE / name, work / name, dirs_exist_ok=True)
    result = subprocess.run(
        [
            str(instance.venv / "bin" / "python"),
            str(RECIPE / "make_schema.py"),
            str(schema),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise PortalError(
            "Solr's schema could not be made from CKAN's.", "", result.stderr[-2000:]
        )
    start_d = work / "jetty" / "start.d"
    if not start_d.exists():
        run(
            ["java", "-jar", str(_start_jar(instance)), "--add-modules=http,deploy"],
            cwd=work / "jetty",
            log=instance.logs / "solr-setup.log",
            problem="Jetty could not be set up for Solr.",
        )
    return schema.read_bytes() != before


def command(instance: Instance) -> list[str]:
    work, built = instance.var / "solr", build(instance)
    return [
        "java",
        "-Xms128m",
        "-Xmx512m",
        "-XX:+ExitOnOutOfMemoryError",
        f"-Dsolr.solr.home={work / 'home'}",
        f"-Dsolr.webapp={built / 'target' / 'webapp'}",
        f"-Dsolr.log.dir={work / 'logs'}",
        f"-Dlog4j.configurationFile={RECIPE / 'log4j2.xml'}",
        "-Djava.awt.headless=true",
        "-jar",
        str(_start_jar(instance)),
        "jetty.http.host=127.0.0.1",
        f"jetty.http.port={instance.port_of('solr')}",
    ]


def ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/select?q=*:*&rows=0&wt=json", timeout=2) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


def version(url: str) -> str:
    """Return Solr's own version, or an empty text where it does not answer."""
    base = url.rsplit("/", 1)[0]
    try:
        with urlopen(f"{base}/admin/info/system?wt=json", timeout=2) as answer:
            import json

            return str(json.load(answer)["lucene"]["solr-spec-version"])
    except (URLError, OSError, KeyError, ValueError):
        return ""


def _start_jar(instance: Instance) -> Path:
    target = build(instance) / "target"
    return next(target.glob("jetty-home-*")) / "start.jar"
