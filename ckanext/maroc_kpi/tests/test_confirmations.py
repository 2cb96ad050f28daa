"""Nothing new this period: who may say it, when, what it counts for, how it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

from ckanext.maroc_kpi import (
    compute,
    confirmations,
    errors,
    facts,
    helpers,
    wording,
)
from ckanext.maroc_kpi.freshness import Freshness, obstacle
from ckanext.maroc_portal import clock, outbox
from ckanext.maroc_schema.tests.conftest import Person

from .conftest import act, ask, execute, member, publish, shown

pytestmark = pytest.mark.usefixtures("empty")

Turn = Callable[[dt.date], None]
BUTTON = 'form[action$="/rien-de-nouveau"]'


@pytest.fixture
def today() -> dt.date:
    """Return the real day: the workflow dates contents by the database's clock."""
    return clock.today()


@pytest.fixture
def gdd(fes: dict[str, Any]) -> dict[str, Any]:
    """Return who manages the data of Fès."""
    return member(fes, "editor")


@pytest.fixture
def parcs(fes: dict[str, Any]) -> dict[str, Any]:
    """Publish a monthly dataset today: new data are due in 31 days, late after 45."""
    return publish(fes, "parcs", "CSV", collection_frequency="MONTHLY")


def confirm(user: dict[str, Any] | None, dataset: dict[str, Any]) -> dict[str, Any]:
    return ask(user, "maroc_kpi_confirm_unchanged", id=dataset["name"])


def refused(user: dict[str, Any], dataset: dict[str, Any]) -> str:
    """Return the code of what must be refused."""
    with pytest.raises(errors.Refused) as caught:
        confirm(user, dataset)
    model.Session.rollback()
    return caught.value.error.code


def renewed(dataset: dict[str, Any], on: dt.date) -> None:
    """Let new content come on a day, as a decision opens it."""
    execute(
        "INSERT INTO maroc_workflow_version"
        " (package_id, resource_id, sha256, opened_at, decision)"
        " VALUES (:id, 'again', :sha256, :at, 1)",
        id=dataset["id"],
        sha256=on.isoformat(),
        at=dt.datetime.combine(on, dt.time(11), clock.CASABLANCA),
    )


def after(day: dt.date, days: int) -> dt.date:
    return day + dt.timedelta(days=days)


# What it does


def test_a_gdd_confirms_a_late_dataset_and_the_figure_follows(
    gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 46))
    compute.refresh()
    assert shown("update_frequency")["value"] == 0
    assert confirm(gdd, parcs) == {
        "dataset": parcs["id"],
        "day": after(today, 46).isoformat(),
        "in_a_row": 1,
        "left": 1,
        "fresh_until": after(today, 46 + 45).isoformat(),
    }
    outbox.dispatch()
    compute.refresh()
    told = shown("update_frequency")
    beside = {each["name"]: each["value"] for each in told["components"]}
    assert (told["value"], beside["confirmed"]) == (100, 1)
    # A late word keeps the day late, as a late content does.
    assert beside["days_late"] == 1


def test_a_confirmation_survives_the_worker_that_was_to_count_it(
    gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 46))
    compute.refresh()
    confirm(gdd, parcs)
    with model.ensure_engine().connect() as connection:
        assert outbox.waiting(connection)
        assert not compute.needed(connection)
    outbox.dispatch()
    with model.ensure_engine().connect() as connection:
        assert compute.needed(connection)


def test_a_confirmation_that_fails_leaves_neither_a_row_nor_a_message(
    gdd: dict[str, Any],
    parcs: dict[str, Any],
    today: dt.date,
    day: Turn,
    monkeypatch: pytest.MonkeyPatch,
):
    day(after(today, 31))
    outbox.dispatch()

    def full(*_topic: str, **_payload: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(outbox, "put", full)
    with pytest.raises(OSError, match="no space left"):
        confirm(gdd, parcs)
    model.Session.rollback()
    assert ask(gdd, "maroc_kpi_confirmation_list", id=parcs["id"]) == []


def test_said_twice_on_one_day_it_counts_once(
    gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 31))
    first = confirm(gdd, parcs)
    assert confirm(gdd, parcs) == first
    assert first["in_a_row"] == 1
    assert len(ask(gdd, "maroc_kpi_confirmation_list", id=parcs["id"])) == 1


def test_the_day_is_morocco_s(gdd: dict[str, Any], parcs: dict[str, Any]):
    # Half an hour into a day of Morocco, London still has the day before.
    moment = dt.datetime(2031, 3, 1, 0, 30, tzinfo=clock.CASABLANCA)
    assert moment.astimezone(dt.UTC).date() == dt.date(2031, 2, 28)
    confirmations.add(parcs["id"], parcs["owner_org"], gdd["id"], moment)
    told = ask(gdd, "maroc_kpi_confirmation_list", id=parcs["id"])
    assert [each["day"] for each in told] == ["2031-03-01"]


def test_a_third_time_in_a_row_is_refused_until_new_content_comes(
    gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 31))
    assert confirm(gdd, parcs)["left"] == 1
    day(after(today, 62))
    assert confirm(gdd, parcs)["left"] == 0
    day(after(today, 200))
    assert refused(gdd, parcs) == "unchanged_twice"
    renewed(parcs, after(today, 200))
    assert refused(gdd, parcs) == "unchanged_not_due"
    day(after(today, 231))
    assert confirm(gdd, parcs)["in_a_row"] == 1


def test_nothing_is_confirmed_before_the_promised_time_is_over(
    gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 30))
    assert refused(gdd, parcs) == "unchanged_not_due"
    day(after(today, 31))
    assert confirm(gdd, parcs)["in_a_row"] == 1
    day(after(today, 61))
    assert refused(gdd, parcs) == "unchanged_not_due"


def test_to_edit_the_description_renews_nothing(
    gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 31))
    execute(
        "UPDATE package SET metadata_modified = :now WHERE id = :id",
        now=dt.datetime.combine(after(today, 31), dt.time(9)),
        id=parcs["id"],
    )
    assert confirm(gdd, parcs)["in_a_row"] == 1


def test_an_institution_that_only_confirms_brings_no_new_content(
    fes: dict[str, Any],
    gdd: dict[str, Any],
    today: dt.date,
    day: Turn,
):
    yearly = publish(fes, "budget", "CSV", collection_frequency="ANNUAL")
    day(after(today, 366))
    confirm(gdd, yearly)
    compute.refresh(anew=True)
    beside = {
        each["name"]: each["value"]
        for each in shown("institutions_involved", "commune-fes")["components"]
    }
    assert (beside["active"], beside["punctual"]) == (0, 1)
    assert shown("update_frequency", "commune-fes")["value"] == 100


# Who may say it, and of what


@pytest.mark.parametrize("who", ["anyone", "stranger", "reader"])
def test_who_may_not_edit_the_dataset_may_not_confirm(
    who: str, fes: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 31))
    people: dict[str, Callable[[], dict[str, Any] | None]] = {
        "anyone": lambda: None,
        "stranger": factories.User,
        "reader": lambda: member(fes, "member"),
    }
    with pytest.raises(tk.NotAuthorized):
        confirm(people[who](), parcs)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"collection_frequency": "AS_NEEDED"}, "unchanged_no_promise"),
        ({"private": True}, "unchanged_not_public"),
    ],
)
def test_where_nothing_is_promised_in_public_nothing_is_confirmed(
    fields: dict[str, Any],
    code: str,
    fes: dict[str, Any],
    gdd: dict[str, Any],
    day: Turn,
):
    dataset = publish(fes, "parcs", "CSV", **fields)
    day(after(clock.today(), 400))
    assert refused(gdd, dataset) == code


def test_what_is_kept_on_another_site_cannot_be_confirmed(
    fes: dict[str, Any], gdd: dict[str, Any], today: dt.date, day: Turn
):
    dataset = publish(fes, "parcs", collection_frequency="MONTHLY")
    day(after(today, 400))
    assert refused(gdd, dataset) == "unchanged_no_content"


def test_a_deleted_dataset_cannot_be_confirmed(
    gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    act("package_delete", id=parcs["id"])
    day(after(today, 31))
    assert refused(gdd, parcs) == "unchanged_deleted"


def test_a_dataset_that_is_not_there_is_not_found(gdd: dict[str, Any]):
    for user in (gdd, factories.Sysadmin()):
        for action in ("maroc_kpi_confirm_unchanged", "maroc_kpi_confirmation_list"):
            with pytest.raises(tk.ObjectNotFound):
                ask(user, action, id="absent")


def test_who_withdrew_a_dataset_confirms_it_no_more(
    fes: dict[str, Any],
    gdd: dict[str, Any],
    parcs: dict[str, Any],
    today: dt.date,
    day: Turn,
):
    rod = member(fes, "admin")
    ask(rod, "maroc_workflow_withdraw", id=parcs["id"], reason="Une erreur.")
    day(after(today, 31))
    assert refused(gdd, parcs) == "unchanged_not_public"


# Who reads it


def test_everyone_reads_the_days_and_editors_who_said_so(
    gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 31))
    confirm(gdd, parcs)
    on = after(today, 31).isoformat()
    for user in (None, factories.User()):
        told = ask(user, "maroc_kpi_confirmation_list", id="parcs")
        assert told == [{"day": on}]
    (told,) = ask(gdd, "maroc_kpi_confirmation_list", id="parcs")
    assert (told["day"], told["user"]) == (on, gdd["name"])
    assert told["at"].startswith(on)


def test_a_stranger_reads_no_confirmation_of_what_is_no_longer_public(
    fes: dict[str, Any],
    gdd: dict[str, Any],
    parcs: dict[str, Any],
    today: dt.date,
    day: Turn,
):
    day(after(today, 31))
    confirm(gdd, parcs)
    rod = member(fes, "admin")
    ask(rod, "maroc_workflow_withdraw", id=parcs["id"], reason="Une erreur.")
    with pytest.raises(tk.NotAuthorized):
        ask(None, "maroc_kpi_confirmation_list", id=parcs["id"])
    assert len(ask(gdd, "maroc_kpi_confirmation_list", id=parcs["id"])) == 1


def test_no_confirmation_is_changed_or_taken_back(
    gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 31))
    confirm(gdd, parcs)
    for change in (
        "DELETE FROM maroc_kpi_confirmation",
        "UPDATE maroc_kpi_confirmation SET day = day + 1",
    ):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"):
            execute(change)


# The rule alone


DAY = dt.date(2026, 3, 1)


def fresh(**given: Any) -> Freshness:
    return Freshness(
        **{
            "frequency": "MONTHLY",
            "content": DAY,
            "last": DAY,
            "confirmations": 0,
            **given,
        }
    )


@pytest.mark.parametrize(
    ("given", "days", "code"),
    [
        ({}, 30, "unchanged_not_due"),
        ({}, 31, None),
        ({}, 46, None),
        ({}, 4000, None),
        ({"frequency": "DAILY"}, 0, "unchanged_not_due"),
        ({"frequency": "DAILY"}, 1, None),
        ({"frequency": "AS_NEEDED"}, 400, "unchanged_no_promise"),
        ({"frequency": ""}, 400, "unchanged_no_promise"),
        ({"frequency": "astrology"}, 400, "unchanged_no_promise"),
        ({"content": None, "last": None}, 400, "unchanged_no_content"),
        ({"confirmations": 1}, 30, "unchanged_not_due"),
        ({"confirmations": 1}, 31, None),
        ({"confirmations": 2}, 1, "unchanged_twice"),
        ({"confirmations": 2}, 400, "unchanged_twice"),
    ],
)
def test_what_may_be_confirmed_and_when(
    given: dict[str, Any], days: int, code: str | None
):
    found = obstacle(fresh(**given), after(DAY, days))
    assert (found and found.error.code) == code


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
@pytest.mark.parametrize(
    "error", [each for each in errors.ERRORS if each.code.startswith("unchanged")]
)
def test_each_refusal_says_what_to_do_in_the_reader_s_language(
    error: errors.Error, lang: str
):
    said = errors.sentence(error, "", lang, day=DAY)
    assert error.way_out[lang] in said or "{" in error.way_out[lang]
    assert "{" not in said
    if "{day}" in error.sentence[lang]:
        assert wording.day(DAY, lang) in said


def test_the_page_says_what_the_rule_says(app: Any):
    with app.flask_app.test_request_context():
        early = helpers.told(fresh(), after(DAY, 30), "en")
        due = helpers.told(fresh(), after(DAY, 31), "en")
        late = helpers.told(fresh(), after(DAY, 46), "en")
        free = helpers.told(fresh(frequency="AS_NEEDED"), after(DAY, 46), "en")
        linked = helpers.told(fresh(content=None, last=None), DAY, "en")
    assert (early.may_confirm, bool(early.why_not)) == (False, True)
    assert (due.may_confirm, due.is_late, due.why_not) == (True, False, "")
    assert (late.may_confirm, late.is_late) == (True, True)
    assert (free.may_confirm, free.promise, free.why_not) == (False, "", "")
    assert (linked.content, linked.may_confirm) == ("", False)
    assert "keeps no file" in linked.why_not


def test_where_nothing_keeps_the_contents_nothing_is_confirmed(
    parcs: dict[str, Any], today: dt.date, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(facts, "present", lambda _connection: [])
    found = confirmations.freshness(parcs["id"])
    assert found is not None
    assert (found.content, found.last, found.confirmations) == (None, None, 0)
    hindered = obstacle(found, after(today, 400))
    assert hindered is not None
    assert hindered.error.code == "unchanged_no_content"


# The page


def test_a_gdd_says_so_in_one_click(
    app: Any, gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    on = after(today, 50)
    day(on)
    page = Person(app, gdd, "fr").goes_to("/dataset/parcs")
    late_since = wording.day(after(today, 46), "fr")
    assert "Fréquence promise : Tous les mois." in page.says()
    assert f"En retard depuis le {late_since}." in page.says()
    page.presses(BUTTON)
    assert page.path == "/dataset/parcs"
    until = wording.day(after(on, 45), "fr")
    assert (
        f"C’est noté : rien de nouveau pour cette période. À jour jusqu’au {until}."
    ) in page.says()
    assert f"Confirmé sans changement le {wording.day(on, 'fr')}." in page.says()
    assert page.page.select_one(BUTTON) is None


def test_the_second_time_the_page_says_that_it_was_the_last(
    app: Any, gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    person = Person(app, gdd, "ar")
    for days in (31, 62):
        day(after(today, days))
        person.goes_to("/dataset/parcs").presses(BUTTON)
    assert "كانت هذه هي المرة الثانية على التوالي" in person.says()
    assert "ولا يُعتد بتأكيد ثالث" in person.says()
    assert "أودعوا الملف الجديد" in person.says()
    assert person.page.select_one(BUTTON) is None


def test_a_button_that_came_too_late_says_why(
    app: Any, gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 31))
    page = Person(app, gdd, "fr").goes_to("/dataset/parcs")
    renewed(parcs, after(today, 31))
    page.presses(BUTTON)
    alert = page.page.select_one(".alert-danger, .alert-error")
    assert alert is not None
    assert "La période promise court encore" in alert.get_text()


def test_visitors_read_that_it_was_confirmed_and_find_no_button(
    app: Any, gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 31))
    confirm(gdd, parcs)
    for lang, said in (
        ("fr", f"Confirmé sans changement le {wording.day(after(today, 31), 'fr')}."),
        ("ar", "تم تأكيد عدم وجود جديد في"),
        ("en", "Confirmed without change on"),
    ):
        page = Person(app, None, lang).goes_to("/dataset/parcs")
        assert said in page.says()
        assert gdd["name"] not in page.says()
        assert page.page.select_one(".kpi-fresh, form[action*=rien]") is None


def test_a_dataset_that_promises_nothing_asks_nothing(
    app: Any, fes: dict[str, Any], gdd: dict[str, Any]
):
    publish(fes, "parcs", "CSV", collection_frequency="AS_NEEDED")
    page = Person(app, gdd, "fr").goes_to("/dataset/parcs")
    assert "Dernier contenu nouveau" in page.says()
    assert page.page.select_one(".kpi-fresh") is None


def test_a_draft_s_page_says_nothing_of_freshness(
    app: Any, fes: dict[str, Any], gdd: dict[str, Any]
):
    publish(fes, "parcs", "CSV", private=True)
    page = Person(app, gdd, "fr").goes_to("/dataset/parcs")
    assert page.status == 200
    assert page.page.select_one(".kpi-fresh, .kpi-content-day") is None


def test_who_signed_out_meanwhile_signs_in_and_comes_back(
    app: Any, parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 31))
    visitor = Person(app, None, "fr").goes_to("/user/login")
    token = visitor.form("form:has([name=_csrf_token])").select_one(
        "[name=_csrf_token]"
    )
    assert token is not None
    answer = visitor.client.post(
        "/fr/dataset/parcs/rien-de-nouveau",
        data={"_csrf_token": token["value"]},
        follow_redirects=False,
    )
    assert answer.status_code == 302
    assert answer.location.endswith("/fr/user/login?came_from=/fr/dataset/parcs")
    assert act("maroc_kpi_confirmation_list", id="parcs") == []


def test_another_site_cannot_press_the_button(
    app: Any, gdd: dict[str, Any], parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 31))
    person = Person(app, gdd, "fr").goes_to("/dataset/parcs")
    answer = person.client.post("/fr/dataset/parcs/rien-de-nouveau", data={})
    assert answer.status_code == 400
    assert act("maroc_kpi_confirmation_list", id="parcs") == []


def test_a_stranger_s_post_is_refused(
    app: Any, parcs: dict[str, Any], today: dt.date, day: Turn
):
    day(after(today, 31))
    token = factories.APIToken(user=factories.User()["name"])["token"]
    app.post(
        "/dataset/parcs/rien-de-nouveau",
        headers={"Authorization": token},
        status=403,
    )
    assert act("maroc_kpi_confirmation_list", id="parcs") == []
