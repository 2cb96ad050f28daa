"""Solr 9 assembled from its released artifacts, with CKAN's schema and our fields.

The recipe is the folder solr/, explained in its README. An index lies in a folder
named after the schema it was made with, so that a changed schema begins an empty one
and no question is ever answered from words that were cut in an older way.
"""

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
# What decides which words are sent for a dataset, beside the schema.
WORDS = (
    "ckanext/maroc_search/document.py",
    "ckanext/maroc_search/geometry.py",
    "ckanext/maroc_search/glossary.py",
    "ckanext/maroc_search/glossary.yaml",
    "ckanext/maroc_search/places.py",
    "ckanext/maroc_law/vocabularies",
)


def given() -> bool:
    """Whether the person brings a Solr of their own (PORTAL_SOLR_URL)."""
    return bool(os.environ.get("PORTAL_SOLR_URL"))


def build(instance: Instance) -> Path:
    """Return the folder of the assembled Solr; Maven checks every checksum (-C)."""
    pom, webapp = RECIPE / "pom.xml", RECIPE / "webapp"
    target = instance.cache / f"solr-{_fingerprint(pom, webapp)}"
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
        shutil.copytree(webapp, target / "target" / "webapp", dirs_exist_ok=True)
        (target / "complete").touch()
    return target


def configure(instance: Instance) -> bool:
    """Lay out the core; return whether it changed: Solr restarts, one re-indexes.

    What an older schema left is removed by the first ``up`` that changes nothing, when
    no Solr can still be reading it.
    """
    work = instance.var / "solr"
    core = work / "home" / "ckan"
    before = _fingerprint(core / "conf", core / "core.properties")
    shutil.rmtree(core / "conf", ignore_errors=True)
    for name in ("home", "jetty"):
        shutil.copytree(RECIPE / name, work / name, dirs_exist_ok=True)
    _make_schema(instance, core / "conf" / "schema.xml")
    index = f"index-{_fingerprint(core / 'conf')}"
    with (core / "core.properties").open("a") as properties:
        properties.write(f"dataDir={index}\n")
    _make_jetty(instance, work / "jetty")
    changed = _fingerprint(core / "conf", core / "core.properties") != before
    if not changed:
        for folder in (*core.glob("index-*"), core / "data"):
            if folder.name != index and folder.exists():
                shutil.rmtree(folder)
    return changed or not (core / index).exists()


def _make_schema(instance: Instance, target: Path) -> None:
    result = subprocess.run(
        [
            str(instance.venv / "bin" / "python"),
            str(RECIPE / "make_schema.py"),
            str(target),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise PortalError(
            "Solr's schema could not be made from CKAN's.", "", result.stderr[-2000:]
        )


def _make_jetty(instance: Instance, base: Path) -> None:
    if (base / "start.d").exists():
        return
    run(
        ["java", "-jar", str(_start_jar(instance)), "--add-modules=http,deploy"],
        cwd=base,
        log=instance.logs / "solr-setup.log",
        problem="Jetty could not be set up for Solr.",
    )


def _fingerprint(*paths: Path) -> str:
    """Return twelve letters that stand for the names and contents of these files."""
    digest = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def schema_digest(instance: Instance) -> str:
    """Return what tells this index from one to make anew: the core, and its words."""
    words = _fingerprint(*(ROOT / name for name in WORDS))
    if given():
        return f"{os.environ['PORTAL_SOLR_URL']} {words}"
    core = instance.var / "solr" / "home" / "ckan" / "conf"
    return f"{_fingerprint(core)} {words}"


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
