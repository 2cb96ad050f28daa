"""Uploaded tables go into the DataStore: queued by the outbox, loaded by the worker.

Nothing here is lost when a process dies: what is to do stands in PostgreSQL, a load
begins by saying that the table is in doubt, and doing it again gives the same table.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import jobs

from ckanext.datastore.backend import DatastoreBackend
from ckanext.maroc_portal import indexing
from ckanext.maroc_portal.runs import is_held

from . import dictionary, loads, lock
from .errors import CannotLoad
from .reading.child import Limits
from .reading.reader import Reading, read
from .reading.types import canonical
from .settings import settings
from .store import the_store
from .tabular import is_table

log = logging.getLogger(__name__)

BATCH = 1_000
WAIT = dt.timedelta(minutes=1)
"""A load that has waited for so long may have been lost with Redis."""
DISK = 4 << 30
MISSING = "missing"
LOCK = 7_311_300_950


# What is to do


def dataset_changed(payload: Mapping[str, Any]) -> None:
    """Queue the dataset's tables whose file changed; let go of what is none now."""
    package = model.Package.get(payload["id"])
    tables = {
        resource.id: resource
        for resource in (package.resources if package else ())
        if package and package.state != "deleted" and is_table(_plain(resource))
    }
    changed = False
    for known in loads.of_package(payload["id"]):
        if known.resource_id not in tables:
            changed |= _let_go(known.resource_id)
    for resource in tables.values():
        if loads.queue(resource.id, resource.package_id, stamp_of(resource)):  # pyright: ignore[reportArgumentType]
            enqueue(resource.id)
            continue
        if _lost_its_mark(resource):
            changed |= mark(resource.id, active=True)
        dictionary.apply(resource)
    if changed:
        reindex(payload["id"])


def uploaded_tables() -> list[str]:
    """Return every uploaded table of a dataset that is not deleted."""
    found = (
        model.Session.query(model.Resource)
        .join(model.Package, model.Package.id == model.Resource.package_id)
        .filter(
            model.Package.state != "deleted",
            model.Resource.state == "active",
            model.Resource.url_type == "upload",
        )
        .order_by(model.Resource.created)
    )
    return [resource.id for resource in found if is_table(_plain(resource))]


def queue(resource_id: str) -> bool:
    """Queue a table whatever was loaded of it; return whether it is one."""
    resource = model.Resource.get(resource_id)
    if resource is None or resource.state != "active" or not is_table(_plain(resource)):
        return False
    queued = loads.queue(resource.id, resource.package_id, stamp_of(resource))  # pyright: ignore[reportArgumentType]
    return queued or loads.queue_again(resource.id)


def enqueue(resource_id: str) -> None:
    """Give the load to the worker."""
    job = jobs.enqueue(
        load,
        [resource_id],
        title=f"files.load {resource_id}",
        rq_kwargs={"timeout": settings().load_seconds},
    )
    loads.keep_job(resource_id, job.id)


def enqueue_lost() -> None:
    """Queue again the loads that no queue holds and no living worker is at."""
    for waiting in loads.waiting(WAIT):
        if not (waiting.job and is_held(waiting.job)):
            enqueue(waiting.resource_id)


def stamp_of(resource: model.Resource) -> str:
    """Tell one file from the next: by its hash; ``missing`` where there is none."""
    return resource.hash or MISSING


def _plain(resource: model.Resource) -> dict[str, Any]:
    return {
        **resource.extras,
        "url": resource.url,
        "url_type": resource.url_type,
        "format": resource.format,
    }


def _lost_its_mark(resource: model.Resource) -> bool:
    """Whether an edit from an old form took the DataStore's mark off the resource."""
    known = loads.of_resource(resource.id)
    return bool(
        known
        and known.state == "loaded"
        and not resource.extras.get("datastore_active")
    )


def _let_go(resource_id: str) -> bool:
    """Take the table of what is none any more away; return whether that is news."""
    resource = model.Resource.get(resource_id)
    news = False
    # Core drops a deleted resource's table; one filled by the API is not ours.
    if resource and resource.state != "deleted" and resource.url_type != "datastore":
        news = drop(resource_id)
    loads.forget(resource_id)
    return news


# One load


def load(resource_id: str) -> None:
    """Load the resource's file into the DataStore, or say why it cannot be."""
    with alone(LOCK, resource_id) as mine:
        if not mine:
            return
        begun = loads.attempt(resource_id)
        if begun is None:
            return
        try:
            _load(begun)
        except CannotLoad as problem:
            log.info("%s is no table: %s", resource_id, problem)
            drop(resource_id)
            loads.failed(begun, problem)
            reindex(begun.package_id)


@contextmanager
def alone(lock: int, thing: str) -> Iterator[bool]:
    """Hold a thing's lock, which dies with this process; yield whether it is held."""
    key = {"space": lock & 0x7FFFFFFF, "id": thing}
    with model.ensure_engine().connect() as keeper:
        mine = keeper.execute(
            sa.text("SELECT pg_try_advisory_lock(:space, hashtext(:id))"), key
        ).scalar_one()
        # The lock belongs to the session: no transaction stays open meanwhile.
        keeper.commit()
        try:
            yield bool(mine)
        finally:
            if mine:
                keeper.execute(
                    sa.text("SELECT pg_advisory_unlock(:space, hashtext(:id))"), key
                )
                keeper.commit()


def _load(begun: loads.Load) -> None:
    if begun.attempts > loads.ATTEMPTS:
        raise CannotLoad("gave_up")
    if begun.stamp == begun.sha256 and _is_there(begun.resource_id):
        loads.same(begun)
        _describe(begun.resource_id)
        return
    entries = _dictionary_of(begun.resource_id)
    with _file_of(begun) as file, read(file, limits()) as reading:
        write(begun.resource_id, reading, entries)
        loads.loaded(
            begun,
            loads.Held(
                sha256=begun.stamp,
                rows=reading.count,
                columns=reading.columns,
                about=reading.about,
                dictionary=entries,
            ),
        )
    # It may have changed while the table was written.
    _describe(begun.resource_id)
    if begun.rows is None:
        add_views(begun.resource_id)
    reindex(begun.package_id)


def _dictionary_of(resource_id: str) -> list[dict[str, Any]]:
    resource = model.Resource.get(resource_id)
    return dictionary.of(resource) if resource else []


def _describe(resource_id: str) -> None:
    model.Session.expire_all()
    resource = model.Resource.get(resource_id)
    if resource is not None:
        dictionary.apply(resource)


def _file_of(begun: loads.Load) -> BinaryIO:
    try:
        return the_store().open(begun.stamp)
    except (FileNotFoundError, ValueError) as error:
        raise CannotLoad("missing") from error


def _is_there(resource_id: str) -> bool:
    return DatastoreBackend.get_active_backend().resource_exists(resource_id)


def limits() -> Limits:
    """Return what reading one file may take."""
    given = settings()
    return Limits(
        memory=given.reader_memory,
        disk=DISK,
        seconds=given.reader_seconds,
        rows=given.max_rows,
        columns=given.max_columns,
    )


def write(
    resource_id: str, reading: Reading, entries: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Put the table into the DataStore in place of what was there, batch by batch.

    :param entries: the data dictionary, said over the titles of the file
    """
    _clear(resource_id)
    mark(resource_id, active=True)
    _put(
        "datastore_create",
        resource_id=resource_id,
        fields=dictionary.described(reading.columns, entries),
    )
    for batch in batched(records(reading), BATCH):
        _put(
            "datastore_upsert",
            resource_id=resource_id,
            method="insert",
            records=batch,
        )
    # Core keeps the number of rows that the first reader made it count, who may have
    # come while rows were still missing: it is counted anew when all are there.
    backend = DatastoreBackend.get_active_backend()
    backend.clear_table_stats(resource_id)
    backend.calculate_record_count(resource_id)


def _put(action: str, **data: Any) -> None:
    """Write to the DataStore; what it refuses is a reason, what breaks is an error."""
    try:
        with lock.ours():
            # Core holds the table of a file for read-only.
            _act(action, force=True, **data)
    except tk.ValidationError as error:
        if isinstance(error.__context__, sa.exc.OperationalError):  # pyright: ignore[reportAttributeAccessIssue]
            raise
        log.warning("%s: %s", data["resource_id"], error)
        raise CannotLoad("refused") from error


def records(reading: Reading) -> Iterator[dict[str, str | None]]:
    """Yield the rows as the DataStore takes them."""
    columns = [(each["at"], each["id"], each["kind"]) for each in reading.columns]
    for row in reading.rows:
        yield {
            name: canonical(row[at], kind) if at < len(row) else None
            for at, name, kind in columns
        }


def batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield the rows in lists of that size, the last one shorter."""
    source = iter(rows)
    while batch := list(itertools.islice(source, size)):
        yield batch


def drop(resource_id: str) -> bool:
    """Take the resource's table out of the DataStore; return whether its mark went."""
    _clear(resource_id)
    return mark(resource_id, active=False)


def _clear(resource_id: str) -> None:
    loads.touched(resource_id)
    if _is_there(resource_id):
        backend = DatastoreBackend.get_active_backend()
        backend.delete({}, {"resource_id": resource_id})
        backend.clear_table_stats(resource_id)


def mark(resource_id: str, *, active: bool) -> bool:
    """Say on the resource whether the DataStore holds it; return whether that is news.

    Written straight to the row, as core does when a resource is deleted: an edit of
    the dataset would leave an activity in the publisher's stream and a new date of
    modification, for a change that no publisher made.
    """
    with model.ensure_engine().begin() as connection:
        found = connection.execute(
            sa.select(model.Resource.extras)  # pyright: ignore[reportArgumentType, reportCallIssue]
            .where(model.Resource.id == resource_id)
            .with_for_update()
        ).one_or_none()
        if found is None or bool(found.extras.get("datastore_active")) == active:
            return False
        connection.execute(
            sa.update(model.Resource)
            .where(model.Resource.id == resource_id)
            .values(extras={**found.extras, "datastore_active": active})
        )
    model.Session.expire_all()
    return True


def reindex(package_id: str) -> None:
    """Let the index say what the DataStore holds; core shows a dataset from there."""
    indexing.update(package_id)


def add_views(resource_id: str) -> None:
    """Give the resource the default views that it lacks."""
    resource = _act("resource_show", id=resource_id)
    _act(
        "resource_create_default_resource_views",
        resource=resource,
        package=_act("package_show", id=resource["package_id"]),
    )


def _act(action: str, **data: Any) -> Any:
    """Call an action as the site's own user."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    context: Any = {"user": user["name"], "ignore_auth": True}
    return tk.get_action(action)(context, data)
