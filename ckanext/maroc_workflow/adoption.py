"""What was public before the gate: kept public, openly said not to be examined."""

from __future__ import annotations

import datetime as dt

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal.interfaces import take_in

from . import decisions, gate, states, trail, versions
from .decisions import Decision
from .machine import State


def adopt(examine_by: dt.date, reason: str) -> list[str]:
    """Write one ``batch`` decision for each dataset that is public without one.

    Nothing is silently approved, and nothing is closed: the row says that nobody has
    examined the content, and until when somebody must have. Files that lie as core left
    them are taken into the store first: the decision is on their bytes.
    """
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    adopted = []
    for package_id in trail.uncovered():
        package = model.Session.get(model.Package, package_id, with_for_update=True)
        if package is None or package.state != model.State.ACTIVE or package.private:
            continue
        # Before the hash is taken, so that the decision is on the files' bytes too.
        taken = take_in(package.id)
        decisions.add(
            Decision(
                package_id=package.id,
                kind="batch",
                name=package.name,
                author_id=gate.actor_of({"user": site["name"]}),
                content_hash=decisions.hash_of(package.id),
                owner_org=package.owner_org,
                reason=reason,
                examine_by=examine_by,
            )
        )
        versions.opened(package.id)
        states.move(package.id, State.PUBLISHED)
        adopted.append(package.id)
        model.repo.commit()
        for path in taken:
            path.unlink()
    return adopted
