from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import CKANConfig

from ckanext.maroc_portal import outbox
from ckanext.maroc_portal.interfaces import IMarocOutbox, IMarocPeriodic, PeriodicJob
from ckanext.maroc_schema import languages

from . import document, downloads, labels, question, upkeep
from .settings import lexicon


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.config_declarations
@tk.blanket.helpers
class MarocSearchPlugin(p.SingletonPlugin):
    """How a dataset is found: its words in the index, questions, facets, the map."""

    p.implements(p.IConfigurer)
    p.implements(p.IFacets)
    p.implements(p.IOrganizationController, inherit=True)
    p.implements(p.IPackageController, inherit=True)
    p.implements(IMarocOutbox, inherit=True)
    p.implements(IMarocPeriodic, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        tk.add_template_directory(config, "templates")

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        slug = pkg_dict.get("organization") or ""
        names = labels.institutions([slug] if slug else [])
        return document.document(
            pkg_dict,
            names.get(slug, {}),
            lexicon(),
            downloads.of([pkg_dict["id"]]).get(pkg_dict["id"], 0),
        )

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        return question.heard(  # pyright: ignore[reportReturnType]
            search_params, languages.of_reader(), lexicon()
        )

    def after_dataset_search(
        self, search_results: dict[str, Any], search_params: dict[str, Any]
    ) -> dict[str, Any]:
        return labels.label(search_results, languages.of_reader())  # pyright: ignore[reportReturnType]

    def dataset_facets(
        self, facets_dict: OrderedDict[str, Any], package_type: str
    ) -> OrderedDict[str, Any]:
        return labels.facets(_chosen())

    def organization_facets(
        self,
        facets_dict: OrderedDict[str, Any],
        organization_type: str,
        package_type: str | None,
    ) -> OrderedDict[str, Any]:
        return labels.facets(_chosen(), without="organization")

    def group_facets(
        self,
        facets_dict: OrderedDict[str, Any],
        group_type: str,
        package_type: str | None,
    ) -> OrderedDict[str, Any]:
        return labels.facets(_chosen())

    def edit(self, entity: Any) -> None:
        # Datasets are found by their institution's names, which may have changed.
        if isinstance(entity, model.Group) and entity.is_organization:
            outbox.put(upkeep.RENAMED, id=entity.id)

    def get_outbox_handlers(
        self,
    ) -> Mapping[str, Callable[[Mapping[str, Any]], None]]:
        return {upkeep.RENAMED: upkeep.index_institution}

    def get_periodic_jobs(self) -> Sequence[PeriodicJob]:
        recount: Callable[[], Any] = upkeep.recount
        return (
            PeriodicJob(
                name="search.downloads", every=dt.timedelta(hours=1), run=recount
            ),
        )


def _chosen() -> Collection[str]:
    """Return the facets of which the reader of this page chose a value."""
    return set(tk.request.args) if tk.request else ()
