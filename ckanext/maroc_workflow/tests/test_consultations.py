"""What ADD looks at before it is public is written down; its institution reads it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

from ckanext.maroc_portal import clock
from ckanext.maroc_workflow import consultations
from ckanext.maroc_workflow.tests.conftest import act

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_index")

_ALL = sa.text(
    "SELECT what, user_id, owner_org FROM maroc_workflow_consultation"
    " WHERE package_id = :id ORDER BY id"
)


def seen(package_id: str) -> list[str]:
    """Return in which ways a dataset was looked at."""
    model.Session.rollback()
    return [row.what for row in model.Session.execute(_ALL, {"id": package_id})]


@pytest.fixture
def draft(fes, settled):
    """Return a draft with a table, a view of it and an activity."""
    made = fes.draft()
    data = b"ville,habitants\nFes,1256172\n"
    file = act(
        "resource_create",
        fes.gdd,
        package_id=made["id"],
        format="CSV",
        upload=FileStorage(stream=io.BytesIO(data), filename="villes.csv"),
    )
    settled()
    view = act("resource_view_list", fes.gdd, id=file["id"])[0]
    activity = act("package_activity_list", fes.gdd, id=made["id"])[0]
    return {**made, "file": file["id"], "view": view["id"], "act": activity["id"]}


@pytest.fixture
def asks(app) -> Callable[..., Any]:
    """Give a function that asks the API as somebody, by their token."""

    def ask(user, action, data, method="post"):
        token = factories.APIToken(user=user["name"])["token"]
        headers = {"Authorization": token}
        if method == "get":
            path = f"/api/3/action/{action}"
            return app.get(path, query_string=data, headers=headers)
        return app.post(f"/api/3/action/{action}", json=data, headers=headers)

    return ask


PAGES = {
    "/dataset/{name}": "page",
    "/dataset/{id}": "page",
    "/dataset/edit/{name}": "page",
    "/dataset/{name}.ttl": "page",
    "/dataset/{name}/publication": "page",
    "/dataset/{name}/historique": "page",
    "/dataset/activity/{name}": "page",
    "/dataset/{name}/resource/{file}": "page",
    "/dataset/{name}/dictionary/{file}": "page",
    "/relecture/apercu?id={id}": "page",
    "/dataset/{name}/resource/{file}/view/{view}": "data",
    "/dataset/{name}/resource/{file}/download": "download",
    "/dataset/{name}/resource/{file}/download/villes.csv": "download",
    "/datastore/dump/{file}": "download",
}


@pytest.mark.parametrize("path", PAGES)
def test_each_page_and_file_that_add_opens_is_written_down(fes, draft, desk, path):
    add = desk(fes.add)
    # The second time of the day changes nothing.
    for _ in range(2):
        assert add.client.get(path.format(**draft)).status_code < 400
    assert seen(draft["id"]) == [PAGES[path]]


CALLS = [
    ("package_show", {"id": "{name}"}, "api"),
    ("package_show", {"name_or_id": "{id}"}, "api"),
    ("resource_show", {"id": "{file}"}, "api"),
    ("resource_view_show", {"id": "{view}"}, "api"),
    ("package_activity_list", {"id": "{id}"}, "api"),
    ("activity_show", {"id": "{act}", "include_data": "true"}, "api"),
    ("maroc_workflow_show", {"id": "{id}"}, "api"),
    ("datastore_search", {"resource_id": "{file}"}, "data"),
    ("datastore_info", {"id": "{file}"}, "data"),
]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_each_call_of_the_api_about_one_dataset_is_written_down(
    fes, draft, asks, call, method
):
    action, data, what = call
    filled = {name: value.format(**draft) for name, value in data.items()}
    assert asks(fes.add, action, filled, method).status_code == 200
    assert seen(draft["id"]) == [what]


@pytest.mark.parametrize("action", ["package_patch", "dcat_dataset_show"])
def test_what_is_sent_and_answers_with_the_whole_is_a_look(fes, draft, asks, action):
    assert asks(fes.add, action, {"id": draft["id"]}).status_code == 200
    assert seen(draft["id"]) == ["api"]


def test_each_day_person_and_way_of_looking_has_a_row(fes, draft, desk, monkeypatch):
    other = factories.Sysadmin()
    path = f"/dataset/{draft['name']}"
    for user in (fes.add, other):
        desk(user).goes_to(path).goes_to(f"{path}/resource/{draft['file']}")
        desk(user).client.get(f"{path}/resource/{draft['file']}/download")
    assert seen(draft["id"]) == ["page", "download"] * 2
    tomorrow = clock.today() + dt.timedelta(days=1)
    monkeypatch.setattr(consultations.clock, "today", lambda: tomorrow)
    desk(fes.add).goes_to(path)
    assert seen(draft["id"])[4:] == ["page"]


@pytest.mark.parametrize("state", ["submitted", "withdrawn", "deleted", "revision"])
def test_every_state_that_is_not_public_counts(fes, desk, state):
    if state == "submitted":
        made = fes.submitted()
    else:
        made = fes.public()
        if state == "withdrawn":
            act("maroc_workflow_withdraw", fes.gdd, id=made["id"], reason="Non.")
        elif state == "deleted":
            act("package_delete", fes.gdd, id=made["id"])
        else:
            made = act(
                "package_patch", fes.gdd, id=made["id"], third_party="ne-sais-pas"
            )
            assert made["revision_of"]
    assert desk(fes.add).goes_to(f"/dataset/{made['name']}").status == 200
    assert seen(made["id"]) == ["page"]


def test_what_is_public_and_what_is_not_shown_is_not_written_down(fes, draft, desk):
    public = fes.public()
    add = desk(fes.add)
    assert add.goes_to(f"/dataset/{public['name']}").status == 200
    assert add.goes_to(f"/dataset/{draft['name']}/resource/rien").status == 404
    assert add.goes_to("/dataset").status == 200
    assert seen(public["id"]) == seen(draft["id"]) == []


def test_what_the_portal_reads_by_itself_is_not_written_down(fes, draft, desk):
    act("package_show", fes.add, id=draft["id"])
    tk.get_action("package_show")({"ignore_auth": True}, {"id": draft["id"]})
    desk(fes.add).goes_to("/relecture").goes_to(f"/organization/{fes.id}")
    assert seen(draft["id"]) == []


@contextmanager
def statements() -> Iterator[list[str]]:
    heard: list[str] = []
    engine = model.ensure_engine()

    def hear(*args):
        heard.append(args[2])

    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


def test_it_costs_readers_and_members_no_statement(fes, draft, desk, monkeypatch):
    public = fes.public()
    for who, made in ((None, public), (fes.outsider, public), (fes.gdd, draft)):
        person, path = desk(who), f"/dataset/{made['name']}"
        person.goes_to(path)
        with statements() as heard:
            assert person.goes_to(path).status == 200
        with monkeypatch.context() as patch:
            patch.setattr(consultations, "looked_at", lambda _: ("", []))
            with statements() as without:
                person.goes_to(path)
        assert len(heard) == len(without)
        assert not any("maroc_workflow_consultation" in each for each in heard)
    assert seen(draft["id"]) == []


def test_an_administrator_who_is_also_a_member_is_listed_as_the_others(
    fes, draft, desk
):
    act(
        "organization_member_create",
        fes.add,
        id=fes.id,
        username=fes.add["name"],
        role="member",
    )
    desk(fes.add).goes_to(f"/dataset/{draft['name']}")
    assert len(seen(draft["id"])) == 1


@pytest.fixture
def no_room() -> Iterator[None]:
    """Let the table be away, so that nothing can be written there."""
    move = "ALTER TABLE {} RENAME TO {}".format
    names = ("maroc_workflow_consultation", "maroc_workflow_elsewhere")
    model.Session.rollback()
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text(move(*names)))
    yield
    model.Session.rollback()
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text(move(*reversed(names))))


def test_what_cannot_be_written_down_is_not_shown(fes, draft, desk, caplog, no_room):
    add = desk(fes.add)
    page = add.goes_to(f"/dataset/{draft['name']}")
    assert page.status == 503
    assert draft["title_translated"]["fr"] not in page.says()
    file = f"/dataset/{draft['name']}/resource/{draft['file']}/download"
    assert add.client.get(file).status_code == 503
    answer = add.client.get(f"/api/3/action/package_show?id={draft['id']}")
    assert answer.status_code == 503
    assert not answer.json["success"]
    assert draft["title_translated"]["fr"] not in answer.body
    assert "a consultation could not be written" in caplog.text
    # Who is at home reads on.
    assert desk(fes.gdd).goes_to(f"/dataset/{draft['name']}").status == 200


def test_a_row_is_never_changed(fes, draft, desk):
    desk(fes.add).goes_to(f"/dataset/{draft['name']}")
    for change in ("UPDATE {} SET what = 'api'", "DELETE FROM {}"):
        with pytest.raises(tk.ValidationError, match="ne se change"):
            model.Session.execute(sa.text(change.format("maroc_workflow_consultation")))
        model.Session.rollback()


# Read


@pytest.fixture
def looked(fes, draft, desk):
    add = desk(fes.add)
    add.goes_to(f"/dataset/{draft['name']}")
    add.client.get(f"/dataset/{draft['name']}/resource/{draft['file']}/download")
    return f"/organization/{model.Group.get(fes.id).name}/consultations"


def rows_of(page):
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in page.page.select(".workflow-table tbody tr")
    ]


def test_the_rod_reads_who_looked_at_what_and_others_the_role(fes, draft, desk, looked):
    told = rows_of(desk(fes.rod).goes_to(looked))
    assert [each[1:] for each in told] == [
        ["Un fichier", draft["name"], fes.add["name"]],
        ["Sa page", draft["name"], fes.add["name"]],
    ]
    told = rows_of(desk(fes.gdd).goes_to(looked))
    assert [each[3] for each in told] == ["ADD", "ADD"]
    for person in (fes.member, fes.outsider):
        assert desk(person).goes_to(looked).status == 403
        assert desk(person).goes_to(f"{looked}.csv").status == 403
    assert "Se connecter" in desk().goes_to(looked).says()


def test_add_reads_the_country_with_names(fes, make_institution, desk, looked):
    other = make_institution().draft()
    desk(fes.add).goes_to(f"/dataset/{other['name']}")
    page = desk(fes.add).goes_to("/consultations")
    assert [each[3] for each in rows_of(page)] == [fes.add["name"]] * 3
    assert desk(fes.rod).goes_to("/consultations").status == 403
    assert desk(fes.rod).goes_to("/consultations.json").status == 403


@pytest.mark.parametrize("who", ["rod", "gdd", "add"])
def test_the_files_name_roles_for_whoever_takes_them(fes, draft, desk, looked, who):
    client = desk(getattr(fes, who)).client
    text = client.get(f"{looked}.csv").body
    assert fes.add["name"] not in text
    table = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    data = json.loads(client.get(f"{looked}.json").body)
    for rows in (table, data):
        assert [each["what"] for each in rows] == ["download", "page"]
        assert {each["user"] for each in rows} == {"add"}
        assert {each["name"] for each in rows} == {draft["name"]}
    assert client.get(f"{looked}.xls").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("what=page", 1),
        ("what=api", 0),
        ("since={today}&until={today}", 2),
        ("since=2090-01-01", 0),
        ("until=2020-01-01", 0),
    ],
)
def test_filters(fes, desk, looked, query, found):
    query = query.format(today=clock.today())
    page = desk(fes.rod).goes_to(f"{looked}?{query}")
    assert len(rows_of(page)) == found
    links = [each["href"] for each in page.page.select(f"a[href*='{looked}.']")]
    assert [each.partition("?")[2] for each in links] == [query] * 2
    told = desk(fes.rod).client.get(f"{looked}.json?{query}").body
    assert len(json.loads(told)) == found


def test_the_action_lists_a_dataset_s_for_its_institution(fes, draft, looked):
    told = act("maroc_workflow_consultation_list", fes.rod, id=draft["name"])
    assert [each["what"] for each in told] == ["download", "page"]
    assert {each["user"] for each in told} == {fes.add["name"]}
    assert {each["organization"] for each in told} == {fes.id}
    for asked in ({"id": draft["id"]}, {"organization": fes.id}, {}):
        with pytest.raises(tk.NotAuthorized):
            act("maroc_workflow_consultation_list", fes.outsider, **asked)


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_the_institution_has_a_tab_for_it(fes, desk, looked, lang):
    home = looked.removesuffix("/consultations")
    page = desk(fes.gdd, lang).goes_to(home).page
    assert len(page.select(f"a[href$='{looked}']")) == 1
    assert not desk(fes.member, lang).goes_to(home).page.select(f"a[href$='{looked}']")
