from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.types import CKANApp, Context, DataDict

from ckanext.maroc_portal.interfaces import (
    FileCheck,
    FileReport,
    HealthCheck,
    IMarocFileChecks,
    IMarocFileReports,
    IMarocFileServer,
    IMarocGrants,
    IMarocHealth,
    IMarocOutbox,
    IMarocPeriodic,
    IMarocTableFacts,
    IMarocTables,
    PeriodicJob,
    RowsAdded,
    TableFacts,
    TableShape,
)

from . import (
    adapters,
    checks,
    downloads,
    health,
    helpers,
    intake,
    loading,
    loads,
    lock,
    orphans,
    personal,
    preview,
    reports,
)
from .rows import add as add_rows
from .rows import shape_of
from .tabular import is_table
from .uploader import MarocResourceUpload


@tk.blanket.actions
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class MarocFilesPlugin(p.SingletonPlugin):
    """Uploaded files: kept under their names, loaded as tables, shown as pages."""

    p.implements(p.IConfigurer)
    p.implements(p.IFiles, inherit=True)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.IResourceView, inherit=True)
    p.implements(p.IUploader, inherit=True)
    p.implements(IMarocTableFacts, inherit=True)
    p.implements(IMarocTables, inherit=True)
    p.implements(IMarocFileServer, inherit=True)
    p.implements(IMarocFileChecks, inherit=True)
    p.implements(IMarocFileReports, inherit=True)
    p.implements(IMarocGrants, inherit=True)
    p.implements(IMarocHealth, inherit=True)
    p.implements(IMarocOutbox, inherit=True)
    p.implements(IMarocPeriodic, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "maroc_files")

    def make_middleware(self, app: CKANApp, config: CKANConfig) -> CKANApp:
        downloads.install(app)
        return app

    # Where uploaded files lie

    def files_get_storage_adapters(self) -> dict[str, Any]:
        return adapters.known()

    def get_file_response(self, sha256: str) -> Any:
        return downloads.of_hash(sha256)

    def take_in(self, package_id: str) -> Collection[Path]:
        return intake.fill_dataset(package_id)

    def get_uploader(self, upload_to: str, old_filename: str | None) -> None:
        """Leave images to core."""

    def get_resource_uploader(self, resource: dict[str, Any]) -> MarocResourceUpload:
        return MarocResourceUpload(resource)

    def get_table_facts(self, resource_ids: Sequence[str]) -> Mapping[str, TableFacts]:
        return loads.facts(resource_ids)

    def get_bare_tables(self, resource_ids: Sequence[str]) -> Collection[str]:
        return lock.tables(resource_ids)

    def get_table_shape(self, resource_id: str) -> TableShape | None:
        return shape_of(resource_id)

    def add_rows(
        self,
        shape: TableShape,
        base: str | None,
        rows: Sequence[Mapping[str, Any]],
    ) -> RowsAdded:
        return add_rows(shape, base, rows)

    # The view maroc_table

    def info(self) -> dict[str, Any]:
        return {
            "name": "maroc_table",
            "title": tk._("Table"),
            # The same in every language: a view that nobody named is told by it, and
            # its title is translated where it is shown.
            "default_title": helpers.VIEW_TITLE,
            "icon": "table",
            "iframed": False,
            "preview_enabled": False,
        }

    def can_view(self, data_dict: DataDict) -> bool:
        resource = data_dict["resource"]
        return is_table(resource) or bool(resource.get("datastore_active"))

    def setup_template_variables(
        self, context: Context, data_dict: DataDict
    ) -> dict[str, Any]:
        return {
            "preview": preview.preview_of(
                data_dict["resource"], data_dict["package"], data_dict["resource_view"]
            )
        }

    def view_template(self, context: Context, data_dict: DataDict) -> str:
        return "maroc_files/view.html"

    def form_template(self, context: Context, data_dict: DataDict) -> str:
        return "maroc_files/view_form.html"

    # What is found in files

    def get_file_checks(self) -> Sequence[FileCheck]:
        return (personal.check(),)

    def reports(self, package_id: str) -> Sequence[FileReport]:
        return checks.of_package(package_id)

    # Loading

    def get_outbox_handlers(
        self,
    ) -> Mapping[str, Callable[[Mapping[str, Any]], None]]:
        return {"dataset.changed": _dataset_changed}

    def get_periodic_jobs(self) -> Sequence[PeriodicJob]:
        return (
            PeriodicJob(
                name="files.load",
                every=dt.timedelta(minutes=1),
                run=loading.enqueue_lost,
                needed=lambda connection: loads.any_waiting(connection, loading.WAIT),
            ),
            PeriodicJob(
                name="files.check",
                every=dt.timedelta(minutes=1),
                run=checks.enqueue_lost,
                needed=lambda connection: reports.any_waiting(connection, checks.WAIT),
            ),
            PeriodicJob(
                name="files.collect",
                every=dt.timedelta(hours=6),
                run=orphans.collect,
            ),
        )

    def get_web_grants(self) -> Mapping[str, str]:
        return {
            "maroc_files_load": "SELECT",
            "maroc_files_file": "SELECT, INSERT, UPDATE",
            "maroc_files_check_report": "SELECT",
            "maroc_files_check_wait": "SELECT",
        }

    def get_health_checks(self) -> Sequence[HealthCheck]:
        return (
            HealthCheck(name="datastore", check=health.datastore),
            HealthCheck(name="files.load", check=health.loading),
        )


def _dataset_changed(payload: Mapping[str, Any]) -> None:
    loading.dataset_changed(payload)
    checks.dataset_changed(payload)
