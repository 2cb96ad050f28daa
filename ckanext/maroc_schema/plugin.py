from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.scheming.plugins import SchemingDatasetsPlugin

from . import display, licences


def resource_validation_dependencies(plugin: Any, package_type: str) -> list[str]:
    """Return the dataset's fields that its resources are judged by.

    CKAN does not judge an unchanged resource again unless one of these has changed.
    """
    schema = plugin._expanded_schemas.get(package_type, {})
    return list(schema.get("resource_validation_dependencies", ()))


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
@tk.blanket.validators
class MarocSchemaPlugin(p.SingletonPlugin):
    """What the forms accept: the fields of ``schemas/``, their checks, their pages."""

    p.implements(p.IConfigurer)
    p.implements(p.IConfigurable)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.IOrganizationController, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "maroc_schema")

    def configure(self, config: CKANConfig) -> None:
        licences.register()
        # A second IDatasetForm for datasets would stop CKAN; scheming 3.1.0 does not
        # have this method yet, and reads the same key of the schema once it has.
        setattr(  # noqa: B010 - it has no such attribute yet
            SchemingDatasetsPlugin,
            "resource_validation_dependencies",
            resource_validation_dependencies,
        )

    # Only pages are put in the reader's language: what package_show and
    # organization_show give is written back by core's own updates.

    def before_dataset_view(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        return display.dataset(pkg_dict)

    def before_view(self, data_dict: dict[str, Any]) -> dict[str, Any]:
        return display.organization(data_dict)
