"""Who finds and reads what is not public: core's labels, and those who must decide.

A public dataset has the label ``public`` as in core: that it is public only by a
decision is the gate's and the database's to hold. What waits for a decision is read by
those whose turn it is, too.
"""

from __future__ import annotations

import sqlalchemy as sa

from ckan import model
from ckan.lib.plugins import DefaultPermissionLabels

from . import people, states
from .machine import State

_RANKED = sa.text(
    "SELECT group_id FROM member WHERE table_name = 'user' AND table_id = :id"
    " AND state = 'active' AND capacity = 'admin'"
)


class Labels(DefaultPermissionLabels):
    """Core's labels, and the decider's."""

    def get_dataset_labels(self, dataset_obj: model.Package) -> list[str]:
        """Return who may read a dataset."""
        labels = super().get_dataset_labels(dataset_obj)
        if labels == ["public"]:
            return labels
        standing = states.of(dataset_obj.id)
        if standing.state == State.SUBMITTED and standing.turn == "parent":
            above = people.parent_of(dataset_obj.owner_org)
            if above:
                labels.append(f"decides-{above}")
        return labels

    def get_user_dataset_labels(self, user_obj: model.User) -> list[str]:
        """Return what somebody may read."""
        labels = super().get_user_dataset_labels(user_obj)
        if not user_obj or user_obj.is_anonymous:
            return labels
        labels += [f"member-{each}" for each in people.delegated_to(user_obj.id)]
        rows = model.Session.execute(_RANKED, {"id": user_obj.id})
        labels += [f"decides-{each}" for each in rows.scalars()]
        return labels
