"""Datasets for stories, public ones by the decision that the database asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from rq import SimpleWorker

from ckan import model
from ckan.lib import jobs
from ckan.tests import factories

from ckanext.maroc_law.tests.cases import lawful
from ckanext.maroc_portal import outbox

_DECISION = sa.text(
    """
    INSERT INTO maroc_workflow_decision
        (package_id, n, at, kind, policy, policy_version, content_hash, name,
         owner_org, author_id, previous, row_hash)
    SELECT id, 0, now(), 'policy', 'alerts', 1, maroc_workflow_hash(id), name,
           owner_org, coalesce(creator_user_id, 'nobody'), '', ''
    FROM package WHERE id = :id
    """
)


def dataset(**changed: Any) -> dict[str, Any]:
    """Return a private dataset, indexed, of its own institution unless told else."""
    owner = changed.pop("owner_org", None) or factories.Organization()["id"]
    return factories.Dataset(**lawful(owner_org=owner, private=True, **changed))


def publish(package_id: str) -> None:
    """Make a dataset public by a decision on exactly what it says; nothing indexes."""
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text("UPDATE package SET private = false WHERE id = :id"),
            {"id": package_id},
        )
        connection.execute(_DECISION, {"id": package_id})
    model.Session.expire_all()


def in_sql(statement: str, **values: Any) -> Sequence[sa.Row[Any]]:
    """Run a statement as the tables' owner, committed; return its rows if any."""
    with model.ensure_engine().begin() as connection:
        result = connection.execute(sa.text(statement), values)
        rows = result.all() if result.returns_rows else []
    model.Session.expire_all()
    return rows


def settle() -> None:
    """Do what the worker would have done by now, until nothing is left to do."""
    queue = jobs.get_queue()
    for _ in range(4):
        outbox.dispatch()
        if not queue.count:
            return
        SimpleWorker([queue], connection=queue.connection).work(
            burst=True, logging_level="ERROR"
        )
