"""A store whose disk is really full says so, and nothing that was there has changed.

The disk is a small one in memory that only root may mount.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_files.store import MIB, the_store
from ckanext.maroc_files.tests.conftest import act, upload
from ckanext.maroc_portal.tests.cases import in_sql

OLD = b"ville,habitants\nIfrane,14659\n"
# Of rows, so that it is loaded and looked at as a table where there is room for it.
NEW = b"ville,habitants\n" + b"Azrou,54350\n" * 20_000
ROOM = 1 * MIB
FULL = "Le portail n'a plus de place pour ce fichier ; rien n'a changé."


@pytest.fixture
def disk(app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Mount a disk of 1 MB and let the portal keep its files there.

    The application is made first: it reads the configuration anew.
    """
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM},nr_inodes=100", "disk", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    monkeypatch.setitem(tk.config, "ckan.storage_path", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill_bytes(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast:
        left = os.statvfs(disk)
        ballast.truncate(0)
        os.posix_fallocate(ballast.fileno(), 0, left.f_bavail * left.f_frsize)


def fill_names(disk: Path) -> None:
    (disk / "ballast").mkdir()
    for number in range(os.statvfs(disk).f_ffree):
        (disk / "ballast" / str(number)).touch()


def rows() -> list[str]:
    """Return everything that the database says of files."""
    model.Session.rollback()
    said = in_sql(
        "SELECT sha256 || put_at FROM maroc_files_file"
        " UNION ALL SELECT id || coalesce(hash, '') FROM resource"
        " UNION ALL SELECT row_hash FROM maroc_workflow_decision ORDER BY 1"
    )
    return [row[0] for row in said]


def files(disk: Path) -> list[Path]:
    return sorted(path for path in (disk / "files").rglob("*") if path.is_file())


@pytest.mark.parametrize("fill", [fill_bytes, fill_names])
def test_a_full_disk_refuses_the_file_and_changes_nothing(
    disk, desk, institution, work, fill
):
    public = institution.publish(OLD, "a.csv")
    draft = institution.dataset()
    fill(disk)
    kept, there = rows(), files(disk)
    shown = act("package_show", id=public["package_id"])
    for action, what in (
        ("resource_create", {"package_id": draft["id"], "name": "b"}),
        ("resource_create", {"package_id": public["package_id"], "name": "b"}),
        ("resource_patch", {"id": public["id"]}),
    ):
        answer = desk.post(
            f"/api/3/action/{action}",
            data={**what, "upload": (upload(NEW, "b.csv").stream, "b.csv")},
            content_type="multipart/form-data",
        )
        assert answer.status_code == 409, answer.body
        (told,) = answer.json["error"]["url"]
        assert told.startswith(FULL)
    assert (rows(), files(disk)) == (kept, there)
    assert act("package_show", id=public["package_id"]) == shown
    address = f"/dataset/{public['package_id']}/resource/{public['id']}/download/a.csv"
    assert desk.app.get(address).data == OLD


@pytest.mark.parametrize("fill", [fill_bytes, fill_names])
def test_what_writes_no_file_needs_no_room(disk, institution, work, fill):
    resource = institution.deposit(OLD, "a.csv")
    work()
    fill(disk)
    told = act("maroc_workflow_submit", id=resource["package_id"])
    assert told["public"], told
    act("package_patch", id=resource["package_id"], source="Une autre source")
    shown = act("package_show", user="", id=resource["package_id"])
    assert shown["source"] == "Une autre source"


@pytest.mark.parametrize("fill", [fill_bytes, fill_names])
def test_with_room_again_the_same_file_is_taken_and_served(
    disk, desk, institution, work, fill
):
    public = institution.publish(OLD, "a.csv")
    fill(disk)
    with pytest.raises(tk.ValidationError):
        institution.replace(public, NEW, "b.csv")
    model.Session.rollback()
    subprocess.run(["rm", "-r", disk / "ballast"], check=True)
    institution.replace(public, NEW, "b.csv")
    work()
    shown = act("resource_show", user="", id=public["id"])
    assert the_store().exists(shown["hash"])
    address = f"/dataset/{public['package_id']}/resource/{public['id']}/download/b.csv"
    assert desk.app.get(address).data == NEW
