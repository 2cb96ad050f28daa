"""The pages of the workflow, by their addresses."""

from __future__ import annotations

from flask import Blueprint

from . import (
    delegation_pages,
    digest_pages,
    feed_pages,
    history,
    notice_pages,
    publication_pages,
    queue_pages,
    trail_pages,
)
from .history import maroc_version_resource

__all__ = ["maroc_version_resource", "maroc_workflow"]

maroc_workflow = Blueprint("maroc_workflow", __name__)

_FORM = ["GET", "POST"]

for path, view, methods in (
    ("/dataset/<id>/publication", publication_pages.publication, _FORM),
    ("/dataset/<id>/flux", feed_pages.feeds_of, _FORM),
    ("/dataset/<id>/historique", history.history, ["GET"]),
    ("/relecture", queue_pages.queue, ["GET"]),
    ("/relecture/apercu", queue_pages.preview, _FORM),
    ("/a-corriger", queue_pages.corrections, ["GET"]),
    ("/decisions", trail_pages.decisions, ["GET"]),
    ("/decisions.<kind_of_file>", trail_pages.extract, ["GET"]),
    ("/organization/<id>/decisions", trail_pages.of_organization, ["GET"]),
    (
        "/organization/<id>/decisions.<kind_of_file>",
        trail_pages.extract_of_organization,
        ["GET"],
    ),
    ("/consultations", trail_pages.consultations, ["GET"]),
    ("/consultations.<kind_of_file>", trail_pages.consultation_extract, ["GET"]),
    (
        "/organization/<id>/consultations",
        trail_pages.consultations_of_organization,
        ["GET"],
    ),
    (
        "/organization/<id>/consultations.<kind_of_file>",
        trail_pages.consultation_extract_of_organization,
        ["GET"],
    ),
    ("/empreintes", digest_pages.digests, ["GET"]),
    ("/empreintes.<kind_of_file>", digest_pages.digest_extract, ["GET"]),
    (
        "/dataset/<id>/resource/<resource_id>/version/<sha256>/fermeture",
        history.close_version,
        _FORM,
    ),
    ("/organization/<id>/suppleance", delegation_pages.delegation, _FORM),
):
    maroc_workflow.add_url_rule(path, view_func=view, methods=methods)
maroc_workflow.add_url_rule(
    "/avis", "notices", view_func=notice_pages.page, methods=_FORM
)
