"""Every known way to write opens nothing here, and does on CKAN as it comes."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.logic import schema
from ckan.logic.action import create as core_create
from ckan.logic.action import update as core_update
from ckan.tests import factories

from ckanext.maroc_portal import indexing
from ckanext.maroc_portal.tests import cases
from ckanext.maroc_workflow import gate, trail
from ckanext.maroc_workflow.tests.attempts import (
    ATTEMPTS,
    UNTRIED,
    Attempt,
    Dataset,
    House,
    outcome,
)
from ckanext.maroc_workflow.tests.conftest import IN_DOUBT, Institution, act, is_seen

PATHS = [f"W{number}" for number in range(1, 25)]
CASES = [
    pytest.param(attempt, by, id=f"{attempt} by {by}")
    for attempt in ATTEMPTS
    for by in attempt.by
]


# On stock CKAN


@pytest.fixture(scope="session")
def stock(tmp_path_factory: Any) -> Iterator[subprocess.Popen[str]]:
    """Let stock CKAN try everything meanwhile, in a process of its own."""
    environment = {
        **os.environ,
        "CKAN_SQLALCHEMY_URL": os.environ["TEST_STOCK_DATABASE_URL"],
        "CKAN_REDIS_URL": os.environ["TEST_STOCK_REDIS_URL"],
        "CKAN_SITE_ID": "stock",
    }
    folder = tmp_path_factory.mktemp("stock")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ckanext.maroc_workflow.tests.stock", str(folder)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        yield process
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def on_stock(stock: subprocess.Popen[str]) -> dict[str, Any]:
    """Return what stock CKAN opened, by the attempt's name."""
    printed, _ = stock.communicate(timeout=280)
    assert stock.returncode == 0, "stock CKAN could not be run"
    return json.loads(printed)


# On the portal


class Here(House):
    """The portal's own institution; its datasets are ones that a ROD must examine."""

    view = "maroc_table"
    institution: Institution

    def answers(self, word: str) -> Dataset:
        title = {"title_translated": {"fr": word, "ar": "مدارس"}}
        return {**self.institution.answers(**IN_DOUBT), **title}

    def says(self, word: str) -> Dataset:
        return {"source": word}

    def publish(self, dataset: Dataset) -> None:
        act("maroc_workflow_submit", self.institution.gdd, id=dataset["id"])
        decider = self.institution.other_rod
        told = act("maroc_workflow_approve", decider, id=dataset["id"])
        assert told["public"], told

    def adopt(self, dataset: Dataset) -> None:
        cases.publish(dataset["id"])
        indexing.update(dataset["id"])

    def withdraw(self, dataset: Dataset) -> None:
        rod = self.institution.rod
        act("maroc_workflow_withdraw", rod, id=dataset["id"], reason="Erreur.")


STANDING: dict[str, Here] = {}
"""The house that the attempts share, made once: none sees another's datasets."""


@pytest.fixture
def here(request, app) -> Here:
    known = STANDING.get("house")
    if known is None or model.Group.get(known.organization) is None:
        fes = request.getfixturevalue("fes")
        elsewhere = request.getfixturevalue("make_institution")()
        act(
            "organization_member_create",
            fes.add,
            id=elsewhere.id,
            username=fes.gdd["name"],
            role="admin",
        )
        known = Here(
            organization=fes.id,
            elsewhere=elsewhere.id,
            group=factories.Group(user=fes.outsider)["id"],
            people={
                name: getattr(fes, name)["name"]
                for name in ("gdd", "rod", "outsider", "add")
            },
            client=app,
        )
        known.institution = fes
        STANDING["house"] = known
    known.client = app
    return known


@pytest.mark.usefixtures("stock")
@pytest.mark.parametrize(("attempt", "by"), CASES)
def test_nothing_is_read_that_no_decision_opens(here, attempt: Attempt, by: str):
    found = outcome(here, attempt, by)
    assert found["untouched"], (found["said"], found["before"], found["after"])
    if attempt.refused:
        assert attempt.refused in found["said"]
    else:
        assert found["said"] == ""
    assert trail.uncovered() == []


def test_every_path_of_the_threat_model_is_tried_or_says_why_not():
    untried = {each.path: each.why for each in UNTRIED}
    tried = {each.path for each in ATTEMPTS}
    assert sorted({*untried, *tried} - {"views"}) == sorted(PATHS)
    assert not tried & set(untried)
    assert all(untried.values())


# On stock CKAN, in the end: it has had its time meanwhile


@pytest.mark.parametrize(
    "attempt", [each for each in ATTEMPTS if not each.not_on_stock], ids=str
)
def test_on_stock_ckan_the_same_attempt_opens(on_stock, attempt: Attempt):
    found = on_stock[str(attempt)]
    assert found["opened"], found["said"]
    assert found["said"] == ""


# By a plugin that means to open


def _set_open(action: Any, context: Any, data: dict[str, Any]) -> Any:
    return action(context, data | {"private": False, "state": "active"})


def _skip_the_form(action: Any, context: Any, data: dict[str, Any]) -> Any:
    if data.get("id"):
        context["schema"] = schema.default_update_package_schema()
    else:
        context["schema"] = schema.default_create_package_schema()
    context |= {"ignore_auth": True, "allow_state_change": True}
    return _set_open(action, context, data)


def _write_the_row(action: Any, context: Any, data: dict[str, Any]) -> Any:
    answer = action(context, data)
    package = model.Package.get(answer if isinstance(answer, str) else answer["id"])
    assert package
    package.private = False
    model.Session.commit()
    return answer


def _write_past_the_session(action: Any, context: Any, data: dict[str, Any]) -> Any:
    answer = action(context, data)
    package_id = answer if isinstance(answer, str) else answer["id"]
    with model.ensure_engine().begin() as connection:
        statement = "UPDATE package SET private = false WHERE id = :id"
        connection.execute(sa.text(statement), {"id": package_id})
    return answer


def _write_the_row_inside(action: Any, context: Any, data: dict[str, Any]) -> Any:
    Meddler.inside = True
    try:
        return action(context, data)
    finally:
        Meddler.inside = False


MEDDLINGS = (
    _set_open,
    _skip_the_form,
    _write_the_row,
    _write_the_row_inside,
    _write_past_the_session,
)


@tk.chained_action
def package_create(original_action: Any, context: Any, data_dict: Any) -> Any:
    return Meddler.meddles(original_action, context, data_dict)


@tk.chained_action
def package_update(original_action: Any, context: Any, data_dict: Any) -> Any:
    return Meddler.meddles(original_action, context, data_dict)


class Meddler(p.SingletonPlugin):
    """A plugin by whose will all that is written is public."""

    p.implements(p.IActions)
    p.implements(p.IPackageController, inherit=True)
    meddles: Any = staticmethod(lambda action, context, data: action(context, data))
    inside = False

    def get_actions(self) -> dict[str, Any]:
        return {"package_create": package_create, "package_update": package_update}

    def after_dataset_create(self, context: Any, pkg_dict: Any) -> None:
        self.after_dataset_update(context, pkg_dict)

    def after_dataset_update(self, context: Any, pkg_dict: Any) -> None:
        if Meddler.inside:
            package = model.Package.get(pkg_dict["id"])
            assert package
            package.private = False


@pytest.fixture(params=["first", "last"])
def meddler(request, fes, ckan_config, provide_plugin, monkeypatch) -> type[Meddler]:
    """Load a plugin before and after ours."""
    provide_plugin("meddler", Meddler)
    ours = tk.aslist(ckan_config["ckan.plugins"])
    names = ["meddler", *ours] if request.param == "first" else [*ours, "meddler"]
    monkeypatch.setitem(ckan_config, "ckan.plugins", names)
    p.load_all()
    yield Meddler
    p.unload_all()


def attempted(action: str, user: Any, **data: Any) -> Any:
    """Return what the action answers, or nothing where it is refused."""
    try:
        return act(action, user, **data)
    except (tk.ValidationError, sa.exc.DBAPIError):
        model.Session.rollback()
        return None


def test_a_plugin_that_means_to_open_opens_nothing(fes, meddler, monkeypatch):
    plain = Meddler.meddles
    public, withdrawn = fes.approved(), fes.public()
    act("maroc_workflow_withdraw", fes.rod, id=withdrawn["id"], reason="Non.")
    closed = [fes.draft(), fes.draft(**IN_DOUBT), withdrawn]
    for meddling in MEDDLINGS:
        name = meddling.__name__
        monkeypatch.setattr(Meddler, "meddles", staticmethod(meddling))
        for each in closed:
            attempted("package_patch", fes.gdd, id=each["id"], source=name)
            assert not is_seen(each["id"]), name
        edited = attempted("package_patch", fes.add, id=public["id"], source=name)
        assert act("package_show", None, id=public["id"])["source"] == public["source"]
        answers = fes.answers()
        attempted("package_create", fes.gdd, **answers)
        made = model.Package.by_name(answers["name"])
        assert made is None or not is_seen(made.id), name
        monkeypatch.setattr(Meddler, "meddles", staticmethod(plain))
        if edited:
            act("maroc_workflow_discard", fes.gdd, id=edited["id"])
    assert trail.uncovered() == []


def test_our_actions_stay_innermost_whatever_the_order_of_the_plugins(
    meddler, monkeypatch
):
    found: list[Any] = []

    def looks(action: Any, context: Any, data: Any) -> Any:
        while isinstance(action, functools.partial):
            action = action.args[0]
        found.append((action.__module__, action.__name__))
        raise tk.NotAuthorized

    monkeypatch.setattr(meddler, "meddles", staticmethod(looks))
    for name in ("package_create", "package_update"):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action(name)({"ignore_auth": True}, {"id": "x"})
    ours = "ckanext.maroc_workflow.logic.action"
    assert found == [(ours, "package_create"), (ours, "package_update")]


# What the gate stands on in core


@pytest.fixture
def outside():
    """Another connection, which sees what is committed and nothing else."""
    with model.ensure_engine().connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


_TITLE = sa.text("SELECT title FROM package WHERE name = :name")
DEFERRED = {"defer_commit": True, "return_id_only": True, "ignore_auth": True}


def indexed(name: str) -> list[dict[str, Any]]:
    query = {"q": f'name:"{name}"', "fl": "title,name", "fq": "state:*"}
    return search.query_for("package").run(query)["results"]


def test_core_flushes_what_it_creates_and_leaves_commit_and_index_to_us(fes, outside):
    answers = fes.answers()
    context: Any = {"user": fes.gdd["name"], "model": model, "session": model.Session}
    made = core_create.package_create({**context, **DEFERRED}, dict(answers))
    name = {"name": answers["name"]}
    assert isinstance(made, str)
    assert model.Session.execute(_TITLE, name).scalar_one()
    assert outside.execute(_TITLE, name).first() is None
    assert indexed(answers["name"]) == []
    model.Session.rollback()
    assert outside.execute(_TITLE, name).first() is None


def test_core_flushes_what_it_updates_and_leaves_commit_and_index_to_us(fes, outside):
    made = fes.draft()
    before = outside.execute(_TITLE, {"name": made["name"]}).scalar_one()
    context: Any = {"user": fes.gdd["name"], "model": model, "session": model.Session}
    changed = {**made, "title_translated": {"fr": "Autre", "ar": "آخر"}}
    changed.pop("workflow")
    told = core_update.package_update({**context, **DEFERRED}, changed)
    assert told == made["id"]
    name = {"name": made["name"]}
    assert model.Session.execute(_TITLE, name).scalar_one() != before
    assert outside.execute(_TITLE, name).scalar_one() == before
    [found] = indexed(made["name"])
    assert found["title"] == before
    model.Session.rollback()


# What the hash covers

WHEN = "says when it was written, by the machine"
COUNTED = "whether it is public is decided by this very hash"
ID = "a number that nobody reads, made when the row is"
LEFT_OUT = {
    "package": {
        "id": "what the decision is about",
        "metadata_created": WHEN,
        "metadata_modified": WHEN,
        "private": COUNTED,
        "state": COUNTED,
        "plugin_data": "never shown to anyone",
        "creator_user_id": "who made it first, which no write changes",
    },
    "resource": {
        "created": WHEN,
        "last_modified": WHEN,
        "metadata_modified": WHEN,
        "size": "follows from the bytes, of which the hash is covered",
        "cache_url": "where a machine put a copy",
        "cache_last_updated": WHEN,
    },
    "resource_view": {},
    "package_tag": {"id": ID},
    "tag": {"id": ID},
    "member": {"id": ID},
    "package_relationship": {},
}
ALIASES = {"resource_view": "view", "package_relationship": "kin"}


@pytest.mark.parametrize("table", LEFT_OUT)
def test_every_column_of_a_dataset_is_covered_or_left_out_for_a_reason(table):
    with model.ensure_engine().connect() as connection:
        there = {each["name"] for each in sa.inspect(connection).get_columns(table)}
    alias = ALIASES.get(table, table)
    text = Path(gate.__file__).with_name("sql").joinpath("content.sql").read_text()
    code = re.sub(r"--.*", "", text).replace('"', "")
    named = set(re.findall(rf"\b{alias}\.(\w+)", code))
    # Rows that are joined by an id need not say it.
    reasons = LEFT_OUT[table]
    assert named | set(reasons) == there
    assert set(reasons) & named <= {"id"}
    assert all(reasons.values())
