from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.maroc_portal import outbox
from ckanext.maroc_portal.interfaces import (
    IMarocGrants,
    IMarocOutbox,
    IMarocPeriodic,
    PeriodicJob,
)

from . import compute, confirmations, disputes, freezing, publication
from .definition import indicators


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class MarocKpiPlugin(p.SingletonPlugin):
    """The indicators: computed, kept, explained and shown."""

    p.implements(p.IConfigurer)
    p.implements(p.IConfigurable)
    p.implements(IMarocGrants, inherit=True)
    p.implements(IMarocOutbox, inherit=True)
    p.implements(IMarocPeriodic, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "maroc_kpi")

    def configure(self, config: CKANConfig) -> None:
        # A definition that cannot be used stops the start, not a reader's page.
        indicators()

    def get_web_grants(self) -> Mapping[str, str]:
        return {
            "maroc_kpi_value": "SELECT",
            "maroc_kpi_history": "SELECT",
            "maroc_kpi_refresh": "SELECT",
            "maroc_kpi_month": "SELECT",
            "maroc_kpi_frozen": "SELECT",
            "maroc_kpi_draft": "",
            "maroc_kpi_facts": "SELECT",
            "maroc_kpi_sums": "SELECT",
            "maroc_kpi_facts_state": "SELECT",
            "maroc_kpi_dirty": "SELECT",
            "maroc_kpi_entry": "SELECT, INSERT",
            "maroc_kpi_roster": "SELECT, INSERT",
            "maroc_kpi_roster_row": "SELECT, INSERT",
            "maroc_kpi_confirmation": "SELECT, INSERT",
            "maroc_kpi_dispute": "SELECT, INSERT",
            "maroc_kpi_dispute_answer": "SELECT, INSERT",
        }

    def get_outbox_handlers(
        self,
    ) -> Mapping[str, Callable[[Mapping[str, Any]], None]]:
        return {
            **{
                topic: lambda message: compute.changed(message["id"])
                for topic in (outbox.CHANGED, confirmations.CONFIRMED)
            },
            disputes.TOPIC: disputes.tell,
        }

    def get_periodic_jobs(self) -> Sequence[PeriodicJob]:
        refresh: Callable[[], Any] = compute.refresh
        months: Callable[[], Any] = freezing.freeze
        return (
            # Every night too: the day's turn alone makes a refresh needed.
            PeriodicJob(
                name="kpi.refresh",
                every=dt.timedelta(seconds=15),
                run=refresh,
                needed=compute.needed,
            ),
            PeriodicJob(
                name="kpi.freeze",
                every=dt.timedelta(hours=1),
                run=months,
                needed=freezing.needed,
            ),
            PeriodicJob(
                name="kpi.dataset",
                every=dt.timedelta(days=1),
                run=publication.refresh,
            ),
        )
