"""Two people at the same moment: one decision, on what is then served."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_workflow import decisions, states
from ckanext.maroc_workflow.tests.conftest import Institution, act, decided

TIMES = 200
"""Interleavings in all, dealt to the encounters in turn."""

SEED = 20261122
REFUSALS = (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound)
SLOWEST = 0.03
"""Seconds between the two at most: about what one of them takes."""

Deed = Callable[[Institution, str], Any]


def approve(person: str) -> Deed:
    def do(fes: Institution, package_id: str) -> Any:
        return call(fes, person, "maroc_workflow_approve", id=package_id)

    return do


def withdraw(person: str) -> Deed:
    def do(fes: Institution, package_id: str) -> Any:
        words = {"id": package_id, "reason": "Erreur."}
        return call(fes, person, "maroc_workflow_withdraw", **words)

    return do


def submit(fes: Institution, package_id: str) -> Any:
    return call(fes, "gdd", "maroc_workflow_submit", id=package_id)


def write(fes: Institution, package_id: str) -> Any:
    return call(fes, "gdd", "package_patch", id=package_id, source="Réécrit")


def add_file(fes: Institution, package_id: str) -> Any:
    link = {"url": "https://donnees.example/2.csv", "name": "Deux"}
    return call(fes, "gdd", "resource_create", package_id=package_id, **link)


def call(fes: Institution, who: str, action: str, **data: Any) -> Any:
    context: Any = {"user": getattr(fes, who)["name"]}
    return tk.get_action(action)(context, data)


@dataclass(frozen=True, kw_only=True)
class Encounter:
    """Two deeds at once on a dataset that waits, and what may come of it."""

    name: str
    first: Deed
    second: Deed
    kinds: frozenset[tuple[str, ...]]
    """The decisions that may then stand, in their order."""
    state: str = "submitted"
    done: frozenset[int] = frozenset({1, 2})
    """How many of the two may be done."""

    def __str__(self) -> str:
        return self.name


ENCOUNTERS = (
    Encounter(
        name="two RODs approve",
        first=approve("rod"),
        second=approve("other_rod"),
        kinds=frozenset({("review",)}),
        done=frozenset({1}),
    ),
    Encounter(
        name="one ROD approves, the other withdraws",
        first=approve("rod"),
        second=withdraw("other_rod"),
        # Withdrawn first, it waits for nobody any more.
        kinds=frozenset({("withdraw",), ("review", "withdraw")}),
    ),
    Encounter(
        name="a ROD approves while the GdD writes",
        first=approve("rod"),
        second=write,
        # Written after, it is the edit of a public dataset: a revision.
        kinds=frozenset({("review",)}),
        done=frozenset({2}),
    ),
    Encounter(
        name="a ROD approves while the GdD adds a file",
        first=approve("rod"),
        second=add_file,
        kinds=frozenset({("review",)}),
        done=frozenset({2}),
    ),
    Encounter(
        name="the GdD submits twice",
        first=submit,
        second=submit,
        kinds=frozenset({("policy",)}),
        state="draft",
        done=frozenset({2}),
    ),
)


_AGAIN = (
    "UPDATE package SET private = true,"
    " metadata_modified = clock_timestamp() AT TIME ZONE 'UTC' WHERE id = :id",
    "UPDATE maroc_workflow_state SET state = :state, authors = ARRAY[:author],"
    " submitted_by = :author, turn = 'rod' WHERE package_id = :id",
)
"""Puts a dataset back to where an encounter begins, quicker than people would."""


class Stage:
    """The dataset of one encounter, which has been public before."""

    def __init__(self, fes: Institution, encounter: Encounter) -> None:
        self.fes, self.encounter = fes, encounter
        self.id = self.make()

    def make(self) -> str:
        if self.encounter.state == "submitted":
            return self.fes.approved()["id"]
        return self.fes.public()["id"]

    def set(self) -> int:
        """Put the dataset back; return how many decisions it has."""
        if states.revision_of(self.id):
            self.id = self.make()
        values = {"id": self.id, "state": self.encounter.state}
        values["author"] = self.fes.gdd["id"]
        for statement in _AGAIN:
            model.Session.execute(sa.text(statement), values)
        model.Session.commit()
        count = len(decided(self.id))
        model.Session.remove()
        return count

    def play(self, app: Any, waits: list[float]) -> list[Any]:
        """Let both do it, in threads that start together; return what came of each."""
        deeds = [self.encounter.first, self.encounter.second]
        start = threading.Barrier(len(deeds))
        came: list[Any] = [None, None]

        def run(number: int) -> None:
            try:
                with app.flask_app.test_request_context():
                    start.wait()
                    time.sleep(waits[number])
                    deeds[number](self.fes, self.id)
                came[number] = "done"
            except BaseException as error:  # noqa: BLE001 - told to the test
                came[number] = error
            finally:
                model.Session.remove()  # each thread has its own

        threads = [threading.Thread(target=run, args=(each,)) for each in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive(), "both wait for each other"
        return came


@pytest.mark.parametrize(
    "times", [TIMES, pytest.param(TIMES * 6, marks=pytest.mark.long)]
)
def test_two_at_the_same_moment_leave_one_decision_on_what_is_served(fes, app, times):
    chance = random.Random(SEED)  # noqa: S311 - which comes first, not a secret
    stages = [Stage(fes, encounter) for encounter in ENCOUNTERS]
    results: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for number in range(times):
        stage = stages[number % len(stages)]
        encounter = stage.encounter
        before = stage.set()
        waits = [chance.uniform(0, SLOWEST), chance.uniform(0, SLOWEST)]
        came = stage.play(app, waits)
        told = (str(encounter), waits, came)
        for each in came:
            assert each == "done" or isinstance(each, REFUSALS), told
        assert came.count("done") in encounter.done, told
        rows = decided(stage.id)[before:]
        kinds = tuple(row.kind for row in rows)
        assert kinds in encounter.kinds, told
        results[str(encounter), kinds] += 1
        row = model.Session.get(model.Package, stage.id)
        assert row
        assert row.private == (kinds[-1] == "withdraw"), told
        if not row.private:
            served = act("package_show", None, id=stage.id)
            assert served["source"] == row.extras["source"], told
            assert rows[-1].content_hash == decisions.hash_of(stage.id), told
        model.Session.remove()
    # Both orders came about, where both are possible.
    for encounter in ENCOUNTERS:
        for kinds in encounter.kinds:
            assert results[str(encounter), kinds], results
