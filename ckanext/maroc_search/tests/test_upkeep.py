"""The index is brought back in step with the database, whatever happened."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.lib.search.common import make_connection
from ckan.tests import factories, helpers

from ckanext.maroc_portal.tests import cases
from ckanext.maroc_search import upkeep

from .conftest import Publish

Found = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("known", "indexed", "outdated", "extra"),
    [
        ({"a": "1"}, {"a": "1"}, set(), set()),
        ({"a": "2"}, {"a": "1"}, {"a"}, set()),
        ({"a": "1"}, {"a": "2"}, {"a"}, set()),
        ({"a": "1"}, {}, {"a"}, set()),
        ({}, {"a": "1"}, set(), {"a"}),
    ],
)
def test_a_gap_is_what_differs_either_way(
    known: dict[str, str], indexed: dict[str, str], outdated: set[str], extra: set[str]
):
    gap = upkeep.compare(known, indexed)
    assert (gap.outdated, gap.extra) == (outdated, extra)


@pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")
def test_what_solr_lost_missed_or_kept_too_long_is_mended(
    publish: Publish, found: Found
):
    lost = publish({"fr": "Perdu"}, name="lost")
    publish({"fr": "Intact"}, name="intact")
    stale = publish({"fr": "Vieux"}, name="stale")
    ghost = publish({"fr": "Parti"}, name="ghost")
    gone = publish({"fr": "X"}, name="gone")
    administrator = {"user": factories.Sysadmin()["name"]}
    helpers.call_action("package_delete", context=administrator, id=gone["id"])
    search.clear("lost")
    model.Session.execute(
        sa.text(
            "UPDATE package SET title = 'Neuf', metadata_modified = now(),"
            " private = true, extras = extras - 'title_translated' WHERE id = :id"
        ),
        {"id": stale["id"]},
    )
    model.Session.execute(
        sa.text("UPDATE package SET state = 'deleted' WHERE id = :id"),
        {"id": ghost["id"]},
    )
    model.Session.commit()
    cases.publish(stale["id"])
    make_connection().commit()
    assert sorted(_indexed()) == ["ghost", "intact", "stale"]

    gap = upkeep.mend()
    # A dataset that was indexed just now may still be on its way to the database.
    assert (gap.outdated, gap.extra) == ({lost["id"], stale["id"]}, set())
    assert sorted(_indexed()) == ["ghost", "intact", "lost", "stale"]
    assert found("neuf") == ["stale"]

    _age_in_the_index(ghost["id"])
    gap = upkeep.mend()
    assert (gap.outdated, gap.extra) == (set(), {ghost["id"]})
    assert sorted(found()) == ["intact", "lost", "stale"]


def _indexed() -> list[str]:
    """Return what Solr holds; a search leaves out what the database has closed."""
    fq = f"site_id:{tk.config['ckan.site_id']}"
    return [it["name"] for it in make_connection().search("*:*", fq=fq, rows=99)]


def _age_in_the_index(dataset_id: str) -> None:
    """Let Solr believe that it indexed a dataset an hour ago."""
    solr = make_connection(decode_dates=False)
    document = solr.search(f"id:{dataset_id}").docs[0]
    del document["_version_"]
    document["indexed_ts"] = "2026-01-01T00:00:00Z"
    solr.add([document], commit=True)
