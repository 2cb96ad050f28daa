"""Which buttons a person has: what the machine allows, and the law does not stop."""

from __future__ import annotations

import pytest

from ckanext.maroc_workflow.machine import Finding, Role, State
from ckanext.maroc_workflow.offers import offers, roles_of


def told(state, finding=Finding.CLEAR, *, public=False, revision=False, may=None):
    return {
        "state": str(state),
        "finding": str(finding),
        "public": public,
        "revision_of": "base" if revision else None,
        "may_decide": may,
    }


@pytest.mark.parametrize(
    ("case", "roles", "expected"),
    [
        (told(State.DRAFT), {Role.GDD}, ["submit", "schedule"]),
        (told(State.DRAFT, Finding.ALERT), {Role.GDD}, ["submit"]),
        (told(State.DRAFT, Finding.STOPPED), {Role.GDD}, []),
        (
            told(State.DRAFT, revision=True),
            {Role.GDD},
            ["submit", "schedule", "discard"],
        ),
        (told(State.DRAFT), {Role.DECIDER}, []),
        (told(State.SUBMITTED, Finding.ALERT), {Role.GDD}, ["retract"]),
        (
            told(State.SUBMITTED, Finding.ALERT),
            {Role.DECIDER},
            ["approve", "schedule", "request_changes"],
        ),
        (told(State.SUBMITTED, Finding.STOPPED), {Role.DECIDER}, ["request_changes"]),
        (told(State.CHECKING, Finding.UNCHECKED), {Role.DECIDER}, ["request_changes"]),
        (told(State.SCHEDULED), {Role.GDD}, ["retract"]),
        (told(State.PUBLISHED, public=True), {Role.GDD}, ["withdraw"]),
        (told(State.PUBLISHED, public=True), {Role.DECIDER}, ["withdraw"]),
        (told(State.PUBLISHED, public=True), set(), []),
        (told(State.WITHDRAWN), {Role.GDD}, ["submit"]),
    ],
)
def test_what_is_offered(case, roles, expected):
    assert offers(case, roles) == expected


def test_who_is_what():
    assert roles_of(prepares=True, told=told(State.DRAFT)) == [Role.GDD]
    assert roles_of(prepares=False, told=told(State.DRAFT, may="rod")) == [Role.DECIDER]
