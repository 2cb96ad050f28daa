"""Fifteen defects that the best portals' figures have: theirs fails, ours does not.

Each test writes the other portal's formula small, in words of ours, shows it wrong on
a case, and asks the portal itself about the same case: real datasets, files, uses,
decisions and months. ``DEFECTS`` names all fifteen with where each is proven; what has
no figure yet says what it waits for, and that it has none is proven too.
"""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

from ckanext.maroc_kpi import compute, freezing
from ckanext.maroc_kpi.definition import indicators
from ckanext.maroc_law.tests.cases import lawful
from ckanext.maroc_portal import clock, outbox

from .conftest import act, execute, institution, publish, shown, used

pytestmark = pytest.mark.usefixtures("empty")

HERE = "maroc_kpi.tests.test_peer_defects"


@dataclass(frozen=True, kw_only=True)
class Defect:
    """A defect of others: where it was found, where ours is proven without it."""

    said: str
    seen_in: str
    proven: tuple[str, ...]
    awaiting: tuple[str, ...] = ()
    """The indicators that have no figure as long as what they wait for is not there."""
    waits_for: str = ""


DEFECTS = (
    Defect(
        said="unknown is counted as good",
        seen_in="udata, check_availability",
        proven=(f"{HERE}::test_what_was_never_looked_into_is_not_counted_as_good",),
    ),
    Defect(
        said="an absent metric is 0",
        seen_in="udata, get_metrics",
        proven=(f"{HERE}::test_what_was_never_counted_is_no_zero",),
    ),
    Defect(
        said="a frequency without a number is always fresh",
        seen_in="udata; HDX data freshness",
        proven=(f"{HERE}::test_what_promises_nothing_is_not_on_time",),
    ),
    Defect(
        said="one open file whitewashes a dataset",
        seen_in="udata, has_open_format; Canada; MQA",
        proven=(f"{HERE}::test_one_open_file_does_not_whitewash_nine_closed_ones",),
    ),
    Defect(
        said="the history is rebuilt from what survives",
        seen_in="udata; Finland",
        proven=(f"{HERE}::test_what_is_deleted_today_was_there_in_january",),
    ),
    Defect(
        said="the last answer instead of the first, comments counted as discussions",
        seen_in="data.gouv.fr pipelines, impact",
        proven=(f"{HERE}::test_three_comments_of_the_staff_are_one_answer",),
        awaiting=("involvement",),
        waits_for="questions and answers on the portal",
    ),
    Defect(
        said="what is unanswered is thirty days in a mean",
        seen_in="data.gouv.fr pipelines, impact",
        proven=(f"{HERE}::test_an_open_question_is_not_an_answer_after_thirty_days",),
        awaiting=("involvement",),
        waits_for="questions and answers on the portal",
    ),
    Defect(
        said="a proportion without its n",
        seen_in="data.gouv.fr pipelines, get_discoverability",
        proven=(f"{HERE}::test_a_proportion_has_its_n_and_its_interval_or_is_not",),
        waits_for="a survey on the portal, for the share of those asked who answered",
    ),
    Defect(
        said="now is a default argument",
        seen_in="HDX, is_overdue",
        proven=(f"{HERE}::test_now_is_asked_for_each_time",),
    ),
    Defect(
        said="the clock restarts after lateness",
        seen_in="Queensland",
        proven=(f"{HERE}::test_a_late_update_keeps_its_late_days",),
    ),
    Defect(
        said="a counter that anyone can forge",
        seen_in="CKAN core, /_tracking",
        proven=(
            "maroc_usage.tests.test_hook::test_forged_requests_count_nothing",
            f"{HERE}::test_forged_calls_move_no_figure",
        ),
    ),
    Defect(
        said="the visitor's address is in the logs",
        seen_in="Finland, ckanext-matomo",
        proven=(
            "maroc_usage.tests.test_hook::test_no_address_and_no_agent_is_ever_written",
        ),
    ),
    Defect(
        said="the validator is down, and is skipped in silence",
        seen_in="Germany, ckanext-dcatde",
        proven=(
            f"{HERE}::test_while_nothing_reads_files_none_is_said_to_be_readable",
            "maroc_files.tests.test_health::test_tables_that_nothing_loads_are_a_failure",
        ),
    ),
    Defect(
        said="one approves one's own submission",
        seen_in="Canada, imso_approval",
        proven=(
            f"{HERE}::test_who_submits_does_not_approve",
            "maroc_workflow.tests.test_publishing"
            "::test_a_rod_never_approves_what_they_wrote_themselves",
        ),
    ),
    Defect(
        said="a link that answers HEAD with 405 is broken, and only a sum is told",
        seen_in="Project Open Data dashboard; data.gouv.fr pipelines",
        proven=(f"{HERE}::test_no_figure_rests_on_links_that_nobody_checked",),
        waits_for="a check of links that has three answers and can be disputed",
    ),
)


def test_the_list_names_all_fifteen_and_each_test_that_it_names_is_there():
    assert len(DEFECTS) == 15
    assert len({each.said for each in DEFECTS}) == 15
    for each in DEFECTS:
        assert each.proven
        for name in each.proven:
            module, function = name.split("::")
            found = importlib.import_module(f"ckanext.{module}")
            assert callable(getattr(found, function)), name


@pytest.mark.parametrize(
    "name", sorted({name for each in DEFECTS for name in each.awaiting})
)
def test_what_waits_has_no_figure_and_says_what_it_waits_for(
    name: str, fes: dict[str, Any]
):
    publish(fes, "parcs", "CSV")
    compute.refresh()
    assert indicators()[name].awaits
    for scope in (None, "commune-fes"):
        told = shown(name, scope)
        assert (told["state"], told["value"]) == ("not_measured", None)
        assert told["components"] == []
        assert all(told["reason"].values())


# What we lay out


def linked(owner: dict[str, Any], name: str) -> None:
    """Publish a dataset whose file is on another site, where nobody looked into it."""
    made = publish(owner, name, "CSV", private=True)
    execute(
        "UPDATE resource SET url_type = NULL, hash = '' WHERE package_id = :id",
        id=made["id"],
    )
    opened(made)


def opened(dataset: dict[str, Any]) -> None:
    """Open a draft to the public, as its people and ADD do."""
    if not act("maroc_workflow_submit", id=dataset["id"])["public"]:
        add = {"user": factories.Sysadmin()["name"]}
        tk.get_action("maroc_workflow_approve")(add, {"id": dataset["id"]})


def content(dataset: dict[str, Any], *days: dt.date) -> None:
    """Give a dataset new content on some days, and on no other."""
    execute(
        "DELETE FROM maroc_workflow_version WHERE package_id = :id", id=dataset["id"]
    )
    for number, day in enumerate(days):
        execute(
            "INSERT INTO maroc_workflow_version"
            " (package_id, resource_id, sha256, decision, opened_at)"
            " VALUES (:id, :id, :sha256, 1, :at)",
            id=dataset["id"],
            sha256=f"{number:064}",
            at=dt.datetime.combine(day, dt.time(10), clock.CASABLANCA),
        )


def beside(told: dict[str, Any], name: str) -> int:
    [found] = [each["value"] for each in told["components"] if each["name"] == name]
    return found


def refreshed() -> None:
    outbox.dispatch()
    compute.refresh(anew=True)


# Theirs, and ours


def test_what_was_never_looked_into_is_not_counted_as_good(fes: dict[str, Any]):
    def theirs(checks: Sequence[bool | None]) -> float:
        return 100 * sum(check is not False for check in checks) / len(checks)

    hcp = institution("hcp", "Haut-Commissariat au Plan", "المندوبية السامية للتخطيط")
    publish(fes, "parcs", "CSV")
    linked(hcp, "census")
    refreshed()
    assert theirs([True, None]) == 100
    country = shown("open_standards")
    assert (country["state"], country["value"]) == ("partial", 50)
    assert (country["low"], country["high"]) == (50, 100)
    assert country["coverage"] == 0.5
    of_hcp = shown("open_standards", "hcp")
    assert (of_hcp["state"], of_hcp["value"]) == ("not_measured", None)
    assert of_hcp["reason"]["fr"]


def test_what_was_never_counted_is_no_zero(app: Any, fes: dict[str, Any]):
    def theirs(metrics: dict[str, int], key: str) -> int:
        return metrics.get(key, 0)

    publish(fes, "parcs", "CSV")
    refreshed()
    assert theirs({}, "downloads") == 0
    answer = app.get("/api/3/action/maroc_kpi_show?id=downloads").json["result"]
    assert (answer["state"], answer["value"]) == ("not_measured", None)
    page = BeautifulSoup(app.get("/indicateurs").body, "html.parser")
    card = page.select_one("#kpi-downloads .kpi-headline")
    assert card is not None
    assert card.get_text(strip=True) == "Non mesuré"
    # A true zero is told as one: the counter has counted, and nobody came.
    used(fes, 1, kind="view")
    refreshed()
    assert shown("downloads")["value"] == 0


def test_what_promises_nothing_is_not_on_time(fes: dict[str, Any], day: Any):
    def theirs(age: int, period: int | None) -> bool:
        return period is None or age <= period

    day(dt.date(2030, 1, 1))
    weekly = publish(fes, "parcs", "CSV", collection_frequency="WEEKLY")
    content(weekly, dt.date(2030, 1, 1))
    vague = publish(fes, "bus", "CSV", collection_frequency="AS_NEEDED")
    content(vague, dt.date(2030, 1, 1))
    day(dt.date(2033, 1, 1))
    refreshed()
    assert theirs(1096, None)
    told = shown("update_frequency")
    assert (told["numerator"], told["denominator"]) == (0, 1)
    assert beside(told, "not_quantifiable") == 1


def test_one_open_file_does_not_whitewash_nine_closed_ones(fes: dict[str, Any]):
    def theirs(formats: Sequence[str]) -> bool:
        return any(each == "CSV" for each in formats)

    formats = ["CSV", *["PDF"] * 9]
    mixed = publish(fes, "annuaire", *formats, private=True)
    execute(
        "UPDATE resource SET name = 'annexe-' || position || '.pdf'"
        " WHERE package_id = :id AND format = 'PDF'",
        id=mixed["id"],
    )
    opened(mixed)
    publish(fes, "parcs", "CSV")
    refreshed()
    assert theirs(formats)
    told = shown("open_standards")
    assert (told["numerator"], told["denominator"], told["value"]) == (1, 2, 50)


def test_what_is_deleted_today_was_there_in_january(fes: dict[str, Any], day: Any):
    def theirs(month_end: dt.date) -> int:
        with model.ensure_engine().connect() as connection:
            return connection.execute(
                sa.text(
                    "SELECT count(*) FROM package"
                    " WHERE state = 'active' AND metadata_created < :end"
                ),
                {"end": month_end},
            ).scalar_one()

    def ours() -> list[tuple[str, Any]]:
        past = act("maroc_kpi_history", id="public_datasets")
        return [(each["period"], each["value"]) for each in past["points"]]

    january = dt.date(2030, 1, 31)
    day(january)
    made = publish(fes, "parcs", "CSV")
    refreshed()
    for later in (dt.date(2030, 2, 1), dt.date(2030, 2, 28), dt.date(2030, 3, 1)):
        day(later)
        refreshed()
        freezing.freeze()
    assert theirs(january) == 1
    assert ours() == [("2030-01", 1), ("2030-02", 1)]
    act("dataset_purge", id=made["id"])
    refreshed()
    assert theirs(january) == 0
    assert shown("public_datasets")["value"] == 0
    assert ours() == [("2030-01", 1), ("2030-02", 1)]
    then = act("maroc_kpi_show", id="public_datasets", period="2030-01")
    assert then["value"] == 1


def test_three_comments_of_the_staff_are_one_answer(fes: dict[str, Any]):
    # A question of the 1st, on which the staff wrote on the 2nd, 5th and 20th.
    comments = [2, 5, 20]

    def theirs(comments: Sequence[int]) -> tuple[int, int]:
        answered_on = 0
        for each in comments:
            answered_on = each
        return answered_on - 1, len(comments)

    days, answers = theirs(comments)
    assert (days, answers) == (19, 3)
    assert (days, answers) != (min(comments) - 1, 1)
    # There are no questions here yet; until there are, no number is made of anything.
    compute.refresh()
    assert shown("involvement")["value"] is None


def test_an_open_question_is_not_an_answer_after_thirty_days(fes: dict[str, Any]):
    # Two were answered after 2 and 4 days, three were not yet, after 100 each.
    answered, waiting = [2, 4], [100, 100, 100]

    def theirs(answered: Sequence[int], waiting: Sequence[int]) -> float:
        days = [*answered, *(30 for _ in waiting)]
        return sum(days) / len(days)

    def median(answered: Sequence[int], waiting: Sequence[int]) -> int | None:
        left, share = len(answered) + len(waiting), 1.0
        for day in sorted({*answered, *waiting}):
            share *= 1 - answered.count(day) / left
            if share <= 0.5:
                return day
            left -= answered.count(day) + waiting.count(day)
        return None

    # Most wait for more than a hundred days, which theirs tells as eighteen.
    assert theirs(answered, waiting) < 20
    assert median(answered, waiting) is None
    assert median([2, 4, 6], [100, 100]) == 6
    compute.refresh()
    told = shown("involvement")
    assert (told["state"], told["value"]) == ("not_measured", None)


def test_a_proportion_has_its_n_and_its_interval_or_is_not(fes: dict[str, Any]):
    def theirs(found: int, answered: int) -> float:
        return 100 * found / answered

    def entered(yes: int, answers: int) -> dict[str, Any]:
        act(
            "maroc_kpi_entry_create",
            id="satisfaction",
            letter="D",
            as_of="2026-01-15",
            numerator=yes,
            denominator=answers,
            n=answers,
            source="Enquête ADD",
        )
        compute.refresh()
        return shown("satisfaction")

    assert theirs(3, 3) == theirs(300, 300) == 100
    few = entered(3, 3)
    assert (few["state"], few["value"], few["n"]) == ("suppressed", None, None)
    some = entered(20, 20)
    assert (some["state"], some["value"], some["n"]) == ("suppressed", None, 20)
    many = entered(300, 300)
    assert (many["state"], many["value"], many["n"]) == ("measured", 100, 300)
    assert (many["low"], many["high"]) == (98.74, 100)


def test_now_is_asked_for_each_time(fes: dict[str, Any], day: Any):
    day(dt.date(2030, 1, 1))

    def theirs(due: dt.date, now: dt.date = clock.today()) -> bool:  # noqa: B008
        return now > due

    made = publish(fes, "parcs", "CSV", collection_frequency="WEEKLY")
    content(made, dt.date(2030, 1, 1))
    refreshed()
    assert shown("update_frequency")["value"] == 100
    assert not theirs(dt.date(2030, 1, 15))
    # The same process, a month later.
    day(dt.date(2030, 2, 1))
    refreshed()
    assert not theirs(dt.date(2030, 1, 15))
    told = shown("update_frequency")
    assert (told["value"], told["as_of"]) == (0, "2030-02-01")


def test_a_late_update_keeps_its_late_days(fes: dict[str, Any], day: Any):
    due = 7 + 7

    def theirs(days: Sequence[dt.date], today: dt.date) -> int:
        return max(0, (today - days[-1]).days - due)

    first, late, today = (
        dt.date(2030, 1, 1),
        dt.date(2030, 2, 10),
        dt.date(2030, 2, 12),
    )
    day(first)
    made = publish(fes, "parcs", "CSV", collection_frequency="WEEKLY")
    content(made, first, late)
    day(today)
    refreshed()
    assert theirs([first, late], today) == 0
    told = shown("update_frequency")
    assert told["value"] == 100
    assert beside(told, "days_late") == (late - first).days - due == 26
    assert beside(told, "days") == (today - first).days


def test_forged_calls_move_no_figure(app: Any, fes: dict[str, Any]):
    counted: dict[str, int] = {}

    def theirs(posted: dict[str, str]) -> None:
        counted[posted["url"]] = counted.get(posted["url"], 0) + 1

    made = publish(fes, "parcs", "CSV")
    used(fes, 1)
    refreshed()
    before = shown("downloads")
    [resource] = act("package_show", id=made["id"])["resources"]
    # A thousand more are sent to the counter itself, by maroc_usage's own test.
    for number in range(100):
        forged = {"url": resource["url"], "type": "resource"}
        theirs(forged)
        app.post(
            "/_tracking",
            data=forged,
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )
    assert counted[resource["url"]] == 100
    refreshed()
    after = shown("downloads")
    assert (before["value"], after["value"]) == (1, 1)
    assert after["components"] == before["components"]


def test_while_nothing_reads_files_none_is_said_to_be_readable(fes: dict[str, Any]):
    def theirs(reports: dict[str, list[str]], files: Sequence[str]) -> float:
        return 100 * sum(not reports.get(each) for each in files) / len(files)

    made = publish(fes, "parcs", "CSV")
    [file] = act("package_show", id=made["id"])["resources"]
    for state in (None, "queued"):
        execute("DELETE FROM maroc_files_load WHERE resource_id = :id", id=file["id"])
        if state:
            execute(
                "INSERT INTO maroc_files_load"
                " (resource_id, package_id, stamp, sha256, state)"
                " VALUES (:id, :dataset, '', :sha256, :state)",
                id=file["id"],
                dataset=made["id"],
                sha256=file["hash"],
                state=state,
            )
        refreshed()
        assert theirs({}, [file["id"]]) == 100
        told = shown("complete_and_reliable")
        assert (told["state"], told["value"]) == ("not_measured", None)
        assert told["reason"]["fr"]


def test_who_submits_does_not_approve(app: Any, fes: dict[str, Any]):
    def theirs(dataset: dict[str, Any]) -> bool:
        return dataset.get("imso_approval") == "true"

    gdd = factories.UserWithToken()
    act(
        "organization_member_create",
        id=fes["id"],
        username=gdd["name"],
        role="editor",
    )
    headers = {"Authorization": gdd["token"]}

    def post(action: str, **sent: Any) -> Any:
        return app.post(
            f"/api/3/action/{action}",
            json=sent,
            headers=headers,
        )

    fields = {
        **lawful(third_party="ne-sais-pas"),
        "name": "parcs",
        "title_translated": {"fr": "Parcs", "ar": "حدائق"},
        "owner_org": fes["id"],
        "private": False,
    }
    made = post("package_create", **fields).json["result"]
    assert theirs({**made, "imso_approval": "true"})
    sent = post("maroc_workflow_submit", id=made["id"]).json["result"]
    assert (sent["state"], sent["public"]) == ("submitted", False)
    assert post("maroc_workflow_approve", id=made["id"]).status_code == 403
    refreshed()
    assert shown("public_datasets")["value"] == 0
    # Another person's decision opens it, and the procedure is counted as followed.
    act("maroc_workflow_approve", id=made["id"])
    refreshed()
    assert shown("public_datasets")["value"] == 1
    assert shown("legal_compliance")["numerator"] == 1


def test_no_figure_rests_on_links_that_nobody_checked(fes: dict[str, Any]):
    # A site that refuses HEAD, one that wants a login, one in a hurry: all alive.
    answers = [405, 403, 429]

    def theirs(statuses: Sequence[int]) -> int:
        return sum(each >= 400 for each in statuses)

    assert theirs(answers) == 3
    linked(fes, "parcs")
    used(fes, 1)
    refreshed()
    for name in ("open_standards", "complete_and_reliable"):
        told = shown(name, "commune-fes")
        assert (told["state"], told["value"]) == ("not_measured", None), name
    # No definition tells of broken links, by whatever name, before links are checked.
    words = " ".join(each.sql for each in indicators().values())
    assert "broken" not in words
    assert "link_check" not in words
