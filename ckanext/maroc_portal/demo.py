"""The demonstration."""

from __future__ import annotations


def put_in() -> None:
    """Put it in."""
