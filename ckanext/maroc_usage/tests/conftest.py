"""A portal with a dataset of each sort, and what its spool says of each request."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, _get_test_app

from ckanext.maroc_law.tests.cases import lawful
from ckanext.maroc_portal.tests.cases import settle
from ckanext.maroc_usage import spool, store
from ckanext.maroc_usage.kinds import KINDS
from ckanext.maroc_usage.spool import Record

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
# An address of documentation (RFC 5737): nobody's.
ADDRESS = "203.0.113.77"
CSV = b"code,name_fr,name_ar\r\n" + "1,Fès,فاس\r\n".encode() * 400


def act(action: str, **data: Any) -> Any:
    """Call an action as the site does."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    return tk.get_action(action)({"user": user["name"], "ignore_auth": True}, data)


def institution() -> dict[str, Any]:
    name = f"institution-{uuid.uuid4().hex[:8]}"
    return act(
        "organization_create",
        name=name,
        title=name,
        title_translated={"fr": name, "ar": "مؤسسة"},
        body_kind="collectivite-territoriale",
    )


def dataset(owner: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Publish a dataset, unless it is to be private."""
    name = f"population-{uuid.uuid4().hex[:8]}"
    made = act(
        "package_create",
        **{
            **lawful(),
            "name": name,
            "title": name,
            "title_translated": {"fr": name, "ar": "السكان"},
            "notes_translated": {"fr": "Population légale.", "ar": "عدد السكان."},
            "owner_org": owner["id"],
            "classification": "non-classifie",
            "art10_category": "statistiques",
            "collection_frequency": "ANNUAL",
            "geographic_coverage": ["MA"],
            "license_id": "cc-by",
            "source": "Recensement",
            "demonstration": "yes",
            **more,
        },
    )
    if not more.get("private"):
        act("maroc_workflow_submit", id=made["id"])
    return made


def file(package: dict[str, Any], content: bytes = CSV) -> dict[str, Any]:
    """Add a file, and let the worker do what lets it be public; return it."""
    act(
        "resource_create",
        package_id=package["id"],
        name="communes.csv",
        format="CSV",
        url="communes.csv",
        upload=FileStorage(
            io.BytesIO(content), "communes.csv", content_type="text/csv"
        ),
    )
    settle()
    return act("package_show", id=package["id"])["resources"][-1]


def link(package: dict[str, Any]) -> dict[str, Any]:
    return act(
        "resource_create",
        package_id=package["id"],
        name="ailleurs",
        format="CSV",
        url="https://donnees.example/communes.csv",
    )


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """Give a folder in memory, as the keys of the day need one."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@dataclass(frozen=True, kw_only=True)
class Portal:
    """The whole application, with its spool."""

    app: CKANTestApp
    spool: Path
    keys: Path
    """The folder in memory of the keys of the day."""

    def ask(self, path: str, method: str = "GET", **more: Any) -> Any:
        """Make a request from the address of documentation; follow no redirect."""
        headers = {"User-Agent": FIREFOX, **more.pop("headers", {})}
        client = self.app.test_client(use_cookies=False)
        return client.open(
            path,
            method=method,
            headers=headers,
            environ_overrides={"REMOTE_ADDR": more.pop("address", ADDRESS)},
            follow_redirects=False,
            **more,
        )

    def records(self) -> list[Record]:
        """Return every record of the spool, in the order of their moments."""
        found = []
        for path in self.spool.glob("*.spool"):
            for record in spool.unpack(path.read_bytes()[spool.SIZE :]):
                assert record is not None
                found.append(record)
        return sorted(found)

    def counted(self) -> list[tuple[str, str, str, str, int, int]]:
        """Load and count; return kind, class, dataset, resource, total, unique."""
        store.load(self.spool)
        store.count()
        return rows()


def rows(day: dt.date | None = None) -> list[Any]:
    with model.ensure_engine().connect() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                sa.text(
                    "SELECT kind, agent_class, dataset_id, resource_id, total, uniq"
                    " FROM maroc_usage_daily"
                    " WHERE CAST(:day AS date) IS NULL OR day = :day"
                    " ORDER BY kind, agent_class, dataset_id, resource_id"
                ),
                {"day": day},
            )
        ]


OPTION = "CKAN___CKANEXT__MAROC_USAGE__{}"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Give the application with a spool of its own, once for the tests of a file."""
    folder = tmp_path_factory.mktemp("usage") / "spool"
    with (
        tempfile.TemporaryDirectory(dir="/dev/shm") as keys,
        pytest.MonkeyPatch.context() as patch,
    ):
        # In the environment, as everywhere: it wins over the file.
        patch.setenv(OPTION.format("SPOOL_DIR"), str(folder))
        patch.setenv(OPTION.format("SALT_DIR"), keys)
        p.load_all()
        yield Portal(app=_get_test_app(), spool=folder, keys=Path(keys))
        p.unload_all()


@pytest.fixture
def portal(application: Portal, clean_db: None) -> Portal:
    """Give the application with empty databases and an empty spool."""
    for path in application.spool.glob("*"):
        path.unlink()
    # CKAN's tests begin each with the configuration that they all began with.
    tk.config["ckanext.maroc_usage.spool_dir"] = str(application.spool)
    tk.config["ckanext.maroc_usage.salt_dir"] = str(application.keys)
    return application


def name_of(kind: str) -> str:
    return next(each.name for each in KINDS if each.code == kind)
