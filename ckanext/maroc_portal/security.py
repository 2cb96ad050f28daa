"""The flaws that CKAN 2.12.0 ships with, patched; a test for each tells when to stop."""

from __future__ import annotations

from typing import Any

from ckan.types import CKANApp


def patch() -> None:
    """Apply every patch; repeating it changes nothing."""


def secure_cookies(app: CKANApp, site_url: str) -> None:
    """Let cookies travel over https alone, where the site is served so."""
    secure = site_url.startswith("https://")
    app.config["SESSION_COOKIE_SECURE"] = secure
    app.config["REMEMBER_COOKIE_SECURE"] = secure


def token_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Let a token that says nothing of its life end after the configured time."""
    return schema
