from __future__ import annotations

from collections.abc import Mapping, Sequence

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.types import CKANApp

from ckanext.maroc_portal.interfaces import (
    AccountLink,
    IMarocAccount,
    IMarocGrants,
    IMarocRemarks,
)

from . import gate, gone, kept, words


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class MarocWorkflowPlugin(p.SingletonPlugin):
    """Who may publish what, when: the gate, the review, withdrawal, the trail."""

    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(IMarocAccount, inherit=True)
    p.implements(IMarocGrants, inherit=True)
    p.implements(IMarocRemarks, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "maroc_workflow")

    def configure(self, config: CKANConfig) -> None:
        gate.listen()

    def make_middleware(self, app: CKANApp, config: CKANConfig) -> CKANApp:
        gone.install(app)
        kept.install(app)
        return app

    def get_account_links(self) -> Sequence[AccountLink]:
        return words.account_links()

    def get_remarks(self, package_id: str) -> Mapping[str, str]:
        return words.remarks(package_id)

    def get_web_grants(self) -> Mapping[str, str]:
        return {
            "maroc_workflow_state": "SELECT, INSERT, UPDATE, DELETE",
            "maroc_workflow_decision": "SELECT, INSERT",
            "maroc_workflow_resource_id": "SELECT",
            "maroc_workflow_delegation": "SELECT, INSERT, UPDATE",
        }
