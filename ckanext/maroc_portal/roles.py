"""The roles of an institution's people, under the names that the Charter gives them.

CKAN knows three: ``admin``, ``editor``, ``member``. What each may do stays CKAN's own;
pages and the API call them ROD, GdD and reader.

The Comité de pilotage is of no institution: its people read every dashboard and write
nothing. ADD names them; the account remembers it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ckan.plugins.toolkit as tk
from ckan import authz, model


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


EXTRAS = "maroc_portal"
"""The key of ours in what CKAN keeps of an account for extensions."""


def is_comite(user_name: str | None) -> bool:
    """Whether someone sits in the Comité de pilotage."""
    user = model.User.get(user_name) if user_name else None
    return user is not None and user.is_active and _sits(user)


def comite() -> list[str]:
    """Return the names of the accounts of the Comité, sorted."""
    active = model.Session.query(model.User).filter_by(state=model.State.ACTIVE)
    return sorted(user.name for user in active if _sits(user))


def seat(user: model.User, *, sits: bool) -> None:
    """Give someone a seat in the Comité, or take it back; the caller commits."""
    extras = dict(user.plugin_extras or {})
    extras[EXTRAS] = {**extras.get(EXTRAS, {}), "comite": sits}
    user.plugin_extras = extras


def _sits(user: model.User) -> bool:
    return bool((user.plugin_extras or {}).get(EXTRAS, {}).get("comite"))
