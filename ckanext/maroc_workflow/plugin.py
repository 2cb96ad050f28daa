from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.types import CKANApp

from ckanext.maroc_portal import clock
from ckanext.maroc_portal.interfaces import (
    AccountLink,
    IMarocAccount,
    IMarocFileKeepers,
    IMarocGate,
    IMarocGrants,
    IMarocOutbox,
    IMarocPeriodic,
    IMarocReaders,
    IMarocRemarks,
    PeriodicJob,
)

from . import (
    consultations,
    decisions,
    gate,
    gone,
    kept,
    notices,
    people,
    upkeep,
    versions,
    words,
)


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class MarocWorkflowPlugin(p.SingletonPlugin):
    """Who may publish what, when: the gate, the review, withdrawal, the trail."""

    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(IMarocAccount, inherit=True)
    p.implements(IMarocGrants, inherit=True)
    p.implements(IMarocOutbox, inherit=True)
    p.implements(IMarocPeriodic, inherit=True)
    p.implements(IMarocReaders, inherit=True)
    p.implements(IMarocRemarks, inherit=True)
    p.implements(IMarocFileKeepers, inherit=True)
    p.implements(IMarocGate, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "maroc_workflow")

    def configure(self, config: CKANConfig) -> None:
        gate.listen()

    def make_middleware(self, app: CKANApp, config: CKANConfig) -> CKANApp:
        gone.install(app)
        consultations.install(app)
        kept.install(app)
        return app

    def get_account_links(self) -> Sequence[AccountLink]:
        return words.account_links()

    def get_remarks(self, package_id: str) -> Mapping[str, str]:
        return words.remarks(package_id)

    def get_institutions(self, user_id: str) -> Iterable[str]:
        return people.reads_for(user_id)

    def was_public(self, package_id: str) -> bool:
        return decisions.was_opened(package_id)

    def get_names_of_old(self, beginning: str) -> Collection[str]:
        return decisions.names(beginning)

    def get_kept_files(self) -> set[str]:
        return versions.kept()

    def get_outbox_handlers(
        self,
    ) -> Mapping[str, Callable[[Mapping[str, Any]], None]]:
        return {
            "dataset.changed": upkeep.go_on,
            "file.checked": lambda _: upkeep.go_on(),
            notices.TOPIC: notices.deliver,
            notices.MAIL: notices.send,
            notices.DIGEST: notices.send_digest,
        }

    def get_periodic_jobs(self) -> Sequence[PeriodicJob]:
        minute, hour = dt.timedelta(minutes=1), dt.timedelta(hours=1)
        return (
            PeriodicJob(
                name="workflow.release",
                every=dt.timedelta(seconds=30),
                run=upkeep.release_due,
                needed=upkeep.due,
            ),
            PeriodicJob(name="workflow.go_on", every=minute, run=upkeep.go_on),
            PeriodicJob(name="workflow.tidy", every=minute * 5, run=upkeep.tidy),
            PeriodicJob(name="workflow.turns", every=hour, run=upkeep.next_turns),
            PeriodicJob(name="workflow.digest", every=hour, run=upkeep.make_digest),
            PeriodicJob(
                name="workflow.notices",
                every=hour * 12,
                run=lambda: notices.weekly(clock.now()),
            ),
        )

    def get_web_grants(self) -> Mapping[str, str]:
        return {
            "maroc_workflow_state": "SELECT, INSERT, UPDATE, DELETE",
            "maroc_workflow_decision": "SELECT, INSERT",
            "maroc_workflow_resource_id": "SELECT",
            "maroc_workflow_delegation": "SELECT, INSERT, UPDATE",
            "maroc_workflow_digest": "SELECT",
            "maroc_workflow_consultation": "SELECT, INSERT",
            "maroc_workflow_version": "SELECT, INSERT, UPDATE",
            "maroc_workflow_notice": "SELECT, INSERT, UPDATE",
            "maroc_workflow_feed": "SELECT, INSERT, UPDATE",
            "maroc_workflow_feed_report": "SELECT, INSERT",
        }
