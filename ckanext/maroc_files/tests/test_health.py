"""What of the files can fail while the rest of the portal works."""

from __future__ import annotations

import pytest

from ckanext.maroc_files import health
from ckanext.maroc_files.tests.test_loading import SMALL, waited
from ckanext.maroc_portal import health as portal
from ckanext.maroc_portal import periodic


def test_the_portal_asks_about_the_datastore_and_the_loading(institution):
    found = portal.results()
    assert found["datastore"] is None
    assert found["files.load"] is None


def test_tables_that_nothing_loads_are_a_failure(institution):
    resource = institution.deposit(SMALL, "a.csv")
    periodic.run("portal.outbox")
    health.loading()
    waited(resource, "4 hours")
    with pytest.raises(RuntimeError, match="1 tables wait"):
        health.loading()
