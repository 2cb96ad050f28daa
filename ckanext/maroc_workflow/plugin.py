from __future__ import annotations

from collections.abc import Mapping

import ckan.plugins as p

from ckanext.maroc_portal.interfaces import IMarocGrants


class MarocWorkflowPlugin(p.SingletonPlugin):
    """Who may publish what, when: the gate, the review, withdrawal, the trail."""

    p.implements(IMarocGrants, inherit=True)

    def get_web_grants(self) -> Mapping[str, str]:
        return {
            "maroc_workflow_state": "SELECT, INSERT, UPDATE, DELETE",
            "maroc_workflow_decision": "SELECT, INSERT",
            "maroc_workflow_resource_id": "SELECT",
            "maroc_workflow_delegation": "SELECT, INSERT, UPDATE",
        }
