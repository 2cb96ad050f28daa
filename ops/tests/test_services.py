"""Each service killed with kill -9, and ``./portal up`` again: nothing is lost."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from ckanapi import RemoteCKAN
from portalctl import bringup, condition, settings, supervision
from portalctl.instance import SERVICES, Instance

from ckanext.maroc_law.tests.cases import lawful

pytestmark = pytest.mark.services


def pid_of(instance: Instance, name: str) -> int:
    return int(supervision.process(instance, name)["pid"])


@pytest.fixture
def kept(instance: Instance, administrator: RemoteCKAN) -> Iterator[Any]:
    """Leave something in every store, and give a function that finds it again."""
    mark = uuid.uuid4().hex[:8]
    dataset = administrator.action.package_create(
        **lawful(
            name=f"survit-{mark}",
            title_translated={"fr": f"Survit {mark}", "ar": "يبقى"},
            owner_org="add",
        )
    )
    administrator.action.maroc_workflow_submit(id=dataset["id"])
    link = redis.Redis(
        port=instance.port_of("redis"), password=settings.secrets(instance)["redis"]
    )
    link.set(f"kept:{mark}", "yes")
    time.sleep(1.1)  # appendfsync everysec: what is a second old is on the disk

    def found() -> dict[str, bool]:
        anonymous = RemoteCKAN(instance.site_url)
        return {
            "postgresql": anonymous.action.package_show(id=dataset["id"])["name"]
            == dataset["name"],
            "redis": link.get(f"kept:{mark}") == b"yes",
            "solr": anonymous.action.package_search(q=f"name:{dataset['name']}")[
                "count"
            ]
            == 1,
        }

    yield found
    administrator.action.dataset_purge(id=dataset["id"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_killed_service_comes_back_with_nothing_lost(
    instance: Instance,
    kept: Any,
    name: str,
):
    bringup.start_services(instance, demo=False)
    killed = pid_of(instance, name)
    assert killed > 1
    os.kill(killed, signal.SIGKILL)
    bringup.start_services(instance, demo=False)
    assert pid_of(instance, name) != killed
    assert condition.describe(instance)["healthy"]
    assert kept() == {"postgresql": True, "redis": True, "solr": True}


def test_a_killed_supervisor_leaves_no_orphan_in_the_way(
    instance: Instance,
    kept: Any,
):
    before = {name: pid_of(instance, name) for name in SERVICES}
    keeper = int((instance.var / "run" / "supervisord.pid").read_text())
    os.kill(keeper, signal.SIGKILL)
    bringup.start_services(instance, demo=False)
    after = {name: pid_of(instance, name) for name in SERVICES}
    assert not set(before.values()) & set(after.values())
    assert kept() == {"postgresql": True, "redis": True, "solr": True}


def test_an_unhealthy_service_shows_in_the_status(instance: Instance):
    supervision.stop(instance, "redis")
    try:
        state = condition.describe(instance)
        unhealthy = {it["name"] for it in state["services"] if not it["healthy"]}
        assert not state["healthy"]
        assert "redis" in unhealthy
    finally:
        bringup.start_services(instance, demo=False)
    assert condition.describe(instance)["healthy"]


def test_the_idle_portal_needs_less_than_two_and_a_half_gibibytes(
    instance: Instance,
):
    services = condition.describe(instance)["services"]
    total = sum(it["memory_kib"] for it in services)
    assert 100 * 1024 < total < 2.5 * 1024 * 1024, services
