"""The portal's own pages: health, for machines; what it is, for people."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from . import health, pages

__all__ = ["maroc_portal"]

maroc_portal = Blueprint("maroc_portal", __name__)


@maroc_portal.route("/sante")
def sante() -> tuple[Response, int]:
    """Say whether the stores answer: 200 with all well, 503 else. No detail leaks."""
    found = {name: error is None for name, error in health.results().items()}
    well = all(found.values())
    return jsonify({"healthy": well, "checks": found}), 200 if well else 503


maroc_portal.add_url_rule("/accessibilite", view_func=pages.accessibility)
maroc_portal.add_url_rule("/source", view_func=pages.source)
