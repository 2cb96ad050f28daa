"""What is not public is nobody else's, asked of the running portal by HTTP.

The portal's web processes connect as the role that owns nothing, so the database's own
rules hold here, as in production.
"""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, ValidationError
from portalctl import bringup, postgres, settings
from portalctl.instance import Instance

from ckanext.maroc_law.tests.cases import lawful

CANARY = "zz" + secrets.token_hex(4)
"""Stands in everything that strangers must not read."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody of one institution, on the running portal."""

    name: str
    institution: str
    api: RemoteCKAN
    token: str


def token_of(instance: Instance, name: str) -> str:
    printed = subprocess.run(
        [*bringup.ckan_command(instance), "user", "token", "add", name, "leaks"],
        env=settings.environment(instance, "owner"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return printed.split()[-1]


def person(instance: Instance, administrator: RemoteCKAN, role: str) -> Person:
    mark = secrets.token_hex(4)
    name, institution = f"person-{mark}", f"institution-{mark}"
    administrator.action.organization_create(
        name=institution,
        title_translated={"fr": f"Commune {mark}", "ar": "جماعة"},
        body_kind="collectivite-territoriale",
    )
    administrator.action.user_create(
        name=name, email=f"{mark}@essai.invalid", password=secrets.token_hex(16)
    )
    administrator.action.organization_member_create(
        id=institution, username=name, role=role
    )
    token = token_of(instance, name)
    api = RemoteCKAN(instance.site_url, apikey=token)
    return Person(name=name, institution=institution, api=api, token=token)


@pytest.fixture(scope="module")
def owner(instance: Instance, administrator: RemoteCKAN) -> Person:
    return person(instance, administrator, "editor")


@pytest.fixture(scope="module")
def stranger(instance: Instance, administrator: RemoteCKAN) -> Person:
    return person(instance, administrator, "editor")


def draft(owner: Person, **changed: Any) -> dict[str, Any]:
    return owner.api.action.package_create(
        **{
            **lawful(),
            "name": f"draft-{secrets.token_hex(4)}",
            "owner_org": owner.institution,
            "private": True,
            **changed,
        }
    )


@pytest.fixture(scope="module")
def secret(owner: Person) -> Iterator[dict[str, Any]]:
    """Return a private dataset, full of canaries."""
    made = draft(
        owner,
        name=CANARY,
        title_translated={"fr": f"Titre {CANARY}", "ar": f"عنوان {CANARY}"},
        notes_translated={"fr": f"Notes {CANARY}"},
        tags=[{"name": f"mot {CANARY}"}],
        resources=[
            {
                "name": f"Fichier {CANARY}",
                "url": f"https://example.ma/{CANARY}.csv",
                "format": f"F{CANARY}",
            }
        ],
    )
    view = owner.api.action.resource_view_create(
        resource_id=made["resources"][0]["id"],
        title=f"Vue {CANARY}",
        view_type="maroc_table",
    )
    owner.api.action.package_patch(id=made["id"], version=CANARY)
    yield {**made, "view": view}
    owner.api.action.package_delete(id=made["id"])


PROBES: dict[str, dict[str, Any]] = {
    "tag_list": {},
    "tag_search": {"query": CANARY},
    "tag_autocomplete": {"query": CANARY},
    "member_list": {"id": "{institution}", "object_type": "package"},
    "organization_activity_list": {"id": "{institution}"},
    "user_activity_list": {"id": "{owner}"},
    "recently_changed_packages_activity_list": {},
    "package_activity_list": {"id": "{dataset}"},
    "format_autocomplete": {"q": CANARY},
    "package_list": {"limit": 1000},
    "current_package_list_with_resources": {"limit": 1000},
    "package_search": {"q": CANARY, "include_private": True, "include_drafts": True},
    "package_show": {"id": "{dataset}"},
    "package_autocomplete": {"q": CANARY},
    "resource_search": {"query": f"name:{CANARY}"},
    "resource_show": {"id": "{resource}"},
    "resource_view_list": {"id": "{resource}"},
    "resource_view_show": {"id": "{view}"},
    "user_show": {"id": "{owner}", "include_datasets": True},
    "group_package_show": {"id": "{institution}"},
    "dataset_follower_list": {"id": "{dataset}"},
}
PUBLIC_ALONE = {
    "current_package_list_with_resources",
    "dataset_follower_list",
    "format_autocomplete",
    "group_package_show",
    "organization_activity_list",
    "package_list",
    "resource_search",
    "user_show",
}
"""What tells even the institution's own people of public datasets alone."""

PAGES = (
    "/fr/dataset/{dataset}",
    "/fr/dataset/{dataset}/resource/{resource}",
    "/fr/dataset/activity/{dataset}",
    "/fr/user/{owner}",
    "/fr/user/activity/{owner}",
    "/fr/organization/{institution}",
    "/fr/organization/activity/{institution}",
    "/fr/dataset/?q=" + CANARY,
    "/api/2/util/tag/autocomplete?incomplete=" + CANARY,
    "/api/2/util/resource/format_autocomplete?incomplete=" + CANARY,
    "/feeds/dataset.atom",
    "/catalog.ttl",
)


@pytest.fixture
def known(secret: dict[str, Any], owner: Person) -> dict[str, str]:
    return {
        "institution": owner.institution,
        "owner": owner.name,
        "dataset": secret["id"],
        "resource": secret["resources"][0]["id"],
        "view": secret["view"]["id"],
    }


def leaks(body: str, known: dict[str, str], asked: str) -> list[str]:
    """Return what a stranger reads in an answer and did not say in the question."""
    told = {key: known[key] for key in ("dataset", "resource", "view")}
    asked = asked.lower()
    found = [key for key, value in told.items() if value in body and value not in asked]
    if CANARY in body.lower() and CANARY not in asked:
        found.append("canary")
    # What was asked stands in the answer too: more than that is a leak.
    return found + (["canary"] if f"mot {CANARY}" in body.lower() else [])


@pytest.fixture(params=["anonymous", "stranger"])
def headers(request: pytest.FixtureRequest, stranger: Person) -> dict[str, str]:
    return {} if request.param == "anonymous" else {"Authorization": stranger.token}


@pytest.mark.parametrize("action", PROBES)
def test_no_action_tells_strangers(
    instance: Instance, known: dict, headers: dict, action: str
):
    asked = {
        key: value.format(**known) if isinstance(value, str) else value
        for key, value in PROBES[action].items()
    }
    answer = requests.post(
        f"{instance.site_url}/api/3/action/{action}",
        json=asked,
        headers=headers,
        timeout=60,
    )
    assert answer.status_code < 500, answer.text
    body = answer.json()
    result = str(body.get("result", "")) + str(body.get("error", ""))
    assert leaks(result, known, str(asked)) == []


@pytest.mark.parametrize("page", PAGES, ids=[each.split("zz")[0] for each in PAGES])
def test_no_page_tells_strangers(
    instance: Instance, known: dict, headers: dict, page: str
):
    path = page.format(**known)
    answer = requests.get(instance.site_url + path, headers=headers, timeout=60)
    assert answer.status_code < 500
    assert leaks(answer.text, known, path) == []


@pytest.mark.parametrize("action", sorted(set(PROBES) - PUBLIC_ALONE))
def test_its_own_people_still_read(known: dict, owner: Person, action: str):
    asked = {
        key: value.format(**known) if isinstance(value, str) else value
        for key, value in PROBES[action].items()
    }
    result = str(owner.api.call_action(action, asked))
    assert CANARY in result.lower() or known["dataset"] in result


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("group_autocomplete", 409),
        ("organization_autocomplete", 409),
        ("package_collaborator_list", 403),
        ("datastore_search_sql", 400),
    ],
)
def test_a_question_that_lacks_something_gets_a_sentence(
    instance: Instance, known: dict, action: str, status: int
):
    data = {"id": known["dataset"]} if "collaborator" in action else {}
    answer = requests.post(
        f"{instance.site_url}/api/3/action/{action}", json=data, timeout=60
    )
    assert answer.status_code in (status, 404)


def test_a_name_that_another_institution_took_is_refused_with_a_sentence(
    secret: dict, stranger: Person
):
    with pytest.raises(ValidationError) as refused:
        draft(stranger, name=secret["name"])
    assert list(refused.value.error_dict["name"])


def test_strangers_change_nothing(secret: dict, stranger: Person):
    for action in ("package_patch", "package_delete"):
        with pytest.raises((NotFound, NotAuthorized)):
            stranger.api.call_action(action, {"id": secret["id"], "version": "x"})


def test_people_of_the_institution_do_all_they_did(
    owner: Person, administrator: RemoteCKAN
):
    act = owner.api.action
    made = draft(owner, tags=[{"name": "mot à moi"}])
    act.package_patch(id=made["id"], version="2")
    file = act.resource_create(
        package_id=made["id"], name="Un", url="https://example.ma/un.csv", format="CSV"
    )
    act.resource_patch(id=file["id"], name="Deux")
    shown = act.package_show(id=made["name"])
    assert (shown["version"], shown["resources"][0]["name"]) == ("2", "Deux")
    act.package_update(**{**shown, "version": "3"})
    found = act.package_search(fq=f"id:{made['id']}", include_private=True)
    assert found["count"] == 1
    act.follow_dataset(id=made["id"])
    [followed] = act.dataset_followee_list(id=owner.name)
    assert followed["id"] == made["id"]
    act.resource_delete(id=file["id"])
    act.package_delete(id=made["id"])
    administrator.action.dataset_purge(id=made["id"])
    assert act.dataset_followee_list(id=owner.name) == []


def test_a_dataset_moves_between_two_institutions_of_one_person(
    owner: Person, stranger: Person, administrator: RemoteCKAN
):
    made = draft(owner)
    administrator.action.organization_member_create(
        id=stranger.institution, username=owner.name, role="editor"
    )
    moved = owner.api.action.package_patch(
        id=made["id"], owner_org=stranger.institution
    )
    assert moved["organization"]["name"] == stranger.institution
    assert stranger.api.action.package_show(id=made["id"])["id"] == made["id"]
    administrator.action.organization_member_delete(
        id=stranger.institution, username=owner.name
    )
    with pytest.raises((NotFound, NotAuthorized)):
        owner.api.action.package_show(id=made["id"])
    administrator.action.dataset_purge(id=made["id"])


def test_a_withdrawal_empties_the_streams_at_once(instance: Instance, known: dict):
    """Core keeps in an activity what the dataset said, and who might read it then."""

    def anonymous(action: str, **asked: Any) -> str:
        answer = requests.post(
            f"{instance.site_url}/api/3/action/{action}", json=asked, timeout=60
        )
        return answer.text

    postgres.execute(
        instance,
        settings.MAIN_DATABASE,
        "UPDATE activity SET permission_labels = '{public}'"
        f" WHERE object_id = '{known['dataset']}'",
    )
    for action in ("user_activity_list", "organization_activity_list"):
        asked = known["owner"] if action.startswith("user") else known["institution"]
        assert CANARY not in anonymous(action, id=asked).lower()
