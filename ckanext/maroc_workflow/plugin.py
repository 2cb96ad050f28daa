from __future__ import annotations

from collections.abc import Mapping

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.maroc_portal.interfaces import IMarocGrants

from . import gate


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.config_declarations
@tk.blanket.helpers
class MarocWorkflowPlugin(p.SingletonPlugin):
    """Who may publish what, when: the gate, the review, withdrawal, the trail."""

    p.implements(p.IConfigurable)
    p.implements(IMarocGrants, inherit=True)

    def configure(self, config: CKANConfig) -> None:
        gate.listen()

    def get_web_grants(self) -> Mapping[str, str]:
        return {
            "maroc_workflow_state": "SELECT, INSERT, UPDATE, DELETE",
            "maroc_workflow_decision": "SELECT, INSERT",
            "maroc_workflow_resource_id": "SELECT",
            "maroc_workflow_delegation": "SELECT, INSERT, UPDATE",
        }
