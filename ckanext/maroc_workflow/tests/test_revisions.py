"""An edit of a public dataset that must wait: kept apart, then written over it."""

from __future__ import annotations

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

from ckanext.maroc_workflow.tests.conftest import (
    IN_DOUBT,
    act,
    decided,
    is_seen,
    refused,
)

VOLATILE = ("metadata_modified",)


def public_of(made):
    shown = act("package_show", None, id=made["id"])
    return {name: value for name, value in shown.items() if name not in VOLATILE}


def link(number):
    return {"name": f"Fichier {number}", "url": f"https://donnees.example/{number}.csv"}


def test_a_clear_edit_is_public_at_once_under_its_own_decision(fes):
    made = fes.public()
    changed = act("package_patch", fes.gdd, id=made["id"], source="HCP")
    assert (changed["id"], changed["source"]) == (made["id"], "HCP")
    assert changed["workflow"]["state"] == "published"
    first, second = decided(made["id"])
    assert second.previous == first.row_hash
    assert first.content_hash != second.content_hash


def test_saving_without_a_change_makes_no_decision(fes):
    made = fes.public()
    act("package_update", fes.gdd, **made)
    act("package_patch", fes.gdd, id=made["id"], source=made["source"])
    assert len(decided(made["id"])) == 1


def test_an_edit_that_raises_an_alert_opens_a_revision(fes):
    made = fes.public(resources=[link(1)])
    before = public_of(made)
    revision = act("package_patch", fes.gdd, id=made["id"], source="Autre", **IN_DOUBT)
    assert revision["id"] != made["id"]
    assert revision["revision_of"] == made["id"]
    assert revision["workflow"]["state"] == "submitted"
    assert revision["source"] == "Autre"
    assert revision["private"] is True
    assert public_of(made) == before, "the public one is untouched"
    assert not is_seen(revision["id"])
    stored = act("package_show", fes.gdd, id=revision["id"])
    assert stored["source"] == "Autre", "the answer is what was stored"
    [mine], [theirs] = revision["resources"], made["resources"]
    assert (mine["url"], mine["id"] == theirs["id"]) == (theirs["url"], False)


def test_its_approval_writes_it_over_the_public_dataset(fes):
    made = fes.public(resources=[link(1), link(2)])
    revision = act("package_patch", fes.gdd, id=made["id"], source="Autre", **IN_DOUBT)
    _, gone = revision["resources"]
    act("resource_delete", fes.gdd, id=gone["id"])
    act("resource_create", fes.gdd, package_id=revision["id"], **link(3))
    told = act("maroc_workflow_approve", fes.rod, id=revision["id"])
    assert (told["id"], told["public"], told["revision"]) == (made["id"], True, None)
    now = public_of(made)
    assert (now["source"], now["name"]) == ("Autre", made["name"])
    urls = [each["url"] for each in now["resources"]]
    assert urls == [link(1)["url"], link(3)["url"]]
    assert now["resources"][0]["id"] == made["resources"][0]["id"]
    assert model.Package.get(revision["id"]) is None
    last = decided(made["id"])[-1]
    assert (last.kind, last.revision_id) == ("review", revision["id"])


def test_a_file_that_is_added_to_a_doubtful_dataset_goes_to_the_revision(fes):
    made = fes.approved()
    before = public_of(made)
    resource = act("resource_create", fes.gdd, package_id=made["id"], **link(1))
    assert resource["revision_of"] == made["id"]
    assert resource["package_id"] != made["id"]
    assert public_of(made) == before
    assert "revision_opened" in refused(
        "resource_create", fes.gdd, package_id=made["id"], **link(2)
    )


def test_a_file_taken_off_a_doubtful_dataset_is_said_to_wait(fes):
    made = fes.approved(resources=[link(1), link(2)])
    before = public_of(made)
    first = made["resources"][0]["id"]
    assert "revision_opened" in refused("resource_delete", fes.gdd, id=first)
    assert public_of(made) == before
    revision = act("maroc_workflow_show", fes.gdd, id=made["id"])["revision"]
    kept = act("package_show", fes.gdd, id=revision)["resources"]
    assert [each["url"] for each in kept] == [link(2)["url"]]
    second = made["resources"][1]["id"]
    assert "revision_opened" in refused("resource_delete", fes.gdd, id=second)


def test_a_base_that_moved_on_is_not_overwritten_and_both_are_kept(fes):
    made = fes.approved()
    revision = act("package_patch", fes.gdd, id=made["id"], source="Autre")
    assert revision["revision_of"] == made["id"]
    # ADD's own hand, by a way that needs no review: the dataset is in no doubt now.
    act("maroc_workflow_withdraw", fes.add, id=made["id"], reason="Vérification.")
    errors = refused("maroc_workflow_approve", fes.rod, id=revision["id"])
    assert "base" in errors
    assert act("package_show", fes.gdd, id=revision["id"])["source"] == "Autre"


def test_a_revision_given_up_leaves_the_public_dataset(fes):
    made = fes.approved()
    revision = act("package_patch", fes.gdd, id=made["id"], source="Autre")
    told = act("maroc_workflow_discard", fes.gdd, id=revision["id"])
    assert (told["id"], told["revision"]) == (made["id"], None)
    assert model.Package.get(revision["id"]) is None
    assert is_seen(made["id"])
    assert "id" in refused("maroc_workflow_discard", fes.gdd, id=made["id"])


def test_closing_by_an_edit_is_refused_with_the_way_to_do_it(fes):
    made = fes.public()
    for change in ({"private": True}, {"state": "draft"}):
        errors = refused("package_patch", fes.gdd, id=made["id"], **change)
        assert "maroc_workflow_withdraw" in str(errors)
    assert is_seen(made["id"])


def test_a_public_dataset_changes_its_institution_by_add_alone(fes, make_institution):
    made = fes.public()
    other = make_institution()
    tk.get_action("organization_member_create")(
        {"ignore_auth": True, "user": fes.add["name"]},
        {"id": other.id, "username": fes.gdd["name"], "role": "editor"},
    )
    assert "owner_org" in refused(
        "package_patch", fes.gdd, id=made["id"], owner_org=other.id
    )
    moved = act("package_patch", fes.add, id=made["id"], owner_org=other.id)
    assert moved["owner_org"] == other.id
    assert decided(made["id"])[-1].owner_org == other.id


@pytest.mark.parametrize("kind", ["views", "group"])
def test_views_and_groups_of_a_doubtful_dataset_are_content(fes, kind):
    made = fes.approved(resources=[link(1)])
    before = public_of(made)
    if kind == "views":
        with pytest.raises(tk.ValidationError):
            act(
                "resource_view_create",
                fes.gdd,
                resource_id=made["resources"][0]["id"],
                title="CIN AB123456",
                view_type="maroc_table",
            )
    else:
        group = factories.Group(user=fes.gdd)
        with pytest.raises(tk.ValidationError):
            act(
                "member_create",
                fes.gdd,
                id=group["id"],
                object=made["id"],
                object_type="package",
                capacity="public",
            )
    model.Session.rollback()
    assert public_of(made) == before
