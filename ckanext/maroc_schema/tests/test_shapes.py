"""Whatever shape comes in by the API, the answer is a sentence and never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ckan.tests import factories as core_factories

from . import factories

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

ODD: list[Any] = [5, ["a"], [["a"]], {"a": 1}, "a\x00b", "\udc00"]
FIELDS = [
    "owner_org",
    "name",
    "id",
    "type",
    "title",
    "notes",
    "title_translated",
    "notes_translated",
    "private",
    "state",
    "resources",
    "tags",
    "tags_translated",
    "extras",
    "groups",
    "license_id",
    "source",
    "issued",
    "version",
    "classification",
    "geographic_coverage",
    "personal_identifiers",
    "url",
    "author",
    "maintainer",
]
RESOURCE = [
    "name",
    "name_translated",
    "description",
    "url",
    "format",
    "language",
    "role",
    "schema",
    "hash",
]

ORGANIZATION = [
    "name",
    "title",
    "title_translated",
    "description",
    "body_kind",
    "parent_institution",
    "territory",
    "contact_email",
    "rod_date",
    "review_policy",
    "image_url",
    "users",
    "extras",
]


def send(app: Any, action: str, data: dict[str, Any], token: str) -> Any:
    return app.post(
        f"/fr/api/3/action/{action}",
        data=json.dumps(data),
        headers={"Authorization": token, "Content-Type": "application/json"},
    )


def told(answer: Any) -> None:
    """Hold an answer to what every answer owes: a result or sentences, never a 500."""
    assert answer.status_code in (200, 400, 403, 404, 409), answer.body[:2000]
    if answer.status_code == 409:
        assert answer.json["error"]


@pytest.mark.parametrize("field", FIELDS)
def test_a_dataset_is_taken_or_refused(app, field):
    user, owner = core_factories.SysadminWithToken(), factories.institution()
    for value in ODD:
        sent = {**factories.lawful(owner_org=owner["id"]), field: value}
        told(send(app, "package_create", sent, user["token"]))


@pytest.mark.parametrize("field", RESOURCE)
def test_a_file_is_taken_or_refused(app, field):
    user, made = core_factories.SysadminWithToken(), factories.dataset()
    for value in ODD:
        sent = {
            "package_id": made["id"],
            "url": "https://www.fes.ma/a.csv",
            field: value,
        }
        told(send(app, "resource_create", sent, user["token"]))


@pytest.mark.parametrize("field", ORGANIZATION)
def test_an_institution_is_taken_or_refused(app, field):
    user, made = core_factories.SysadminWithToken(), factories.institution()
    for value in ODD:
        sent = {"id": made["id"], field: value}
        told(send(app, "organization_patch", sent, user["token"]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(field=st.sampled_from(FIELDS), value=JSON)
def test_anything_at_all_is_taken_or_refused(app, field, value):
    user = core_factories.SysadminWithToken()
    sent = {**factories.lawful(owner_org=factories.institution()["id"]), field: value}
    told(send(app, "package_create", sent, user["token"]))


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    sent=st.dictionaries(
        st.sampled_from(["classification", "personal_data", "issued", "resources"]),
        JSON,
    )
)
def test_the_law_has_an_answer_to_anything(app, sent):
    answer = app.post(
        "/api/3/action/maroc_law_assess",
        data=json.dumps(sent),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 200
    assert answer.json["result"]["outcome"] != "publishable"
