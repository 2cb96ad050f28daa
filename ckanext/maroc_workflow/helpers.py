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


def maroc_workflow_kind_label(kind: str) -> str:
    """Return what a decision did, in the reader's language."""
    return {
        "review": tk._("opened after a review"),
        "policy": tk._("opened under the institution's policy"),
        "batch": tk._("kept public, not examined yet"),
        "feed": tk._("a feed opened"),
        "withdraw": tk._("withdrawn"),
    }[kind]
