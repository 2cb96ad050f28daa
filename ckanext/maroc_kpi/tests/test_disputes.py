"""Disputed figures: said by the institution, answered by ADD, beside the figure."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import mailer
from ckan.tests import factories

from ckanext.maroc_kpi import compute, disputes, store
from ckanext.maroc_kpi.definition import indicators
from ckanext.maroc_kpi.errors import Refused, Unknown
from ckanext.maroc_kpi.words import LANGS
from ckanext.maroc_portal import outbox

from .conftest import act, ask, execute, institution, member, publish, shown

pytestmark = pytest.mark.usefixtures("empty")

DASHBOARD = "/organization/commune-fes/tableau-de-bord"
DAY = dt.date(2030, 6, 3)
WRONG = "Deux jeux publiés le 2 juin manquent."


@pytest.fixture
def rod(fes: dict[str, Any]) -> dict[str, Any]:
    return member(fes, "admin")


def dispute(user: dict[str, Any] | None, **changes: Any) -> Any:
    given = {"id": "public_datasets", "institution": "commune-fes", "text": WRONG}
    return ask(user, "maroc_kpi_dispute_create", **{**given, **changes})


def answer(number: int, **changes: Any) -> Any:
    given = {"id": number, "text": "Recompté.", "outcome": "corrected"}
    return act("maroc_kpi_dispute_answer", **{**given, **changes})


def test_what_a_rod_disputes_stands_beside_the_figure_and_is_due_in_fifteen_days(
    rod: dict[str, Any], day: Any
):
    day(DAY)
    compute.refresh()
    assert shown("public_datasets", "commune-fes")["dispute"] is None
    made = dispute(rod)
    assert made["status"] == "open"
    assert (made["opened_on"], made["due_on"]) == ("2030-06-03", "2030-06-18")
    assert made["figure"] == {
        "version": indicators()["public_datasets"].version,
        "state": "measured",
        "value": 0,
        "as_of": "2030-06-03",
    }
    told = shown("public_datasets", "commune-fes")
    assert told["dispute"] == made
    assert told in act("maroc_kpi_list", institution="commune-fes")
    assert shown("downloads", "commune-fes")["dispute"] is None
    assert shown("public_datasets")["dispute"] is None
    day(dt.date(2030, 6, 18))
    assert shown("public_datasets", "commune-fes")["dispute"]["status"] == "open"
    day(dt.date(2030, 6, 19))
    assert shown("public_datasets", "commune-fes")["dispute"]["status"] == "late"


def test_an_answer_is_given_once_and_then_the_figure_may_be_disputed_again(
    rod: dict[str, Any], day: Any
):
    day(DAY)
    compute.refresh()
    first = dispute(rod)
    with pytest.raises(Refused) as refused:
        dispute(rod, text="Encore.")
    assert refused.value.error.code == "already_disputed"
    day(DAY + dt.timedelta(days=2))
    answered = answer(first["id"])
    assert answered["status"] == "answered"
    assert answered["answer"] == {
        "text": "Recompté.",
        "outcome": "corrected",
        "outcome_label": disputes.OUTCOMES["corrected"],
        "on": "2030-06-05",
    }
    with pytest.raises(Refused) as refused:
        answer(first["id"], outcome="maintained")
    assert refused.value.error.code == "already_answered"
    assert shown("public_datasets", "commune-fes")["dispute"] == answered
    second = dispute(rod, text="Toujours pas.")
    assert shown("public_datasets", "commune-fes")["dispute"] == second
    logged = act("maroc_kpi_dispute_list", institution="commune-fes")
    assert logged == [second, answered]


def test_two_rods_who_dispute_at_once_open_one_dispute(rod: dict[str, Any]):
    compute.refresh()
    value = store.of(store.values(), indicators()["public_datasets"])
    refused: list[Refused] = []

    def begin() -> None:
        try:
            disputes.begin(
                value=value, institution="x", month=None, text=WRONG, user=rod["id"]
            )
        except Refused as error:
            refused.append(error)
        finally:
            model.Session.remove()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.error.code for each in refused] == ["already_disputed"] * 3
    assert len(disputes.log()) == 1


def test_a_month_is_disputed_by_itself(rod: dict[str, Any], day: Any):
    for each in (dt.date(2030, 1, 31), dt.date(2030, 2, 1)):
        day(each)
        compute.refresh()
    made = dispute(rod, month="2030-01")
    assert (made["month"], made["figure"]["as_of"]) == ("2030-01", "2030-01-31")
    asked = {"id": "public_datasets", "institution": "commune-fes"}
    assert act("maroc_kpi_show", **asked)["dispute"] is None
    assert act("maroc_kpi_show", **asked, period="2030-01")["dispute"] == made
    # Today's figure is another, and may be disputed too.
    assert dispute(rod)["month"] is None
    with pytest.raises(Refused) as refused:
        dispute(rod, month="2029-12")
    assert refused.value.error.code == "nothing_to_dispute"
    with pytest.raises(tk.ValidationError):
        dispute(rod, month="2030-01-31")


def test_a_figure_that_is_not_measured_may_be_disputed_as_well(rod: dict[str, Any]):
    compute.refresh()
    made = dispute(rod, id="satisfaction")
    assert (made["figure"]["state"], made["figure"]["value"]) == ("not_measured", None)


@pytest.mark.parametrize("who", ["nobody", "outsider", "gdd", "rod of another"])
def test_only_the_institution_s_rod_speaks_for_it(fes: dict[str, Any], who: str):
    compute.refresh()
    hcp = institution("hcp", "Haut-Commissariat au Plan", "المندوبية السامية للتخطيط")
    user = {
        "nobody": lambda: None,
        "outsider": factories.UserWithToken,
        "gdd": lambda: member(fes, "editor"),
        "rod of another": lambda: member(hcp, "admin"),
    }[who]()
    with pytest.raises(tk.NotAuthorized):
        dispute(user)
    assert act("maroc_kpi_dispute_list") == []


def test_only_add_answers(rod: dict[str, Any]):
    compute.refresh()
    made = dispute(rod)
    for user in (None, rod):
        with pytest.raises(tk.NotAuthorized):
            ask(
                user,
                "maroc_kpi_dispute_answer",
                id=made["id"],
                text="Non.",
                outcome="maintained",
            )
    add = factories.Sysadmin()
    ask(
        add,
        "maroc_kpi_dispute_answer",
        id=made["id"],
        text="Non.",
        outcome="maintained",
    )


def test_the_log_is_public_and_names_no_person(app: Any, rod: dict[str, Any]):
    compute.refresh()
    answer(dispute(rod)["id"])
    body = app.get("/api/3/action/maroc_kpi_dispute_list").body
    pages = [
        body,
        app.get(DASHBOARD).body,
        app.get("/indicateurs/public_datasets").body,
    ]
    for each in pages:
        assert "manquent" in each
        for of_person in (rod["id"], rod["name"], rod["email"], rod["fullname"]):
            assert of_person not in each
    by_indicator = act("maroc_kpi_dispute_list", indicator="downloads")
    assert by_indicator == []
    with pytest.raises(Unknown):
        act("maroc_kpi_dispute_list", indicator="no_such")


@pytest.mark.parametrize(
    "given",
    [
        {"text": "  "},
        {"text": "x" * (disputes.LONGEST + 1)},
        {"month": "hier"},
        {"month": "2030-13"},
    ],
)
def test_what_says_nothing_is_refused(rod: dict[str, Any], given: dict[str, str]):
    compute.refresh()
    with pytest.raises(tk.ValidationError) as refused:
        dispute(rod, **given)
    assert list(refused.value.error_dict) == list(given)


def test_what_does_not_exist_is_neither_disputed_nor_answered(rod: dict[str, Any]):
    with pytest.raises(Unknown):
        dispute(rod, id="no_such")
    with pytest.raises(Unknown):
        answer(404)
    with pytest.raises(tk.ValidationError):
        answer(404, outcome="perhaps")


@pytest.mark.parametrize("verb", ["UPDATE {} SET text = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["maroc_kpi_dispute", "maroc_kpi_dispute_answer"])
def test_what_was_said_stays(rod: dict[str, Any], table: str, verb: str):
    compute.refresh()
    answer(dispute(rod)["id"])
    with pytest.raises(sa.exc.IntegrityError, match="append-only"):
        execute(verb.format(table))


def test_a_dispute_outlives_its_institution(rod: dict[str, Any], fes: dict[str, Any]):
    compute.refresh()
    made = dispute(rod)
    act("organization_delete", id=fes["id"])
    act("organization_purge", id=fes["id"])
    [kept] = act("maroc_kpi_dispute_list")
    assert kept["institution"]["id"] == fes["id"]
    assert kept["text"] == made["text"]


# The mail


def test_add_is_written_to_and_a_dead_mail_server_leaves_it_for_later(
    rod: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    compute.refresh()
    outbox.dispatch()
    sent: list[tuple[str, ...]] = []
    # The real thing is a mail server; what it would be given is looked at here.
    monkeypatch.setattr(mailer, "mail_recipient", lambda *given: sent.append(given))
    monkeypatch.setitem(tk.config, "smtp.server", "127.0.0.1:9")
    dispute(rod)
    outbox.dispatch()
    [(name, address, subject, body)] = sent
    assert (name, address) == ("ADD", tk.config["ckanext.maroc_portal.contact"])
    assert "Commune de Fès" in subject
    assert WRONG in body
    assert DASHBOARD in body


def test_without_a_mail_server_none_is_tried(
    rod: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        mailer, "mail_recipient", lambda *_: pytest.fail("a mail was tried")
    )
    compute.refresh()
    dispute(rod)
    outbox.dispatch()
    with model.ensure_engine().connect() as connection:
        left = connection.execute(
            sa.text("SELECT count(*) FROM maroc_portal_outbox WHERE topic = :topic"),
            {"topic": disputes.TOPIC},
        ).scalar_one()
    assert left == 0


# The pages


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.body, "html.parser")


def test_a_rod_disputes_on_the_page_and_add_answers_there(
    app: Any, rod: dict[str, Any], fes: dict[str, Any]
):
    publish(fes, "parcs", "CSV")
    compute.refresh()
    assert soup(app.get(DASHBOARD)).select_one(".kpi-dispute") is None
    rods = {"Authorization": rod["token"]}
    form = soup(app.get(DASHBOARD, headers=rods)).select_one(".kpi-dispute")
    assert form is not None
    sent = {"indicator": "public_datasets", "month": "", "text": WRONG}
    done = app.post(
        str(form["action"]), data=sent, headers=rods, follow_redirects=False
    )
    assert done.status_code == 302
    page = soup(app.get(DASHBOARD))
    line = page.select_one("#kpi-public_datasets .kpi-disputed")
    assert line is not None
    assert "Contesté par l’institution" in line.get_text()
    assert page.select_one(".kpi-disputes li form") is None
    add = factories.SysadminWithToken()
    adds = {"Authorization": add["token"]}
    reply = soup(app.get(DASHBOARD, headers=adds)).select_one(".kpi-disputes li form")
    assert reply is not None
    done = app.post(
        str(reply["action"]),
        data={"text": "Recompté.", "outcome": "maintained"},
        headers=adds,
        follow_redirects=False,
    )
    assert done.status_code == 302
    for path in (DASHBOARD, "/indicateurs/public_datasets?organization=commune-fes"):
        page = soup(app.get(path))
        assert "Chiffre maintenu" in page.select_one(".kpi-disputed").get_text()
        assert "Recompté." in page.select_one(".kpi-disputes").get_text()


def test_what_is_refused_comes_back_with_the_reason_and_the_text(
    app: Any, rod: dict[str, Any]
):
    compute.refresh()
    rods = {"Authorization": rod["token"]}
    sent = {"indicator": "downloads", "month": "2001-01", "text": WRONG}
    address = f"{DASHBOARD}/contestation"
    refused = app.post(address, data=sent, headers=rods)
    assert refused.status_code == 409
    form = soup(refused).select_one(".kpi-dispute")
    assert "2001-01" in form.select_one("[role=alert]").get_text()
    assert form.select_one("textarea").get_text().strip() == WRONG
    assert form.select_one("option[selected]")["value"] == "downloads"
    outsider = {"Authorization": factories.UserWithToken()["token"]}
    assert app.post(address, data=sent, headers=outsider).status_code == 403
    answered = app.post("/indicateurs/contestations/404", data={}, headers=rods)
    assert answered.status_code == 404


def test_what_is_written_is_shown_as_text(app: Any, rod: dict[str, Any]):
    compute.refresh()
    dispute(rod, text="<script>alert(1)</script> لا")
    body = app.get(DASHBOARD).body
    assert "<script>alert(1)" not in body
    assert "&lt;script&gt;alert(1)" in body


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_says_it_in_the_reader_s_language(
    app: Any, rod: dict[str, Any], lang: str
):
    compute.refresh()
    dispute(rod)
    page = soup(app.get(f"/{lang}{DASHBOARD}"))
    [found] = disputes.log()
    told = disputes.sentence(found, found.opened_at.date(), lang)
    assert page.select_one(".kpi-disputed").get_text(strip=True) == told
    heading = page.select_one("#kpi-disputes").get_text(strip=True)
    assert (
        heading
        == {
            "fr": "Chiffres contestés",
            "ar": "أرقام مطعون فيها",
            "en": "Disputed figures",
        }[lang]
    )
