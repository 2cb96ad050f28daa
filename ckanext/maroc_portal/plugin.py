from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.lib.plugins import DefaultTranslation
from ckan.types import CKANApp

from . import (
    assets,
    compress,
    headers,
    hits,
    indexing,
    logs,
    outbox,
    readers,
    reconcile,
    refusals,
    roles,
    security,
    sessions,
)
from .interfaces import (
    HealthCheck,
    IMarocGrants,
    IMarocHealth,
    IMarocPeriodic,
    PeriodicJob,
)
from .logic import auth


@tk.blanket.actions
@tk.blanket.auth_functions(auth.functions)
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
@tk.blanket.validators
class MarocPortalPlugin(p.SingletonPlugin, readers.Labels, DefaultTranslation):
    """The portal's frame: theme, languages, headers, periodic work, the outbox."""

    p.implements(p.IConfigurer)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.IPermissionLabels)
    p.implements(p.IApiToken, inherit=True)
    p.implements(p.ITranslation)
    p.implements(IMarocGrants, inherit=True)
    p.implements(IMarocHealth, inherit=True)
    p.implements(IMarocPeriodic, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        tk.add_template_directory(config, "templates")
        tk.add_public_directory(config, "public")
        tk.add_resource("assets", "maroc_portal")
        assets.lighten_core()
        roles.name_roles()
        security.patch()
        indexing.install()
        readers.listen()

    def make_middleware(self, app: CKANApp, config: CKANConfig) -> CKANApp:
        security.secure_cookies(app, config["ckan.site_url"])
        security.limit_bodies(app, config["MAX_CONTENT_LENGTH"])
        security.refuse_nul(app)
        refusals.install(app)
        readers.install(app)
        sessions.install(app)
        compress.install(app)
        headers.install(app)
        logs.install(app)
        return app

    def create_api_token_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return security.token_schema(schema)

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        indexing.refuse_undecided()
        return pkg_dict

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        hits.ask(search_params)
        return search_params

    def after_dataset_search(
        self, search_results: dict[str, Any], search_params: dict[str, Any]
    ) -> dict[str, Any]:
        hits.keep(search_results, search_params)
        return search_results

    def i18n_domain(self) -> str:
        return "ckanext-maroc"

    def get_web_grants(self) -> Mapping[str, str]:
        return {
            "maroc_portal_outbox": "SELECT, INSERT",
            "maroc_portal_periodic": "SELECT",
            "maroc_portal_reconciled": "SELECT",
        }

    def get_periodic_jobs(self) -> Sequence[PeriodicJob]:
        return (
            PeriodicJob(
                name="portal.outbox",
                every=dt.timedelta(seconds=5),
                run=outbox.dispatch,
                needed=outbox.waiting,
            ),
            PeriodicJob(
                name="portal.reconcile",
                every=dt.timedelta(minutes=5),
                run=reconcile.reconcile,
            ),
        )

    def get_health_checks(self) -> Sequence[HealthCheck]:
        return (HealthCheck(name="index", check=reconcile.in_step),)
