"""The publication workflow: its states, and who may move a dataset between them.

One table says it all; :func:`follow` is a pure function over it. A revision of a public
dataset goes through the same states as a new dataset: only what "published" does
differs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a dataset stands."""

    DRAFT = "draft"
    CHECKING = "checking"
    """Submitted; a file still lacks a report that is required."""
    SUBMITTED = "submitted"
    """Waits for somebody to decide."""
    CHANGES_REQUESTED = "changes_requested"
    SCHEDULED = "scheduled"
    """Decided, and public from a moment on."""
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    """What someone is to a dataset."""

    GDD = "gdd"
    """Prepares it: editor or ROD of its institution, or ADD."""
    DECIDER = "decider"
    """May decide on it today: a ROD, who stands in for one, or ADD; never an author."""
    PORTAL = "portal"
    """The portal itself: a report came in, a day has come."""


class Finding(StrEnum):
    """What the law, the checks and the policy find of a content, the gravest first."""

    STOPPED = "stopped"
    """Closed by the law, or incomplete: nobody can decide on it as it is."""
    UNCHECKED = "unchecked"
    """A file lacks a required report."""
    ALERT = "alert"
    """Something must be examined by another person."""
    POLICY = "policy"
    """No alert, but the institution has everything reviewed."""
    CLEAR = "clear"
    """May be published alone, under the policy ``alerts``."""


@dataclass(frozen=True, kw_only=True)
class Transition:
    """A way from states to a state: who may take it, and what must have been found."""

    name: str
    sources: frozenset[State]
    target: State
    role: Role
    findings: frozenset[Finding]


class Refused(Exception):
    """No transition of that name is open.

    ``why`` is ``state`` (it does not start from there), ``role`` or ``finding``.
    """

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name, self.why = name, why


_OPEN = frozenset({State.DRAFT, State.CHANGES_REQUESTED})
_WAITING = frozenset({State.CHECKING, State.SUBMITTED})
_ALL = frozenset(State)
_ANY = frozenset(Finding)
_EXAMINED = frozenset({Finding.ALERT, Finding.POLICY})


def _row(
    name: str,
    sources: frozenset[State],
    target: State,
    role: Role,
    findings: frozenset[Finding] = _ANY,
) -> Transition:
    return Transition(
        name=name, sources=sources, target=target, role=role, findings=findings
    )


_CLEAR, _UNCHECKED = frozenset({Finding.CLEAR}), frozenset({Finding.UNCHECKED})

TRANSITIONS = (
    _row("submit", _OPEN, State.PUBLISHED, Role.GDD, _CLEAR),
    _row("submit", _OPEN, State.CHECKING, Role.GDD, _UNCHECKED),
    _row("submit", _OPEN, State.SUBMITTED, Role.GDD, _EXAMINED),
    # What was withdrawn comes back only by somebody else's decision.
    _row(
        "submit",
        frozenset({State.WITHDRAWN}),
        State.SUBMITTED,
        Role.GDD,
        _EXAMINED | _CLEAR,
    ),
    _row(
        "submit",
        frozenset({State.WITHDRAWN}),
        State.CHECKING,
        Role.GDD,
        _UNCHECKED,
    ),
    _row("checked", _WAITING, State.PUBLISHED, Role.PORTAL, _CLEAR),
    _row("checked", _WAITING, State.CHECKING, Role.PORTAL, _UNCHECKED),
    _row("checked", _WAITING, State.SUBMITTED, Role.PORTAL, _EXAMINED),
    _row(
        "checked",
        _WAITING,
        State.CHANGES_REQUESTED,
        Role.PORTAL,
        frozenset({Finding.STOPPED}),
    ),
    _row(
        "approve",
        frozenset({State.SUBMITTED}),
        State.PUBLISHED,
        Role.DECIDER,
        _EXAMINED | _CLEAR,
    ),
    _row(
        "schedule",
        frozenset({State.SUBMITTED}),
        State.SCHEDULED,
        Role.DECIDER,
        _EXAMINED | _CLEAR,
    ),
    _row("schedule", _OPEN, State.SCHEDULED, Role.GDD, _CLEAR),
    _row("release", frozenset({State.SCHEDULED}), State.PUBLISHED, Role.PORTAL),
    _row("request_changes", _WAITING, State.CHANGES_REQUESTED, Role.DECIDER),
    # Whoever submitted may take it back, and whoever planned may think again.
    _row("retract", _WAITING | {State.SCHEDULED}, State.DRAFT, Role.GDD),
    _row("withdraw", _ALL, State.WITHDRAWN, Role.GDD),
)
"""Every way there is; the first row that fits is taken."""

NAMES = tuple(dict.fromkeys(each.name for each in TRANSITIONS))


def follow(
    name: str, state: State, *, roles: Collection[Role], finding: Finding
) -> State:
    """Return the state that ``name`` leads to.

    Raises Refused, saying what is in the way: the state, the person or the finding.
    """
    named = [each for each in TRANSITIONS if each.name == name]
    from_here = [each for each in named if state in each.sources]
    if not from_here:
        raise Refused(name, "state")
    mine = [each for each in from_here if each.role in roles]
    if not mine:
        raise Refused(name, "role")
    for each in mine:
        if finding in each.findings:
            return each.target
    raise Refused(name, "finding")


def ways(state: State, roles: Collection[Role]) -> list[str]:
    """Return what these roles may do from a state, in the table's order."""
    return [
        name
        for name in NAMES
        if any(
            each.name == name and state in each.sources and each.role in roles
            for each in TRANSITIONS
        )
    ]
