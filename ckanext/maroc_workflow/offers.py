"""What a person may do with a dataset now, as buttons of its publication page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .machine import Finding, Refused, Role, State, follow, ways


def roles_of(*, prepares: bool, told: Mapping[str, Any]) -> list[Role]:
    """Return what someone is to a dataset, as ``maroc_workflow_show`` told them."""
    found = {Role.GDD: prepares, Role.DECIDER: bool(told["may_decide"])}
    return [role for role, is_so in found.items() if is_so]


def offers(told: Mapping[str, Any], roles: Collection[Role]) -> list[str]:
    """Return the names of what can be done now, in the order of the machine's table.

    A way that the law or a check stands in is not offered. What is public is withdrawn,
    by who decides too, as the rights have it; a revision is discarded.
    """
    state, finding = State(told["state"]), Finding(told["finding"])
    found = [
        name
        for name in ways(state, roles)
        if name != "withdraw" and _is_open(name, state, roles, finding)
    ]
    if roles and told["public"]:
        found.append("withdraw")
    if told["revision_of"] and Role.GDD in roles:
        found.append("discard")
    return found


def _is_open(
    name: str, state: State, roles: Collection[Role], finding: Finding
) -> bool:
    try:
        follow(name, state, roles=roles, finding=finding)
    except Refused:
        return False
    return True
