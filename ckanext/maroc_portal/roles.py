"""The roles of an institution's people, under the names that the Charter gives them.

CKAN knows three: ``admin``, ``editor``, ``member``. What each may do stays CKAN's own;
pages and the API call them ROD, GdD and reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ckan.plugins.toolkit as tk
from ckan import authz


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role, in the reader's language."""

    name: str
    """CKAN's name of it."""
    label: str
    duty: str


# CKAN's name, our name, what its people do.
_ROLES: tuple[tuple[str, Callable[[], str], Callable[[], str]], ...] = (
    (
        "admin",
        lambda: tk._("ROD – Open data officer"),
        lambda: tk._(
            "Coordinates and follows the institution's open data; manages its members "
            "and may do all that a data manager does."
        ),
    ),
    (
        "editor",
        lambda: tk._("GdD – Data manager"),
        lambda: tk._(
            "Prepares and publishes the institution's datasets; does not manage its "
            "members."
        ),
    ),
    (
        "member",
        lambda: tk._("Reader"),
        lambda: tk._(
            "Reads the institution's datasets, those that are not public included; "
            "changes nothing."
        ),
    ),
)


def name_roles() -> None:
    """Give CKAN's roles our names, wherever it shows them; repeating it is harmless."""
    for name, label, _ in _ROLES:
        authz._trans_functions[name] = label


def roles() -> list[Role]:
    """Return the roles with what each is for, in the reader's language."""
    return [Role(name=name, label=label(), duty=duty()) for name, label, duty in _ROLES]
