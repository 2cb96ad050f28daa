"""What the configuration holds to, and why: a change here is a decision."""

from __future__ import annotations

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories

NOBODY_PUBLISHES_FOR_ANOTHER = "an institution's data come from its own people"
PEOPLE_ARE_NOT_OPEN_DATA = "law 09-08: accounts are personal data"
PRIVATE_MEANS_PRIVATE = "what is not published is not known to exist"
SESSIONS_END = "a copied cookie is worth nothing after the sign-out"
OPEN = "a file is as open as its dataset; all may see an organization"
NO_SECOND_DOOR = "another way in would be another way to leak"

PINNED = [
    ("ckan.auth.anon_create_dataset", False, NOBODY_PUBLISHES_FOR_ANOTHER),
    ("ckan.auth.create_unowned_dataset", False, NOBODY_PUBLISHES_FOR_ANOTHER),
    (
        "ckan.auth.create_dataset_if_not_in_organization",
        False,
        NOBODY_PUBLISHES_FOR_ANOTHER,
    ),
    ("ckan.auth.user_create_groups", False, NOBODY_PUBLISHES_FOR_ANOTHER),
    ("ckan.auth.user_create_organizations", False, "else an editor approves himself"),
    ("ckan.auth.user_delete_groups", False, NOBODY_PUBLISHES_FOR_ANOTHER),
    ("ckan.auth.user_delete_organizations", False, NOBODY_PUBLISHES_FOR_ANOTHER),
    ("ckan.auth.create_user_via_api", False, "accounts are given, not taken"),
    ("ckan.auth.create_user_via_web", False, "accounts are given, not taken"),
    ("ckan.auth.roles_that_cascade_to_sub_groups", ["admin"], "as the Charter says"),
    ("ckan.auth.public_user_details", False, PEOPLE_ARE_NOT_OPEN_DATA),
    ("ckan.gravatar_default", "disabled", PEOPLE_ARE_NOT_OPEN_DATA),
    ("ckan.auth.public_activity_stream_detail", False, PRIVATE_MEANS_PRIVATE),
    ("ckan.auth.allow_dataset_collaborators", False, NO_SECOND_DOOR),
    ("ckan.auth.reveal_private_datasets", False, PRIVATE_MEANS_PRIVATE),
    ("ckan.auth.enable_cookie_auth_in_api", True, "core's own pages ask the API"),
    ("ckan.hide_version", True, "a version is a list of flaws"),
    ("SESSION_TYPE", "redis", SESSIONS_END),
    ("SESSION_PERMANENT", False, "visitors get no cookie; a closed browser forgets"),
    ("PERMANENT_SESSION_LIFETIME", 8 * 3600, "a working day"),
    ("SESSION_COOKIE_HTTPONLY", True, "no script reads it"),
    ("SESSION_COOKIE_SAMESITE", "Lax", "foreign pages do not post with it"),
    ("REMEMBER_COOKIE_DURATION", 8 * 3600, SESSIONS_END),
    ("REMEMBER_COOKIE_HTTPONLY", True, "no script reads it"),
    ("REMEMBER_COOKIE_SAMESITE", "Lax", "foreign pages do not post with it"),
    ("WTF_CSRF_ENABLED", True, "also in tests"),
    ("WTF_CSRF_CHECK_DEFAULT", True, "every form, not those that ask for it"),
    ("WTF_CSRF_SSL_STRICT", True, "the referrer is checked under https"),
    ("WTF_CSRF_TIME_LIMIT", 24 * 3600, "a form left open overnight still works"),
    ("expire_api_token.default_lifetime", 365 * 24 * 3600, "no token lives for ever"),
    ("ckan.max_resource_size", 200, "megabytes; what the portal promises"),
    ("ckan.max_image_size", 2, "megabytes"),
    ("ckan.cache_expires", 0, "a withdrawal is seen at once"),
    ("ckan.datastore.sqlsearch.enabled", False, "CVE-2026-42031, and one role for all"),
    ("ckan.datastore.public_table_search", [], "_table_metadata lists private tables"),
    ("ckan.files.owner.cascade_access", {"package": set(), "resource": set()}, OPEN),
    ("ckan.recaptcha.publickey", None, "no request to a third party"),
    ("ckan.tracking_enabled", None, "we count ourselves, without following people"),
    ("email_to", None, "core's error letters carry every header, cookies included"),
    ("debug", False, "no debugger for strangers"),
]


@pytest.mark.parametrize(
    ("key", "value", "why"), PINNED, ids=[row[0] for row in PINNED]
)
def test_the_option_is_as_decided(key, value, why):
    assert tk.config.get(key) == value, why


def test_each_secret_is_another():
    keys = (
        "SECRET_KEY",
        "WTF_CSRF_SECRET_KEY",
        "api_token.jwt.encode.secret",
    )
    found = [tk.config[key].removeprefix("string:") for key in keys]
    assert len(set(found)) == len(keys)
    assert all(len(secret) >= 32 for secret in found)
    assert tk.config["api_token.jwt.decode.secret"].endswith(found[2])


# The last one writes scripts into its page; maroc_table shows tables without.
OFF = ("resource_proxy", "webpage_view", "image_view", "tracking", "datatables_view")


def test_plugins_that_open_what_we_close_are_not_loaded():
    assert not set(OFF) & set(tk.config["ckan.plugins"])


def test_tokens_expire_before_the_portal_has_its_say():
    plugins = tk.config["ckan.plugins"]
    assert plugins.index("expire_api_token") < plugins.index("maroc_portal")
    assert plugins[-1] == "envvars"


ABOUT_PEOPLE = (
    "user_list",
    "user_show?id={name}",
    "user_autocomplete?q={name}",
    "organization_show?id={organization}&include_users=true",
    "organization_list?all_fields=true&include_users=true",
    "member_list?id={organization}&object_type=user",
    "user_activity_list?id={name}",
    "organization_follower_list?id={organization}",
    "api_token_list?user={name}",
)


@pytest.fixture
def people(app):
    user = factories.User()
    organization = factories.Organization(
        users=[{"name": user["name"], "capacity": "editor"}]
    )
    return {"name": user["name"], "organization": organization["name"]}


@pytest.mark.parametrize("action", ABOUT_PEOPLE)
def test_strangers_learn_nothing_of_people(app, people, action):
    path = "/api/3/action/" + action.format(**people)
    answer = app.test_client().get(path)
    assert answer.status_code == 403
    assert people["name"] not in answer.body


@pytest.mark.parametrize(
    "path", ["/user/", "/user/{name}", "/user/activity/{name}", "/user/register"]
)
def test_their_pages_are_closed_to_strangers(app, people, path):
    assert app.test_client().get(path.format(**people)).status_code == 403


def test_a_body_larger_than_the_limit_is_refused_unread(app):
    answer = app.test_client().post(
        "/user/login",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(211 * 2**20)},
    )
    assert answer.status_code == 413
    assert app.flask_app.config["MAX_CONTENT_LENGTH"] == 210 * 2**20
