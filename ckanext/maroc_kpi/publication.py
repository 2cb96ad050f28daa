"""The indicators as a dataset of the portal: prepared once, then kept up to date.

A command prepares it as a draft of an institution, under an account of its; people
answer what the law asks and submit it, as any other. Once it is public the worker puts
today's file in the place of yesterday's, as that account and through the same gate: a
file in which a check sees something waits for the ROD, and the public one stays.
"""

from __future__ import annotations

import io
from typing import Any

from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model

from . import views
from .words import DATASET

NAME = "indicateurs-donnees-ouvertes"
FILE = "indicateurs.csv"

# What the law asks (classification, articles 7, personal data) is for people to answer.
_DATASET = {
    "name": NAME,
    "title_translated": DATASET.label,
    "notes_translated": DATASET.meaning,
    "art10_category": "statistiques",
    "collection_frequency": "DAILY",
    "geographic_coverage": ["MA"],
    "available_languages": ["fr", "ar"],
    "license_id": "odc-odbl",
    "source": "data.gov.ma",
}


def prepare(organization: str, account: str) -> dict[str, Any]:
    """Make the draft with its file, as an account of the institution; return it.

    Raises what package_create raises: the account may not, or the dataset is there.
    """
    made = tk.get_action("package_create")(
        {"user": account}, {**_DATASET, "owner_org": organization}
    )
    tk.get_action("resource_create")(
        {"user": account},
        {"package_id": made["id"], "name": FILE, "format": "CSV", **_upload()},
    )
    return made


def refresh() -> str | None:
    """Put today's file in the place of the public one; return the dataset's id.

    Nothing is done where there is no such dataset, it is not public, or its people
    gave the file another name.
    """
    dataset = model.Package.by_name(NAME)
    if dataset is None or dataset.private or dataset.state != model.State.ACTIVE:
        return None
    resource = next((each for each in dataset.resources if each.name == FILE), None)
    if resource is None:
        return None
    account = model.User.get(dataset.creator_user_id)
    tk.get_action("resource_patch")(
        {"user": account.name if account else ""}, {"id": resource.id, **_upload()}
    )
    return str(dataset.id)


def _upload() -> dict[str, Any]:
    content = views.current().encode("utf-8")
    file = FileStorage(
        stream=io.BytesIO(content), filename=FILE, content_type="text/csv"
    )
    return {"url": FILE, "upload": file}
