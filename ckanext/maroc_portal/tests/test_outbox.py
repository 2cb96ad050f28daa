"""Nothing that must happen after a change is ever lost, or done for no change."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

import ckan.plugins as p
from ckan import model
from ckan.tests import factories, helpers

from ckanext.maroc_portal import outbox
from ckanext.maroc_portal.interfaces import IMarocOutbox

from .cases import dataset, in_sql

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db")


class Listener(p.SingletonPlugin):
    """Hears messages, and fails when it is told to."""

    p.implements(IMarocOutbox, inherit=True)
    heard: ClassVar[list[Mapping[str, Any]]] = []
    failing = False

    def get_outbox_handlers(self):
        return {"test.said": self._hear, "dataset.changed": self._hear}

    def _hear(self, payload: Mapping[str, Any]) -> None:
        if Listener.failing:
            raise RuntimeError("not now")
        Listener.heard.append(payload)


@pytest.fixture
def listener(provide_plugin: Any):
    provide_plugin("listener", Listener)
    Listener.heard, Listener.failing = [], False
    with p.use_plugin("listener"):
        yield Listener


def waiting() -> list[Any]:
    with model.ensure_engine().connect() as connection:
        return list(
            connection.execute(
                sa.text("SELECT topic, attempts, error FROM maroc_portal_outbox")
            )
        )


def test_a_message_lives_and_dies_with_its_transaction(listener: type[Listener]):
    outbox.put("test.said", word="lost")
    model.Session.rollback()
    outbox.put("test.said", word="kept")
    model.Session.commit()
    assert outbox.dispatch() == 1
    assert listener.heard == [{"word": "kept"}]
    assert waiting() == []


def test_messages_are_handled_in_their_order(listener: type[Listener]):
    for number in range(20):
        outbox.put("test.said", number=number)
    model.Session.commit()
    outbox.dispatch()
    assert [it["number"] for it in listener.heard] == list(range(20))


def test_a_failing_handler_keeps_its_message_and_says_why(listener: type[Listener]):
    listener.failing = True
    outbox.put("test.said", word="again")
    model.Session.commit()
    assert outbox.dispatch() == 0
    [kept] = waiting()
    assert (kept.attempts, kept.error) == (1, "RuntimeError: not now")

    listener.failing = False
    assert outbox.dispatch() == 0, "it waits before it tries again"
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text("UPDATE maroc_portal_outbox SET retry_at = now()"))
    assert outbox.dispatch() == 1
    assert listener.heard == [{"word": "again"}]


def test_every_change_of_a_dataset_leaves_a_message():
    changed = dataset()
    administrator = {"user": factories.Sysadmin()["name"]}
    helpers.call_action(
        "package_patch", context=administrator, id=changed["id"], version="2"
    )
    helpers.call_action("package_delete", context=dict(administrator), id=changed["id"])
    with model.ensure_engine().connect() as connection:
        found = connection.execute(
            sa.text(
                "SELECT payload ->> 'id' FROM maroc_portal_outbox WHERE topic = :t"
            ),
            {"t": "dataset.changed"},
        ).scalars()
        assert list(found) == [changed["id"]] * 3


def touch(*package_ids: str) -> None:
    for package_id in package_ids:
        in_sql("SELECT maroc_portal_touch(:id)", id=package_id)


def test_messages_about_one_dataset_are_handled_as_one(listener: type[Listener]):
    touch("a", "b", "a", "a")
    assert outbox.dispatch() == 4
    assert listener.heard == [{"id": "a"}, {"id": "b"}]
    assert waiting() == []


def test_workers_share_the_messages_and_never_a_dataset(listener: type[Listener]):
    touch("a", "a", "b")
    with model.ensure_engine().begin() as other:
        held = other.execute(outbox._CLAIM).one()
        assert held.package_id == "a"
        assert outbox.dispatch() == 1
        assert listener.heard == [{"id": "b"}]
        # What is said of it meanwhile waits for who has the dataset.
        touch("a")
        assert outbox.dispatch() == 0
    assert outbox.dispatch() == 3
    assert listener.heard == [{"id": "b"}, {"id": "a"}]


def test_a_new_change_does_not_wait_for_an_older_failure(listener: type[Listener]):
    listener.failing = True
    touch("a")
    assert outbox.dispatch() == 0
    listener.failing = False
    touch("a")
    assert outbox.dispatch() == 2
    assert waiting() == []


KILLED = """
import os, signal, sys
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
app = make_app(CKANConfigLoader(sys.argv[1]).get_config())
from ckanext.maroc_portal import outbox
outbox._handle = lambda each, row: os.kill(os.getpid(), signal.SIGKILL)
outbox.dispatch()
"""


def test_a_worker_killed_at_a_message_loses_none(listener: type[Listener]):
    outbox.put("test.said", word="survives")
    model.Session.commit()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, os.environ["CKAN_INI"]],
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    assert outbox.dispatch() == 1
    assert listener.heard == [{"word": "survives"}]
