"""Killed, cut off or refused at each step: closed or unchanged, never half open.

The process that acts is a child of the test's, so that it can be killed for good. What
it left is then looked at, and the worker's own work must bring the index in step.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search.index import PackageSearchIndex

from ckanext.maroc_portal import indexing, outbox
from ckanext.maroc_workflow import decisions, gate, states, upkeep
from ckanext.maroc_workflow.tests.conftest import IN_DOUBT, act, decided


def _steps() -> dict[str, tuple[Any, str, bool]]:
    """Return where a process may die: what it does, and whether that is done first."""
    return {
        "before core writes": (gate, "_run", False),
        "after core wrote": (gate, "_run", True),
        "before the decision": (decisions, "add", False),
        "after the decision": (decisions, "add", True),
        "before the state": (states, "move", False),
        "before the commit": (gate, "commit", False),
        "after the commit": (gate, "commit", True),
        "before the index": (indexing, "update", False),
        "after Solr": (PackageSearchIndex, "index_package", True),
    }


def _killed(step: str, do: Callable[[], object]) -> bool:
    """Do it in a child that dies at a step; return whether it came so far."""
    place, name, after = _steps()[step]
    model.Session.remove()
    child = os.fork()
    if child == 0:
        try:
            # The parent's connections are not the child's to use, nor to close.
            model.ensure_engine().dispose(close=False)
            whole = getattr(place, name)

            def dying(*args: Any, **kwargs: Any) -> Any:
                if after:
                    whole(*args, **kwargs)
                os.kill(os.getpid(), signal.SIGKILL)

            setattr(place, name, dying)
            do()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _public(package_id: str) -> dict[str, Any] | None:
    try:
        return act("package_show", None, id=package_id)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return None


def _found(package_id: str) -> list[dict[str, Any]]:
    return act("package_search", None, fq=f"id:{package_id}")["results"]


def _is_sound(package_id: str) -> None:
    """Find that the public gets what a decision opens, by the database and Solr."""
    model.Session.expire_all()
    shown = _public(package_id)
    last = (decided(package_id) or [None])[-1]
    if shown is None:
        assert last is None or last.kind == "withdraw", last
    else:
        assert last.content_hash == decisions.hash_of(package_id)
    outbox.dispatch()
    upkeep.tidy()
    found = _found(package_id)
    assert [each["id"] for each in found] == ([package_id] if shown else [])
    if shown:
        assert found[0]["source"] == shown["source"]


@pytest.mark.parametrize("step", list(_steps()))
def test_a_publication_that_is_killed_is_not_made_or_made_whole(fes, step):
    made = fes.draft()
    assert _killed(
        step, lambda: act("maroc_workflow_submit", fes.gdd, id=made["id"])
    ), step
    _is_sound(made["id"])
    told = act("maroc_workflow_submit", fes.gdd, id=made["id"])
    assert told["public"], "and it can be made again"
    assert len(decided(made["id"])) == 1


@pytest.mark.parametrize("step", list(_steps()))
def test_an_edit_that_is_killed_leaves_the_one_or_the_other(fes, step):
    made = fes.public()
    assert _killed(
        step, lambda: act("package_patch", fes.gdd, id=made["id"], source="Autre")
    ), step
    _is_sound(made["id"])
    assert _public(made["id"])["source"] in (made["source"], "Autre")


@pytest.mark.parametrize(
    "step", ["before the decision", "after the decision", "before the commit"]
)
def test_an_approval_that_is_killed_leaves_the_base_or_the_revision(fes, step):
    made = fes.approved()
    revision = act("package_patch", fes.gdd, id=made["id"], source="Autre")
    assert _killed(
        step, lambda: act("maroc_workflow_approve", fes.rod, id=revision["id"])
    )
    _is_sound(made["id"])
    assert _public(made["id"])["source"] == made["source"]
    assert act("maroc_workflow_approve", fes.rod, id=revision["id"])["public"]
    assert _public(made["id"])["source"] == "Autre"


def test_a_revision_is_taken_away_even_when_the_approver_dies(fes):
    made = fes.approved()
    revision = act("package_patch", fes.gdd, id=made["id"], source="Autre")
    assert _killed(
        "before the index",
        lambda: act("maroc_workflow_approve", fes.rod, id=revision["id"]),
    )
    _is_sound(made["id"])
    assert _public(made["id"])["source"] == "Autre"
    assert model.Package.get(revision["id"]) is None


@pytest.mark.parametrize(
    "step",
    [
        "before the decision",
        "after the decision",
        "before the state",
        "before the commit",
        "after the commit",
        "before the index",
    ],
)
def test_a_withdrawal_that_is_killed_is_not_taken_or_taken_everywhere(fes, step):
    made = fes.public()
    assert _killed(
        step,
        lambda: act("maroc_workflow_withdraw", fes.rod, id=made["id"], reason="Non."),
    ), step
    _is_sound(made["id"])


# Solr down


@contextmanager
def solr_down() -> Iterator[None]:
    """Let the portal find nobody where Solr was."""
    known = tk.config["solr_url"]
    tk.config["solr_url"] = "http://127.0.0.1:1/solr/ckan"
    try:
        yield
    finally:
        tk.config["solr_url"] = known


def test_with_solr_down_everything_is_decided_and_indexed_later(fes):
    with solr_down():
        made = fes.draft()
        assert act("maroc_workflow_submit", fes.gdd, id=made["id"])["public"]
        changed = act("package_patch", fes.gdd, id=made["id"], source="Autre")
        assert changed["source"] == "Autre"
        assert _public(made["id"])["source"] == "Autre"
    assert _found(made["id"]) == []
    _is_sound(made["id"])


def test_what_was_found_is_not_found_after_a_withdrawal_without_solr(fes):
    made = fes.public()
    with solr_down():
        told = act("maroc_workflow_withdraw", fes.rod, id=made["id"], reason="Non.")
        assert told["state"] == "withdrawn"
        assert _public(made["id"]) is None
    assert _found(made["id"]) == [], "Solr is back, and still says what was"
    outbox.dispatch()
    _is_sound(made["id"])


# A commit that fails


@pytest.fixture
def no_commit() -> Iterator[Callable[[], None]]:
    """Give a function from which on no change of a dataset can be committed."""

    def run(*statements: str) -> None:
        with model.ensure_engine().begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def fail() -> None:
        model.Session.remove()
        run(
            "CREATE FUNCTION pg_temp_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE EXCEPTION ''the disk is full''"
            " USING ERRCODE = ''53100''; END'",
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON"
            " maroc_workflow_state DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
            " EXECUTE FUNCTION pg_temp_refuse()",
        )

    yield fail
    model.Session.remove()
    run(
        "DROP TRIGGER IF EXISTS refuse ON maroc_workflow_state",
        "DROP FUNCTION IF EXISTS pg_temp_refuse()",
    )


@pytest.mark.parametrize("what", ["publish", "edit", "withdraw"])
def test_a_commit_that_fails_changes_nothing_anywhere(fes, no_commit, what):
    made = fes.draft() if what == "publish" else fes.public()
    before, count = _public(made["id"]), len(decided(made["id"]))
    no_commit()
    calls = {
        "publish": ("maroc_workflow_submit", {}),
        "edit": ("package_patch", {"source": "Autre"}),
        "withdraw": ("maroc_workflow_withdraw", {"reason": "Non."}),
    }
    action, more = calls[what]
    with pytest.raises(sa.exc.OperationalError):
        act(action, fes.gdd, id=made["id"], **more)
    model.Session.rollback()
    assert _public(made["id"]) == before
    assert len(decided(made["id"])) == count
    _is_sound(made["id"])


def test_an_undecided_dataset_is_not_opened_by_a_worker_that_comes_back(fes):
    made = fes.draft(**IN_DOUBT)
    act("maroc_workflow_submit", fes.gdd, id=made["id"])
    upkeep.go_on()
    upkeep.release_due()
    upkeep.tidy()
    assert _public(made["id"]) is None
