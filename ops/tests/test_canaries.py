"""A crawl of the running portal by strangers: they find no word of what is not public.

Every action and every address of the application is asked, over HTTP, of datasets in
every state that is not public, full of words that stand nowhere else. What is new in
the application and stands in no table here fails the test: it must be given its place.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
import requests
from ckanapi import RemoteCKAN
from portalctl.instance import Instance

from ckan import logic

from ckanext.maroc_law.tests.cases import lawful

MARK = f"zz{secrets.token_hex(4)}"
STATES = (
    "withdrawn",
    "draft",
    "submitted",
    "changes_requested",
    "scheduled",
    "revision",
    "deleted",
    "purged",
)
READERS = ("anonymous", "stranger")
DOUBT = {"third_party": "ne-sais-pas"}


def names(words: str) -> list[str]:
    return words.split()


# How each action is asked: with what stands here, of each state where it names one.

ABOUT_ONE = {
    "dataset": {
        "with": {"id": "{dataset}"},
        "actions": names(
            """
            am_following_dataset bulk_update_delete dataset_follower_count
            dataset_follower_list dataset_purge dcat_dataset_show follow_dataset
            maroc_kpi_confirm_unchanged maroc_kpi_confirmation_list
            maroc_kpi_quality_show maroc_usage_show maroc_workflow_approve
            maroc_workflow_consultation_list
            maroc_workflow_decision_list maroc_workflow_discard maroc_workflow_feed_list
            maroc_workflow_retract maroc_workflow_show maroc_workflow_submit
            package_activity_list package_collaborator_list
            package_create_default_resource_views package_delete
            package_owner_org_update package_patch package_relationships_list
            package_resource_reorder package_show package_update unfollow_dataset
            """
        ),
    },
    "file": {
        "with": {"id": "{resource}", "resource_id": "{resource}"},
        "actions": names(
            """
            datastore_info datastore_search maroc_workflow_feed_show
            resource_create_default_resource_views resource_delete resource_patch
            resource_show resource_update resource_view_clear resource_view_list
            resource_view_reorder
            """
        ),
    },
    "table": {
        "with": {"resource_id": "{resource}", "force": True},
        "actions": names(
            """
            datastore_create datastore_delete datastore_records_delete
            datastore_run_triggers datastore_upsert resource_view_create
            """
        ),
    },
    "view": {
        "with": {"id": "{view}"},
        "actions": names(
            "resource_view_delete resource_view_show resource_view_update"
        ),
    },
    "task": {
        "with": {"entity_id": "{resource}", "task_type": "x", "key": "x"},
        "actions": names("task_status_show"),
    },
    "words": {
        "with": {"q": "{word}", "query": "{word}", "include_private": True},
        "actions": names(
            """
            dcat_catalog_search format_autocomplete maroc_search_keywords
            package_autocomplete package_search tag_autocomplete tag_search
            """
        ),
    },
    "field": {
        "with": {"query": "description:{word}"},
        "actions": names("resource_search"),
    },
    "member": {
        "with": {
            "id": "{institution}",
            "object": "{dataset}",
            "object_type": "package",
        },
        "actions": names("member_create member_delete"),
    },
    "match": {
        "with": {"match": {"id": "{dataset}"}},
        "actions": names("package_revise"),
    },
    "bulk": {
        "with": {"datasets": ["{dataset}"], "org_id": "{institution}"},
        "actions": names("bulk_update_private bulk_update_public"),
    },
    "pair": {
        "with": {"subject": "{dataset}", "object": "{dataset}", "type": "child_of"},
        "actions": names(
            """
            package_relationship_create package_relationship_delete
            package_relationship_update
            """
        ),
    },
    "part": {
        "with": {"package_id": "{dataset}", "url": "https://ailleurs.example/x"},
        "actions": names("resource_create"),
    },
    "share": {
        "with": {"id": "{dataset}", "user_id": "{user}", "capacity": "editor"},
        "actions": names("package_collaborator_create package_collaborator_delete"),
    },
    "feed": {
        "with": {
            "id": "{resource}",
            "account": "{user}",
            "until": (
                dt.datetime.now(dt.UTC).date() + dt.timedelta(days=9)
            ).isoformat(),
            "records": [{"x": "1"}],
            "reason": "Non",
        },
        "actions": names(
            """
            maroc_workflow_feed_create maroc_workflow_feed_push
            maroc_workflow_feed_withdraw
            """
        ),
    },
    "remark": {
        "with": {"id": "{dataset}", "remarks": "Non", "reason": "Non"},
        "actions": names("maroc_workflow_request_changes maroc_workflow_withdraw"),
    },
    "version": {
        "with": {
            "id": "{dataset}",
            "resource_id": "{resource}",
            "sha256": "{sha256}",
            "reason": "Non",
        },
        "actions": names("maroc_workflow_version_close"),
    },
    "day": {
        "with": {"id": "{dataset}", "date": "2031-01-01"},
        "actions": names("maroc_workflow_schedule"),
    },
    "draft": {
        "with": {"name": "{dataset}", "owner_org": "{institution}"},
        "actions": names("package_create"),
    },
}
ABOUT_ALL = {
    "institution": {
        "with": {
            "id": "{institution}",
            "object_type": "package",
            "include_datasets": True,
            "type": "organization",
        },
        "actions": names(
            """
            am_following_group group_activity_list group_followee_count
            group_followee_list group_follower_count group_follower_list
            group_package_show group_show member_list organization_activity_list
            organization_followee_count organization_followee_list
            organization_follower_count organization_follower_list organization_show
            """
        ),
    },
    "user": {
        "with": {"id": "{user}", "user_id": "{user}", "include_datasets": True},
        "actions": names(
            """
            am_following_user api_token_list dataset_followee_count
            dataset_followee_list followee_count followee_list
            organization_list_for_user package_collaborator_list_for_user
            user_activity_list user_followee_count user_followee_list
            user_follower_count user_follower_list user_show
            """
        ),
    },
    "activity": {
        "with": {"id": "{activity}", "object_type": "package", "include_data": True},
        "actions": names("activity_data_show activity_diff activity_show"),
    },
    "nothing": {
        "with": {"q": "{mark}", "query": "{mark}", "limit": 1000, "all_fields": True},
        "actions": names(
            """
            config_option_list current_package_list_with_resources
            dashboard_activity_list dashboard_new_activities_count dcat_catalog_show
            group_autocomplete group_list group_list_authz job_list license_list
            maroc_kpi_dispute_list maroc_kpi_list maroc_kpi_roster_list
            maroc_portal_comite_list
            maroc_vocabulary_list
            maroc_workflow_queue_list member_roles_list organization_autocomplete
            organization_list package_list recently_changed_packages_activity_list
            scheming_dataset_schema_list scheming_organization_schema_list status_show
            tag_list user_autocomplete user_list vocabulary_list
            """
        ),
    },
}
NOT_ASKED = {
    "it writes nothing of a dataset, and its answer is made of what is sent": names(
        """
        api_token_create api_token_revoke config_option_update
        dashboard_mark_activities_old follow_group follow_user group_create
        group_delete group_member_create group_member_delete group_patch group_purge
        group_update maroc_kpi_dispute_answer maroc_kpi_dispute_create
        maroc_kpi_entry_create maroc_kpi_roster_create maroc_law_assess
        maroc_portal_comite_set maroc_workflow_delegate
        organization_create organization_delete organization_member_create
        organization_member_delete organization_patch organization_purge
        organization_update send_email_notifications tag_create tag_delete
        task_status_delete task_status_update task_status_update_many
        term_translation_update term_translation_update_many unfollow_group
        unfollow_user user_create user_delete user_invite user_patch user_update
        vocabulary_create vocabulary_delete vocabulary_update activity_create
        activity_delete activity_delete_all activity_delete_counts
        """
    ),
    "it is about files of core's own store, of which the portal has none": names(
        """
        file_create file_delete file_owner_scan file_ownership_transfer file_pin
        file_register file_rename file_show file_unpin
        """
    ),
    "the administrator's alone, about the machine": names(
        """
        config_option_show datastore_function_create datastore_function_delete
        get_site_user job_cancel job_clear job_show
        """
    ),
    "it answers with documentation, a fixed list or an aggregate": names(
        """
        help_show maroc_kpi_history maroc_kpi_show maroc_vocabulary_show
        scheming_dataset_schema_show scheming_organization_schema_show tag_show
        term_translation_show vocabulary_show
        """
    ),
}

# How each address is filled, by the part before the dot of its endpoint.

PARTS: dict[str, dict[str, str]] = {
    "activity": {
        "id": "{dataset}",
        "resource_id": "{resource}",
        "activity_id": "{activity}",
    },
    "datastore": {"id": "{dataset}", "resource_id": "{resource}"},
    "dataset": {"id": "{dataset}"},
    "dataset_resource": {
        "id": "{dataset}",
        "resource_id": "{resource}",
        "view_id": "{view}",
        "filename": "donnees.csv",
    },
    "dcat": {"_id": "{dataset}", "_format": "ttl"},
    "group": {"id": "{institution}"},
    "organization": {"id": "{institution}"},
    "feeds": {"id": "{institution}"},
    "maroc_schema": {"id": "{dataset}"},
    "maroc_workflow": {
        "id": "{dataset}",
        "resource_id": "{resource}",
        "sha256": "{sha256}",
        "kind_of_file": "csv",
    },
    "maroc_version_resource": {
        "id": "{dataset}",
        "resource_id": "{resource}",
        "sha256": "{sha256}",
    },
    "maroc_kpi": {
        "id": "{institution}",
        "dataset": "{dataset}",
        "name": "public_datasets",
        "kind": "csv",
        "number": "1",
        "extension": "ttl",
    },
    "user": {"id": "{user}"},
}
OF_INSTITUTION = re.compile(r"^/(organization|group|user)/|group/|organization/")
"""Addresses whose ``id`` is an institution's or a user's, whatever their part."""

ADDRESSES_NOT_ASKED = {
    "a file of the programme's own": ("static", "webassets", "util"),
    "asked above, action by action": ("api.action",),
    "it ends the reader's session": ("user.logout", "user.logged_out_page"),
    "the same address in another language or of another type": (
        "home.redirect_locale",
        "resource",
    ),
    "core's own store of files, of which the portal has none": ("file",),
    "an account's own pages, without a dataset": (
        "user.perform_reset",
        "user.request_reset",
        "user.register",
        "user.login",
    ),
    "a list that is written in the programme": (
        "maroc_vocabularies",
        "api.i18n_js_translations",
    ),
    "only where core tests itself": ("activity.dashboard_testing",),
}

COMMON = {"ver": "2", "lang": "fr", "string": "x"}
EVERY_STATE = {
    "dataset.read",
    "dataset_resource.download",
    "dataset_resource.read",
    "dataset_resource.view",
    "datastore.dump",
    "dcat.read_dataset",
    "maroc_kpi.described",
    "maroc_version_resource.download",
    "maroc_workflow.history",
}
"""Where bytes and metadata are read: asked of each state; the others, of some."""

# What there is to be found


@dataclass
class Secret:
    """A dataset that is not public, the words in it, and its numbers."""

    state: str
    word: str = field(default_factory=lambda: f"{MARK}{secrets.token_hex(8)}")
    dataset: str = ""
    resource: str = ""
    view: str = ""
    activity: str = ""
    sha256: str = "0" * 64

    @property
    def tokens(self) -> dict[str, str]:
        """What no stranger may read, unless they said it themselves."""
        told = {"word": self.word.removeprefix(MARK), "dataset": self.dataset}
        told |= {"resource": self.resource, "view": self.view}
        return {name: value for name, value in told.items() if value}


@dataclass
class World:
    """The secrets, whose they are, and who asks."""

    instance: Instance
    institution: str
    user: str
    owner: RemoteCKAN
    secrets: dict[str, Secret]
    sessions: dict[str, requests.Session]

    def fill(self, value: Any, secret: Secret) -> Any:
        """Put a secret's numbers where a question names them."""
        if isinstance(value, dict):
            return {name: self.fill(each, secret) for name, each in value.items()}
        if isinstance(value, list):
            return [self.fill(each, secret) for each in value]
        if not isinstance(value, str):
            return value
        known = {**vars(secret), "mark": MARK}
        known |= {"institution": self.institution, "user": self.user}
        return value.format(**known)

    def found(self, answer: requests.Response, sent: str) -> list[str]:
        """Return whose secrets an answer tells that were not in the question."""
        body = answer.content.decode("utf-8", "replace")
        text = f"{body} {answer.headers}".lower()
        told = []
        for secret in self.secrets.values():
            for name, value in secret.tokens.items():
                if value in text and value not in sent:
                    told.append(f"{name} of {secret.state}")
        return told


def person(
    administrator: RemoteCKAN, institution: str, role: str, site_url: str
) -> tuple[str, str]:
    """Make an account of an institution; return its name and its token."""
    name = f"person-{secrets.token_hex(6)}"
    administrator.action.user_create(
        name=name, email=f"{name}@essai.invalid", password=secrets.token_hex(16)
    )
    administrator.action.organization_member_create(
        id=institution, username=name, role=role
    )
    made = administrator.action.api_token_create(user=name, name="canaries")
    return name, made["token"]


def institution(administrator: RemoteCKAN) -> str:
    made = administrator.action.organization_create(
        name=f"institution-{secrets.token_hex(6)}",
        title_translated={"fr": "Commune d'essai", "ar": "جماعة"},
        body_kind="collectivite-territoriale",
    )
    return made["id"]


class Maker:
    """The people who bring a dataset into each state, by the API."""

    def __init__(self, world: World, rod: RemoteCKAN, add: RemoteCKAN) -> None:
        self.world, self.gdd, self.rod, self.add = world, world.owner, rod, add

    def words(self, word: str) -> dict[str, Any]:
        return {
            "title_translated": {"fr": f"Titre {word}", "ar": f"عنوان {word}"},
            "notes_translated": {"fr": f"Notes {word}"},
            "source": f"Source {word}",
            "tags": [{"name": f"mot {word}"}],
            "version": word,
            "url": f"https://donnees.example/{word}",
            "resources": [
                {
                    "name": f"Fichier {word}",
                    "description": f"Dit {word}",
                    "url": f"https://donnees.example/{word}.csv",
                    "format": f"F{word}",
                }
            ],
        }

    def make(self, secret: Secret, *, upload: bool = False, **more: Any) -> None:
        made = self.gdd.action.package_create(
            **{
                **lawful(),
                **self.words(secret.word),
                "name": f"jeu-{secret.word}",
                "owner_org": self.world.institution,
                **more,
            }
        )
        secret.dataset, secret.resource = made["id"], made["resources"][0]["id"]
        if upload:
            sink = io.BytesIO(f"commune,mot\nFès,{secret.word}\n".encode())
            sink.name = f"{secret.word}.csv"
            file = self.gdd.action.resource_create(
                package_id=made["id"], name="Table", format="CSV", upload=sink
            )
            secret.resource, secret.sha256 = file["id"], file.get("hash") or "0" * 64
        self.look(secret)

    def look(self, secret: Secret) -> None:
        """Give the first file a view, and find what the streams keep."""
        secret.view = self.gdd.action.resource_view_create(
            resource_id=secret.resource,
            title=f"Vue {secret.word}",
            view_type="maroc_table",
        )["id"]
        stream = self.gdd.action.package_activity_list(id=secret.dataset)
        secret.activity = stream[0]["id"] if stream else secrets.token_hex(16)

    def wait(self, secret: Secret, *states: str) -> None:
        """Wait until the worker has looked at the file."""
        for _ in range(120):
            told = self.gdd.action.maroc_workflow_show(id=secret.dataset)
            if told["state"] in states:
                return
            time.sleep(0.5)
        raise AssertionError(told)

    def draft(self, secret: Secret) -> None:
        self.make(secret, upload=True)

    def submitted(self, secret: Secret) -> None:
        self.make(secret, upload=True, **DOUBT)
        self.gdd.action.maroc_workflow_submit(id=secret.dataset)

    def changes_requested(self, secret: Secret) -> None:
        self.make(secret, **DOUBT)
        self.gdd.action.maroc_workflow_submit(id=secret.dataset)
        self.rod.action.maroc_workflow_request_changes(
            id=secret.dataset, remarks=f"Mot {secret.word}"
        )

    def scheduled(self, secret: Secret) -> None:
        self.make(secret)
        self.gdd.action.maroc_workflow_schedule(id=secret.dataset, date="2031-01-01")

    def revision(self, secret: Secret) -> None:
        base = self.gdd.action.package_create(
            **lawful(),
            name=f"public-{secrets.token_hex(6)}",
            owner_org=self.world.institution,
            resources=[{"url": "https://donnees.example/1.csv", "name": "Un"}],
        )
        told = self.gdd.action.maroc_workflow_submit(id=base["id"])
        assert told["public"], told
        words = {**self.words(secret.word), **DOUBT}
        made = self.gdd.action.package_patch(id=base["id"], **words)
        assert made["revision_of"] == base["id"]
        secret.dataset, secret.resource = made["id"], made["resources"][0]["id"]
        self.look(secret)

    def withdrawn(self, secret: Secret) -> None:
        self.make(secret, upload=True)
        self.gdd.action.maroc_workflow_submit(id=secret.dataset)

    def withdraw(self, secret: Secret) -> None:
        """Withdraw what was public: last, since the worker takes its time before."""
        self.wait(secret, "published")
        self.rod.action.maroc_workflow_withdraw(id=secret.dataset, reason="Erreur.")

    def deleted(self, secret: Secret) -> None:
        self.make(secret)
        self.gdd.action.package_delete(id=secret.dataset)

    def purged(self, secret: Secret) -> None:
        self.make(secret, upload=True)
        self.add.action.dataset_purge(id=secret.dataset)


@pytest.fixture(scope="module")
def world(instance: Instance, administrator: RemoteCKAN) -> Iterator[World]:
    url = instance.site_url
    home, elsewhere = institution(administrator), institution(administrator)
    user, gdd = person(administrator, home, "editor", url)
    _, rod = person(administrator, home, "admin", url)
    _, stranger = person(administrator, elsewhere, "editor", url)
    sessions = {name: requests.Session() for name in READERS}
    sessions["stranger"].headers["Authorization"] = stranger
    made = World(
        instance=instance,
        institution=home,
        user=user,
        owner=RemoteCKAN(url, apikey=gdd),
        secrets={state: Secret(state) for state in STATES},
        sessions=sessions,
    )
    maker = Maker(made, RemoteCKAN(url, apikey=rod), administrator)
    for state, secret in made.secrets.items():
        getattr(maker, state)(secret)
    maker.withdraw(made.secrets["withdrawn"])
    yield made
    for secret in made.secrets.values():
        if secret.state != "purged":
            administrator.action.dataset_purge(id=secret.dataset)


def asked_of(world: World, number: int, *, everything: bool) -> list[Secret]:
    """Return whom to ask about: all the states, or one in turn."""
    every = list(world.secrets.values())
    return every if everything else [every[number % len(every)]]


# The crawl


def actions() -> dict[str, Any]:
    logic.get_action("package_show")
    return dict(logic._actions)


def placed() -> list[str]:
    """Return every action that stands in a table, as often as it does."""
    tables = [*ABOUT_ONE.values(), *ABOUT_ALL.values()]
    asked = [name for table in tables for name in table["actions"]]
    return asked + [name for named in NOT_ASKED.values() for name in named]


def test_every_action_has_its_place_in_one_table():
    assert sorted(placed()) == sorted(actions())
    assert all(NOT_ASKED)


def test_no_action_tells_a_stranger_what_is_not_public(world: World):
    known = actions()
    told: list[tuple[Any, ...]] = []
    tables = [(table, True) for table in ABOUT_ONE.values()]
    tables += [(table, False) for table in ABOUT_ALL.values()]
    asked = [
        (name, table["with"], one) for table, one in tables for name in table["actions"]
    ]
    for number, (name, data, one) in enumerate(asked):
        reads = getattr(known[name], "side_effect_free", False)
        for reader, session in world.sessions.items():
            for secret in asked_of(world, number, everything=one and reads):
                filled = world.fill(data, secret)
                answer = session.post(
                    f"{world.instance.site_url}/api/3/action/{name}",
                    json=filled,
                    timeout=60,
                )
                if answer.status_code >= 500:
                    told.append((name, reader, secret.state, answer.status_code))
                if found := world.found(answer, str(filled)):
                    told.append((name, reader, secret.state, found))
    assert not told, "\n".join(map(str, told))


def address_of(world: World, rule: Any, secret: Secret) -> str:
    """Fill an address; one whose part nobody knows must be given its place above."""
    part = rule.endpoint.split(".")[0]
    values = {**COMMON, **PARTS.get(part, {})}
    if OF_INSTITUTION.search(rule.rule):
        values["id"] = "{user}" if rule.rule.startswith("/user/") else "{institution}"
    filled = rule.rule
    variables = re.findall(r"<(?:[^<>]+:)?(\w+)>", rule.rule)
    for name in variables:
        assert name in values, f"{rule.rule}: what is {name}? Give it its place."
        value = quote(world.fill(values[name], secret), safe="")
        filled = re.sub(rf"<(?:[^<>]+:)?{name}>", value, filled)
    words = "" if variables else f"?q={MARK}&incomplete={MARK}"
    return filled + words


def is_left_out(endpoint: str) -> bool:
    parts = {each for named in ADDRESSES_NOT_ASKED.values() for each in named}
    return endpoint in parts or endpoint.split(".", maxsplit=1)[0] in parts


def test_no_address_tells_a_stranger_what_is_not_public(world: World, app: Any):
    rules = [
        rule
        for rule in app.flask_app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not is_left_out(rule.endpoint)
    ]
    told: list[tuple[Any, ...]] = []
    for number, rule in enumerate(sorted(rules, key=str)):
        every = rule.endpoint in EVERY_STATE
        for reader, session in world.sessions.items():
            for secret in asked_of(world, number, everything=every):
                address = address_of(world, rule, secret)
                answer = session.get(
                    world.instance.site_url + address,
                    allow_redirects=False,
                    timeout=60,
                )
                if answer.status_code >= 500:
                    told.append((rule.rule, reader, secret.state, answer.status_code))
                if found := world.found(answer, address):
                    told.append((rule.rule, reader, secret.state, found))
    assert not told, "\n".join(map(str, told))


STANDING = {
    "draft": ("draft",),
    "submitted": ("checking", "submitted"),
    "changes_requested": ("changes_requested",),
    "scheduled": ("scheduled",),
    "revision": ("submitted",),
    "withdrawn": ("withdrawn",),
}


def test_its_own_people_find_every_secret_where_it_was(world: World):
    """What the crawl looks for is there to be found, and no stranger has moved it."""
    for state, standing in STANDING.items():
        secret = world.secrets[state]
        answer = requests.get(
            f"{world.instance.site_url}/api/3/action/package_show",
            params={"id": secret.dataset},
            headers={"Authorization": world.owner.apikey},
            timeout=60,
        )
        assert {f"word of {state}", f"resource of {state}"} <= {
            *world.found(answer, secret.dataset)
        }
        told = world.owner.action.maroc_workflow_show(id=secret.dataset)
        assert told["state"] in standing
