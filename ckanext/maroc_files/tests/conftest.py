"""An institution, its people, and a worker that runs when told."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import jobs
from ckan.tests import factories

from ckanext.maroc_files import loads
from ckanext.maroc_law.tests.cases import lawful
from ckanext.maroc_portal.tests.cases import settle


def act(action: str, *, user: str | None = None, **data: Any) -> Any:
    """Call an action as the site's own user, or as someone."""
    if user is not None:
        return tk.get_action(action)({"user": user}, data)
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    context: Any = {"user": site["name"], "ignore_auth": True}
    return tk.get_action(action)(context, data)


def upload(data: bytes, name: str) -> FileStorage:
    """Return a file as a form or an API call sends it."""
    return FileStorage(stream=io.BytesIO(data), filename=name)


@dataclass(frozen=True)
class Institution:
    """An institution and its GdD."""

    name: str
    gdd: dict[str, Any]

    def dataset(self, **fields: Any) -> dict[str, Any]:
        """Make a dataset without files, for the institution's own people."""
        return act(
            "package_create",
            **{
                **lawful(),
                "name": f"essai-{uuid.uuid4().hex[:8]}",
                "title_translated": {"fr": "Essai", "ar": "تجربة"},
                "notes_translated": {"fr": "Un essai.", "ar": "تجربة."},
                "owner_org": self.name,
                "classification": "non-classifie",
                "art10_category": "statistiques",
                "collection_frequency": "ANNUAL",
                "geographic_coverage": ["MA"],
                "license_id": "cc-by",
                "source": "HCP",
                "private": True,
                **fields,
            },
        )

    def deposit(self, data: bytes, name: str, **fields: Any) -> dict[str, Any]:
        """Make a dataset with one file, and return the resource."""
        dataset = self.dataset(**fields)
        return self.add(dataset["id"], data, name)

    def publish(self, data: bytes, name: str, **fields: Any) -> dict[str, Any]:
        """Make a dataset with one file that anyone reads, and return the resource."""
        resource = self.deposit(data, name, **fields)
        settle()
        told = act("maroc_workflow_submit", id=resource["package_id"])
        assert told["public"], told
        return resource

    def add(self, package_id: str, data: bytes, name: str) -> dict[str, Any]:
        """Add a file to a dataset, as its form does."""
        return act(
            "resource_create",
            package_id=package_id,
            name=name,
            url=name,
            upload=upload(data, name),
        )

    def replace(self, resource: dict[str, Any], data: bytes, name: str) -> None:
        """Replace the file of a resource."""
        act("resource_patch", id=resource["id"], upload=upload(data, name), url=name)


@pytest.fixture
def institution(clean_db: None) -> Institution:
    jobs.get_queue().empty()
    gdd = factories.UserWithToken()
    mark = uuid.uuid4().hex[:8]
    act(
        "organization_create",
        name=f"institution-{mark}",
        title_translated={"fr": f"Institution {mark}", "ar": f"مؤسسة {mark}"},
        body_kind="administration-publique",
        users=[{"name": gdd["name"], "capacity": "editor"}],
    )
    return Institution(f"institution-{mark}", gdd)


@dataclass(frozen=True)
class Desk:
    """The portal as someone of the institution sees it."""

    app: Any
    token: str

    def get(self, address: str, **asked: Any) -> Any:
        """Ask for an address in their name."""
        headers = {"Authorization": self.token, **asked.pop("headers", {})}
        return self.app.get(address, headers=headers, **asked)

    def post(self, address: str, **sent: Any) -> Any:
        """Send a form or a call in their name."""
        headers = {"Authorization": self.token, **sent.pop("headers", {})}
        return self.app.post(address, headers=headers, **sent)

    def head(self, address: str) -> Any:
        """Ask for what an answer would say before its content."""
        client = self.app.flask_app.test_client()
        return client.head(address, headers={"Authorization": self.token})


@pytest.fixture
def desk(app: Any, institution: Institution) -> Desk:
    return Desk(app, institution.gdd["token"])


@pytest.fixture
def work() -> Callable[[], None]:
    """Give a function that does what the worker would do by now."""
    return settle


def open_up(package_id: str) -> None:
    """Make a dataset public as one older than the gate is: no decision opens it.

    The owner of the database switches the gate's trigger off for a moment.
    """
    switch = "ALTER TABLE maroc_portal_outbox {} TRIGGER maroc_workflow_gate"
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text(switch.format("DISABLE")))
        connection.execute(
            sa.text("UPDATE package SET private = false WHERE id = :id"),
            {"id": package_id},
        )
        connection.execute(sa.text("DELETE FROM maroc_portal_outbox"))
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text(switch.format("ENABLE")))
    model.Session.remove()


def state_of(resource: dict[str, Any]) -> loads.Load:
    """Return what is known of a resource's table."""
    found = loads.of_resource(resource["id"])
    assert found is not None
    return found


def rows_of(resource: dict[str, Any], **asked: Any) -> list[list[Any]]:
    """Return the rows of the resource's table in the DataStore."""
    found = act(
        "datastore_search",
        resource_id=resource["id"],
        records_format="lists",
        limit=32_000,
        **asked,
    )
    names = [each["id"] for each in found["fields"]]
    assert names[0] == "_id"
    return [row[1:] for row in found["records"]]
