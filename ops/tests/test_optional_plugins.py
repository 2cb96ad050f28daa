"""Plugins are the only feature switch: the portal starts without each optional one."""

from __future__ import annotations

import os
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPTIONAL = (
    "maroc_files",
    "maroc_search",
    "maroc_usage",
    "maroc_kpi",
    "dcat",
    "spatial_metadata spatial_query",
    "activity",
    "expire_api_token",
)

SERVE = """
import sys
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
app = make_app(CKANConfigLoader(sys.argv[1]).get_config())
client = app._wsgi_app.test_client()
for path in ("/", "/ar/dataset/", "/organization/", "/user/login", "/sante"):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[-2000:])
print("served")
"""


def _plugins() -> list[str]:
    parser = RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(ROOT / "ops" / "ckan.ini")
    return parser.get("app:main", "ckan.plugins").split()


@pytest.mark.parametrize("without", OPTIONAL)
def test_the_portal_serves_its_pages_without(without: str, tmp_path: Path):
    kept = [name for name in _plugins() if name not in without.split()]
    assert len(kept) < len(_plugins())
    ini = tmp_path / "without.ini"
    ini.write_text(
        "[DEFAULT]\n[app:main]\n"
        f"use = config:{ROOT / 'test.ini'}\nckan.plugins = {' '.join(kept)}\n"
        + ("ckan.views.default_views =\n" if without == "maroc_files" else "")
    )
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(ini)],
        cwd=ROOT,
        env={**os.environ, "CKAN_INI": str(ini)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == "served"
