"""Living tables: one decision beforehand, then rows that are public as they come."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import threading

import pytest
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

from ckanext.maroc_portal import clock
from ckanext.maroc_portal.tests.cases import in_sql
from ckanext.maroc_workflow import decisions
from ckanext.maroc_workflow.tests.conftest import (
    IN_DOUBT,
    act,
    decided,
    is_seen,
    refused,
)

TABLE = (
    "marche,produit,prix,releve_le\nFès,Tomate,4.50,2026-11-20\n"
    "Meknès,Oignon,3.25,2026-11-20\n"
)
ROW = {"marche": "Taza", "produit": "Blé", "prix": 2.9, "releve_le": "2026-11-21"}


def upload(text: str, name: str = "prix.csv") -> FileStorage:
    return FileStorage(stream=io.BytesIO(text.encode()), filename=name)


def bytes_of(made, resource) -> str:
    """Return the file as anyone downloads it now."""
    [row] = in_sql("SELECT hash FROM resource WHERE id = :id", id=resource["id"])
    assert decisions.hash_of(made["id"]) == decided(made["id"])[-1].content_hash
    return row.hash


@pytest.fixture
def prices(fes, settled):
    """Return a public dataset with a table of prices, and its file."""
    made = fes.draft()
    resource = act(
        "resource_create", fes.gdd, package_id=made["id"], upload=upload(TABLE)
    )
    act("maroc_workflow_submit", fes.gdd, id=made["id"])
    settled()
    assert is_seen(made["id"])
    return made, act("resource_show", None, id=resource["id"])


@pytest.fixture
def robot(fes):
    """Return the account of the program that brings prices."""
    return factories.User()


@pytest.fixture
def feed(fes, prices, robot):
    """Return the table, with a standing decision that lets the program add rows."""
    _, resource = prices
    told = act(
        "maroc_workflow_feed_create",
        fes.rod,
        id=resource["id"],
        account=robot["name"],
        until=in_days(30),
    )
    assert told["is_on"]
    return resource


def in_days(days: int) -> str:
    return (clock.today() + dt.timedelta(days=days)).isoformat()


def push(robot, feed, *rows, **more):
    return act(
        "maroc_workflow_feed_push", robot, id=feed["id"], records=list(rows), **more
    )


def rows_of(feed):
    found = act("datastore_search", None, resource_id=feed["id"], sort="_id")
    return [(each["marche"], each["produit"]) for each in found["records"]]


def test_rows_are_public_at_once_and_everywhere_the_same(
    app, prices, robot, feed, settled
):
    made, _ = prices
    report = push(robot, feed, ROW, {**ROW, "produit": "Orge"})
    assert (report["received"], report["accepted"], report["refused"]) == (2, 2, [])
    text = app.get(f"/dataset/{made['name']}/resource/{feed['id']}/download/prix.csv")
    assert text.body == f"{TABLE}Taza,Blé,2.9,2026-11-21\nTaza,Orge,2.9,2026-11-21\n"
    assert report["sha256"] == hashlib.sha256(text.data).hexdigest()
    settled()
    assert rows_of(feed)[-1] == ("Taza", "Orge")
    given, pushed = decided(made["id"])[-2:]
    assert (given.kind, pushed.kind) == ("feed", "feed")
    assert (pushed.author_id, pushed.approver_id) == (robot["id"], given.approver_id)
    assert pushed.content_hash == decisions.hash_of(made["id"])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({**ROW, "prix": "cher"}, "prix"),
        ({**ROW, "releve_le": "hier"}, "releve_le"),
        ({**ROW, "telephone": "0600000000"}, "telephone"),
        ({**ROW, "marche": ["Taza"]}, "marche"),
        ({}, ""),
        ("Taza", ""),
        ({**ROW, "produit": "amina@exemple.ma"}, "produit"),
        ({**ROW, "marche": "MA64 007 810 0001230000000000 25"}, None),
    ],
)
def test_a_row_that_does_not_fit_stays_outside_and_is_told(
    prices, robot, feed, row, column
):
    report = push(robot, feed, ROW, row)
    if column is None:  # Its check digits are wrong: it is a number like others.
        assert report["accepted"] == 2
        return
    assert (report["received"], report["accepted"]) == (2, 1)
    [told] = report["refused"]
    assert (told["row"], told["column"]) == (2, column)
    assert set(told["reason"]) == {"fr", "ar", "en"}
    for secret in ("cher", "hier", "0600000000", "amina"):
        assert secret not in str(report)


def test_nothing_but_refused_rows_changes_nothing(prices, robot, feed):
    made, _ = prices
    before, count = bytes_of(made, feed), len(decided(made["id"]))
    report = push(robot, feed, {**ROW, "prix": "cher"})
    assert (report["accepted"], report["sha256"]) == (0, before)
    assert (bytes_of(made, feed), len(decided(made["id"]))) == (before, count)


def test_rows_in_place_of_all_rows(robot, feed, settled):
    push(robot, feed, ROW, method="replace")
    settled()
    assert rows_of(feed) == [("Taza", "Blé")]
    # A number where words were: the column would be read as another type.
    report = push(robot, feed, {**ROW, "produit": "12"}, method="replace")
    assert (report["accepted"], report["refused"][0]["column"]) == (0, "produit")
    settled()
    assert rows_of(feed) == [("Taza", "Blé")]


def test_the_same_push_twice_counts_once(prices, robot, feed):
    made, _ = prices
    first = push(robot, feed, ROW, push_id="2026-11-21")
    again = push(robot, feed, ROW, push_id="2026-11-21")
    assert again == first
    assert len(decided(made["id"])) == 3


def test_two_pushes_at_once_lose_no_row(prices, robot, feed):
    made, _ = prices
    failed: list[Exception] = []

    def one(number: int) -> None:
        try:
            push(robot, feed, {**ROW, "produit": f"Produit {number}"})
        except Exception as error:  # noqa: BLE001 - told below, whatever it is
            failed.append(error)
        finally:
            model.Session.remove()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failed
    pushes = act("maroc_workflow_feed_show", robot, id=feed["id"])["pushes"]
    assert [each["accepted"] for each in pushes] == [1] * 6
    [row] = in_sql("SELECT size FROM resource WHERE id = :id", id=feed["id"])
    added = "".join(f"Taza,Produit {n},2.9,2026-11-21\n" for n in range(6))
    assert int(row.size) == len((TABLE + added).encode())
    bytes_of(made, feed)


def test_only_the_account_that_was_named_adds_rows(fes, prices, robot, feed):
    for person in (fes.gdd, fes.rod, fes.add, fes.outsider, None):
        with pytest.raises(tk.NotAuthorized):
            act("maroc_workflow_feed_push", person, id=feed["id"], records=[ROW])
        model.Session.rollback()


@pytest.mark.parametrize("who", ["gdd", "member", "outsider"])
def test_only_a_rod_decides(fes, prices, robot, who):
    _, resource = prices
    with pytest.raises(tk.NotAuthorized):
        act(
            "maroc_workflow_feed_create",
            getattr(fes, who),
            id=resource["id"],
            account=robot["name"],
            until=in_days(1),
        )


def test_nobody_lets_themselves_add_rows(fes, prices):
    _, resource = prices
    asked = {"id": resource["id"], "account": fes.rod["name"], "until": in_days(1)}
    assert "account" in refused("maroc_workflow_feed_create", fes.rod, **asked)
    act("maroc_workflow_feed_create", fes.other_rod, **asked)


@pytest.mark.parametrize("until", ["2020-01-01", "2099-01-01", "demain"])
def test_a_decision_lasts_a_year_at_most(fes, prices, robot, until):
    _, resource = prices
    asked = {"id": resource["id"], "account": robot["name"], "until": until}
    assert "until" in refused("maroc_workflow_feed_create", fes.rod, **asked)


def test_a_link_or_another_kind_of_file_is_not_fed(fes, robot, settled):
    made = fes.draft(resources=[{"name": "Lien", "url": "https://exemple.ma/a.csv"}])
    act("resource_create", fes.gdd, package_id=made["id"], upload=upload("x", "x.txt"))
    act("maroc_workflow_submit", fes.gdd, id=made["id"])
    settled()
    for resource in act("package_show", None, id=made["id"])["resources"]:
        asked = {"id": resource["id"], "account": robot["name"], "until": in_days(1)}
        assert "id" in refused("maroc_workflow_feed_create", fes.rod, **asked)


def test_after_the_last_day_nothing_comes_in(prices, robot, feed):
    in_sql("UPDATE maroc_workflow_feed SET until = :day", day=in_days(-1))
    told = refused("maroc_workflow_feed_push", robot, id=feed["id"], records=[ROW])
    assert "id" in told


def test_other_legal_answers_ask_for_another_decision(fes, prices, robot, feed):
    made, _ = prices
    act("package_patch", fes.gdd, id=made["id"], source="Une autre source")
    told = refused("maroc_workflow_feed_push", robot, id=feed["id"], records=[ROW])
    assert "juridiques" in told["id"][0]


def test_other_columns_ask_for_another_decision(fes, prices, robot, feed, settled):
    act("resource_patch", fes.gdd, id=feed["id"], upload=upload("ville,n\nFès,1\n"))
    settled()
    told = refused("maroc_workflow_feed_push", robot, id=feed["id"], records=[ROW])
    assert "colonnes" in told["id"][0]


def test_a_corrected_file_with_the_same_columns_goes_on(fes, robot, feed, settled):
    text = TABLE.replace("4.50", "4.75")
    act("resource_patch", fes.gdd, id=feed["id"], upload=upload(text))
    settled()
    assert push(robot, feed, ROW)["accepted"] == 1
    settled()
    assert len(rows_of(feed)) == 3


def test_withdrawing_the_decision_closes_all_that_it_opened(
    app, fes, prices, robot, feed
):
    made, _ = prices
    push(robot, feed, ROW)
    act("maroc_workflow_feed_withdraw", fes.rod, id=feed["id"], reason="Prix faux")
    assert not is_seen(made["id"])
    assert app.get(f"/dataset/{made['name']}", status=410)
    told = refused("maroc_workflow_feed_push", robot, id=feed["id"], records=[ROW])
    assert "id" in told


def test_withdrawing_it_may_keep_what_the_rod_has_examined(fes, prices, robot, feed):
    made, _ = prices
    push(robot, feed, ROW)
    act(
        "maroc_workflow_feed_withdraw",
        fes.rod,
        id=feed["id"],
        reason="La campagne est finie",
        keep=True,
    )
    assert is_seen(made["id"])
    last = decided(made["id"])[-1]
    assert (last.kind, last.approver_id) == ("review", fes.rod["id"])
    assert "id" in refused(
        "maroc_workflow_feed_push", robot, id=feed["id"], records=[ROW]
    )


def test_a_withdrawn_dataset_is_fed_no_more_when_it_comes_back(
    fes, prices, robot, feed
):
    made, _ = prices
    act("maroc_workflow_withdraw", fes.rod, id=made["id"], reason="Erreur")
    act("maroc_workflow_submit", fes.gdd, id=made["id"])
    act("maroc_workflow_approve", fes.rod, id=made["id"])
    assert is_seen(made["id"])
    assert "id" in refused(
        "maroc_workflow_feed_push", robot, id=feed["id"], records=[ROW]
    )


def test_a_revision_that_leaves_the_file_alone_keeps_the_rows_that_came(
    fes, prices, robot, feed
):
    made, _ = prices
    revision = act("package_patch", fes.gdd, id=made["id"], **IN_DOUBT)
    report = push(robot, feed, ROW)
    act("maroc_workflow_approve", fes.rod, id=revision["id"])
    assert bytes_of(made, feed) == report["sha256"]
    assert act("package_show", None, id=made["id"])["third_party"] == "ne-sais-pas"


def test_a_revision_that_changes_the_file_meets_the_rows_that_came(
    fes, prices, robot, feed, settled
):
    made, _ = prices
    revision = act("package_patch", fes.gdd, id=made["id"], **IN_DOUBT)
    [mine] = revision["resources"]
    act("resource_patch", fes.gdd, id=mine["id"], upload=upload(TABLE + "Sefrou,,,\n"))
    report = push(robot, feed, ROW)
    settled()
    assert "base" in refused("maroc_workflow_approve", fes.rod, id=revision["id"])
    assert bytes_of(made, feed) == report["sha256"]


def test_the_last_state_of_a_day_stays_in_the_history(app, prices, robot, feed):
    made, resource = prices
    sent = [push(robot, feed, {**ROW, "produit": str(n) + " kg"}) for n in range(3)]
    page = app.get(f"/fr/dataset/{made['name']}/historique").body
    for report, there in zip(sent, (False, False, True), strict=True):
        assert (f"/version/{report['sha256']}" in page) is there
    assert f"/version/{resource['hash']}" in page, "a person's version stays"


def test_the_page_gives_follows_and_withdraws_it(desk, fes, prices, robot):
    made, resource = prices
    path = f"/dataset/{made['name']}/flux"
    page = desk(fes.rod).goes_to(path)
    page.sends(id=resource["id"], account=robot["name"], until=in_days(9))
    assert "en vigueur" in page.says().lower()
    push(robot, resource, ROW, {**ROW, "prix": "cher"})
    page.goes_to(path)
    assert robot["fullname"] in page.says()
    told = page.page.select_one("section.workflow-feed")
    assert told
    assert "prix" in told.text
    assert "cher" not in told.text
    page.sends(reason="Prix faux", keep="")
    assert is_seen(made["id"]), "nobody said that they are sure"
    page.sends(reason="Prix faux", keep="", sure="yes")
    assert not is_seen(made["id"])


def test_strangers_do_not_see_the_page(desk, fes, prices):
    made, _ = prices
    assert desk(fes.outsider).goes_to(f"/dataset/{made['name']}/flux").status == 403


@pytest.mark.parametrize(
    ("lang", "said"),
    [("fr", "Ces données sont tenues par"), ("ar", "هذه البيانات محفوظة لدى")],
)
def test_a_link_says_who_holds_its_data(app, fes, lang, said):
    made = fes.public(resources=[{"url": "https://donnees.example/a.csv", "name": "A"}])
    page = f"/{lang}/dataset/{made['name']}"
    assert "donnees.example" in app.get(page).body
    told = app.get(f"{page}/resource/{made['resources'][0]['id']}").body
    assert said in told
    assert "donnees.example" in told[told.index(said) :][:200]
