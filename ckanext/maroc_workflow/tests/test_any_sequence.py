"""Whatever five people do in whatever order, nobody reads what was not decided."""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
from collections import Counter
from typing import Any, ClassVar

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

from ckanext.maroc_portal import clock
from ckanext.maroc_portal.tests import cases
from ckanext.maroc_workflow import publishing, versions
from ckanext.maroc_workflow.tests.conftest import Institution

PEOPLE = ("gdd", "rod", "stranger", "member", "add")
CONTENTS = {
    "clear": {"third_party": "non", "source": "HCP"},
    "doubtful": {"third_party": "ne-sais-pas", "source": "HCP"},
    "incomplete": {"third_party": "non", "source": ""},
}
WORD = re.compile(r"zq[0-9a-f]{12}")
"""Every write says a word that was never said before."""

REFUSALS = (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound)
MOST = 6
"""Datasets at a time."""

_STANDINGS = sa.text(
    """
    SELECT package.id, package.name, decision.n, decision.kind,
           coalesce(decision.kind <> 'withdraw'
               AND coalesce(decision.opens_at <= clock_timestamp(), true)
               AND decision.content_hash = maroc_workflow_hash(package.id), false)
               AS opens_this
    FROM package LEFT JOIN LATERAL (
        SELECT * FROM maroc_workflow_decision WHERE package_id = package.id
        ORDER BY n DESC LIMIT 1) AS decision ON true
    """
)

people = st.sampled_from(PEOPLE)
decent = st.sampled_from(("gdd", "gdd", "rod", "rod", "add", "stranger", "member"))
contents = st.sampled_from(("clear", "clear", "doubtful", "doubtful", "incomplete"))
numbers = st.integers(0, MOST - 1)
small = st.integers(0, 1)
fed = st.sampled_from((2, 2, 2, 2, 0, 3))
"""The third dataset is fed from the beginning."""
programs = st.sampled_from(("stranger",) * 4 + ("gdd", "add"))
flags = st.fixed_dictionaries(
    {},
    optional={
        "private": st.sampled_from([False, True, "False"]),
        "state": st.sampled_from(["active", "draft", "deleted"]),
    },
)


def said(word: str, content: str) -> dict[str, Any]:
    return {**CONTENTS[content], "notes_translated": {"fr": f"Phrase {word}."}}


class AnySequence(RuleBasedStateMachine):
    """The institution's people, a ROD from elsewhere and ADD, all at work."""

    fes: ClassVar[Institution]
    users: ClassVar[dict[str, dict[str, Any]]]
    elsewhere: ClassVar[str]
    group: ClassVar[str]
    client: ClassVar[Any]
    seen: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.decided: set[str] = set()
        """The words that some decision has let out."""
        self.decisions: dict[str, int | None] = {}

    # How things are done

    def act(self, action: str, who: str, **data: Any) -> Any:
        """Call an action as the API does; what is refused changes nothing."""
        user = self.users.get(who)
        context: Any = {"user": user["name"] if user else ""}
        try:
            answer = tk.get_action(action)(context, data)
        except REFUSALS:
            model.Session.rollback()
            self.seen[f"{action} refused"] += 1
            return None
        self.seen[action] += 1
        return answer

    def word(self) -> str:
        return f"zq{uuid.uuid4().hex[:12]}"

    def pick(self, number: int) -> str:
        """Return a dataset or a revision, by its number."""
        return self.ids[number % len(self.ids)] if self.ids else "none"

    def whole(self, package_id: str) -> dict[str, Any]:
        context: Any = {"ignore_auth": True, "use_cache": False}
        try:
            return tk.get_action("package_show")(context, {"id": package_id})
        except tk.ObjectNotFound:
            return {"id": package_id, "resources": []}

    def file(self, number: int, of: int) -> str:
        resources = self.whole(self.pick(number))["resources"]
        return resources[of % len(resources)]["id"] if resources else "none"

    def view(self, number: int) -> dict[str, Any]:
        context: Any = {"ignore_auth": True}
        asked = {"id": self.file(number, 0)}
        try:
            views = tk.get_action("resource_view_list")(context, asked)
        except tk.ObjectNotFound:
            views = []
        return views[0] if views else {"id": "none"}

    # Where it begins

    @initialize()
    def begins_with_three_public_datasets(self) -> None:
        self.ids = [self.fes.public(resources=[self.link()])["id"]]
        self.ids.append(self.fes.approved(resources=[self.link(), self.link()])["id"])
        fed = self.fes.draft()["id"]
        self.ids.append(fed)
        table = self.act("resource_create", "gdd", package_id=fed, upload=self.table())
        self.act("maroc_workflow_submit", "gdd", id=fed)
        cases.settle()
        self.act(
            "maroc_workflow_feed_create",
            "rod",
            id=table["id"],
            account=self.users["stranger"]["name"],
            until=clock.today().isoformat(),
        )
        self.seen["begun"] += 1

    def table(self) -> FileStorage:
        text = f"commune;{self.word()}\nFès;1\n".encode()
        return FileStorage(io.BytesIO(text), "table.csv")

    def link(self) -> dict[str, Any]:
        return {"url": f"https://donnees.example/{self.word()}.csv", "name": "F"}

    # What is written

    @rule(who=decent, content=contents, sent=flags)
    def package_create(self, who: str, content: str, sent: dict[str, Any]) -> None:
        if len(self.ids) < MOST:
            answers = self.fes.answers(**said(self.word(), content), **sent)
            self.act("package_create", who, **answers)

    @rule(who=decent, number=numbers, content=contents, sent=flags)
    def package_patch(
        self, who: str, number: int, content: str, sent: dict[str, Any]
    ) -> None:
        changes = said(self.word(), content)
        self.act("package_patch", who, id=self.pick(number), **changes, **sent)

    @rule(who=decent, number=numbers, content=contents, sent=flags)
    def package_update(
        self, who: str, number: int, content: str, sent: dict[str, Any]
    ) -> None:
        whole = {**self.whole(self.pick(number)), **said(self.word(), content)}
        self.act("package_update", who, **{**whole, **sent})

    @rule(who=decent, number=numbers, content=contents, sent=flags)
    def package_revise(
        self, who: str, number: int, content: str, sent: dict[str, Any]
    ) -> None:
        update = {**said(self.word(), content), **sent}
        match = {"id": self.pick(number)}
        self.act("package_revise", who, match=match, update=update)

    @rule(who=people, number=numbers, private=st.booleans())
    def undelete(self, who: str, number: int, *, private: bool) -> None:
        changes = {"state": "active", "private": private}
        self.act("package_patch", who, id=self.pick(number), **changes)

    @rule(who=decent, number=numbers)
    def resource_create(self, who: str, number: int) -> None:
        self.act(
            "resource_create",
            who,
            package_id=self.pick(number),
            description=self.word(),
            **self.link(),
        )

    @rule(who=decent, number=numbers)
    def resource_upload(self, who: str, number: int) -> None:
        self.act(
            "resource_create",
            who,
            package_id=self.pick(number),
            name="Table",
            url="table.csv",
            url_type="upload",
            upload=self.table(),
        )

    @rule(who=decent, number=numbers, of=small, patch=st.booleans())
    def resource_change(self, who: str, number: int, of: int, *, patch: bool) -> None:
        action = "resource_patch" if patch else "resource_update"
        link = self.link()
        self.act(action, who, id=self.file(number, of), **link)

    @rule(who=decent, number=numbers, of=small)
    def resource_delete(self, who: str, number: int, of: int) -> None:
        self.act("resource_delete", who, id=self.file(number, of))

    @rule(who=decent, number=numbers)
    def resource_reorder(self, who: str, number: int) -> None:
        whole = self.whole(self.pick(number))
        order = [each["id"] for each in reversed(whole["resources"])]
        self.act("package_resource_reorder", who, id=whole["id"], order=order)

    @rule(who=decent, number=numbers)
    def resource_view_create(self, who: str, number: int) -> None:
        view = {"title": self.word(), "view_type": "maroc_table"}
        self.act("resource_view_create", who, resource_id=self.file(number, 0), **view)

    @rule(who=decent, number=numbers)
    def resource_view_update(self, who: str, number: int) -> None:
        view = {**self.view(number), "description": self.word()}
        self.act("resource_view_update", who, **view)

    @rule(who=decent, number=numbers)
    def resource_view_delete(self, who: str, number: int) -> None:
        self.act("resource_view_delete", who, id=self.view(number)["id"])

    @rule(who=people, number=numbers, opens=st.booleans())
    def bulk(self, who: str, number: int, *, opens: bool) -> None:
        name = "public" if opens else "private"
        self.act(
            f"bulk_update_{name}",
            who,
            datasets=[self.pick(number)],
            org_id=self.fes.id,
        )

    @rule(who=people, number=numbers, away=st.booleans(), by_edit=st.booleans())
    def move(self, who: str, number: int, *, away: bool, by_edit: bool) -> None:
        package_id = self.pick(number)
        target = self.elsewhere if away else self.fes.id
        if by_edit:
            self.act("package_patch", who, id=package_id, owner_org=target)
        else:
            self.act(
                "package_owner_org_update",
                who,
                id=package_id,
                organization_id=target,
            )

    @rule(who=people, number=numbers, out=st.booleans())
    def put_in_group(self, who: str, number: int, *, out: bool) -> None:
        data = {
            "id": self.group,
            "object": self.pick(number),
            "object_type": "package",
        }
        if out:
            self.act("member_delete", who, **data)
        else:
            self.act("member_create", who, **data, capacity="public")

    @rule(who=people, rank=st.sampled_from(["member", "editor", "admin"]))
    def change_rank(self, who: str, rank: str) -> None:
        self.act(
            "organization_member_create",
            who,
            id=self.fes.id,
            username=self.users["member"]["name"],
            role=rank,
        )

    @rule(who=people, number=numbers)
    def package_delete(self, who: str, number: int) -> None:
        self.act("package_delete", who, id=self.pick(number))

    @rule(who=people, number=numbers)
    def dataset_purge(self, who: str, number: int) -> None:
        self.act("dataset_purge", who, id=self.pick(number))

    # What is decided

    @rule(who=decent, number=numbers)
    def submit(self, who: str, number: int) -> None:
        self.act("maroc_workflow_submit", who, id=self.pick(number))

    @rule(who=people, number=numbers)
    def approve(self, who: str, number: int) -> None:
        self.act("maroc_workflow_approve", who, id=self.pick(number))

    @rule(number=numbers)
    def submit_and_approve(self, number: int) -> None:
        self.act("maroc_workflow_submit", "gdd", id=self.pick(number))
        self.act("maroc_workflow_approve", "rod", id=self.pick(number))

    @rule(who=people, number=numbers)
    def request_changes(self, who: str, number: int) -> None:
        words = {"": "À revoir."}
        self.act(
            "maroc_workflow_request_changes",
            who,
            id=self.pick(number),
            remarks=words,
        )

    @rule(who=people, number=numbers)
    def withdraw(self, who: str, number: int) -> None:
        self.act("maroc_workflow_withdraw", who, id=self.pick(number), reason="Erreur.")

    @rule(who=decent, number=numbers)
    def schedule(self, who: str, number: int) -> None:
        moment = clock.now() + dt.timedelta(milliseconds=100)
        self.act(
            "maroc_workflow_schedule",
            who,
            id=self.pick(number),
            date=moment.isoformat(),
        )

    @rule(number=numbers)
    def release(self, number: int) -> None:
        try:
            publishing.release(self.pick(number))
        except REFUSALS:
            model.Session.rollback()

    @rule(who=decent, number=numbers, discard=st.booleans())
    def take_back(self, who: str, number: int, *, discard: bool) -> None:
        name = "discard" if discard else "retract"
        self.act(f"maroc_workflow_{name}", who, id=self.pick(number))

    # Living data, which a stranger's program brings

    @rule()
    def the_worker_works(self) -> None:
        cases.settle()

    @rule(who=decent, number=numbers, of=small)
    def feed_create(self, who: str, number: int, of: int) -> None:
        self.act(
            "maroc_workflow_feed_create",
            who,
            id=self.file(number, of),
            account=self.users["stranger"]["name"],
            until=clock.today().isoformat(),
        )

    @rule(who=programs, number=fed, of=small, fits=st.booleans())
    def feed_push(self, who: str, number: int, of: int, *, fits: bool) -> None:
        rows = [{"commune": self.word()}, {"autre": self.word()}][: 1 if fits else 2]
        self.act(
            "maroc_workflow_feed_push", who, id=self.file(number, of), records=rows
        )

    @rule(who=decent, number=numbers, of=small, keep=st.booleans())
    def feed_withdraw(self, who: str, number: int, of: int, *, keep: bool) -> None:
        self.act(
            "maroc_workflow_feed_withdraw",
            who,
            id=self.file(number, of),
            reason="Assez",
            keep=keep,
        )

    @rule(who=decent, number=fed, last=small)
    def version_close(self, who: str, number: int, last: int) -> None:
        known = versions.of(self.pick(number))
        if known:
            version = known[-last]
            self.act(
                "maroc_workflow_version_close",
                who,
                id=version.package_id,
                resource_id=version.resource_id,
                sha256=version.sha256,
                reason="Un nom",
            )

    # What must hold after each

    @invariant()
    def what_anyone_reads_was_decided(self) -> None:
        model.Session.remove()  # a request of its own
        rows = {row.id: row for row in model.Session.execute(_STANDINGS)}
        self.ids = [each for each in self.ids if each in rows]
        self.ids += [each for each in rows if each not in self.ids]
        read = self.read_by_anyone()
        for package_id in read:
            row = rows[package_id]
            assert row.opens_this, (package_id, row)
            answers = read[package_id]["package_show"]
            assert answers["source"], "nothing incomplete is public"
            if answers["third_party"] == "ne-sais-pas":
                examined = row.kind in ("review", "feed")
                assert examined, "what is in doubt was examined"
            if self.decisions.get(package_id) != row.n:
                # A decision was taken: it lets these words out, and no others.
                self.decided |= words_in(read[package_id]["package_show"])
                self.decided |= words_in(read[package_id]["files"])
        undecided = words_in(read) - self.decided
        assert not undecided, (undecided, read)
        self.decisions = {row.id: row.n for row in rows.values()}
        self.seen["steps"] += 1
        self.seen["read"] += len(read)

    def read_by_anyone(self) -> dict[str, dict[str, Any]]:
        """Return all that anyone reads, by dataset and by the way it is read."""
        found = self.act("package_search", "anyone", rows=100)["results"]
        files = self.act("resource_search", "anyone", query="url:http")["results"]
        listed = self.act("package_list", "anyone")
        ids = {each["id"] for each in found}
        shown = {
            each: answer
            for each in self.ids
            if (answer := self.shown(each)) is not None
        }
        names = {answer["name"] for answer in shown.values()}
        assert ids == set(shown), "the search and the page say the same"
        assert set(listed) == names, "the list and the page say the same"
        assert {each["package_id"] for each in files} <= set(shown)
        read = {}
        for each in found:
            package_id = each["id"]
            read[package_id] = {
                "package_show": shown[package_id],
                "package_search": each,
                "files": [self.read_file(package_id, it) for it in each["resources"]],
            }
        return read

    def shown(self, package_id: str) -> dict[str, Any] | None:
        context: Any = {"user": "", "use_cache": False}
        try:
            return tk.get_action("package_show")(context, {"id": package_id})
        except (tk.NotAuthorized, tk.ObjectNotFound):
            return None

    def read_file(self, package_id: str, resource: dict[str, Any]) -> list[Any]:
        views = self.act("resource_view_list", "anyone", id=resource["id"])
        if resource["url_type"] != "upload":
            return [views]
        address = f"/dataset/{package_id}/resource/{resource['id']}/download"
        answer = self.client.get(address, status=200)
        return [views, answer.get_data(as_text=True)]

    def teardown(self) -> None:
        model.Session.remove()
        context: Any = {"user": self.users["add"]["name"], "ignore_auth": True}
        for each in self.ids:
            try:
                tk.get_action("dataset_purge")({**context}, {"id": each})
            except tk.ObjectNotFound:
                model.Session.rollback()
        self.act(
            "organization_member_create",
            "add",
            id=self.fes.id,
            username=self.users["member"]["name"],
            role="member",
        )


def words_in(told: Any) -> set[str]:
    return set(WORD.findall(str(told)))


@pytest.fixture
def machine(clean_index, fes, make_institution, app) -> type[AnySequence]:
    other = make_institution()
    AnySequence.fes, AnySequence.elsewhere = fes, other.id
    AnySequence.users = {
        "gdd": fes.gdd,
        "rod": fes.rod,
        "stranger": other.rod,
        "member": fes.member,
        "add": fes.add,
    }
    AnySequence.group = factories.Group(user=fes.gdd)["id"]
    AnySequence.client, AnySequence.seen = app, Counter()
    return AnySequence


def run(machine: type[AnySequence], examples: int, steps: int, **more: Any) -> None:
    run_state_machine_as_test(
        machine,
        settings=hypothesis.settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
            print_blob=True,
            **more,
        ),
    )
    # Not for nothing: things were opened, refused, kept waiting and withdrawn.
    seen = machine.seen
    assert seen["read"] > seen["steps"] / 4
    for name in ("submit", "approve", "withdraw", "feed_push"):
        assert seen[f"maroc_workflow_{name}"], seen


def test_no_sequence_of_writes_shows_what_was_not_decided(machine):
    run(machine, examples=12, steps=50, derandomize=True)
    assert machine.seen["steps"] >= 500


@pytest.mark.long
def test_no_long_sequence_shows_what_was_not_decided(machine):
    run(machine, examples=125, steps=100)
    assert machine.seen["steps"] >= 10_000
