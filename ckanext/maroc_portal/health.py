"""Whether everything works: one request, one answer."""

from __future__ import annotations

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.lib.search.common import make_connection

from .interfaces import HealthCheck, IMarocHealth


def _postgresql() -> None:
    with model.ensure_engine().connect() as connection:
        connection.execute(sa.text("SELECT 1"))


def _redis() -> None:
    connect_to_redis().ping()


def _solr() -> None:
    make_connection(decode_dates=False).search("*:*", rows=0)


def results() -> dict[str, str | None]:
    """Return what each check says: None where all is well, else the reason."""
    checks = [
        HealthCheck(name="postgresql", check=_postgresql),
        HealthCheck(name="redis", check=_redis),
        HealthCheck(name="solr", check=_solr),
    ]
    for plugin in p.PluginImplementations(IMarocHealth):
        checks += plugin.get_health_checks()
    found: dict[str, str | None] = {}
    for each in checks:
        try:
            each.check()
        except Exception as error:  # noqa: BLE001 - every failure is an answer here
            found[each.name] = type(error).__name__
        else:
            found[each.name] = None
    return found
