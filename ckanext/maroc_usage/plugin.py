from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.types import CKANApp

from ckanext.maroc_portal import clock
from ckanext.maroc_portal.interfaces import (
    HealthCheck,
    IMarocGrants,
    IMarocHealth,
    IMarocPeriodic,
    PeriodicJob,
)

from . import hook, store, visitors
from .settings import settings


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class MarocUsagePlugin(p.SingletonPlugin):
    """Counted downloads, views and API calls, by COUNTER's rules."""

    p.implements(p.IConfigurer)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(IMarocGrants, inherit=True)
    p.implements(IMarocHealth, inherit=True)
    p.implements(IMarocPeriodic, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        tk.add_template_directory(config, "templates")

    def make_middleware(self, app: CKANApp, config: CKANConfig) -> CKANApp:
        hook.install(app, settings())
        return app

    # The web writes spool files alone; the counts are made by the worker.

    def get_web_grants(self) -> Mapping[str, str]:
        return {
            "maroc_usage_event": "",
            "maroc_usage_subject": "SELECT",
            "maroc_usage_segment": "SELECT",
            "maroc_usage_day": "SELECT",
            "maroc_usage_daily": "SELECT",
        }

    def get_health_checks(self) -> Sequence[HealthCheck]:
        return (HealthCheck(name="usage_spool", check=_spool_is_writable),)

    def get_periodic_jobs(self) -> Sequence[PeriodicJob]:
        return (
            PeriodicJob(
                name="usage.load",
                every=dt.timedelta(seconds=10),
                run=_load,
                needed=_something_to_load,
            ),
            PeriodicJob(
                name="usage.rollup",
                every=dt.timedelta(seconds=15),
                run=_count,
                needed=_something_to_count,
            ),
            PeriodicJob(name="usage.keep", every=dt.timedelta(hours=1), run=_keep),
        )


def _load() -> None:
    store.load(settings().spool_dir)


def _something_to_load(connection: sa.Connection) -> bool:
    return store.waiting(settings().spool_dir, connection) > 0


def _count() -> None:
    store.count(at_once=False)


def _something_to_count(connection: sa.Connection) -> bool:
    return bool(store.uncounted(connection))


def _keep() -> None:
    store.keep()
    mine = settings()
    folder = visitors.key_folder(mine.salt_dir, mine.spool_dir)
    if folder is not None:
        visitors.forget(folder, clock.today())


def _spool_is_writable() -> None:
    folder = settings().spool_dir
    if folder.exists() and not os.access(folder, os.W_OK):
        raise PermissionError(f"{folder} cannot be written")
