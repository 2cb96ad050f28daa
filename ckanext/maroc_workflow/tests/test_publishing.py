"""From a draft to the public: alone, by a ROD, on a day; and back."""

from __future__ import annotations

import datetime as dt
import time

import pytest

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import clock
from ckanext.maroc_workflow import publishing, states
from ckanext.maroc_workflow.tests.conftest import (
    IN_DOUBT,
    act,
    decided,
    is_seen,
    refused,
)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"private": False},
        {"private": "False"},
        {"private": None},
        {"state": "active"},
        {"state": "draft"},
        {"private": False, "state": "draft"},
    ],
)
def test_a_new_dataset_is_closed_whatever_is_sent(fes, sent):
    for user in (fes.gdd, fes.rod, fes.add):
        made = fes.draft(user, **sent)
        assert made["private"] is True
        assert made["workflow"] == {
            "state": "draft",
            "verdict": "publishable",
            "blocks": [],
        }
        assert not is_seen(made["id"])
        assert decided(made["id"]) == []


def test_a_gdd_publishes_alone_what_is_complete_and_raises_no_alert(fes):
    made = fes.draft()
    told = act("maroc_workflow_submit", fes.gdd, id=made["id"])
    assert (told["state"], told["public"], told["finding"]) == (
        "published",
        True,
        "clear",
    )
    assert is_seen(made["id"])
    [decision] = decided(made["id"])
    assert (decision.kind, decision.policy, decision.policy_version) == (
        "policy",
        "alerts",
        1,
    )
    assert decision.author_id == fes.gdd["id"]
    assert decision.content_hash == told["hash"]


def test_what_lacks_is_said_at_its_field_and_nothing_is_lost(fes):
    made = fes.draft(source="")
    assert made["workflow"]["verdict"] == "incomplete"
    assert "source" in refused("maroc_workflow_submit", fes.gdd, id=made["id"])
    assert not is_seen(made["id"])
    kept = act("package_show", fes.gdd, id=made["id"])
    assert kept["title_translated"] == made["title_translated"]


def test_an_alert_waits_for_a_rod_who_wrote_none_of_it(fes):
    made = fes.draft(**IN_DOUBT)
    assert made["workflow"]["verdict"] == "review"
    told = act("maroc_workflow_submit", fes.gdd, id=made["id"])
    assert (told["state"], told["public"], told["turn"]) == ("submitted", False, "rod")
    assert not is_seen(made["id"])
    with pytest.raises(tk.NotAuthorized):
        act("maroc_workflow_approve", fes.gdd, id=made["id"])
    told = act("maroc_workflow_approve", fes.rod, id=made["id"], reason="Vérifié.")
    assert told["public"]
    assert is_seen(made["id"])
    [decision] = decided(made["id"])
    assert (decision.kind, decision.stead) == ("review", "rod")
    assert (decision.author_id, decision.approver_id) == (fes.gdd["id"], fes.rod["id"])
    assert decision.verdict["rules"] == ["third-party-unknown"]


def test_a_rod_never_approves_what_they_wrote_themselves(fes):
    made = fes.submitted()
    act("package_patch", fes.rod, id=made["id"], source="HCP")
    assert "maroc_workflow" in refused("maroc_workflow_approve", fes.rod, id=made["id"])
    assert act("maroc_workflow_approve", fes.other_rod, id=made["id"])["public"]
    [decision] = decided(made["id"])
    assert set(decision.authors) == {fes.gdd["id"], fes.rod["id"]}


def test_an_institution_may_have_everything_reviewed(make_institution):
    careful = make_institution(review_policy="all")
    made = careful.draft()
    told = act("maroc_workflow_submit", careful.gdd, id=made["id"])
    assert (told["state"], told["finding"], told["public"]) == (
        "submitted",
        "policy",
        False,
    )
    assert act("maroc_workflow_approve", careful.rod, id=made["id"])["public"]


def test_another_content_than_the_one_read_is_not_approved(fes):
    made = fes.submitted()
    read = act("maroc_workflow_show", fes.rod, id=made["id"])["hash"]
    act("package_patch", fes.gdd, id=made["id"], source="Autre chose")
    errors = refused("maroc_workflow_approve", fes.rod, id=made["id"], hash=read)
    assert "hash" in errors
    assert not is_seen(made["id"])
    now = act("maroc_workflow_show", fes.rod, id=made["id"])["hash"]
    assert act("maroc_workflow_approve", fes.rod, id=made["id"], hash=now)["public"]


def test_a_rod_asks_for_changes_at_the_fields(fes):
    made = fes.submitted()
    remarks = {"source": "Quelle source ?", "": "À compléter."}
    told = act(
        "maroc_workflow_request_changes", fes.rod, id=made["id"], remarks=remarks
    )
    assert (told["state"], told["remarks"]) == ("changes_requested", remarks)
    [waits] = act("maroc_workflow_queue_list", fes.gdd, mine=True)
    assert waits["remarks"] == remarks
    assert act("maroc_workflow_queue_list", fes.rod) == []
    act("package_patch", fes.gdd, id=made["id"], third_party="non")
    assert act("maroc_workflow_submit", fes.gdd, id=made["id"])["public"]


def test_pressed_twice_is_decided_once(fes):
    made = fes.draft()
    for _ in range(2):
        assert act("maroc_workflow_submit", fes.gdd, id=made["id"])["public"]
    assert len(decided(made["id"])) == 1


def test_what_was_submitted_is_taken_back(fes):
    made = fes.submitted()
    told = act("maroc_workflow_retract", fes.gdd, id=made["id"])
    assert told["state"] == "draft"
    assert "state" in refused("maroc_workflow_approve", fes.rod, id=made["id"])


@pytest.mark.parametrize("who", ["outsider", "member"])
def test_strangers_and_readers_move_nothing(fes, who):
    made = fes.submitted()
    person = getattr(fes, who)
    for action, more in (
        ("submit", {}),
        ("approve", {}),
        ("request_changes", {"remarks": "Non"}),
        ("withdraw", {"reason": "Non"}),
        ("schedule", {"date": "2030-01-01"}),
        ("retract", {}),
        ("discard", {}),
        ("show", {}),
    ):
        with pytest.raises(tk.NotAuthorized):
            act(f"maroc_workflow_{action}", person, id=made["id"], **more)
    with pytest.raises(tk.NotAuthorized):
        act("maroc_workflow_decision_list", person, id=made["id"])
    assert act("maroc_workflow_queue_list", person) == []


# On a day


@pytest.fixture
def moment(monkeypatch):
    """Give a clock that tests turn."""

    def turn(to: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: to)

    return turn


def test_what_is_planned_is_public_from_its_moment_on(fes, moment):
    made = fes.draft()
    due = clock.now() + dt.timedelta(seconds=2)
    told = act("maroc_workflow_schedule", fes.gdd, id=made["id"], date=due.isoformat())
    assert (told["state"], told["public"]) == ("scheduled", False)
    assert publishing.release(made["id"]) is False
    assert not is_seen(made["id"])
    # The database keeps the moment too, whatever clock the portal goes by.
    moment(due + dt.timedelta(days=1))
    with pytest.raises(tk.ValidationError):
        publishing.release(made["id"])
    model.Session.rollback()
    wait_until(due)
    assert publishing.release(made["id"]) is True
    assert is_seen(made["id"])
    assert len(decided(made["id"])) == 1


def wait_until(due: dt.datetime) -> None:
    time.sleep(max(0, (due - dt.datetime.now(dt.UTC)).total_seconds()) + 0.1)


def test_what_changed_after_it_was_planned_is_not_released(fes):
    made = fes.submitted()
    due = clock.now() + dt.timedelta(seconds=1)
    act("maroc_workflow_schedule", fes.rod, id=made["id"], date=due.isoformat())
    act("package_patch", fes.gdd, id=made["id"], source="Autre chose")
    wait_until(due)
    assert publishing.release(made["id"]) is False
    assert not is_seen(made["id"])
    assert states.of(made["id"]).state == "draft"


def test_a_past_moment_is_refused(fes):
    made = fes.draft()
    assert "date" in refused(
        "maroc_workflow_schedule", fes.gdd, id=made["id"], date="2020-01-01"
    )
    assert "date" in refused(
        "maroc_workflow_schedule", fes.gdd, id=made["id"], date="demain"
    )


# Withdrawal


def test_a_withdrawal_closes_at_once_and_stays(fes):
    made = fes.public()
    told = act("maroc_workflow_withdraw", fes.gdd, id=made["id"], reason="Erreur.")
    assert (told["state"], told["public"]) == ("withdrawn", False)
    assert not is_seen(made["id"])
    stale = {**made, "private": False, "state": "active"}
    act("package_update", fes.gdd, **stale)
    assert not is_seen(made["id"]), "a form from before brings nothing back"
    told = act("maroc_workflow_submit", fes.gdd, id=made["id"])
    assert (told["state"], told["public"]) == ("submitted", False)
    assert act("maroc_workflow_approve", fes.rod, id=made["id"])["public"]
    assert [each.kind for each in decided(made["id"])] == [
        "policy",
        "withdraw",
        "review",
    ]


def test_what_was_withdrawn_without_the_index_is_approved_again(fes, monkeypatch):
    made = fes.approved()
    with monkeypatch.context() as away:
        away.setitem(tk.config, "solr_url", "http://127.0.0.1:9/solr/ckan")
        act("maroc_workflow_withdraw", fes.gdd, id=made["id"], reason="Erreur.")
        act("maroc_workflow_submit", fes.gdd, id=made["id"])
    # The index still says that it is public.
    assert act("maroc_workflow_approve", fes.rod, id=made["id"])["public"]
    assert is_seen(made["id"])


def test_a_withdrawal_is_taken_in_every_state_and_says_why(fes):
    cases = [fes.draft(), fes.submitted(), fes.public(), fes.approved()]
    for made in cases:
        assert "reason" in refused(
            "maroc_workflow_withdraw", fes.rod, id=made["id"], reason=" "
        )
        told = act("maroc_workflow_withdraw", fes.rod, id=made["id"], reason="Non.")
        assert told["state"] == "withdrawn"
        assert not is_seen(made["id"])


def test_deleting_what_is_public_withdraws_it_and_undeleting_opens_nothing(fes):
    made = fes.public()
    act("package_delete", fes.gdd, id=made["id"])
    assert [each.kind for each in decided(made["id"])] == ["policy", "withdraw"]
    act("package_patch", fes.add, id=made["id"], state="active", private=False)
    assert not is_seen(made["id"])
    assert model.Package.get(made["id"]).private


def test_whoever_wrote_it_is_known_whatever_moment_they_send(fes):
    made = fes.draft(**IN_DOUBT)
    act("package_update", fes.add, **{**made, "source": "Autre"})
    act("maroc_workflow_submit", fes.gdd, id=made["id"])
    assert "maroc_workflow" in refused("maroc_workflow_approve", fes.add, id=made["id"])


def test_a_table_without_a_file_is_not_published(fes):
    made = fes.draft(resources=[{"url": "https://exemple.ma/a.csv", "name": "Lien"}])
    [resource] = made["resources"]
    table = {"resource_id": resource["id"], "force": True}
    act("datastore_create", fes.gdd, records=[{"cin": "AB123456"}], **table)
    # Whatever its row says of it.
    act("resource_patch", fes.gdd, id=resource["id"], datastore_active=False)
    for date in ({}, {"date": "2031-01-01"}):
        action = "maroc_workflow_schedule" if date else "maroc_workflow_submit"
        assert "resources" in refused(action, fes.gdd, id=made["id"], **date)
    act("datastore_delete", fes.gdd, **table)
    act("maroc_workflow_submit", fes.gdd, id=made["id"])
    assert is_seen(made["id"])
