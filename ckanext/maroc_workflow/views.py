"""The pages of the workflow, by their addresses."""

from __future__ import annotations

from flask import Blueprint

from . import publication_pages, queue_pages

__all__ = ["maroc_workflow"]

maroc_workflow = Blueprint("maroc_workflow", __name__)

_FORM = ["GET", "POST"]

for path, view, methods in (
    ("/dataset/<id>/publication", publication_pages.publication, _FORM),
    ("/relecture", queue_pages.queue, ["GET"]),
    ("/relecture/apercu", queue_pages.preview, _FORM),
    ("/a-corriger", queue_pages.corrections, ["GET"]),
):
    maroc_workflow.add_url_rule(path, view_func=view, methods=methods)
