"""What the workflow's pages say."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from .machine import State


def maroc_workflow_state_label(state: str) -> str:
    """Return a state's name in the reader's language."""
    return {
        State.DRAFT: tk._("Draft"),
        State.CHECKING: tk._("Being checked"),
        State.SUBMITTED: tk._("Waiting for the ROD"),
        State.CHANGES_REQUESTED: tk._("To be corrected"),
        State.SCHEDULED: tk._("Planned"),
        State.PUBLISHED: tk._("Published"),
        State.WITHDRAWN: tk._("Withdrawn"),
    }[State(state)]
