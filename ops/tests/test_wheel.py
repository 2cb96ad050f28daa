"""The wheel holds every file, installs in a clean environment, and loads there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = (".yaml", ".html", ".css", ".js", ".mo", ".po", ".sql", ".ini", ".json", ".mako")

LOAD = """
import json, pathlib, sys, yaml
from importlib.metadata import entry_points, files
here = pathlib.Path(sys.prefix)
loaded = {"plugins": [], "yaml": 0}
for point in entry_points(group="ckan.plugins"):
    if point.name.startswith("maroc_"):
        plugin = point.load()
        module = sys.modules[plugin.__module__]
        assert here in pathlib.Path(module.__file__).parents, module.__file__
        loaded["plugins"].append(point.name)
for file in files("ckanext-maroc"):
    if str(file).endswith(".yaml"):
        assert yaml.safe_load(file.locate().read_text("utf-8")), file
        loaded["yaml"] += 1
from ckanext.scheming.plugins import _load_schema
for name in ("dataset", "organization", "presets"):
    assert _load_schema(f"ckanext.maroc_schema.schemas:{name}.yaml"), name
from ckanext.maroc_kpi.definition import indicators
loaded["indicators"] = len(indicators())
from ckanext.maroc_law.vocabulary import vocabulary
loaded["categories"] = len(vocabulary("art10-categories"))
print(json.dumps(loaded))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            f"--outdir={folder}",
            str(_copy(folder)),
        ],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def _copy(folder: Path) -> Path:
    """Copy what git knows, so that the build leaves nothing in the clone."""
    names = _tracked()
    target = folder / "source"
    for name in names:
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(source.read_bytes())
    return target


def _tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [name for name in listed.split("\0") if name]


def test_every_data_file_of_the_repository_is_in_the_wheel(wheel: Path):
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        name.replace("schemas/", "ckanext/maroc_schema/schemas/", 1)
        if name.startswith("schemas/")
        else name
        for name in _tracked()
        if name.startswith(("ckanext/maroc_", "schemas/")) and name.endswith(DATA)
    }
    assert wanted, "the list of files cannot be empty"
    assert wanted - inside == set()


def test_it_loads_every_plugin_schema_and_definition_when_installed(
    wheel: Path, tmp_path: Path
):
    clean = tmp_path / "clean"
    venv.create(clean, with_pip=True, symlinks=True)
    python = clean / "bin" / "python"
    # CKAN and the rest come from the tests' environment; a plain line adds its folder
    # without its .pth files, so that the clone, installed in place, stays outside.
    site = next(clean.glob("lib/python3*/site-packages"))
    (site / "tests.pth").write_text(f"{_site_packages()}\n")
    subprocess.run(
        [str(python), "-m", "pip", "-q", "install", "--no-deps", "--no-index", wheel],
        check=True,
        capture_output=True,
    )
    # CKAN, installed in the same place, would put a namespace file there.
    (site / "ckanext" / "__init__.py").write_bytes(
        (ROOT / "ckanext" / "__init__.py").read_bytes()
    )
    done = subprocess.run(
        [str(python), "-c", LOAD],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert "maroc_portal" in loaded["plugins"]
    assert len(loaded["plugins"]) == 7
    assert loaded["yaml"] >= 10
    assert loaded["indicators"] >= 3
    assert loaded["categories"] >= 19


def _site_packages() -> str:
    return str(next(Path(sys.prefix).glob("lib/python3*/site-packages")))
