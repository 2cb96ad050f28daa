from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from . import display, licences


@tk.blanket.actions
@tk.blanket.auth_functions
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

    # Only pages are put in the reader's language: what package_show and
    # organization_show give is written back by core's own updates.

    def before_dataset_view(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        return display.dataset(pkg_dict)

    def before_view(self, data_dict: dict[str, Any]) -> dict[str, Any]:
        return display.organization(data_dict)
